import Glibc
import TestSupport
import Testing

@Suite("A confined child")
struct ConfinedChildTests {
    private let probe = Tool("\(BuiltPrograms.directory)/confined-probe")

    @Test("can neither open anything, nor reach another process, nor become more than it is")
    func canDoNothing() async throws {
        let lines = try await probe.run([]).text.split(separator: "\n")
        #expect(lines.count >= 18)
        for line in lines { #expect(line.hasSuffix(" \(EPERM)"), "\(line)") }
    }

    @Test("is nobody, without privileges or a way to get them, behind a filter of system calls")
    func isNobody() async throws {
        let status = try await probe.run(["hold"]).text
        // Who is not root stays who they are.
        let (user, group) = geteuid() == 0 ? (65_534, 65_534) : (getuid(), getgid())
        for line in [
            "Uid:\t\(user)\t\(user)\t\(user)\t\(user)\n", "Gid:\t\(group)\t\(group)\t\(group)\t\(group)\n",
            "CapEff:\t0000000000000000", "CapPrm:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2", "Threads:\t1",
        ] { #expect(status.contains(line), "\(line)") }
    }

    @Test("that crashes is an error of whoever asks it")
    func crashes() async throws {
        #expect(try await probe.run(["crash"]).text == "confined child: ended too early\n")
    }

    @Test("is not made of a process with two threads")
    func needsOneThread() async throws {
        #expect(try await probe.run(["threads"]).text == "fork: device or resource busy\n")
    }

    @Test("ends with its parent")
    func endsWithParent() async throws {
        let number = try await probe.run(["hold"]).text.split(separator: "\n").first.flatMap { Int32($0) }
        let child = try #require(number)
        for _ in 0..<100 where kill(child, 0) == 0 { try await Task.sleep(for: .milliseconds(20)) }
        #expect(kill(child, 0) == -1)
    }
}
