import Planning
import Processes
import Synchronization
import SystemIO
import WireGuard

/// The directory `/run/wgseal`, with a lock and a journal for each interface that is up.
final class RunDirectory: Sendable {
    static let path = "/run/wgseal"

    private let directory: Directory

    /// Opens the directory, and makes it (0700) where it is missing.
    ///
    /// The members of the group for ``StatusSocket`` may look into it, if there is such a group.
    static func create() throws(SystemError) -> RunDirectory {
        RunDirectory(directory: try Directory.create(path, sharedWith: Group.id(named: StatusSocket.groupName)))
    }

    /// Opens the directory; `nil` where nothing was brought up since the host booted.
    static func open() throws(SystemError) -> RunDirectory? {
        do throws(SystemError) {
            let group = Group.id(named: StatusSocket.groupName)
            return RunDirectory(directory: try .open(path, privacy: group.map { .group($0) } ?? .secret))
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
        guard let text = try read("\(interface).journal") else { return nil }
        guard let journal = Journal(text: text), journal.interface == interface else {
            throw WgupFailure.damagedJournal(path: "\(Self.path)/\(interface).journal")
        }
        return journal
    }

    /// What was noted of the peers of an interface; nothing if the notes are not there or cannot be read, for they tell
    /// less than the device does.
    func notes(of interface: InterfaceName) throws(SystemError) -> PeerNotes {
        try read("\(interface).peers").flatMap { PeerNotes(text: $0) } ?? PeerNotes()
    }

    private func read(_ name: String) throws(SystemError) -> String? {
        do throws(SystemError) {
            return String(decoding: try directory.read(name, maximumByteCount: 1 << 24), as: UTF8.self)
        } catch .missing {
            return nil
        }
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

    /// Writes notes in place of those before them.
    func write(_ notes: PeerNotes, of interface: InterfaceName) throws(SystemError) {
        let text = Array(notes.text.utf8)
        try directory.replace("\(interface).peers", text.span, mode: 0o600)
    }

    /// Writes a file into a subdirectory, which is made; `path` is that of the file, two levels below ``path``.
    func write(_ text: String, to path: String) throws(SystemError) {
        let names = path.dropFirst(Self.path.count + 1).split(separator: "/").map(String.init)
        guard names.count == 2 else { throw .missing(path: path) }
        let bytes = Array(text.utf8)
        try directory.subdirectory(names[0], creating: true).replace(names[1], bytes.span, mode: 0o600)
    }

    /// Removes an interface's journal, notes and lock, and the directory if they were the last.
    ///
    /// The caller has claimed the interface.
    func forget(_ interface: InterfaceName) {
        // What is left of them after a failure is empty, and the next run takes it over.
        try? directory.remove("\(interface).journal")
        try? directory.remove("\(interface).peers")
        try? directory.remove("\(interface).status")
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
        try? directory.removeTemporaries(of: "\(interface).peers")
        try? directory.subdirectory("\(interface).nginx", creating: false).removeTemporaries(of: "nginx.conf")
    }

    /// Removes the directory unless somebody uses it.
    static func removeIfEmpty() { try? FileEntry.remove(path) }
}

extension RunDirectory {
    /// The right to change anything about an interface; it ends when it is released, or with this object or the process.
    final class Claim: Sendable {
        let directory: RunDirectory
        /// The `wgup` that has handed over.
        let former: ProcessIdentity?
        private let lock: Mutex<FileLock?>

        fileprivate init(_ directory: RunDirectory, _ lock: consuming FileLock, former: ProcessIdentity?) {
            self.directory = directory
            self.former = former
            self.lock = Mutex(lock)
        }

        /// Lets another process claim the interface.
        func release() { lock.withLock { $0 = nil } }
    }

    /// Claims an interface, and makes the directory where it is missing.
    ///
    /// A `wgup` that is about to end is waited for, and one that runs the same tunnel is asked to hand it over, which it
    /// does between two steps: that may take as long as a container takes to start.
    ///
    /// - Parameters:
    ///   - interface: The interface.
    ///   - tunnel: `nil` asks nobody to hand over.
    ///   - isUnwanted: Asked now and then.
    /// - Returns: `nil` if it is not wanted any more.
    /// - Throws: ``WgupFailure/alreadyUp(_:as:)`` if another `wgup` is at work on the interface, and does not hand over.
    static func claim(
        _ interface: InterfaceName,
        for tunnel: TunnelIdentity? = nil,
        unless isUnwanted: () -> Bool = { false }
    ) async throws -> Claim? {
        var deadline = ContinuousClock.now + .seconds(2)
        var asked: ProcessIdentity?
        while !isUnwanted() {
            let run = try create()
            if let lock = try run.lock(interface) {
                return Claim(run, lock, former: asked.flatMap { $0.isAlive ? $0 : nil })
            }
            // Without a journal it is about to end, and without an owner the lock is that of a child which one that was
            // killed was about to start.
            if let journal = try run.journal(of: interface), let owner = journal.ownerProcess, owner.isAlive {
                guard let tunnel, journal.tunnel == tunnel else {
                    throw WgupFailure.alreadyUp(interface, as: journal.tunnel)
                }
                if owner != asked {
                    try owner.signal(.handOver)
                    asked = owner
                    deadline = .now + .seconds(90)
                }
            }
            guard ContinuousClock.now < deadline else { throw WgupFailure.alreadyUp(interface, as: tunnel) }
            try await Task.sleep(for: .milliseconds(10))
        }
        return nil
    }

    /// Claims an interface if nobody else has.
    func claimIfFree(_ interface: InterfaceName) throws -> Claim? {
        guard let lock = try lock(interface) else { return nil }
        return Claim(self, lock, former: nil)
    }

    /// - Returns: `nil` if another process has the lock, or has just removed the directory.
    private func lock(_ interface: InterfaceName) throws(SystemError) -> FileLock? {
        do throws(SystemError) {
            return try directory.lock("\(interface).lock", wait: false)
        } catch {
            switch error {
            case .missing, .locked: return nil
            default:
                // It may be there because of us alone.
                Self.removeIfEmpty()
                throw error
            }
        }
    }
}

extension Journal {
    /// The `wgup` that owns the tunnel.
    var ownerProcess: ProcessIdentity? { ProcessIdentity(owner) }

    /// The `wgup` that stands by for the owner.
    var formerProcess: ProcessIdentity? { former.flatMap { ProcessIdentity($0) } }
}

extension ProcessIdentity {
    /// The process that a journal names; `nil` for what is no process.
    init?(_ resource: Resource) {
        guard case .process(_, let pid, let startTime) = resource else { return nil }
        self.init(pid: pid, startTime: startTime)
    }

    /// This process, a `wgup`, as a journal has it.
    var resource: Resource { .process(.wgup, pid: pid, startTime: startTime) }
}
