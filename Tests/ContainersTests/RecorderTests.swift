internal import Processes
internal import TestSupport
internal import Testing
internal import WireGuard

@testable internal import Containers

/// An executable in docker's place that writes down what it is told, and answers as a script says.
@Suite("Docker engine, with a recorder", .timeLimit(.minutes(1)))
struct RecorderTests {
    @Test("records, so that the other tests mean something")
    func records() async throws {
        let recorder = try Recorder("echo 28.0")
        try await recorder.engine.probe()
        #expect(try recorder.calls() == ["version --format {{.Server.Version}}"])
    }

    @Test("touches no container that somebody else made")
    func foreign() async throws {
        let recorder = try Recorder(
            """
            case "$2" in
            ls) echo \(id) ;;
            inspect) echo 'true 5 0 "" ""' ;;
            esac
            """
        )
        let spec = try clientSpec()
        await #expect(throws: ContainerError.foreign(spec.name)) {
            _ = try await recorder.engine.start(spec, onProgress: nil)
        }
        #expect(try recorder.verbs() == ["ls", "inspect"])
    }

    @Test("does not start what it started before")
    func again() async throws {
        let recorder = try Recorder(
            """
            case "$2" in
            ls) echo \(id) ;;
            inspect) echo 'true 5 0 "wg-tunnel" "client"' ;;
            esac
            """
        )
        let spec = try clientSpec()
        await #expect(throws: ContainerError.nameInUse(spec.name)) {
            _ = try await recorder.engine.start(spec, onProgress: nil)
        }
        #expect(try recorder.verbs() == ["ls", "inspect"])
    }

    @Test("removes what a failed start left behind")
    func remains() async throws {
        // After the failed run there is a container, until it is removed.
        let recorder = try Recorder(
            """
            case "$2" in
            ls) [ ! -e "$STATE" ] || echo \(id) ;;
            inspect) echo 'false 0 128 "wg-tunnel" "client"' ;;
            run) touch "$STATE"; echo 'docker: Error response from daemon: port is already allocated' >&2; exit 125 ;;
            rm) rm "$STATE" ;;
            esac
            """
        )
        let spec = try clientSpec()
        await #expect(throws: ContainerError.portInUse(spec.name, reason: "port is already allocated")) {
            _ = try await recorder.engine.start(spec, onProgress: nil)
        }
        #expect(try recorder.verbs() == ["ls", "run", "ls", "inspect", "ls", "inspect", "rm"])
    }

    @Test("leaves a name alone that somebody took in between")
    func taken() async throws {
        let recorder = try Recorder(
            """
            case "$2" in
            run) echo 'Conflict. The name is already in use by container "x"' >&2; exit 125 ;;
            esac
            """
        )
        let spec = try clientSpec()
        await #expect(throws: ContainerError.nameInUse(spec.name)) {
            _ = try await recorder.engine.start(spec, onProgress: nil)
        }
        #expect(try recorder.verbs() == ["ls", "run"])
    }

    @Test("says with its own words why a container ended at once, and removes it")
    func ended() async throws {
        let recorder = try Recorder(
            """
            case "$2" in
            ls) [ ! -e "$STATE" ] || echo \(id) ;;
            inspect) echo 'false 0 1 "wg-tunnel" "client"' ;;
            run) touch "$STATE"; echo \(id) ;;
            logs) echo 'starting'; echo 'bad option' >&2 ;;
            rm) rm "$STATE" ;;
            esac
            """
        )
        let spec = try clientSpec()
        await #expect(throws: ContainerError.ended(spec.name, exitCode: 1, lastLine: "bad option")) {
            _ = try await recorder.engine.start(spec, onProgress: nil)
        }
        #expect(try recorder.verbs().last == "rm")
    }

    @Test("removes what was being started when the task was cancelled")
    func cancelled() async throws {
        let recorder = try Recorder(
            """
            case "$2" in
            ls) [ ! -e "$STATE" ] || echo \(id) ;;
            inspect) echo 'true 5 0 "wg-tunnel" "client"' ;;
            run) touch "$STATE"; echo pulling >&2; exec sleep 1000 ;;
            rm) rm "$STATE" ;;
            esac
            """
        )
        let (pulling, announcement) = AsyncStream.makeStream(of: Void.self)
        let engine = recorder.engine
        let spec = try clientSpec()
        let task = Task { try await engine.start(spec) { _ in announcement.finish() } }
        for await _ in pulling {}
        task.cancel()
        await #expect(throws: ContainerError.process(.cancelled(recorder.executable))) { _ = try await task.value }
        #expect(try recorder.verbs().last == "rm")
    }

    @Test("believes no answer that it did not ask for", arguments: ["hello", "\(id)\n\(id)"])
    func unintelligible(answer: String) async throws {
        let recorder = try Recorder("echo '\(answer)'")
        await #expect(throws: ContainerError.unintelligible(.docker)) {
            _ = try await recorder.engine.find(try containerID())
        }
    }

    @Test("says that the tool itself is missing")
    func missing() async throws {
        let path = try #require(ExecutablePath("/nowhere/docker"))
        await #expect(throws: ContainerError.process(.notStarted(path, errno: 2))) {
            try await DockerEngine(executable: path).probe()
        }
    }
}

private struct Recorder: ~Copyable {
    private let directory: TemporaryDirectory
    let executable: ExecutablePath

    var engine: DockerEngine { DockerEngine(executable: executable) }

    init(_ script: String) throws {
        let directory = try TemporaryDirectory()
        let text = """
            #!/bin/sh
            STATE='\(directory.path(of: "state"))'
            printf '%s\\n' "$*" >> '\(directory.path(of: "calls"))'
            \(script)

            """
        let path = try directory.write(Array(text.utf8), to: "docker", mode: 0o755)
        executable = try #require(ExecutablePath(path))
        self.directory = directory
    }

    /// What it was told, one line a call.
    func calls() throws -> [String] {
        String(decoding: try directory.read("calls"), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The second word of each call.
    func verbs() throws -> [String] {
        try calls().map { $0.split(separator: " ").dropFirst().first.map(String.init) ?? "" }
    }
}
