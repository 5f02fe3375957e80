import ArgumentParser
import CommandSupport
import Planning
import Processes
import SystemIO
import WireGuard

struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Take down what wgup brought up, whether or not that wgup still runs."
    )

    @Argument(help: "The interface. Default: every one that wgup brought up.")
    var interface: String?

    func run() async throws {
        try Privilege.require(for: "wgup down")
        let diagnostics = Diagnostics(tool: "wgup")
        guard let directory = try RunDirectory.open() else { return diagnostics.say("nothing is up") }
        let interfaces = try directory.interfaces()
        let chosen: [InterfaceName]
        if let interface {
            guard let name = interfaces.first(where: { $0.description == interface }) else {
                throw CommandFailure(.noInput, "wgup has brought up no interface '\(interface)'", hint: "wgup status")
            }
            chosen = [name]
        } else {
            chosen = interfaces
        }
        if chosen.isEmpty { diagnostics.say("nothing is up") }
        var failures: [any Error] = []
        for name in chosen {
            do {
                try await takeDown(name, in: directory)
                diagnostics.say("\(name) is down")
            } catch {
                // One that cannot be taken down is no reason to leave the others up.
                failures.append(error)
            }
        }
        guard let last = failures.popLast() else { return }
        for failure in failures { _ = diagnostics.report(failure) }
        throw last
    }

    private func takeDown(_ interface: InterfaceName, in directory: RunDirectory) async throws {
        if let journal = try directory.journal(of: interface), case .process(_, let pid, let startTime) = journal.owner
        {
            // It undoes its own work best; what it leaves, or could not do because it was killed, is done below.
            try await ProcessIdentity(pid: pid, startTime: startTime).terminate(grace: .seconds(30))
        }
        // With its last file, a wgup that ended by itself has removed the directory.
        guard let directory = try RunDirectory.open() else { return }
        let lock = try directory.lock(interface)
        defer { _ = lock }
        if let journal = try directory.journal(of: interface) {
            let problems = await Teardown(urgency: Teardown.Urgency()).run(journal, in: directory)
            if let problem = problems.first { throw WgupFailure.incompleteTeardown(problem) }
        }
        directory.forget(interface)
    }
}
