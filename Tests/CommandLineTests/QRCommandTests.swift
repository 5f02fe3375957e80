import CommandSupport
import TestSupport
import Testing

/// Bundles as pictures, on terminals and in files.
@Suite("QR codes", .timeLimit(.minutes(2)))
struct QRCommandTests {
    @Test("a bundle that fits is one picture, which is opened like the bundle", arguments: ["png", "svg"])
    func picture(ending: String) async throws {
        let (hub, client) = try await Self.hosts()
        let written = try await hub.run("wgbundle", "qr", "bundle.bin", "-o", "code.\(ending)")
        #expect(written == Transcript(.done))
        #expect(try await hub.shell("stat --format=%a code.\(ending)").output == "600\n")
        let picture = ending == "png" ? "code.png" : "converted.png"
        if ending == "svg" { _ = try await hub.shell("rsvg-convert --output converted.png code.svg") }
        try await Self.expectOpens(hub.scan(picture), on: client)
    }

    @Test("an identity is one picture, too, and only where it is asked for", arguments: ["png", "svg"])
    func identity(ending: String) async throws {
        let host = try Host()
        let identity = try await host.run("wgkey", "gen").output
        let arguments = ["show", "--qr", "-o", "me.\(ending)"]
        #expect(try await host.run("wgkey", arguments) == Transcript(.done))
        let picture = ending == "png" ? "me.png" : "converted.png"
        if ending == "svg" { _ = try await host.shell("rsvg-convert --output converted.png me.svg") }
        #expect(try await String(decoding: host.scan(picture), as: UTF8.self).lowercased() == "qr-code:\(identity)")
        #expect(try await host.run("wgkey", arguments).status == ExitStatus.cannotCreate.rawValue)
        #expect(try await host.run("wgkey", arguments + ["--force-overwrite"]) == Transcript(.done))
        for wrong in [["-o", "me.png"], ["--qr", "-o", "me.gif"]] {
            #expect(try await host.run("wgkey", ["show"] + wrong).status == ExitStatus.usage.rawValue)
        }
    }

    @Test("one that does not is several, which are read in any order")
    func pictures() async throws {
        let (hub, client) = try await Self.hosts(services: 60)
        let written = try await hub.run("wgbundle", "qr", "bundle.bin", "-o", "code.PNG")
        let note = "wrote 4 parts, to be read in any order: code-1.PNG to code-4.PNG\n"
        #expect(written == Transcript(.done, error: note))
        #expect(try hub.directory.names().filter { $0.hasSuffix(".PNG") } == (1...4).map { "code-\($0).PNG" })
        try await Self.expectOpens(hub.scan("code-3.PNG code-1.PNG code-4.PNG code-2.PNG"), on: client)

        let some = try await client.host.run("wgbundle", ["inspect", "-"], input: hub.scan("code-4.PNG code-2.PNG"))
        let error = """
            wgbundle: error: parts 1 and 3 of 4 are missing
            hint: scan them too, and give the lines of all parts together, in any order

            """
        #expect(some == Transcript(.refused, error: error))
    }

    @Test("a picture that exists is kept, and no other part is written, unless it is to be replaced")
    func overwrite() async throws {
        let (hub, _) = try await Self.hosts(services: 60)
        try hub.directory.write([1], to: "code-3.svg")
        let error = """
            wgbundle: error: code-3.svg: exists already
            hint: -o FILE writes another file, --force-overwrite replaces this one

            """
        let arguments = ["qr", "bundle.bin", "-o", "code.svg"]
        #expect(try await hub.run("wgbundle", arguments) == Transcript(.cannotCreate, error: error))
        #expect(try hub.directory.names().filter { $0.hasSuffix(".svg") } == ["code-3.svg"])
        #expect(try await hub.run("wgbundle", arguments + ["--force-overwrite"]).status == 0)
        #expect(try hub.directory.read("code-3.svg").count > 1)
    }

    @Test("a window that is too small for one code shows several, and waits after each", arguments: ["qr", "seal"])
    func parts(command: String) async throws {
        let (hub, client) = try await Self.hosts()
        let words = command == "qr" ? "qr bundle.bin" : "seal --to \(client.identity) --qr"
        let shown = try await hub.dialogue(
            "stty rows 24 cols 80; $bin/wgbundle \(words)",
            (1...4).map { ("part \($0) of 5; press Enter for the next: ", "") }
        )
        #expect(shown.contains("\r\npart 5 of 5\r\n"))
        #expect(shown.hasSuffix("\r\nstatus 0\r\n"))
        let lines = shown.split(separator: "\r\n").filter { $0.hasPrefix("\u{1B}[38;5;16;48;5;231m") }.map(String.init)
        // With its prompt, each fills the window.
        try #require(lines.count == 5 * 23)
        for part in 0..<5 {
            let screen = TerminalScreen(Array(lines[part * 23..<part * 23 + 23]), inkIsDark: true)
            try hub.directory.write(screen.pbm(scale: 4), to: "\(part).pbm")
        }
        try await Self.expectOpens(hub.scan("4.pbm 0.pbm 1.pbm 2.pbm 3.pbm"), on: client)
    }

