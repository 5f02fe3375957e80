internal import Glibc
internal import SystemIO
internal import TestSupport
internal import Testing
internal import WireGuard

@Suite("Network namespace", .enabled(if: User.isRoot, "needs root"))
struct NetworkNamespaceTests {
    @Test("is entered for one call, and never by the calling thread")
    func run() throws {
        let name = try unusedName("run")
        let namespace = try NetworkNamespace.create(named: name)
        defer { try? NetworkNamespace.remove(named: name) }
        let before = try inodeOfThisThread()
        let inside = try namespace.run { () throws -> UInt64 in try inodeOfThisThread() }.get()
        #expect(inside != before)
        #expect(inside == inode(NetworkNamespace.path(of: name)))
        #expect(try inodeOfThisThread() == before)
    }

    @Test("is not left in any thread after the call")
    func threads() async {
        // In a process of its own: other tests have threads in other namespaces at the same time.
        await #expect(processExitsWith: .success) {
            let name = try unusedName("threads")
            let namespace = try NetworkNamespace.create(named: name)
            defer { try? NetworkNamespace.remove(named: name) }
            for _ in 0..<20 { try namespace.run {}.get() }
            let tasks = try Directory.open("/proc/self/task", privacy: .any).names()
            let inodes = Set(tasks.compactMap { inode("/proc/self/task/\($0)/ns/net") })
            #expect(inodes == [try inodeOfThisThread()])
        }
    }

    @Test("hands on what the call throws")
    func failure() throws {
        let result = try NetworkNamespace.current().run { () throws(SystemError) -> Int in throw .locked(path: "x") }
        #expect(throws: SystemError.locked(path: "x")) { try result.get() }
    }

    @Test("brings back what cannot be copied")
    func noncopyable() throws {
        let name = try unusedName("socket")
        let namespace = try NetworkNamespace.create(named: name)
        defer { try? NetworkNamespace.remove(named: name) }
        let socket = try namespace.run {
            Descriptor(adopting: Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0))
        }.get()
        // SIOCGSKNS: the namespace that a socket belongs to, as a descriptor.
        let owner = Descriptor(adopting: ioctl(socket.rawValue, 0x894c))
        var status = stat()
        unsafe fstat(owner.rawValue, &status)
        #expect(UInt64(status.st_ino) == inode(NetworkNamespace.path(of: name)))
    }

    @Test("is one that ip netns knows")
    func witness() async throws {
        let name = try unusedName("witness")
        _ = try NetworkNamespace.create(named: name)
        defer { try? NetworkNamespace.remove(named: name) }
        let ip = try await Tool("ip").run(["netns", "exec", "\(name)", "readlink", "/proc/self/ns/net"])
        #expect(ip.text == "net:[\(inode(NetworkNamespace.path(of: name)) ?? 0)]\n", "\(ip.error)")
        let links = try await Tool("ip").run(["-netns", "\(name)", "-brief", "link", "show"])
        #expect(links.text.hasPrefix("lo "))
        #expect(links.text.filter { $0 == "\n" }.count == 1)
    }

    @Test("has its name once")
    func exists() throws {
        let name = try unusedName("exists")
        #expect(!NetworkNamespace.exists(named: name))
        let first = try NetworkNamespace.create(named: name)
        #expect(NetworkNamespace.exists(named: name))
        let path = NetworkNamespace.path(of: name)
        #expect(throws: SystemError.exists(path: path)) {
            _ = try NetworkNamespace.create(named: name)
        }
        try NetworkNamespace.remove(named: name)
        #expect(!NetworkNamespace.exists(named: name))
        #expect(throws: SystemError.missing(path: path)) {
            try NetworkNamespace.remove(named: name)
        }
        // The handle outlives the name.
        try first.run {}.get()
    }

    @Test("removes the file of a name whose namespace is gone")
    func leftover() throws {
        let name = try unusedName("leftover")
        _ = try NetworkNamespace.create(named: name)
        try #require(unsafe umount2(NetworkNamespace.path(of: name), Int32(MNT_DETACH)) == 0)
        try NetworkNamespace.remove(named: name)
        #expect(!NetworkNamespace.exists(named: name))
    }

    @Test("is not any other file")
    func otherFile() throws {
        let namespace = try NetworkNamespace.open("/proc/self/ns/pid")
        #expect(throws: SystemError.call("setns", path: nil, errno: EINVAL)) {
            _ = try namespace.run {}
        }
    }

    @Test("leaves nothing behind where making one is forbidden")
    func forbidden() async throws {
        let name = try unusedName("forbidden")
        _ = try NetworkNamespace.create(named: name)  // so that the directory exists
        try NetworkNamespace.remove(named: name)
        await #expect(processExitsWith: .success) { [text = name.description as String] in
            let name = try #require(Name(text))
            // Without CAP_SYS_ADMIN, but still allowed to make the file.
            try #require(seteuid(stranger) == 0)
            #expect(throws: SystemError.self) {
                _ = try NetworkNamespace.create(named: name)
            }
            #expect(!NetworkNamespace.exists(named: name))
        }
    }

    @Test("says that a process is gone")
    func noProcess() {
        #expect(throws: SystemError.missing(path: "/proc/999999999/ns/net")) {
            _ = try NetworkNamespace.ofProcess(999_999_999)
        }
    }
}

/// A name that only this test, in this process, uses.
private func unusedName(_ test: String) throws -> Name { try #require(Name("wgsealtest-\(test)-\(getpid())")) }

private func inode(_ path: String) -> UInt64? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
}

private func inodeOfThisThread() throws -> UInt64 { try #require(inode("/proc/thread-self/ns/net")) }
