package import Processes
internal import SystemIO
package import WireGuard

/// An engine's own identifier of a container or a network: 64 hexadecimal digits, never given to another.
struct ContainerID: Hashable, Sendable, CustomStringConvertible {
    let description: String

    /// Reads what an engine prints.
    ///
    /// - Returns: `nil` unless it is one identifier, with or without an end of line.
    init?(_ output: String) {
        let text = output.hasSuffix("\n") ? output.dropLast() : output[...]
        guard text.utf8.count == 64,
            text.utf8.allSatisfy({
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            })
        else { return nil }
        description = String(text)
    }
}

/// What an engine knows of a container.
struct ContainerState: Equatable {
    /// The first process, as the engine's daemon counts processes; `nil` once it has ended.
    let pid: Int32?
    /// The exit status; without meaning while the container runs.
    let status: Int32
    /// The tunnel that it belongs to by its labels; `nil` if it is not ours.
    let owner: InterfaceName?

    /// Labels come last and as JSON strings, which keeps a stranger's blanks and line ends out of the other words.
    static let template =
        "{{.State.Running}} {{.State.Pid}} {{.State.ExitCode}} "
        + #"{{eq (index .Config.Labels "org.wgseal.owner") "wgup"}} {{json (index .Config.Labels "org.wgseal.interface")}}"#

    /// Reads what ``template`` prints.
    ///
    /// - Returns: `nil` for anything else.
    init?(_ output: String) {
        let words = output.split(separator: " ", maxSplits: 4)
        guard words.count == 5, let isRunning = Bool(String(words[0])), let pid = Int32(words[1]),
            let status = Int32(words[2]), let isOurs = Bool(String(words[3])), pid > 1 || !isRunning
        else { return nil }
        self.pid = isRunning ? pid : nil
        self.status = status
        owner = isOurs ? InterfaceName(words[4].filter { $0 != "\"" && !$0.isNewline }) : nil
    }
}

/// What an engine says to people.
enum EngineWords {
    /// The sentence that says what is wrong, without what surrounds it: printable, at most 300 characters.
    ///
    /// Engines write it first, then advice or a list of what failed.
    static func reason(in error: String) -> String? {
        let lines = error.split(whereSeparator: \.isNewline).filter { $0.contains { !$0.isWhitespace } }
        guard var line = lines.first(where: { line in openings.contains(where: line.hasPrefix) }) ?? lines.first else {
            return nil
        }
        while let opening = openings.first(where: line.hasPrefix) { line = line.dropFirst(opening.count) }
        return String(String(line).printable.prefix(300))
    }

    /// The blocks of addresses in lines of `10.0.0.0/8` or `10.0.0.0 ff000000`; others are passed over.
    static func prefixes(in text: String) -> [IPPrefix] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(separator: " ")
            if words.count == 1 { return InterfaceAddress(String(words[0]))?.prefix }
            guard words.count == 2 else { return nil }
            let digits = words[1].compactMap(\.hexDigitValue)
            guard digits.count == words[1].count, let address = IPAddress(words[0]) else { return nil }
            return IPPrefix(address, length: digits.reduce(0) { $0 + $1.nonzeroBitCount })
        }
    }

    private static let openings = ["docker: ", "Error response from daemon: ", "Error: "]

    /// Why a probe was in vain.
    ///
    /// The engine's tool has one exit status for everything, so its text is all there is to go by; what is not
    /// recognised is passed on as it is.
    static func obstacle(in error: String) -> ContainerError.Obstacle {
        let reason = reason(in: error) ?? "does not say what is wrong"
        let words = reason.lowercased()
        if words.contains("permission denied") { return .permissionDenied }
        if words.contains("daemon") && words.contains("running") { return .notRunning }
        return .other(reason)
    }

    /// The last line that is not empty: printable, at most 300 characters.
    static func lastLine(of text: String) -> String? {
        text.split(whereSeparator: \.isNewline).last { $0.contains { !$0.isWhitespace } }
            .map { String(String($0).printable.prefix(300)) }
    }
}

/// What the host's packet filter does with packets for containers.
package enum PacketFilter {
    /// Prints the rules that hold before all others, for IPv4 or IPv6.
    ///
    /// - Returns: `nil` where the tool is not installed, and then Docker has made no such rule.
    package static func command(_ family: IPAddress.Family) -> Command? {
        ExecutablePath.find(family == .v4 ? "iptables" : "ip6tables").map {
            Command($0, ["--wait", "5", "--table", "raw", "--list-rules", "PREROUTING"])
        }
    }

    /// Finds what Docker drops unless it comes from one of its bridges.
    ///
    /// - Parameter rules: What ``command(_:)`` prints.
    /// - Returns: Its destinations.
    package static func reservedPrefixes(in rules: String) -> [IPPrefix] {
        rules.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard words.starts(with: ["-A", "PREROUTING", "-d"]), words.count > 3, words.suffix(2) == ["-j", "DROP"],
                words.contains("!"), words.contains("-i")
            else { return nil }
            return IPPrefix(words[3])
        }
    }
}
