internal import Glibc
internal import SystemIO
internal import TestSupport
internal import Testing

@Suite("Unix socket")
struct UnixSocketTests {
    @Test("carries bytes both ways")
    func bytes() throws {
        let temporary = try TemporaryDirectory()
        let listener = try listen(temporary.path(of: "socket"))
        let socket = try UnixSocket.connect(temporary.path(of: "socket"))
        let peer = Descriptor(adopting: accept(listener.rawValue, nil, nil))
        try socket.send(bytes: sample, timeout: .seconds(60))
        var received = [UInt8](repeating: 0, count: 20)
        #expect(unsafe read(peer.rawValue, &received, 20) == sample.count)
        unsafe write(peer.rawValue, [1, 2, 3] as [UInt8], 3)
        var span = received.mutableSpan
        #expect(try socket.receive(into: &span, timeout: .seconds(60)) == 3)
        #expect(Array(received.prefix(3)) == [1, 2, 3])
    }

    @Test("tells the end from silence")
    func end() throws {
        let temporary = try TemporaryDirectory()
        let path = temporary.path(of: "socket")
        let listener = try listen(path)
        let socket = try UnixSocket.connect(path)
        var buffer: [UInt8] = [0]
        #expect(throws: SystemError.timedOut(path: path)) {
            var span = buffer.mutableSpan
            _ = try socket.receive(into: &span, timeout: .milliseconds(1))
        }
        close(accept(listener.rawValue, nil, nil))
        var span = buffer.mutableSpan
        #expect(try socket.receive(into: &span, timeout: .seconds(60)) == 0)
    }

    @Test("gives up on a listener that reads nothing")
    func stuck() throws {
        let temporary = try TemporaryDirectory()
        let path = temporary.path(of: "socket")
        let listener = try listen(path)
        let socket = try UnixSocket.connect(path)
        let megabytes = [UInt8](repeating: 0, count: 8 << 20)
        #expect(throws: SystemError.timedOut(path: path)) {
            try socket.send(bytes: megabytes, timeout: .milliseconds(1))
        }
        _ = consume listener
    }

    @Test("is answered where this process listens, in place of a socket that was left")
    func listener() throws {
        let temporary = try TemporaryDirectory()
        let path = temporary.path(of: "socket")
        _ = try listen(path)
        let listener = try UnixListener.open(path, group: User.isRoot ? 4711 : nil)
        switch listener.accept() {
        case .some: Issue.record("nobody has connected")
        case nil: break
        }
        let socket = try UnixSocket.connect(path)
        switch listener.accept() {
        case .some(let connection): try connection.send(bytes: sample, timeout: .seconds(60))
        case nil: Issue.record("somebody has connected")
        }
        var received = [UInt8](repeating: 0, count: 20)
        var span = received.mutableSpan
        #expect(try socket.receive(into: &span, timeout: .seconds(60)) == sample.count)
        #expect(try socket.receive(into: &span, timeout: .seconds(60)) == 0)
        var status = stat()
        try #require(unsafe stat(path, &status) == 0)
        #expect(status.st_mode & 0o007 == 0)
        if User.isRoot { #expect(status.st_mode & 0o777 == 0o660 && status.st_gid == 4711) }
    }

    @Test("is refused where nobody listens, or nothing is")
    func nobody() throws {
        let temporary = try TemporaryDirectory()
        let path = temporary.path(of: "socket")
        #expect(throws: SystemError.missing(path: path)) { _ = try UnixSocket.connect(path) }
        _ = try listen(path)
        #expect(throws: SystemError.call("connect", path: path, errno: ECONNREFUSED)) {
            _ = try UnixSocket.connect(path)
        }
    }

    @Test("has a path of at most 107 bytes", arguments: [0, 108, 5000])
    func length(count: Int) {
        let path = String(repeating: "a", count: count)
        #expect(throws: SystemError.call("connect", path: path, errno: ENAMETOOLONG)) {
            _ = try UnixSocket.connect(path)
        }
    }

    @Test("is not trusted where a stranger listens", .enabled(if: User.isRoot, "needs root"))
    func strangersSocket() async {
        await #expect(processExitsWith: .success) {
            let temporary = try TemporaryDirectory()
            try temporary.giveAway("", to: stranger)
            let path = temporary.path(of: "socket")
            try #require(seteuid(stranger) == 0)
            let listener = try listen(path)
            try #require(seteuid(0) == 0)
            #expect(throws: SystemError.insecure(path: path, reason: .owner(stranger))) {
                _ = try UnixSocket.connect(path)
            }
            _ = consume listener
        }
    }
}

private func listen(_ path: String) throws -> Descriptor {
    let descriptor = Descriptor(adopting: socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    let bound = unsafe withUnsafePointer(to: &address) { address in
        unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            unsafe bind(descriptor.rawValue, address, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    try #require(bound == 0 && Glibc.listen(descriptor.rawValue, 5) == 0)
    return descriptor
}
