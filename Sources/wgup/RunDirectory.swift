import Planning
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

    /// Takes the right to change anything about an interface; it ends with the process.
    ///
    /// - Throws: `.locked` if another `wgup` has it.
    func lock(_ interface: InterfaceName) throws(SystemError) -> FileLock {
        try directory.lock("\(interface).lock", wait: false)
    }

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
    func interfaces() throws(SystemError) -> [InterfaceName] {
        try directory.names().filter { $0.hasSuffix(".journal") }
            .compactMap { InterfaceName(String($0.dropLast(".journal".count))) }
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
    /// The caller holds the lock.
    func forget(_ interface: InterfaceName) {
        // What is left of them after a failure is empty, and the next run takes it over.
        try? directory.remove("\(interface).journal")
        try? directory.remove("\(interface).lock")
        try? FileEntry.remove(Self.path)
    }
}
