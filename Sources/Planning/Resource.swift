package import WireGuard

/// Something on the host that exists because of us, named well enough to remove it and nothing else.
package enum Resource: Hashable, Sendable {
    /// What a process is for.
    package enum Purpose: String, Sendable {
        /// The userspace WireGuard device.
        case device
        /// The workload's command.
        case workload
        /// `wgup` itself, the owner of a journal.
        case wgup
    }

    /// A file or an empty directory.
    case path(String)
    /// A file that processes of ours have as standard input, by which they are found even if their number was never
    /// written down.
    case input(String)
    /// The same for standard output and standard error: a log.
    case output(String)
    /// A named network namespace.
    case namespace(Name)
    /// The directory of such names.
    case namespaceDirectory
    /// A link that the kernel carries, in one of the places where it may be; one of `wireguard-go` goes with its process.
    case link(LinkRecord)
    /// A container with our label; the name is known before the container exists.
    case container(engine: String, name: Name)
    /// A process, by its number and its start time in clock ticks since boot, so that another process that is given the
    /// same number later is never taken for it (`/proc/PID/stat`, field 22).
    case process(Purpose, pid: Int32, startTime: UInt64)
}

extension Resource: LosslessStringConvertible {
    /// One line of the journal.
    package var description: String {
        switch self {
        case .path(let path): "path \(path)"
        case .input(let path): "input \(path)"
        case .output(let path): "output \(path)"
        case .namespace(let name): "namespace \(name)"
        case .namespaceDirectory: "namespaces"
        case .link(let link): "link \(link)"
        case .container(let engine, let name): "container \(engine) \(name)"
        case .process(let purpose, let pid, let startTime): "process \(purpose.rawValue) \(pid) \(startTime)"
        }
    }

    /// Reads one line of the journal.
    ///
    /// - Returns: `nil` for anything that ``description`` does not write.
    package init?(_ line: String) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        switch (words.first, words.count) {
        case ("path", 2) where words[1].hasPrefix("/"):
            self = .path(words[1])
        case ("input", 2) where words[1].hasPrefix("/"):
            self = .input(words[1])
        case ("output", 2) where words[1].hasPrefix("/"):
            self = .output(words[1])
        case ("namespace", 2):
            guard let name = Name(words[1]) else { return nil }
            self = .namespace(name)
        case ("namespaces", 1):
            self = .namespaceDirectory
        case ("link", _):
            guard let link = LinkRecord(String(line.dropFirst("link ".count))) else { return nil }
            self = .link(link)
        case ("container", 3):
            guard let name = Name(words[2]) else { return nil }
            self = .container(engine: words[1], name: name)
        case ("process", 4):
            guard let purpose = Purpose(rawValue: words[1]), let pid = Int32(decimal: words[2]),
                // In a container wgup itself may be the first process; nothing that it starts is.
                pid > (purpose == .wgup ? 0 : 1), let startTime = UInt64(decimal: words[3])
            else { return nil }
            self = .process(purpose, pid: pid, startTime: startTime)
        default:
            return nil
        }
    }
}
