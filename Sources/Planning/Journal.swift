package import Crypto
package import WireGuard

/// What `wgup` has made on this host, and for whom: enough for another run to go on with it, to show it and to remove it.
///
/// A resource is written down before it is made, so a crash at any moment leaves a journal that names all there is.
package struct Journal: Equatable, Sendable {
    /// What a resource is a part of: what is made and removed together.
    package enum Part: String, CaseIterable, Sendable {
        /// The network namespace of a command.
        case namespace
        /// The tunnel's link, and what carries it.
        case link
        /// What uses the link.
        case workload
        /// What tells of the workload.
        case watch
    }

    /// A container that was not made by us.
    package struct Attachment: Hashable, Sendable {
        /// Its engine.
        package let engine: String
        /// What says which one it is, in the words of the command line: printable ASCII without blanks.
        package let container: String

        /// Takes both as they are.
        package init(engine: String, container: String) {
            self.engine = engine
            self.container = container
        }
    }

    /// One thing that was made, or was about to be.
    package struct Entry: Hashable, Sendable {
        /// What it is a part of.
        package let part: Part
        /// The thing.
        package let resource: Resource

        /// Takes both as they are.
        package init(_ part: Part, _ resource: Resource) {
            self.part = part
            self.resource = resource
        }
    }

    /// The tunnel's interface; it names the journal's file, too.
    package let interface: InterfaceName
    /// Which tunnel it carries.
    package let tunnel: TunnelIdentity
    /// The process that runs `wgup`, by number and start time.
    package var owner: Resource
    /// The `wgup` that has handed the tunnel over and stands by, until this one has made of it what it should be.
    package var former: Resource?
    /// Where the interface lives.
    package var placement: Placement
    /// What carries the packets; never ``BackendKind/auto``.
    package var backend: BackendKind
    /// This host's addresses in the tunnel.
    package var addresses: [InterfaceAddress]
    /// When the bundle expires; `nil` on the server.
    package var notAfter: UnixTime?
    /// The operator's own container that the tunnel is for; `nil` for a workload of ours.
    package var attachment: Attachment?
    /// Tells whether the workload that runs is the one that is wanted; `nil` without a workload.
    package var workload: CheckValue?
    /// In the order in which they were made.
    package private(set) var entries: [Entry] = []

    /// Starts a journal of nothing made.
    package init(
        interface: InterfaceName,
        tunnel: TunnelIdentity,
        owner: Resource,
        placement: Placement,
        backend: BackendKind,
        addresses: [InterfaceAddress],
        notAfter: UnixTime?
    ) {
        self.interface = interface
        self.tunnel = tunnel
        self.owner = owner
        self.placement = placement
        self.backend = backend
        self.addresses = addresses
        self.notAfter = notAfter
    }

    /// Adds a thing that is about to be made; one that is there already is not added twice.
    ///
    /// A link that is about to move stands beside the place that it leaves, so that it is removed in its turn: after what
    /// was started to use it.
    package mutating func add(_ entry: Entry) {
        guard !entries.contains(entry) else { return }
        var position = entries.endIndex
        if case .link = entry.resource, let last = links.last,
            let index = entries.lastIndex(where: { $0.resource == .link(last) })
        {
            position = index + 1
        }
        entries.insert(entry, at: position)
    }

    /// Takes out a thing that is gone.
    package mutating func remove(_ entry: Entry) { entries.removeAll { $0 == entry } }

    /// The places where the link of the kernel may be, the latest last; none for a userspace backend.
    package var links: [LinkRecord] {
        entries.compactMap { if case .link(let link) = $0.resource { link } else { nil } }
    }

    /// Where a process of this purpose is, if one was written down.
    package func process(_ purpose: Resource.Purpose) -> (pid: Int32, startTime: UInt64)? {
        for case .process(purpose, let pid, let startTime) in entries.map(\.resource) { return (pid, startTime) }
        return nil
    }
}

extension Journal {
    private static let firstLine = "wgseal journal 1"
    private static let lastLine = "end"

