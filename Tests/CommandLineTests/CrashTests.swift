import Crypto
import Foundation
import Keystore
import PeerBundle
import TestSupport
import Testing

@Suite("A crash with a key in memory", .timeLimit(.minutes(2)))
struct CrashTests {
    @Test(
        "leaves no core file, though whoever started the command asked for one",
        arguments: [SIGABRT, SIGSEGV, SIGQUIT]
    )
    func core(number: Int32) async throws {
        let (host, _) = try await Host.withIdentity()
        // What the same shell does with a program that hardens nothing, so that nothing found means something.
        let control = try await host.shell("ulimit -c unlimited; (exec sleep 60) & kill -ABRT $!; wait $! || ls")
        try #require(control.output.contains("core"), "this machine keeps no core files: \(control)")
        try #require(try await host.shell("rm -f core*").status == 0)
        let command = try host.waitingWithKey()
        try await command.waitForOutput("New passphrase: ")
        kill(try Self.processID(of: command), number)
        _ = try await command.waitForEnd()
        #expect(try host.directory.names() == ["home"])
        #expect(!command.output.contains("Backtrac"), "\(command.output)")
    }

    @Test("leaves nothing of the key in the memory that a core file would hold; where it is, pages are locked")
    func memory() async throws {
        let (host, _) = try await Host.withIdentity()
        guard case .plain(let key) = try Home.open("\(host.path)/home").storedIdentity().key else {
            throw CryptoError.passphrase
        }
        let secrets = key.withEncoded { bytes in
            [(1..<33).map { bytes[$0] }, (33..<65).map { bytes[$0] }]
        }
        let text = key.secretText().withBytes { bytes in bytes.indices.map { bytes[$0] } }
        let command = try host.waitingWithKey()
        try await command.waitForOutput("New passphrase: ")
        let memory = try await ProcessMemory(of: Self.processID(of: command))
        command.signal(SIGTERM)
        for secret in secrets + [Array(text[20..<100])] {
            let places = memory.places(of: secret)
            #expect(!places.isEmpty, "the search finds what is there")
            #expect(places.allSatisfy { $0.isSuperset(of: ["lo", "dd"]) }, "\(places)")
        }
    }

    /// The command at the end of those that were started to give it a terminal.
    private static func processID(of command: BackgroundCommand) throws -> Int32 {
        var id = command.processID
        while true {
            let children = try String(contentsOfFile: "/proc/\(id)/task/\(id)/children", encoding: .utf8)
            guard let child = children.split(separator: " ").first.flatMap({ Int32($0) }) else { return id }
            id = child
        }
    }
}

extension Host {
    /// A command that has read the key and waits for a new passphrase, on a terminal.
    fileprivate func waitingWithKey() throws -> BackgroundCommand {
        let line = "ulimit -c unlimited; cd \(path); exec $bin/wgkey passphrase"
        return try BackgroundCommand.onTerminal("/bin/sh", ["-c", line], environment: environment)
    }
}

/// What a process has in memory, with the flags of each mapping (`proc(5)`, smaps).
private struct ProcessMemory {
    private var mappings: [(flags: Set<Substring>, bytes: Data)] = []

    init(of id: Int32) async throws {
        // Foundation takes a file without a size for a short one.
        let maps = try await Tool("cat").run(["/proc/\(id)/smaps"]).text
        let memory = unsafe open("/proc/\(id)/mem", O_RDONLY | O_CLOEXEC)
        try #require(memory >= 0, "errno \(errno)")
        defer { close(memory) }
        var range: Range<UInt64>?
        for line in maps.split(separator: "\n") {
            let words = line.split(separator: " ")
            let ends = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            if ends.count == 2, !words[0].hasSuffix(":") { range = ends[0]..<ends[1] }
            guard words[0] == "VmFlags:", let range else { continue }
            // Guard pages and the kernel's own pages cannot be read.
            guard let start = off_t(exactly: range.lowerBound) else { continue }
            var bytes = Data(count: range.count)
            let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(memory, $0.baseAddress, $0.count, start) }
            if count > 0 { mappings.append((Set(words.dropFirst()), bytes.prefix(count))) }
        }
    }

    /// The flags of each mapping that holds the bytes.
    func places(of bytes: [UInt8]) -> [Set<Substring>] {
        mappings.filter { $0.bytes.range(of: Data(bytes)) != nil }.map(\.flags)
    }
}
