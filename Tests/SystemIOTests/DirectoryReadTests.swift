internal import Crypto
internal import Glibc
internal import SystemIO
internal import TestSupport
internal import Testing

/// One entry of a directory, and who may be trusted to have written it.
struct Entry: Sendable, CustomTestStringConvertible {
    enum Kind: String, Sendable {
        case file, directory, fifo, device, danglingLink, linkToFile, linkedTwice
    }

    var kind = Kind.file
    var mode: UInt32 = 0o600
    var owner: UInt32 = 0
    /// What a reader of a secret is told, given the path; `nil` where it is let in.
    let secret: (@Sendable (String) -> SystemError)?
    /// The same for a file that others may read.
    let shared: (@Sendable (String) -> SystemError)?

    var testDescription: String { "\(kind.rawValue), mode 0\(String(mode, radix: 8)), owner \(owner)" }

    func make(_ name: String, in directory: borrowing TemporaryDirectory) throws {
        switch kind {
        case .file: try directory.write(sample, to: name)
        case .directory: try directory.makeDirectory(name)
        case .fifo: try directory.makeFIFO(name)
        case .device: try directory.makeDevice(name)
        case .danglingLink: try directory.link(name, to: "nowhere")
        case .linkToFile:
            try directory.write(sample, to: "target")
            try directory.link(name, to: "target")
        case .linkedTwice:
            try directory.write(sample, to: "other")
            try directory.hardLink(name, to: "other")
        }
        if kind != .danglingLink, kind != .linkToFile { try directory.changeMode(name, mode) }
        if owner != 0 { try directory.giveAway(name, to: owner) }
    }
}

@Suite("Reading in a directory", .enabled(if: User.isRoot, "needs root to give files away and to make devices"))
struct DirectoryReadTests {
    static func refusedMode(_ mode: UInt16) -> @Sendable (String) -> SystemError {
        { .insecure(path: $0, reason: .mode(mode)) }
    }

    static func refusedKind(_ kind: FileKind) -> @Sendable (String) -> SystemError {
        { .notRegular(path: $0, kind: kind) }
    }

    static let refusedOwner: @Sendable (String) -> SystemError = { .insecure(path: $0, reason: .owner(stranger)) }

    static let entries: [Entry] =
        [
            Entry(mode: 0o600, secret: nil, shared: nil),
            Entry(mode: 0o400, secret: nil, shared: nil),
            Entry(mode: 0o700, secret: nil, shared: nil),
        ]
        // Bits that let others read, or do worse.
        + ([0o644, 0o604, 0o640, 0o610, 0o601, 0o444] as [UInt16]).map { mode in
            Entry(mode: UInt32(mode), secret: refusedMode(mode), shared: nil)
        }
        + ([0o620, 0o602, 0o660, 0o606, 0o666, 0o777, 0o664, 0o646] as [UInt16]).map { mode in
            Entry(mode: UInt32(mode), secret: refusedMode(mode), shared: refusedMode(mode))
        }
        // A stranger's file is refused whatever its mode.
        + ([0o600, 0o400, 0o644, 0o666] as [UInt32]).map { mode in
            Entry(mode: mode, owner: stranger, secret: refusedOwner, shared: refusedOwner)
        }
        + [
            Entry(
                kind: .linkedTwice,
                secret: { .insecure(path: $0, reason: .links(2)) },
                shared: { .insecure(path: $0, reason: .links(2)) }
            ),
            Entry(kind: .directory, secret: refusedKind(.directory), shared: refusedKind(.directory)),
            Entry(kind: .fifo, secret: refusedKind(.fifo), shared: refusedKind(.fifo)),
            Entry(kind: .device, secret: refusedKind(.device), shared: refusedKind(.device)),
            Entry(kind: .danglingLink, secret: refusedKind(.symbolicLink), shared: refusedKind(.symbolicLink)),
            Entry(kind: .linkToFile, secret: refusedKind(.symbolicLink), shared: refusedKind(.symbolicLink)),
        ]

