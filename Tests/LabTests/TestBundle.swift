import Foundation
import TestSupport
import Testing

/// The bundle that holds all tests of this package, run once more on another host.
enum TestBundle {
    static let path = "\(BuiltPrograms.directory)/wgsealPackageTests.xctest"

    /// The command that runs some suites, as `swift test` does.
    static func command(_ suites: String...) -> [String] {
        let filters = suites.flatMap { ["--filter", $0.replacing("/", with: ".") + "/"] }
        return [path, "--testing-library", "swift-testing", "--no-parallel"] + filters
    }

    /// Requires that all tests of some suites have run and passed, each with so many cases, if a number is given.
    ///
    /// A suite is all the tests of the file of its name.
    static func expectSuccess(_ result: Tool.Result, of suites: String..., caseCount: Int? = nil) throws {
        let report = result.text + result.error
        let tests = try suites.map { try SourceTree.file("Tests/\($0).swift").text.matches(of: #/@Test\(/#).count }
        let count = tests.reduce(0, +)
        #expect(result.status == 0, "\(report)")
        #expect(report.contains("Test run with \(count) test"), "\(report)")
        #expect(!report.contains("skipped"), "\(report)")
        if let caseCount {
            let cases = report.matches(of: #/ with (\d+) test cases? passed/#).map { Int($0.1) }
            #expect(cases == Array(repeating: caseCount, count: count), "\(report)")
        }
    }
}

/// A machine with Debian's kernel, made by `Tests/Lab/kernel`.
enum KernelMachine {
    /// Boots it, and runs a command in it.
    ///
    /// The namespace lab is there, and so are the tests and their witnesses; `programs` are what they are to witness.
    static func run(_ command: [String], programs: [String] = []) async throws -> Tool.Result {
        let common = [
            "awk", "bash", "cksum", "curl", "env", "find", "flock", "ip", "mount", "nft", "nginx", "nsenter", "ping",
            "rm", "sed", "setpriv", "setsid", "sleep", "sort", "sysctl", "timeout", "tini", "unshare", "wg",
            "\(SourceTree.root)/Tests/Lab", "/usr/share/nginx/html", TestBundle.path,
        ]
        return try await Tool("\(SourceTree.root)/Tests/Lab/kernel").run(
            ["run", "--seconds", "600"] + common + programs,
            input: Array(command.joined(separator: " ").utf8)
        )
    }
}
