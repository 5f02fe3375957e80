/// Why a file for `wg-quick(8)` was refused; no value is a part of it, as that may be a secret in the wrong place.
package struct QuickError: Error, Equatable {
    /// What is wrong.
    package enum Problem: Equatable, Sendable {
        case notAssignment
        /// A section that neither `wg` nor `wg-quick` knows, or a second interface.
        case section
        /// A line before the first section.
        case noSection
        case unknownKey
        /// The key belongs into the other section.
        case misplaced(key: String)
        case duplicate(key: String)
        case missing(key: String)
        case invalid(key: String, expected: String)
        /// `PreUp`, `PostUp`, `PreDown` or `PostDown`.
        case command(key: String)
        case saveConfig
        case routingTable
        case firewallMark
        case tooMany(String, limit: Int)
        case repeatedPeer
        /// The block is that of another peer, which would lose it without a word.
        case sharedBlock(IPPrefix)
        /// A peer has the key of the interface itself.
        case ownKey
        /// What a client has, and a hub has not.
        case defaultRoute(IPPrefix)
    }

    /// The path of the file.
    package let file: String
    /// Counted from 1; `nil` where no single line is to blame.
    package let line: Int?
    /// What is wrong.
    package let problem: Problem

    /// Names a file, a line and what is wrong there.
    package init(file: String, line: Int?, problem: Problem) {
        self.file = file
        self.line = line
        self.problem = problem
    }
}

extension QuickError: CustomStringConvertible {
    package var description: String {
        let place = line.map { "\(file), line \($0)" } ?? file
        return
            "\(String(decoding: place.utf8.map { (0x20...0x7e).contains($0) ? $0 : 0x3f }, as: UTF8.self)): \(problem)"
    }
}

extension QuickError.Problem: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notAssignment: "not a 'Key = value' line"
        case .section: "not the one [Interface], and not a [Peer]"
        case .noSection: "neither in [Interface] nor in [Peer]"
        case .unknownKey: "unknown key"
        case .misplaced(let key): "'\(key)' belongs into the other section"
        case .duplicate(let key): "a second '\(key)'"
        case .missing(let key): "'\(key)' is missing"
        case .invalid(let key, let expected): "'\(key)' is not \(expected)"
        case .command(let key): "'\(key)' is a command, and a network of wgseal never runs commands"
        case .saveConfig: "'SaveConfig' keeps what 'wg set' changed, and a network of wgseal is what its files say"
        case .routingTable: "'Table' is a table of its own, and wgup makes its routes in the main one"
        case .firewallMark: "'FwMark' marks the packets of the tunnel, and wgup marks none"
        case .tooMany(let things, let limit): "more than \(limit) \(things)"
        case .repeatedPeer: "a second peer with this key"
        case .sharedBlock(let block): "\(block) is another peer's, and WireGuard would leave it to the last one only"
        case .ownKey: "a peer has the key of the interface itself"
        case .defaultRoute(let block): "\(block) of a peer is the default route of a client, and this makes a hub"
        }
    }
}
