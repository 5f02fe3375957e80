internal import Crypto
internal import Foundation
internal import Glibc
internal import Synchronization
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

    @Test("shows nothing of a secret, and is as before when it has one")
    func secret() async {
        await #expect(processExitsWith: .success) {
            let person = try becomeSessionWithTerminal()
            let terminal = try controllingTerminal()
            // Nobody has been asked yet: this is no answer.
            unsafe write(person.rawValue, "early\n", 6)
            let screen = Screen(person)
            // Only what has arrived can be thrown away, and the kernel takes its time.
            _ = try screen.shown(until: "early\r\n")
            screen.typing("secret\n", after: "passphrase: ")
            let answer = try terminal.askSecret("passphrase: ")
            #expect(answer.withBytes { span in span.indices.map { span[$0] } } == Array("secret".utf8))
            #expect(screen.echoedWhileAsking == false)
            #expect(isEchoing(person.rawValue))
            unsafe write(person.rawValue, "after\n", 6)
            #expect(try terminal.ask("? ") == "after")
            let shown = try screen.shown(until: "? ")
            #expect(!shown.contains("secret"), "\(shown)")
            #expect(shown.contains("passphrase: \r\n"), "\(shown)")
        }
    }

    @Test("is as before when there is no answer")
    func secretEnd() async {
        await #expect(processExitsWith: .success) {
            let person = try becomeSessionWithTerminal()
            let terminal = try controllingTerminal()
            Screen(person).typing("\u{4}", after: "passphrase: ")
            #expect(throws: SystemError.endOfInput(path: "/dev/tty")) { _ = try terminal.askSecret("passphrase: ") }
            #expect(isEchoing(person.rawValue))
        }
    }

    @Test("asks again for a secret after a stop")
    func secretAfterStop() async {
        await #expect(processExitsWith: .success) {
            let person = try becomeSessionWithTerminal()
            let terminal = try controllingTerminal()
            let screen = Screen(person)
            // Nobody could wake the leader of a session whose stop came from its terminal, so it does not stop.
            screen.typing("\u{1A}", after: "passphrase: ", then: "secret\n", after: "passphrase: ")
            #expect(try terminal.askSecret("passphrase: ").count == 6)
            #expect(isEchoing(person.rawValue))
        }
    }

    @Test(
        "lets a signal through that came while a secret was asked for",
        arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
    )
    func secretSignal(number: Int32) async {
        let condition: [Int32: ExitTest.Condition] = [
            SIGINT: .signal(SIGINT), SIGTERM: .signal(SIGTERM), SIGHUP: .signal(SIGHUP), SIGQUIT: .signal(SIGQUIT),
        ]
        await #expect(processExitsWith: condition[number] ?? .failure) { [number] in
            let person = try becomeSessionWithTerminal()
            signal(SIGHUP, SIG_DFL)
            let terminal = try controllingTerminal()
            Screen(person).signalling(number, after: "passphrase: ")
            _ = try terminal.askSecret("passphrase: ")
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

private func isEchoing(_ descriptor: Int32) -> Bool {
    var settings = termios()
    return unsafe tcgetattr(descriptor, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
}

/// The person at a terminal, on a thread of its own because the tests wait for what it does.
private final class Screen: Sendable {
    private let descriptor: Int32
    private let state = Mutex((text: "", echoed: false))

    init(_ person: borrowing Descriptor) { descriptor = person.rawValue }

    /// Whether typing would have been shown at the last prompt.
    var echoedWhileAsking: Bool { state.withLock { $0.echoed } }

    /// Types, as soon as a prompt is there, and then once more.
    func typing(_ keys: String, after prompt: String, then others: String? = nil, after second: String = "") {
        Thread.detachNewThread { [self] in
            wait(for: prompt)
            unsafe write(descriptor, keys, keys.utf8.count)
            guard let others else { return }
            wait(for: second)
            unsafe write(descriptor, others, others.utf8.count)
        }
    }

    /// Sends this process a signal, as soon as a prompt is there.
    func signalling(_ number: Int32, after prompt: String) {
        Thread.detachNewThread { [self] in
            wait(for: prompt)
            kill(getpid(), number)
        }
    }

    /// Reads on until the terminal has shown a text.
    func shown(until text: String) throws -> String {
        while !state.withLock({ $0.text.contains(text) }) { try #require(readMore()) }
        return state.withLock { $0.text }
    }

    private func wait(for prompt: String) {
        let seen = state.withLock { $0.text.count }
        while !state.withLock({ String($0.text.dropFirst(seen)).contains(prompt) }) { guard readMore() else { return } }
        var settings = termios()
        let isEchoing = unsafe tcgetattr(descriptor, &settings) != 0 || settings.c_lflag & tcflag_t(ECHO) != 0
        state.withLock { $0.echoed = isEchoing }
    }

    private func readMore() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 100)
        let count = unsafe read(descriptor, &bytes, 100)
        guard count > 0 else { return false }
        state.withLock { $0.text += String(decoding: bytes.prefix(count), as: UTF8.self) }
        return true
    }
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
