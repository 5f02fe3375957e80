import CommandSupport
import Foundation
import TestSupport
import Testing

@Suite("Key files", .enabled(if: geteuid() == 0, "needs root to give files away and to make devices"))
struct KeyFileTests {
    /// What stands where the key should be, each with every mode and owner.
    static let kinds = [
        ("file", ":"), ("linked twice", "ln home/identity.key other"),
        ("symbolic link", "mv home/identity.key key; ln -s ../key home/identity.key"),
        ("FIFO", "rm home/identity.key; mkfifo home/identity.key"),
        ("device", "rm home/identity.key; mknod home/identity.key c 1 3"),
        ("directory", "rm home/identity.key; mkdir home/identity.key"),
    ]
    static let modes = ["0600", "0400", "0640", "0604", "0644", "0666", "0620", "0602"]
    static let owners = [0, 65_534]

    @Test("are used only if they are files of ours that nobody else can read: 96 cases", arguments: kinds)
    func matrix(kind: String, make: String) async throws {
        let (host, identity) = try await Host.withIdentity()
        #expect(try await host.shell(make).status == 0)
        var accepted: [String] = []
        for mode in Self.modes {
            for owner in Self.owners {
                let set = "chown \(owner) home/identity.key; chmod \(mode) home/identity.key"
                #expect(try await host.shell(set).status == 0)
                let transcript = try await host.run("wgkey", "show")
                if transcript == Transcript(.done, output: "\(identity)\n") {
                    accepted.append("\(mode) \(owner)")
                } else {
                    #expect(transcript.output == "")
                    #expect([ExitStatus.permission, .refused].map(\.rawValue).contains(transcript.status))
                }
            }
        }
        #expect(accepted == (kind == "file" ? ["0600 0", "0400 0"] : []))
    }

    @Test("are used only below directories that nobody else can change: 24 cases", arguments: [".", "home"])
    func parents(directory: String) async throws {
        let (host, _) = try await Host.withIdentity()
        var accepted: [String] = []
        for mode in ["0700", "0755", "0770", "0777", "0720", "0702"] {
            for owner in Self.owners {
                let script = "chown \(owner) \(directory); chmod \(mode) \(directory); ! $bin/wgkey show || echo used"
                if try await host.shell(script).output.hasSuffix("used\n") { accepted.append("\(mode) \(owner)") }
            }
        }
        _ = try await host.shell("chown 0 .; chmod 0700 .")
        #expect(accepted == (directory == "." ? ["0700 0", "0755 0"] : ["0700 0"]))
    }

    @Test("are made on file systems without nameless files, too, and leave nothing beside them")
    func withoutNamelessFiles() async throws {
        let host = try Host()
        let script = """
            strace -f -qq -o trace -e trace=linkat -e inject=linkat:error=EOPNOTSUPP $bin/wgkey gen >identity
            grep --count INJECTED trace
            $bin/wgkey show | cmp - identity
            ls -A home
            """
        #expect(try await host.shell(script) == Transcript(.done, output: "2\nidentity.key\nidentity.pub\n"))
    }

    @Test("are nobody else's under a umask of nothing, whatever wgkey and wgbundle do")
    func umask() async throws {
        let (host, identity) = try await Host.withIdentity()
        let commands = """
            umask 0
            printf 'one\\none\\n' >lines
            $bin/wgkey gen --home new --passphrase-fd 0 <lines
            $bin/wgkey passphrase --home new --passphrase-fd 0 --new-passphrase-fd 0 <lines
            $bin/wgkey export --home new -o copy
            $bin/wgkey import copy --home third --passphrase-fd 0 <lines
            $bin/wgkey passphrase --home third --remove --passphrase-fd 0 <lines
            $bin/wgkey trust $1 --home new --name hub
            $bin/wgbundle seal --home third --to $1 --endpoint 192.0.2.1
            find new third copy bundle.bin -perm /077 >open
            cat open
            """
        let transcript = try await host.shell(commands, with: identity)
        #expect(transcript.status == 0, "\(transcript.error)")
        #expect(transcript.output.hasSuffix("\nnew/identity.pub\nthird/identity.pub\n"))
        #expect(transcript.output.split(separator: "\n").filter { !$0.hasPrefix("wgid1") }.count == 2)
    }

    @Test("give way to the credential of a service, which is checked as they are")
    func credential() async throws {
        let (host, own) = try await Host.withIdentity()
        let (_, other) = try await Host.withIdentity()
        let make =
            "mkdir -m 700 cred; $bin/wgkey gen --home service >made; grep ^WGID- service/identity.key >cred/wgseal.identity"
        #expect(try await host.shell("\(make); chmod 400 cred/wgseal.identity").status == 0)
        let made = try #require(String(bytes: host.directory.read("made"), encoding: .utf8))
        #expect(made != "\(own)\n")
        func run(_ command: String) async throws -> Transcript {
            try await host.shell("export CREDENTIALS_DIRECTORY=$PWD/cred; \(command)", with: other)
        }
        #expect(try await run("$bin/wgkey show") == Transcript(.done, output: made))
        // The bundle is the service's, not the home's.
        let seal = "$bin/wgbundle seal --to $1 --endpoint 192.0.2.1 --force-overwrite"
        #expect(try await run(seal).status == 0)
        // What a copy is made of, and what a passphrase is set on, is the home's all the same.
        #expect(try await run("echo x | $bin/wgkey export --new-passphrase-fd 0").output.contains(own))

        let refused = try await run("chmod 444 cred/wgseal.identity; $bin/wgkey show")
        let path = "\(host.path)/cred/wgseal.identity"
        #expect(refused.status == ExitStatus.permission.rawValue)
        #expect(refused.error.hasPrefix("wgkey: error: \(path): mode 0444 gives others access\n"))
        #expect(try await run("chmod 400 cred/*; echo bad >cred/wgseal.identity; $bin/wgkey show").status == 78)
        #expect(try await run("rm cred/*; $bin/wgkey show") == Transcript(.done, output: "\(own)\n"))
    }

    @Test("are the one place of a key, and no passphrase stands anywhere")
    func secrets() async throws {
        let (host, identity) = try await Host.withIdentity()
        let line = try await host.keyLine().dropLast()
        let script = """
            printf 'hunter2-hunter2\\ntiger3-tiger3\\n' >lines
            exec 2>&1
            strace -f -qq -e trace=execve,write -s 4096 -o trace sh -c '
                head -n 1 lines | $bin/wgkey passphrase --new-passphrase-fd 0
                $bin/wgkey passphrase --passphrase-fd 0 --new-passphrase-fd 0 <lines
                $bin/wgkey passphrase --remove --passphrase-fd 0 <lines || true
                $bin/wgkey export
                $bin/wgbundle seal --to "$1" --endpoint 192.0.2.1 --passphrase-fd 0 <lines || true
            ' sh "$1"
            rm lines
            grep -r -l -e hunter2 -e tiger3 . || true
            """
        let transcript = try await host.shell(script, with: identity)
        #expect(transcript.status == 0)
        #expect(transcript.output.contains("the passphrase is wrong"))
        let emitted = transcript.output
        #expect(!emitted.contains("hunter2") && !emitted.contains("tiger3") && !emitted.contains(line))
        // The trace has what `head` wrote into its pipe, which shows that the search finds things.
        #expect(transcript.output.split(separator: "\n").suffix(1) == ["./trace"])
        let written = try await host.shell(
            "grep -v 'write(1, \"hunter2' trace | grep -c -e hunter2 -e tiger3 -e $1 || true",
            with: String(line)
        )
        #expect(written.output == "0\n", "\(written.output)")
    }
}
