import Glibc
import SystemIO
import TestSupport
import Testing

@Suite("Service manager", .serialized)
struct ServiceManagerTests {
    /// Receives what is sent while `body` runs, at a socket of this name.
    private func messages(at name: String, _ body: () -> Void) throws -> [String] {
        let receiver = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        try #require(receiver >= 0)
        defer { close(receiver) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(name.utf8)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let isAbstract = name.hasPrefix("@")
        if isAbstract { address.sun_path.0 = 0 }
        let length = isAbstract ? 2 + bytes.count : MemoryLayout<sockaddr_un>.size
        let bound = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(receiver, address, socklen_t(length))
            }
        }
        try #require(bound == 0)
        unsafe setenv("NOTIFY_SOCKET", name, 1)
        defer { unsafe unsetenv("NOTIFY_SOCKET") }
        body()
        var messages: [String] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe recv(receiver, &buffer, buffer.count, 0)
            guard count >= 0 else { return messages }
            messages.append(String(decoding: buffer.prefix(count), as: UTF8.self))
        }
    }

    private func tellAll() {
        ServiceManager.notify(.ready("wg-tunnel is up"))
        ServiceManager.notify(.status("one\nREADY=1"))
        ServiceManager.notify(.stopping)
    }

    @Test("is told at a socket with a file and at one without, one line each")
    func told() throws {
        let directory = try TemporaryDirectory()
        for name in [directory.path(of: "notify"), "@wgseal-test-\(getpid())"] {
            let messages = try messages(at: name, tellAll)
            #expect(messages.first == "READY=1\nSTATUS=wg-tunnel is up")
            #expect(messages.dropFirst().first?.contains("\n") == false)
            #expect(messages.last == "STOPPING=1")
            #expect(messages.count == 3)
        }
    }

    @Test(
        "that is not there is no reason to stop",
        arguments: ["", "relative", "/nonexistent/socket", "@wgseal-nobody"]
    )
    func absent(name: String) {
        unsafe setenv("NOTIFY_SOCKET", name, 1)
        defer { unsafe unsetenv("NOTIFY_SOCKET") }
        tellAll()
    }
}
