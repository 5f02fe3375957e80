internal import Foundation

/// The executables of this package.
package enum BuiltPrograms {
    /// The directory of the test bundle, where its build has put them, too.
    package static let bundleDirectory: String = {
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? ""
        guard let slash = bundle.lastIndex(of: "/") else { return "\(SourceTree.root)/.build/debug" }
        return String(bundle[..<slash])
    }()

    /// The directory of those under test: what `WGSEAL_TEST_PROGRAMS` says, or that of the bundle.
    package static let directory = given ?? bundleDirectory

    /// Whether others are under test than those that were built with the tests, for debugging.
    package static let areGiven = given != nil

    private static let given = ProcessInfo.processInfo.environment["WGSEAL_TEST_PROGRAMS"]
}
