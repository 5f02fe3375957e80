import Foundation
import TestSupport
import Testing

/// The bundle that holds all tests of this package, run once more on another host.
enum TestBundle {
    static let path = "\(BuiltPrograms.bundleDirectory)/wgsealPackageTests.xctest"

    /// The shell's words for running a suite as `swift test` does, on the programs that are under test here.
    ///
    /// The suites of backends run on those that are named.
    static func command(_ suite: String, on backends: [String] = []) -> [String] {
        [
            "env", "WGSEAL_TEST_PROGRAMS=\(BuiltPrograms.directory)",
            "'WGSEAL_TEST_BACKENDS=\(backends.joined(separator: " "))'", path, "--testing-library", "swift-testing",
            "--no-parallel", "--filter", suite.replacing("/", with: ".") + "/",
        ]
    }

    /// Requires that all tests of a suite have run and passed, each with so many cases, if a number is given.
    ///
    /// A suite is all the tests of the file of its name.
    static func expectSuccess(_ result: Tool.Result, of suite: String, caseCount: Int? = nil) throws {
        let report = result.text + result.error
        let count = try SourceTree.file("Tests/\(suite).swift").text.matches(of: #/@Test\(/#).count
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
    /// What it writes is shown meanwhile if `isShown`.
    static func run(_ command: [String], programs: [String] = [], isShown: Bool = false) async throws -> Tool.Result {
        let common = [
            "awk", "bash", "cksum", "curl", "env", "find", "flock", "ip", "mount", "nft", "nginx", "nsenter", "ping",
            "rm", "sed", "setpriv", "setsid", "sleep", "sort", "sysctl", "timeout", "tini", "unshare", "wg",
            "\(SourceTree.root)/Tests/Lab", "/usr/share/nginx/html", TestBundle.path,
        ]
        return try await Tool("\(SourceTree.root)/Tests/Lab/kernel").run(
            ["run", "--seconds", "900"] + common + programs,
            input: Array(command.joined(separator: " ").utf8)
        ) { piece in
            if isShown { FileHandle.standardOutput.write(Data(piece)) }
        }
    }

    /// Runs a suite of labs in it, where there is no `wireguard-go`, and requires that all of it passes.
    ///
    /// - Returns: What the suite wrote.
    static func play(_ suite: String, witnesses: [String] = [], isShown: Bool = false) async throws -> String {
        let programs = ["wgbundle", "wgkey", "wgup"].map { "\(BuiltPrograms.directory)/\($0)" }
        let result = try await run(TestBundle.command(suite), programs: programs + witnesses, isShown: isShown)
        try TestBundle.expectSuccess(result, of: suite)
        return result.text
    }
}
