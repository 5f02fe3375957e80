internal import Glibc
internal import SystemIO
internal import Testing

@Suite("System error")
struct SystemErrorTests {
    @Test(
        "is one line that names the input",
        arguments: [
            (.call("open", path: "/a", errno: EACCES), "/a: open: permission denied"),
            (.call("signalfd", path: nil, errno: ENOSYS), "signalfd: function not implemented"),
            (.missing(path: "/a"), "/a: no such file or directory"),
            (.exists(path: "/a"), "/a: exists already"),
            (.insecure(path: "/a", reason: .owner(7)), "/a: belongs to user 7, who is not trusted here"),
            (.insecure(path: "/a", reason: .mode(0o644)), "/a: mode 0644 gives others access"),
            (.insecure(path: "/a", reason: .links(2)), "/a: has 2 names (hard links)"),
            (.insecure(path: "/a", reason: .symbolicLink), "/a: is a symbolic link that is not trusted here"),
            (.notRegular(path: "/a", kind: .fifo), "/a: is a FIFO, not a regular file"),
            (.tooLarge(path: "/a", limit: 5), "/a: is longer than 5 bytes"),
            (.locked(path: "/a"), "/a: is locked by another process"),
            (.endOfInput(path: "/a"), "/a: ended too early"),
            (.timedOut(path: "/a"), "/a: no answer in time"),
            (.missing(path: "a\u{1b}[2J\nb\u{e9}"), "a?[2J?b??: no such file or directory"),
        ] as [(SystemError, String)]
    )
    func text(error: SystemError, expected: String) {
        #expect(error.description == expected)
    }
}
