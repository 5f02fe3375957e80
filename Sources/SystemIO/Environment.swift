internal import Glibc

/// The variables this process was started with.
package enum Environment {
    /// The value of a variable.
    ///
    /// - Returns: `nil` if it is not set, is empty, or is not UTF-8.
    package static func value(_ name: String) -> String? {
        guard let value = unsafe getenv(name), let text = unsafe String(validatingCString: value), !text.isEmpty
        else { return nil }
        return text
    }
}