    /// The journal as text: a line for each fact.
    package var text: String {
        var lines = [
            Self.firstLine, "interface \(interface)", "role \(tunnel.role.rawValue)", "network \(tunnel.network)",
            "owner \(owner)", "placement \(placement.rawValue)", "backend \(backend.rawValue)",
        ]
        if let former { lines.append("former \(former)") }
        if let issuer = tunnel.issuer { lines.append("issuer \(issuer.rawValue.hexadecimal)") }
        lines += addresses.map { "address \($0)" }
        if let notAfter { lines.append("expires \(notAfter.seconds)") }
        if let attachment { lines.append("attached \(attachment.engine) \(attachment.container)") }
        if let workload { lines.append("workload \(workload)") }
        lines += entries.map { "made \($0)" } + [Self.lastLine]
        return lines.joined(separator: "\n") + "\n"
    }

    /// Reads what ``text`` writes.
    ///
    /// - Returns: `nil` for anything else: a journal that is damaged removes nothing.
    package init?(text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.first == Self.firstLine, lines.popLast() == "", lines.popLast() == Self.lastLine else { return nil }

        var facts: [String: String] = [:]
        var addresses: [InterfaceAddress] = []
        var entries: [Entry] = []
        for line in lines.dropFirst() {
            guard let space = line.firstIndex(of: " ") else { return nil }
            let key = String(line[..<space])
            let value = String(line[line.index(after: space)...])
            switch key {
            case "address":
                guard let address = InterfaceAddress(value) else { return nil }
                addresses.append(address)
            case "made":
                guard let entry = Entry(value) else { return nil }
                entries.append(entry)
            default:
                guard facts.updateValue(value, forKey: key) == nil else { return nil }
            }
        }

        guard let interface = facts.removeValue(forKey: "interface").flatMap(InterfaceName.init),
            let role = facts.removeValue(forKey: "role").flatMap(Role.init),
            let network = facts.removeValue(forKey: "network").flatMap(Name.init),
            let owner = facts.removeValue(forKey: "owner").flatMap(Resource.init),
            let placement = facts.removeValue(forKey: "placement").flatMap(Placement.init),
            let backend = facts.removeValue(forKey: "backend").flatMap(BackendKind.init), backend != .auto
        else { return nil }
        var (issuer, former): (Fingerprint?, Resource?)
        var (notAfter, workload, attachment): (UnixTime?, CheckValue?, Attachment?)
        for (key, value) in facts {
            switch key {
            case "former": former = Resource(value)
            case "issuer": issuer = Bytes32(hexadecimal: value).map(Fingerprint.init)
            case "expires": notAfter = UInt64(decimal: value).map { UnixTime(seconds: $0) }
            case "workload": workload = CheckValue(value)
            case "attached": attachment = Attachment(value)
            default: return nil
            }
        }
        let known = [issuer != nil, former != nil, notAfter != nil, workload != nil, attachment != nil]
        guard facts.count == known.count(where: \.self) else { return nil }

        self.init(
            interface: interface,
            tunnel: TunnelIdentity(role: role, network: network, issuer: issuer),
            owner: owner,
            placement: placement,
            backend: backend,
            addresses: addresses,
            notAfter: notAfter
        )
        self.former = former
        self.workload = workload
        self.attachment = attachment
        for entry in entries { add(entry) }
    }
}

extension Journal.Attachment {
    fileprivate init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 2, words.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.init(engine: words[0], container: words[1])
    }
}

extension Journal.Entry: LosslessStringConvertible {
    /// The words of a line of the journal.
    package var description: String { "\(part.rawValue) \(resource)" }

    /// Reads what ``description`` writes.
    ///
    /// - Returns: `nil` for anything else.
    package init?(_ text: String) {
        guard let space = text.firstIndex(of: " "), let part = Journal.Part(rawValue: String(text[..<space])),
            let resource = Resource(String(text[text.index(after: space)...]))
        else { return nil }
        self.init(part, resource)
    }
}
