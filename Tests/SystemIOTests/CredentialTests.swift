internal import Crypto
internal import Glibc
internal import SystemIO
internal import TestSupport
internal import Testing

@Suite("Credential", .enabled(if: User.isRoot, "needs root to give files away and to make devices"))
struct CredentialTests {
    static let entries: [Entry] =
        // 0440 is how the access list of a service's user shows.
        ([0o400, 0o440, 0o600, 0o640, 0o500] as [UInt32]).map { Entry(mode: $0, secret: nil, shared: nil) }
        + ([0o404, 0o444, 0o644, 0o604, 0o460, 0o420, 0o402, 0o410, 0o401, 0o666, 0o777] as [UInt16]).map { mode in
            Entry(mode: UInt32(mode), secret: DirectoryReadTests.refusedMode(mode), shared: nil)
        }
        + ([0o400, 0o440, 0o600] as [UInt32]).map { mode in
            Entry(mode: mode, owner: stranger, secret: DirectoryReadTests.refusedOwner, shared: nil)
        }
        + [
            Entry(kind: .linkedTwice, secret: { .insecure(path: $0, reason: .links(2)) }, shared: nil),
            Entry(kind: .directory, secret: DirectoryReadTests.refusedKind(.directory), shared: nil),
            Entry(kind: .fifo, secret: DirectoryReadTests.refusedKind(.fifo), shared: nil),
            Entry(kind: .device, secret: DirectoryReadTests.refusedKind(.device), shared: nil),
            // A link of root's is followed, and one that leads nowhere is no credential.
            Entry(kind: .danglingLink, secret: nil, shared: nil),
            Entry(kind: .linkToFile, secret: nil, shared: nil),
        ]

    @Test("is read only where none but root and the service could have", arguments: entries)
    func permissions(entry: Entry) throws {
        let temporary = try TemporaryDirectory()
        try entry.make("file", in: temporary)
        let path = temporary.path(of: "file")
        let error = failure { () throws(SystemError) in _ = try Credential.read(path, maximumByteCount: 100) }
        #expect(error == entry.secret?(path))
    }

    @Test("gives the bytes of a file in a directory that only its owner enters, up to a limit")
    func bytes() throws {
        let temporary = try TemporaryDirectory()
        try temporary.makeDirectory("unit")
        try temporary.write(sample, to: "unit/name", mode: 0o400)
        try temporary.changeMode("unit", 0o500)
        let path = temporary.path(of: "unit/name")
        guard let secret = try Credential.read(path, maximumByteCount: sample.count) else {
            throw SystemError.missing(path: path)
        }
        #expect(secret.withBytes { span in span.indices.map { span[$0] } } == sample)
        #expect(throws: SystemError.tooLarge(path: path, limit: 8)) {
            _ = try Credential.read(path, maximumByteCount: 8)
        }
    }

    @Test("is none where there is no file or no directory", arguments: ["name", "unit/name"])
    func missing(name: String) throws {
        let temporary = try TemporaryDirectory()
        guard let secret = try Credential.read(temporary.path(of: name), maximumByteCount: 100) else { return }
        Issue.record("\(secret.count) bytes")
    }

    @Test("is refused where somebody else could replace it", arguments: [0o770, 0o707, 0o722])
    func parent(mode: UInt16) throws {
        let temporary = try TemporaryDirectory()
        try temporary.makeDirectory("unit")
        try temporary.write(sample, to: "unit/name", mode: 0o400)
        try temporary.changeMode("unit", UInt32(mode))
        let expected = SystemError.insecure(path: temporary.path(of: "unit"), reason: .mode(mode))
        #expect(throws: expected) {
            _ = try Credential.read(temporary.path(of: "unit/name"), maximumByteCount: 100)
        }
    }

    @Test("lies in the directory that the environment names, if that is absolute")
    func path() async {
        await #expect(processExitsWith: .success) {
            unsafe unsetenv("CREDENTIALS_DIRECTORY")
            #expect(Credential.path(of: "name") == nil)
            unsafe setenv("CREDENTIALS_DIRECTORY", "", 1)
            #expect(Credential.path(of: "name") == nil)
            unsafe setenv("CREDENTIALS_DIRECTORY", "here", 1)
            #expect(Credential.path(of: "name") == nil)
            unsafe setenv("CREDENTIALS_DIRECTORY", "/run/credentials/unit", 1)
            #expect(Credential.path(of: "name") == "/run/credentials/unit/name")
        }
    }
}
