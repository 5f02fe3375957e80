import Foundation

/// How much of what takes long is done.
package enum TestScale {
    /// Whether it is all, as `make soak` asks for, or a small part.
    package static let isFull = ProcessInfo.processInfo.environment["WGSEAL_TEST_FULL"] != nil
}
