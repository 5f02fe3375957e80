import CommandSupport
import Containers
import Planning
import Processes
import SystemIO
import WireGuard

/// A command in the network namespace of this name, or on the host.
struct CommandWorkload: Workload {
    let command: Command
    let namespace: Name?
    var hosts: [HostsEntry] = []

    var desired: DesiredState.Workload { .process(namespace: namespace, hasCommand: true) }

    var words: [String] { [command.executable.description] + command.arguments }

    func prepareNamespace(at site: WorkloadSite) async throws {
        if let namespace { try await site.add(hosts, to: namespace) }
    }

    func name(on interface: InterfaceName) -> String {
        let words = (try? LogFile.lastLines(of: Self.log(of: interface), count: 1))?.first
        return words.map { "the command, last saying \"\($0)\"," } ?? "the command"
    }

    func start(at site: WorkloadSite) async throws -> StartedWorkload? {
        let log = Self.log(of: site.interface)
        try await site.record(.output(log))
        let process = try await command.start(log: log)
        let identity = process.identity
        try await site.record(.process(.workload, pid: identity.pid, startTime: identity.startTime))
        return StartedWorkload(process: identity, command: process)
    }

    private static func log(of interface: InterfaceName) -> String {
        RunDirectory.path(of: "workload.log", for: interface)
    }
}

/// This host's nginx, with a configuration of our own.
struct NginxWorkload: Workload {
    let listeners: [NginxConfiguration.Listener]
    let namespace: Name?

    var desired: DesiredState.Workload { .process(namespace: namespace, hasCommand: true) }

    var words: [String] { [NginxConfiguration.text(listeners: listeners, runDirectory: "/")] }

    func name(on interface: InterfaceName) -> String { "nginx" }

    func start(at site: WorkloadSite) async throws -> StartedWorkload? {
        let run = RunDirectory.path(of: "nginx", for: site.interface)
        let configuration = "\(run)/nginx.conf"
        for path in [run, configuration] + NginxConfiguration.leftovers(runDirectory: run) {
            try await site.record(.path(path))
        }
        let text = NginxConfiguration.text(listeners: listeners, runDirectory: run)
        try site.directory.write(text, to: configuration)
        let command = try ProcessWorkload.command(NginxConfiguration.command(path: configuration), in: namespace)
        return try await CommandWorkload(command: command, namespace: namespace).start(at: site)
    }
}

/// A network namespace, for whatever the operator starts in it.
struct NamespaceWorkload: Workload {
    let namespace: Name
    let hosts: [HostsEntry]

    var desired: DesiredState.Workload { .process(namespace: namespace, hasCommand: false) }

    func prepareNamespace(at site: WorkloadSite) async throws {
        try await site.add(hosts, to: namespace)
    }

    var entrance: String? { "ip netns exec \(namespace)" }
}

/// Nothing.
struct NoWorkload: Workload {
    var desired: DesiredState.Workload { .none }
}

extension WorkloadSite {
    /// Writes the hosts file of a network namespace, if there are names for it.
    fileprivate func add(_ hosts: [HostsEntry], to namespace: Name) async throws {
        guard !hosts.isEmpty else { return }
        let directory = HostsFile.directory(of: namespace)
        // What the operator has put there for a namespace of this name is the operator's.
        guard !FileEntry.exists(directory) else {
            return diagnostics.note("\(directory) is there already, so the names of services are not added to it")
        }
        for path in [HostsFile.directory, directory, HostsFile.path(of: namespace)]
        where !FileEntry.exists(path) {
            try await record(.path(path))
        }
        let own = try? InputFile.read("/etc/hosts", maximumByteCount: 1 << 20)
        let text = HostsFile.text(hosts, after: String(decoding: own ?? [], as: UTF8.self))
        try FileEntry.makeDirectory(HostsFile.directory)
        try FileEntry.makeDirectory(directory)
        try OutputFile.write(HostsFile.path(of: namespace), Array(text.utf8).span, mode: 0o644, overwrite: false)
    }
}
