/// The executables of this package, as built beside the tests.
package enum BuiltPrograms {
    /// The directory that holds them: that of the test bundle.
    package static let directory: String = {
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? ""
        guard let slash = bundle.lastIndex(of: "/") else { return "\(SourceTree.root)/.build/debug" }
        return String(bundle[..<slash])
    }()
}
