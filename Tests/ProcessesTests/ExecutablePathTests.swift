internal import Glibc
internal import Processes
internal import SystemIO
internal import TestSupport
internal import Testing

@Suite("Executable path")
struct ExecutablePathTests {
    @Test("is found in root's directories")
    func found() throws {
        let path = try #require(ExecutablePath.find("env"))
        #expect(ExecutablePath.directories.map { "\($0)/env" }.contains(path.description))
    }

    @Test(
        "is not found for a name that leads elsewhere, or to nothing",
        arguments: ["", "no-such-program", "../bin/sh", "/bin/sh", "."]
    )
    func notFound(name: String) {
        #expect(ExecutablePath.find(name) == nil)
    }

    @Test("is not looked for on PATH")
    func path() async {
        await #expect(processExitsWith: .success) {
            let temporary = try TemporaryDirectory()
            try temporary.write(Array("#!/bin/sh\n".utf8), to: "wgseal-test-tool", mode: 0o755)
            unsafe setenv("PATH", temporary.path, 1)
            #expect(ExecutablePath.find("wgseal-test-tool") == nil)
        }
    }

    @Test("is absolute", arguments: ["sh", "./sh", "", "bin/sh", "/bin/s\0h"])
    func absolute(text: String) {
        #expect(ExecutablePath(text) == nil)
    }

    @Test("is trusted where only root could have put it", arguments: ["/usr/bin/env", "/bin/sh"])
    func trusted(path: String) {
        #expect(ExecutableFile.isTrusted(path))
    }

    @Test(
        "is not trusted where it is no program, or relative",
        arguments: ["/etc/passwd", "/usr/bin", "/nowhere", "usr/bin/env", ""]
    )
    func notTrusted(path: String) {
        #expect(!ExecutableFile.isTrusted(path))
    }

    @Test("is not trusted in a directory where everybody may make files")
    func temporaryDirectory() throws {
        let temporary = try TemporaryDirectory()
        try temporary.write(Array("#!/bin/sh\n".utf8), to: "tool", mode: 0o755)
        #expect(!ExecutableFile.isTrusted(temporary.path(of: "tool")))
    }
}
