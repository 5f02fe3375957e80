import CommandSupport
import Containers
import Crypto
import Keystore
import Netlink
import Planning
import Processes
import SystemIO
import WireGuard

/// Looks for what is wrong with a tunnel that was brought up: first with what is around it, then with its packets.
struct TunnelExamination {
    let journal: Journal
    let notes: PeerNotes
    let home: HomeOptions
    let diagnostics: Diagnostics

    /// What is wrong, or how well it is; some packets are sent, and nothing is changed.
    func verdict(now: UnixTime) async throws -> Verdict {
        let subject = journal.interface.description
        do {
            // Who asks for a container of an engine that is down is told nothing else.
            if let engine, let diagnosis = try await HostExamination.diagnosis(ofEngine: engine) {
                return wrong(diagnosis)
            }
            let observation = try await TunnelObservation(journal, notes: notes)
            if let diagnosis = try await diagnosis(of: observation, now: now) {
                return wrong(diagnosis)
            }
            guard let link = observation.state.link, let backend = observation.backend else {
                return wrong(.notUp(journal.interface, isOrphaned: false))
            }
            var traffic = try TrafficExamination(
                journal: journal,
                notes: notes,
                link: link,
                backend: backend,
                namespace: linkNamespace(observation),
                diagnostics: diagnostics
            )
            switch try traffic.outcome() {
            case .wrong(let diagnosis): return wrong(diagnosis)
            case .well(let words): return Verdict(subject: subject, diagnosis: nil, words: words)
            }
        } catch let error as SystemError where error.isRefusal {
            // Root may do everything but what its capabilities do not cover, and raw sockets have one of their own.
            return wrong(.noCapability("CAP_NET_RAW"))
        }
    }

    private func wrong(_ diagnosis: Diagnosis) -> Verdict {
        Verdict(subject: journal.interface.description, diagnosis: diagnosis, words: diagnosis.description)
    }

    private func diagnosis(of observation: TunnelObservation, now: UnixTime) async throws -> Diagnosis? {
        let handshakes = observation.state.link?.device.peers.compactMap(\.latestHandshake) ?? []
        if let latest = handshakes.max(), let diagnosis = HostExamination.clock(now: now, seen: latest) {
            return diagnosis
        }
        let isOrphaned = !(journal.ownerProcess?.isAlive ?? false)
        guard let link = observation.state.link, !isOrphaned else {
            return .notUp(journal.interface, isOrphaned: isOrphaned)
        }
        if let notAfter = journal.notAfter, now > notAfter { return .bundleExpired(notAfter) }
        let namespace = try linkNamespace(observation)
        if let diagnosis = try overlap(of: link, in: namespace) { return diagnosis }
        guard journal.tunnel.role == .server else { return nil }
        let behind = try blocksBehindHub(in: namespace)
        if let block = try behind.first(where: { try !Self.isForwarding($0.address.family, in: namespace) }) {
            return .forwardingOff(block, at: place(observation))
        }
        return try await reserved(of: behind).map { .dockerRawDrop($0, journal.interface) }
    }

    private var engine: String? {
        if let attachment = journal.attachment { return attachment.engine }
        for entry in journal.entries { if case .container(let engine, _) = entry.resource { return engine } }
        return nil
    }

    /// Where the link is.
    private func linkNamespace(_ observation: TunnelObservation) throws -> NetworkNamespace {
        if observation.state.link?.placement == .container, let namespace = try observation.workloadNamespace() {
            return namespace
        }
        return try .current()
    }

    private func place(_ observation: TunnelObservation) -> Diagnosis.LinkPlace {
        guard observation.state.link?.placement == .container else { return .host }
        return switch observation.state.workload {
        case .container(_, _, let name?), .process(let name?, _): .namespace(name)
        default: .container
        }
    }

    /// What the tunnel has, and something else there too; a wider route gives way to the tunnel's.
    private func overlap(
        of link: ObservedState.Link,
        in namespace: borrowing NetworkNamespace
    ) throws -> Diagnosis? {
        let name = journal.interface
        let taken = try namespace.run { () throws(NetlinkError) -> [IPPrefix] in
            var netlink = try RouteNetlink.open()
            return try netlink.routedPrefixes(besides: name)
        }.get()
        // What has the default route is meant to give way to every other.
        let blocks = Set(link.addresses.map(\.prefix) + link.device.peers.flatMap(\.allowedAddresses))
            .filter { $0.length > 1 }
        for prefix in taken {
            if let block = blocks.filter({ $0.length <= prefix.length && $0.contains(prefix.address) }).min() {
                return .addressOverlap(block, prefix)
            }
        }
        return nil
    }

    /// What the peers send packets for that this host has to pass on.
    private func blocksBehindHub(in namespace: borrowing NetworkNamespace) throws -> [IPPrefix] {
        let store = try home.open().network(journal.tunnel.network)
        let routes = Set(try store.peers().flatMap(\.routes))
        guard !routes.isEmpty else { return [] }
        let own = try namespace.run { () throws(NetlinkError) -> [IPPrefix] in
            var netlink = try RouteNetlink.open()
            return try netlink.addresses().map { IPPrefix(single: $0.address.address) }
        }.get()
        return routes.subtracting(own).sorted()
    }

    private static func isForwarding(
        _ family: IPAddress.Family,
        in namespace: borrowing NetworkNamespace
    ) throws -> Bool {
        let (path, file) =
            family == .v4 ? ("/proc/sys/net/ipv4", "ip_forward") : ("/proc/sys/net/ipv6/conf/all", "forwarding")
        // What a thread reads there is about the network namespace that it is in.
        let text = try namespace.run { () throws(SystemError) in
            try Directory.open(path, privacy: .any).read(file, maximumByteCount: 16)
        }.get()
        return text.first != UInt8(ascii: "0")
    }

    private func reserved(of blocks: [IPPrefix]) async throws -> IPPrefix? {
        guard journal.placement == .host else { return nil }
        for family in Set(blocks.map(\.address.family)) {
            guard let result = try await PacketFilter.command(family)?.run(), result.isSuccess else { continue }
            let prefixes = PacketFilter.reservedPrefixes(in: result.output)
            if let prefix = prefixes.first(where: { prefix in blocks.contains { $0.overlaps(prefix) } }) {
                return prefix
            }
        }
        return nil
    }
}
