internal import Processes
internal import SystemIO
internal import Testing

@Suite("Command")
struct CommandTests {
    @Test("reads as one printable line")
    func text() throws {
        let path = try #require(ExecutablePath("/bin/echo"))
        #expect("\(Command(path, ["a", "b\n\u{1b}[2J"]))" == "/bin/echo a b??[2J")
    }

    @Test(
        "gives one printable line as the reason of a failure",
        arguments: [
            ("", "exit status 125"),
            ("\n \n", "exit status 125"),
            ("first\nsecond\n", "second"),
            ("first\n\n  \n", "first"),
            ("a\u{1b}[31mb\r\n", "a?[31mb"),
            (String(repeating: "x", count: 1000), String(repeating: "x", count: 300)),
        ]
    )
    func reason(error: String, expected: String) {
        #expect(CommandResult(status: .exited(125), output: "", error: error).reason == expected)
    }

    @Test(
        "says in one line what went wrong",
        arguments: [
            (.notStarted(echo, errno: 2), "/bin/echo: exec: no such file or directory"),
            (.tooMuchOutput(echo, limit: 5), "/bin/echo: wrote more than 5 bytes"),
            (.cancelled(echo), "/bin/echo: was stopped"),
            (.notObserved(echo, reason: "lost\n"), "/bin/echo: lost?"),
            (.system(.locked(path: "/x")), "/x: is locked by another process"),
        ] as [(ProcessError, String)]
    )
    func error(error: ProcessError, expected: String) {
        #expect(error.description == expected)
    }
}

private let echo: ExecutablePath = {
    guard let path = ExecutablePath("/bin/echo") else { fatalError("an absolute path is one") }
    return path
}()
