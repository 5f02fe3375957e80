import ArgumentParser
import CommandSupport
import Keystore
import Planning
import Processes
import SystemIO
import WireGuard

struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        _superCommandName: "wgup",
        abstract: "Take down what wgup brought up, whether or not that wgup still runs."
    )

    @Argument(help: "The interface. Default: every one that wgup brought up.", completion: .interfaces)
    var interface: String?

    func run() async throws {
        try Privilege.require(for: "wgup down")
        let diagnostics = Diagnostics(tool: "wgup")
        let directory = try RunDirectory.open()
        let interfaces = try directory?.interfaces() ?? []
        let chosen: [InterfaceName]
        if let interface {
            guard let name = interfaces.first(where: { $0.description == interface }) else {
                throw CommandFailure(.noInput, "wgup has brought up no interface '\(interface)'", hint: "wgup status")
            }
            chosen = [name]
        } else {
            // A lock without a journal names nothing to take down, but is to go as well.
            for name in try directory?.lockedInterfaces() ?? [] where !interfaces.contains(name) {
                try await RunDirectory.claim(name)?.directory.forget(name)
            }
            chosen = interfaces
        }
        if chosen.isEmpty {
            RunDirectory.removeIfEmpty()
            diagnostics.say("nothing is up")
        }
        // Who has the lock has removed what a client half wrote that was killed.
        if let store = try FreshnessStore.find() { _ = try store.lock() }
        var failures: [any Error] = []
        for name in chosen {
            do {
                try await takeDown(name)
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

    private func takeDown(_ interface: InterfaceName) async throws {
        // It undoes its own work best; what it leaves, or could not do because it was killed, is done below.
        try await RunDirectory.open()?.journal(of: interface)?.ownerProcess?.terminate(grace: .seconds(30))
        guard let claim = try await RunDirectory.claim(interface) else { return }
        if let journal = try claim.directory.journal(of: interface) {
            let teardown = Teardown(urgency: Teardown.Urgency())
            try await teardown.settle(journal, in: claim.directory)
            let (_, problems) = await teardown.run(journal, in: claim.directory)
            if let problem = problems.first { throw WgupFailure.incompleteTeardown(problem) }
        }
        claim.directory.forget(interface)
    }
}