    @Test("a window that is too small for any is told, with what else there is")
    func tooSmall() async throws {
        let (hub, _) = try await Self.hosts()
        var shown = try await hub.dialogue(
            "stty rows 17 cols 80; $bin/wgbundle qr bundle.bin 2>&1 | cat; test -t 1",
            []
        )
        #expect(shown.contains("█"))
        shown = try await hub.dialogue("stty rows 10 cols 80; NO_COLOR=1 $bin/wgbundle qr bundle.bin", [])
        #expect(
            shown == """
                wgbundle: error: a QR code of this needs a window with 33 columns and 18 rows\r
                hint: make the window larger, or write a picture: -o FILE.png\r
                status 73\r\n
                """
        )
        shown = try await hub.dialogue("stty rows 24 cols 40; NO_COLOR=1 $bin/wgkey show --qr", [])
        #expect(
            shown == """
                wgkey: error: a QR code of this needs a window with 49 columns\r
                hint: make the window wider, or its characters smaller\r
                status 73\r\n
                """
        )
    }

    @Test("without a terminal, each of several has a line that says which it is")
    func captions() async throws {
        let (hub, client) = try await Self.hosts(services: 60)
        let shown = try await hub.run("wgbundle", "qr", "bundle.bin")
        #expect(shown.status == 0)
        let lines = shown.output.split(separator: "\n").map(String.init)
        let captions = lines.indices.filter { lines[$0].hasPrefix("part ") }
        try #require(captions.map { lines[$0] } == ["part 1 of 2", "part 2 of 2"])
        #expect(captions.last == lines.indices.last)
        for (name, part) in [("1.pbm", lines[..<captions[0]]), ("2.pbm", lines[(captions[0] + 1)..<captions[1]])] {
            try hub.directory.write(TerminalScreen(Array(part), inkIsDark: false).pbm(scale: 4), to: name)
        }
        try await Self.expectOpens(hub.scan("2.pbm 1.pbm"), on: client)
    }

    @Test(
        "a picture of a real terminal is read, whatever its colours",
        arguments: [("black", "white"), ("white", "black"), ("#002b36", "#839496"), ("#fdf6e3", "#657b83")]
    )
    func realTerminal(background: String, foreground: String) async throws {
        let (hub, client) = try await Self.hosts()
        // The screen of this display is a file, of a format that `zbarimg` reads.
        let script = """
            Xvfb -displayfd 3 -screen 0 800x800x24 -fbdir "$PWD" -nolisten tcp 3>display 2>log & screen=$!
            terminal=
            trap 'kill $terminal $screen; wait' EXIT
            until [ -s display ]; do kill -0 $screen; sleep 0.05; done
            DISPLAY=:$(cat display) LC_ALL=C.UTF-8 xterm -fa 'DejaVu Sans Mono' -fs 6 -geometry 100x50 -bg "$1" -fg "$2" \
                -e sh -c '$bin/wgbundle qr bundle.bin; sleep 60' 2>>log & terminal=$!
            for attempt in $(seq 100); do
                ! zbarimg --quiet --raw xwd:Xvfb_screen0 2>>log || exit 0
                kill -0 $terminal
                sleep 0.1
            done
            cat log >&2
            exit 1
            """
        let scanned = try await hub.shell(script, with: background, foreground)
        #expect(scanned.status == 0, "\(scanned.error)")
        try await Self.expectOpens(Array(scanned.output.utf8), on: client)
    }

    /// - Returns: One that has sealed `bundle.bin`, and the other that it is for.
    private static func hosts(services: Int = 0) async throws -> (hub: Host, client: (host: Host, identity: String)) {
        let (hub, _) = try await Host.withIdentity()
        let client = try await Host.withIdentity()
        let names = (0..<services).flatMap { ["--service", "service-number-\($0):\($0 + 1)"] }
        let seal = ["seal", "--to", client.identity, "--endpoint", "192.0.2.1"] + names
        #expect(try await hub.run("wgbundle", seal).status == 0)
        return (hub, client)
    }

    private static func expectOpens(_ text: [UInt8], on client: (host: Host, identity: String)) async throws {
        let opened = try await client.host.run("wgbundle", ["inspect", "-"], input: text)
        #expect(opened.status == 0, "\(opened.error)")
    }
}

extension Host {
    /// What `zbarimg` reads from pictures, with what it writes in front of each line.
    fileprivate func scan(_ pictures: String) async throws -> [UInt8] {
        Array(try await shell("zbarimg --quiet \(pictures)").output.utf8)
    }
}
