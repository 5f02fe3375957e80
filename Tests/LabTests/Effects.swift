import Foundation
import TestSupport
import Testing

/// The library of `Tests/Lab/effects.c`, which counts what a `wgup` does to its host, and makes one of it fail or be the last.
struct Effects: Sendable {
    private let library: String

    /// Where the library is, beside the tests.
    static let path = "\(BuiltPrograms.bundleDirectory)/effects.so"

    /// What a machine needs of this one for tests of effects.
    static let witnesses = ["grep", "pgrep", path]

    /// Compiles the library, unless this machine was given it without a compiler.
    static func compile() async throws -> Effects {
        let source = "\(SourceTree.root)/Tests/Lab/effects.c"
        if try await Tool("sh").run(["-c", "command -v cc"]).status == 0 {
            let result = try await Tool("cc").run(["-shared", "-fPIC", "-O1", "-o", path, source])
            try #require(result.status == 0, "\(result.error)")
        }
        return Effects(library: path)
    }

    // The hosts of a lab share the machine's files, but for those of root and of the system.
    private static func log(of host: String, _ lab: Lab) -> String { "\(lab.directory)/effects-of-\(host)" }

    /// A command whose effects on a host are written down, for ``done(on:of:)``.
    func logging(_ command: [String], on host: String, of lab: Lab) -> [String] {
        watching(command, ["EFFECTS_LOG=\(Self.log(of: host, lab))"])
    }

    /// A command that kills itself instead of its effect of that number.
    func killing(_ command: [String], at number: Int) -> [String] { watching(command, ["EFFECTS_KILL=\(number)"]) }

    /// The same, but with a tunnel that somebody changes as soon as it is the command's, see ``Lab/tamper(cutsOff:)``.
    func killingTampered(_ command: [String], at number: Int) -> [String] {
        watching(command, [Self.tampering, "EFFECTS_KILL=\(number)"])
    }

    /// A command whose effect of that number fails, with a tunnel that somebody changes as soon as it is the command's.
    func failingTampered(_ command: [String], at number: Int) -> [String] {
        watching(command, [Self.tampering, "EFFECTS_FAIL=\(number)"])
    }

    private static let tampering = "EFFECTS_CLAIMED=env -u LD_PRELOAD sh -c '\(Tampering.script(cutsOff: true))'"

    /// A command whose effect of that number fails.
    func failing(_ command: [String], at number: Int) -> [String] { watching(command, ["EFFECTS_FAIL=\(number)"]) }

    private func watching(_ command: [String], _ variables: [String]) -> [String] {
        ["env", "LD_PRELOAD=\(library)"] + variables + command
    }

    /// The effects of the last command that was logged on a host, in order.
    func done(on host: String, of lab: Lab) -> [String] {
        let text = try? String(contentsOfFile: Self.log(of: host, lab), encoding: .utf8)
        let lines = (text ?? "").split(separator: "\n")
        return lines.map { String($0.drop { $0 != " " }.dropFirst()) }
    }

    /// Forgets what was logged on a host.
    func forget(on host: String, of lab: Lab) {
        // It is gone before the first time.
        try? FileManager.default.removeItem(atPath: Self.log(of: host, lab))
    }
}

extension Lab {
    /// The effects that a command has until it says that it is up; it is ended, and nothing is left of it.
    func effects(of subject: Subject, _ effects: Effects) async throws -> [String] {
        effects.forget(on: subject.host, of: self)
        let command = try start(subject.host, effects.logging(subject.command, on: subject.host, of: self))
        try await command.waitForOutput("is up")
        let done = effects.done(on: subject.host, of: self)
        try await waitForWorkload(of: subject)
        try await command.interrupt()
        return done
    }

    /// Waits until the workload of a tunnel that is up has made all its files, whose removal takes one effect more each.
    func waitForWorkload(of subject: Subject) async throws {
        while subject.isServer, read("/run/wgseal/wg-tunnel.nginx/nginx.pid", on: subject.host)?.isEmpty != false {
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