    @Test("lets a secret be read only where nobody else could have", arguments: entries)
    func secret(entry: Entry) throws {
        let temporary = try TemporaryDirectory()
        try entry.make("file", in: temporary)
        let directory = try Directory.open(temporary.path, privacy: .secret)
        let error = failure { () throws(SystemError) in _ = try directory.readSecret("file", maximumByteCount: 100) }
        #expect(error == entry.secret?(temporary.path(of: "file")))
    }

    @Test("lets a file be read only where nobody else could have written it", arguments: entries)
    func shared(entry: Entry) throws {
        let temporary = try TemporaryDirectory()
        try entry.make("file", in: temporary)
        let directory = try Directory.open(temporary.path, privacy: .secret)
        let error = failure { () throws(SystemError) in _ = try directory.read("file", maximumByteCount: 100) }
        #expect(error == entry.shared?(temporary.path(of: "file")))
    }

    @Test("gives the bytes of a file", arguments: [0, 1, 9, 65_535, 65_536, 65_537, 200_000])
    func bytes(count: Int) throws {
        let temporary = try TemporaryDirectory()
        var generator = SplitMix64(seed: 7)
        let contents = generator.bytes(count: count)
        try temporary.write(contents, to: "file")
        let directory = try Directory.open(temporary.path, privacy: .secret)
        #expect(try directory.read("file", maximumByteCount: count) == contents)
    }

    @Test("gives the bytes of a secret", arguments: [0, 1, 96])
    func secretBytes(count: Int) throws {
        let temporary = try TemporaryDirectory()
        var generator = SplitMix64(seed: 7)
        let contents = generator.bytes(count: count)
        try temporary.write(contents, to: "file")
        let directory = try Directory.open(temporary.path, privacy: .secret)
        let secret = try directory.readSecret("file", maximumByteCount: 96)
        #expect(secret.withBytes { span in span.indices.map { span[$0] } } == contents)
    }

    @Test("refuses one byte more than the limit", arguments: [0, 8, 70_000])
    func limit(limit: Int) throws {
        let temporary = try TemporaryDirectory()
        try temporary.write([UInt8](repeating: 1, count: limit + 1), to: "file")
        let directory = try Directory.open(temporary.path, privacy: .secret)
        let expected = SystemError.tooLarge(path: temporary.path(of: "file"), limit: limit)
        #expect(throws: expected) {
            _ = try directory.read("file", maximumByteCount: limit)
        }
        #expect(throws: expected) {
            _ = try directory.readSecret("file", maximumByteCount: limit)
        }
    }

    @Test("says that a file is missing")
    func missing() throws {
        let temporary = try TemporaryDirectory()
        let directory = try Directory.open(temporary.path, privacy: .secret)
        #expect(throws: SystemError.missing(path: temporary.path(of: "file"))) {
            _ = try directory.read("file", maximumByteCount: 1)
        }
    }

    @Test("takes one component only", arguments: ["", ".", "..", "a/b", "/etc/passwd", "../file", "a\0b"])
    func component(name: String) throws {
        let temporary = try TemporaryDirectory()
        let directory = try Directory.open(temporary.path, privacy: .secret)
        let expected = SystemError.call("open", path: "\(temporary.path)/\(name)", errno: EINVAL)
        #expect(throws: expected) { _ = try directory.read(name, maximumByteCount: 1) }
        #expect(throws: expected) { try directory.create(name, bytes: sample, mode: 0o600) }
        #expect(throws: expected) { try directory.replace(name, bytes: sample, mode: 0o600) }
        #expect(throws: expected) { try directory.remove(name) }
        #expect(throws: expected) { _ = try directory.lock(name, wait: false) }
        #expect(throws: expected) { _ = try directory.subdirectory(name, creating: true) }
    }

    @Test("lists names in order, without hidden ones")
    func names() throws {
        let temporary = try TemporaryDirectory()
        for name in ["b.peer", "a.peer", ".hidden", "c"] { try temporary.write(sample, to: name) }
        let directory = try Directory.open(temporary.path, privacy: .secret)
        #expect(try directory.names() == ["a.peer", "b.peer", "c"])
        #expect(try directory.names() == ["a.peer", "b.peer", "c"], "the second time as well")
        #expect(try directory.names(hidden: true) == [".hidden"])
    }
}
