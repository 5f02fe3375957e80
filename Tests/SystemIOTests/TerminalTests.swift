internal import Glibc
internal import SystemIO
internal import TestSupport
internal import Testing

/// Each test is a process of its own, which makes itself a terminal: a process has one controlling terminal at most.
@Suite("Terminal", .timeLimit(.minutes(1)))
struct TerminalTests {
    @Test("asks on the controlling terminal, whatever the standard streams are")
    func ask() async {
        await #expect(processExitsWith: .success) {
            let person = try becomeSessionWithTerminal()
            let terminal = try controllingTerminal()
            unsafe write(person.rawValue, "ABCDE\n", 6)
            #expect(try terminal.ask("fingerprint: ") == "ABCDE")
            // The kernel hands on what was written in its own time.
            var shown = ""
            while !shown.contains("fingerprint: ") {
                var bytes = [UInt8](repeating: 0, count: 100)
                let count = unsafe read(person.rawValue, &bytes, 100)
                try #require(count > 0, "\(shown)")
                shown += String(decoding: bytes.prefix(count), as: UTF8.self)
            }
        }
    }

    @Test("tells the end of input from an empty line")
    func end() async {
        await #expect(processExitsWith: .success) {
            let person = try becomeSessionWithTerminal()
            let terminal = try controllingTerminal()
            unsafe write(person.rawValue, "\n\u{4}", 2)
            #expect(try terminal.ask("? ") == "")
            #expect(throws: SystemError.endOfInput(path: "/dev/tty")) {
                _ = try terminal.ask("? ")
            }
        }
    }

    @Test("is none where the process has none")
    func none() async {
        await #expect(processExitsWith: .success) {
            setsid()
            #expect(throws: NoTerminal.self) { _ = try controllingTerminal() }
        }
    }

    @Test("knows its size")
    func size() async {
        await #expect(processExitsWith: .success) {
            let person = try becomeSessionWithTerminal()
            let terminal = try controllingTerminal()
            #expect(terminal.windowSize == nil)
            var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
            try #require(unsafe ioctl(person.rawValue, UInt(TIOCSWINSZ), &size) == 0)
            #expect(terminal.windowSize.map { [$0.columns, $0.rows] } == [80, 24])
        }
    }
}

private struct NoTerminal: Error {}

private func controllingTerminal() throws -> Terminal {
    guard let terminal = Terminal.controlling() else { throw NoTerminal() }
    return terminal
}

/// Makes a pseudo-terminal the controlling one of this process, and returns the side where the person sits.
private func becomeSessionWithTerminal() throws -> Descriptor {
    setsid()
    // What the person's side sends to the session when it is closed at the end of the test.
    signal(SIGHUP, SIG_IGN)
    let person = Descriptor(adopting: unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY))
    var unlocked: Int32 = 0
    var number: UInt32 = 0
    // TIOCSPTLCK and TIOCGPTN, which Swift does not import: what unlockpt(3) and ptsname(3) do.
    try #require(unsafe ioctl(person.rawValue, 0x4004_5431, &unlocked) == 0)
    try #require(unsafe ioctl(person.rawValue, 0x8004_5430, &number) == 0)
    // The first terminal that the leader of a session opens becomes its controlling one.
    try #require(unsafe open("/dev/pts/\(number)", O_RDWR) >= 0)
    return person
}
