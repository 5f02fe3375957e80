package import WireGuard

/// A link of the kernel that is ours, described so that no other link of that name is ever taken for it.
///
/// The kernel ignores an alias at creation, so a link has its mark only a message later. Until then the index tells: it is
/// chosen before the link is made, from a range that the kernel does not reach by counting.
package struct LinkRecord: Hashable, Sendable {
    /// A network namespace, described so that a later process finds the same one or none.
    package enum Place: Hashable, Sendable {
        /// That of `wgup`.
        case own
        /// One with a name, as `ip netns` shows it.
        case namespace(Name)
        /// That of a process: a container's first.
        case process(pid: Int32, startTime: UInt64)
    }

    /// What the link is called.
    package let name: InterfaceName
    /// The link's number when it is made; it may change when the link moves.
    package let index: UInt32
    /// The link's alias; it moves with the link.
    package let mark: String
    /// Where the link is, or may be.
    package let place: Place

    private static let firstIndex: UInt32 = 1 << 30

    /// Describes a link that a process is about to make in its own network namespace.
    ///
    /// - Parameters:
    ///   - name: What it is to be called.
    ///   - pid: The process; with its start time it is unlike every other of this boot.
    ///   - startTime: In clock ticks since boot.
    package init(_ name: InterfaceName, madeBy pid: Int32, startTime: UInt64) {
        self.name = name
        // A process number has at most 22 bits, and 30 are free.
        index = Self.firstIndex | UInt32(startTime & 0xff) << 22 | UInt32(bitPattern: pid) & 0x3f_ffff
        mark = "wgup-\(pid)-\(startTime)"
        place = .own
    }

    private init(_ record: LinkRecord, at place: Place) {
        name = record.name
        index = record.index
        mark = record.mark
        self.place = place
    }

    /// The same link elsewhere.
    package func moved(to place: Place) -> LinkRecord { LinkRecord(self, at: place) }
}

extension LinkRecord: LosslessStringConvertible {
    /// The words of a line of the journal.
    package var description: String {
        let words = "\(name) \(index) \(mark)"
        return switch place {
        case .own: words
        case .namespace(let name): "\(words) in namespace \(name)"
        case .process(let pid, let startTime): "\(words) in process \(pid) \(startTime)"
        }
    }

    /// Reads what ``description`` writes.
    ///
    /// - Returns: `nil` for anything else.
    package init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count >= 3, let name = InterfaceName(words[0]), let index = UInt32(decimal: words[1]), index > 0,
            !words[2].isEmpty, let place = Place(words[3...])
        else { return nil }
        self.name = name
        self.index = index
        mark = words[2]
        self.place = place
    }
}

extension LinkRecord.Place {
    fileprivate init?(_ words: ArraySlice<String>) {
        let words = Array(words)
        switch (words.prefix(2), words.count) {
        case ([], 0):
            self = .own
        case (["in", "namespace"], 3):
            guard let name = Name(words[2]) else { return nil }
            self = .namespace(name)
        case (["in", "process"], 4):
            guard let pid = Int32(decimal: words[2]), pid > 1, let startTime = UInt64(decimal: words[3]) else {
                return nil
            }
            self = .process(pid: pid, startTime: startTime)
        default: return nil
        }
    }
}
