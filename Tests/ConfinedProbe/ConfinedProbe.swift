internal import CLinux
internal import Crypto
internal import Glibc
internal import SystemIO

/// Tries, in a confined child, all that it must not be able to do, and prints a line for each: what, and the errno value.
///
///     confined-probe                tries
///     confined-probe crash          lets the child end before it answers
///     confined-probe threads        forks with two threads
///     confined-probe hold           prints the child's status, and keeps it until standard input ends
@main
enum ConfinedProbe {
    private static let question: [UInt8] = []

    static func main() throws {
        ProcessHardening.apply()
        switch CommandLine.arguments.dropFirst().first {
        case "threads": try forkWithThreads()
        case "crash": try crash()
        case "hold": try hold()
        default: try report()
        }
    }

    private static func report() throws {
        let child = try ConfinedChild.fork { channel in
            _ = try channel.receive(maximumByteCount: 0)
            try channel.send(attempts().map { "\($0.0) \($0.1)\n" }.joined().utf8.span)
        }
        print(try child.ask(question.span, maximumByteCount: 65_536).withBytes(text), terminator: "")
    }

    /// Each call that reaches out of the process, and what it ends with.
    private static func attempts() -> [(String, Int32)] {
        func error(_ result: Int) -> Int32 { result < 0 ? errno : 0 }
        var pipes: [Int32] = [0, 0]
        var address = sockaddr()
        var arguments = unsafe [UnsafeMutablePointer<CChar>?.none]
        return unsafe [
            ("open", error(Int(open("/etc/passwd", O_RDONLY)))),
            ("open-device", error(Int(open("/dev/null", O_RDONLY)))),
            ("mkdir", error(Int(mkdir("/tmp/confined-probe", 0o700)))),
            ("unlink", error(Int(unlink("/tmp/confined-probe")))),
            ("stat", error(Int(access("/", F_OK)))),
            ("socket", error(Int(socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)))),
            ("netlink", error(Int(socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), 0)))),
            ("socketpair", error(Int(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pipes)))),
            ("connect", error(Int(connect(3, &address, socklen_t(MemoryLayout<sockaddr>.size))))),
            ("pipe", error(Int(pipe(&pipes)))),
            ("kill", error(Int(kill(getppid(), 0)))),
            ("setuid", error(Int(setuid(0)))),
            ("chroot", error(Int(chroot("/")))),
            ("unshare", clinux_unshare_network_namespace()),
            ("exec", error(Int(execv("/bin/true", [nil])))),
            ("spawn", posix_spawn(nil, "/bin/true", nil, nil, &arguments, nil)),
            ("pidfd", -clinux_open_process(1)),
            ("descriptor-4", fcntl(4, F_GETFD) < 0 ? errno : 0),
        ]
    }

    private static func crash() throws {
        let child = try ConfinedChild.fork { _ in
            let none: [Int] = []
            _ = none[Int(getpid())]
        }
        do {
            _ = try child.ask(question.span, maximumByteCount: 1)
        } catch {
            print(error)
        }
    }

    private static func hold() throws {
        let child = try ConfinedChild.fork { channel in
            _ = try channel.receive(maximumByteCount: 0)
            let number = unsafe withUnsafeBytes(of: getpid()) { unsafe Array($0) }
            try channel.send(number.span)
            _ = try channel.receive(maximumByteCount: 0)
        }
        let number = try child.ask(question.span, maximumByteCount: 4).withBytes { bytes in
            bytes.indices.reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
        }
        print(number)
        print(String(decoding: try InputFile.read("/proc/\(number)/status", maximumByteCount: 65_536), as: UTF8.self))
        fflush(nil)
        while readLine() != nil {}
    }

    private static func forkWithThreads() throws {
        var thread = pthread_t()
        unsafe pthread_create(&thread, nil, { _ in sleep(60) == 0 ? nil : nil }, nil)
        do {
            _ = try ConfinedChild.fork { _ in }
            print("forked")
        } catch {
            print(error)
        }
    }

    private static func text(_ bytes: Span<UInt8>) -> String {
        String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }
}
