import Planning
import Processes
import SystemIO
import WireGuard

/// The directory `/run/wgseal`, with a lock and a journal for each interface that is up.
final class RunDirectory: Sendable {
    static let path = "/run/wgseal"

    private let directory: Directory

    /// Opens the directory, and makes it (0700) where it is missing.
    static func create() throws(SystemError) -> RunDirectory { RunDirectory(directory: try Directory.create(path)) }

    /// Opens the directory; `nil` where nothing was brought up since the host booted.
    static func open() throws(SystemError) -> RunDirectory? {
        do throws(SystemError) {
            return RunDirectory(directory: try Directory.open(path, privacy: .secret))
        } catch .missing {
            return nil
        }
    }

    private init(directory: consuming Directory) { self.directory = directory }

    /// The path of a file that belongs to an interface's run, and goes with it.
    static func path(of suffix: String, for interface: InterfaceName) -> String { "\(path)/\(interface).\(suffix)" }

    /// The lock of an interface, an empty file; a tool of ours that must come to its end reads from it.
    static func lockPath(of interface: InterfaceName) -> String { path(of: "lock", for: interface) }

    /// The journal of an interface; `nil` if there is none.
    ///
    /// - Throws: ``WgupFailure/damagedJournal(path:)``, or ``SystemError``.
    func journal(of interface: InterfaceName) throws -> Journal? {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try directory.read("\(interface).journal", maximumByteCount: 1 << 24)
        } catch .missing {
            return nil
        }
        guard let journal = Journal(text: String(decoding: bytes, as: UTF8.self)), journal.interface == interface else {
            throw WgupFailure.damagedJournal(path: "\(Self.path)/\(interface).journal")
        }
        return journal
    }

    /// The interfaces that have a journal.
    func interfaces() throws(SystemError) -> [InterfaceName] { try interfaces(with: ".journal") }

    /// The interfaces that have a lock, with a journal or without; where there is none, a `wgup` begins or ends just now,
    /// or was killed when it did.
    func lockedInterfaces() throws(SystemError) -> [InterfaceName] { try interfaces(with: ".lock") }

    private func interfaces(with suffix: String) throws(SystemError) -> [InterfaceName] {
        let names: [String]
        // With its last file, a wgup that has ended just now has removed the directory.
        do throws(SystemError) { names = try directory.names() } catch .missing { return [] }
        return names.filter { $0.hasSuffix(suffix) }.compactMap { InterfaceName(String($0.dropLast(suffix.count))) }
    }

    /// Writes a journal in place of the one before it.
    func write(_ journal: Journal) throws(SystemError) {
        let text = Array(journal.text.utf8)
        try directory.replace("\(journal.interface).journal", text.span, mode: 0o600)
    }

    /// Writes a file into a subdirectory, which is made; `path` is that of the file, two levels below ``path``.
    func write(_ text: String, to path: String) throws(SystemError) {
        let names = path.dropFirst(Self.path.count + 1).split(separator: "/").map(String.init)
        guard names.count == 2 else { throw .missing(path: path) }
        let bytes = Array(text.utf8)
        try directory.subdirectory(names[0], creating: true).replace(names[1], bytes.span, mode: 0o600)
    }

    /// Removes an interface's journal and lock, and the directory if they were the last.
    ///
    /// The caller has claimed the interface.
    func forget(_ interface: InterfaceName) {
        // What is left of them after a failure is empty, and the next run takes it over.
        try? directory.remove("\(interface).journal")
        removeTemporaries(of: interface)
        try? directory.remove("\(interface).lock")
        Self.removeIfEmpty()
    }

    /// Removes what a `wgup` left that was killed while it wrote a file.
    ///
    /// The caller has claimed the interface.
    func removeTemporaries(of interface: InterfaceName) {
        // They are in nobody's way.
        try? directory.removeTemporaries(of: "\(interface).journal")
        try? directory.subdirectory("\(interface).nginx", creating: false).removeTemporaries(of: "nginx.conf")
    }

    /// Removes the directory unless somebody uses it.
    static func removeIfEmpty() { try? FileEntry.remove(path) }
}

extension RunDirectory {
    /// The right to change anything about an interface; it ends with this value or the process.
    struct Claim: ~Copyable {
        let directory: RunDirectory
        private let lock: FileLock

        fileprivate init(_ directory: RunDirectory, _ lock: consuming FileLock) {
            self.directory = directory
            self.lock = lock
        }
    }

    /// Claims an interface, and makes the directory where it is missing.
    ///
    /// A `wgup` that is about to end is waited for.
    ///
    /// - Throws: ``WgupFailure/alreadyUp(_:)`` if another `wgup` is at work on the interface.
    static func claim(_ interface: InterfaceName) async throws -> Claim {
        let deadline = ContinuousClock.now + .seconds(2)
        while true {
            let run = try create()
            if let lock = try run.lock(interface) { return Claim(run, lock) }
            // Without a journal it is about to end, and without an owner the lock is that of a child which one that was
            // killed was about to start.
            guard try run.owner(of: interface)?.isAlive != true, ContinuousClock.now < deadline else {
                throw WgupFailure.alreadyUp(interface)
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// - Returns: `nil` if another process has the lock, or has just removed the directory.
    private func lock(_ interface: InterfaceName) throws(SystemError) -> FileLock? {
        do throws(SystemError) {
            return try directory.lock("\(interface).lock", wait: false)
        } catch {
            switch error {
            case .missing, .locked: return nil
            default: throw error
            }
        }
    }

    /// The `wgup` that wrote the journal of an interface.
    func owner(of interface: InterfaceName) throws -> ProcessIdentity? {
        guard case .process(_, let pid, let startTime) = try journal(of: interface)?.owner else { return nil }
        return ProcessIdentity(pid: pid, startTime: startTime)
    }
}
