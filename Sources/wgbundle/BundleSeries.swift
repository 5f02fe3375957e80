import CommandSupport
import Keystore
import SystemIO
import WireGuard

/// Many bundles, a file for each in one directory.
struct BundleSeries: ~Copyable {
    /// So many at a time are recorded, then written: enough that the disk is waited for once, and few enough that a run
    /// that is cut short has lost little, and that no other waits for long.
    private static func chunkSize(_ count: Int) -> Int { max(1000, count / 16) }
    /// Is there until all files are: then what is there was written by a run that was cut short.
    private static let marker = "unfinished"

    private let output: BundleOutput
    private let directory: Directory
    private let isContinued: Bool

    /// Opens the directory, and makes it where it is missing.
    init(_ output: BundleOutput) throws {
        self.output = output
        let path = output.directory
        let opened: Directory
        do throws(SystemError) {
            opened = try OutputFile.openDirectory(path)
        } catch .missing {
            throw CommandFailure(.cannotCreate, "\(path.printable): there is no such directory to make it in")
        } catch {
            throw error
        }
        isContinued = try opened.contains(Self.marker)
        directory = opened
    }

    /// Seals bundles for all, but for those that a run before this one has written.
    ///
    /// - Parameters:
    ///   - requests: With the line where each stands; `nil` if that is nowhere.
    ///   - store: The network.
    ///   - sealing: What else the bundles depend on.
    ///   - isRecorded: Whether to tell what was recorded.
    /// - Returns: What was recorded, for programs.
    /// - Throws: ``BatchError`` for a request that stands in a line.
    borrowing func seal(
        _ requests: [(line: Int?, request: EnrolmentRequest)],
        of store: borrowing NetworkStore,
        _ sealing: NetworkStore.Sealing,
        isRecorded: Bool
    ) throws -> [JSON] {
        let names = try store.names(of: requests.map(\.request.identity))
        var left = requests
        if isContinued {
            left = try zip(requests, names).filter { try !isWritten($1) }.map(\.0)
        } else {
            for (request, name) in zip(requests, names) {
                guard let name = name ?? request.request.name, try isWritten(name), !output.forceOverwrite else {
                    continue
                }
                throw OutputFailure.of(.exists(path: file(name)), "\(output.directory)/\(file(name))")
            }
        }
        let empty: [UInt8] = []
        try directory.replace(Self.marker, empty.span, mode: 0o600)
        var records: [JSON] = []
        let size = Self.chunkSize(left.count)
        var newCount = 0
        var outdated: Set<Name> = []
        for start in stride(from: 0, to: left.count, by: size) {
            diagnostics.progress("sealing", start, of: left.count)
            let chunk = left[start..<min(left.count, start + size)]
            let sealed: [SealedPeer]
            do throws(RequestError) {
                sealed = try store.seal(chunk.map(\.request), sealing)
            } catch {
                guard let line = chunk[start + error.index].line else { throw error.error }
                throw BatchError(line, .request(error.error))
            }
            _ = try Processors.divide(sealed.indices) { (part) throws(SystemError) in
                for sealed in sealed[part] {
                    let bytes = output.encoded(sealed.bundle)
                    try directory.replace(file(sealed.peer.name), bytes.span, mode: 0o600, isFlushed: false)
                }
            }
            for sealed in sealed {
                newCount += sealed.isNew ? 1 : 0
                outdated.formUnion(sealed.outdated)
                if isRecorded { records.append(sealed.json(file: "\(output.directory)/\(file(sealed.peer.name))")) }
            }
        }
        try directory.synchronizeFileSystem()
        try directory.remove(Self.marker)
        let end = sealing.notAfter
        diagnostics.say(
            "sealed \(left.count.counted("bundle")) in \(output.directory.printable), \(newCount) of them for new peers, "
                + "valid until \(end)"
        )
        if left.count < requests.count {
            diagnostics.note("\(requests.count - left.count) were there already, from a run that was cut short")
        }
        BundleOutput.noteOutdated(outdated.subtracting(names.compactMap(\.self)).sorted())
        return records
    }

    private borrowing func isWritten(_ name: Name?) throws(SystemError) -> Bool {
        guard let name else { return false }
        return try directory.contains(file(name))
    }

    private borrowing func file(_ name: Name) -> String { "\(name).\(output.armor ? "txt" : "bin")" }
}
