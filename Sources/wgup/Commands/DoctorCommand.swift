import ArgumentParser
import CommandSupport
import Planning
import SystemIO
import WireGuard

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        _superCommandName: "wgup",
        abstract: "Find out why a tunnel does not work, and what to do.",
        discussion: "The exit status is 0 if nothing is wrong, and 1 if something is."
    )

    @Argument(help: "The interface. Default: every one that wgup brought up.")
    var interface: InterfaceName?

    @OptionGroup var output: OutputOptions
    @OptionGroup var home: HomeOptions

    func run() async throws {
        guard User.isRoot else { throw WgupFailure.notRoot(command: "wgup doctor") }
        let verdicts = try await verdicts()
        try output.print(verdicts.map(\.text).joined(), .array(verdicts.map(\.json)))
        guard verdicts.allSatisfy({ $0.diagnosis == nil }) else { throw ExitCode(1) }
    }

    /// What is wrong with the host, or else what there is to say of each tunnel.
    private func verdicts() async throws -> [Verdict] {
        let host = HostExamination(home: home, now: WallClock.now())
        let directory = try RunDirectory.open()
        let interfaces = try directory?.interfaces().filter { interface == nil || $0 == interface } ?? []
        if let diagnosis = try await host.diagnosis(isAnythingUp: !interfaces.isEmpty) {
            return [Verdict(subject: Verdict.host, diagnosis: diagnosis, words: diagnosis.description)]
        }
        if let interface, interfaces.isEmpty {
            throw CommandFailure(.noInput, "wgup has brought up no interface '\(interface)'", hint: "wgup status")
        }
        var verdicts: [Verdict] = []
        for name in interfaces {
            guard let directory, let journal = try directory.journal(of: name) else { continue }
            let tunnel = TunnelExamination(
                journal: journal,
                notes: try directory.notes(of: name),
                home: home,
                diagnostics: Diagnostics(tool: "wgup")
            )
            verdicts.append(try await tunnel.verdict(now: host.now))
        }
        return verdicts.isEmpty
            ? [Verdict(subject: Verdict.host, diagnosis: nil, words: "nothing is wrong, and no tunnel is up")]
            : verdicts
    }
}

/// What the doctor says of one thing.
struct Verdict {
    /// The subject of what concerns every tunnel.
    static let host = "host"

    /// An interface, or ``host``.
    let subject: String
    /// `nil` if nothing is wrong.
    let diagnosis: Diagnosis?
    /// What is wrong, or how well it is.
    let words: String

    /// For people: a line, and one with the remedy.
    var text: String {
        guard let diagnosis else { return "\(subject): \(words)\n" }
        return "\(subject): \(words) (\(diagnosis.code.rawValue))\nremedy: \(diagnosis.remedy)\n"
    }

    /// For programs.
    var json: JSON {
        .object([
            "subject": .string(subject),
            "verdict": .string(diagnosis?.code.rawValue ?? "healthy"),
            "words": .string(words),
            "remedy": .optional(diagnosis?.remedy),
        ])
    }
}
