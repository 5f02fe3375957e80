internal import Glibc
internal import SystemIO
internal import TestSupport
internal import Testing

@Suite("Output file")
struct OutputFileTests {
    @Test("makes a file for its owner alone, in a directory of anybody")
    func new() throws {
        let temporary = try TemporaryDirectory()
        try temporary.makeDirectory("shared", mode: 0o1777)
        let path = temporary.path(of: "shared/bundle.bin")
        try OutputFile.write(path, bytes: sample, overwrite: false)
        #expect(try temporary.read("shared/bundle.bin") == sample)
        #expect(try temporary.status("shared/bundle.bin").st_mode & 0o7777 == 0o600)
    }

    @Test("gives a file to a group, with the mode that lets it read", .enabled(if: User.isRoot, "needs root"))
    func group() throws {
        let temporary = try TemporaryDirectory()
        let path = temporary.path(of: "key")
        let contents = sample
        for overwrite in [false, true] {
            try OutputFile.write(path, contents.span, mode: 0o640, group: 12_345, overwrite: overwrite)
            let status = try temporary.status("key")
            #expect(status.st_mode & 0o7777 == 0o640 && status.st_gid == 12_345 && status.st_uid == 0)
        }
    }

    @Test("overwrites only when told to")
    func overwrite() throws {
        let temporary = try TemporaryDirectory()
        let path = try temporary.write([1], to: "bundle.bin")
        #expect(throws: SystemError.exists(path: path)) {
            try OutputFile.write(path, bytes: sample, overwrite: false)
        }
        #expect(try temporary.read("bundle.bin") == [1])
        try OutputFile.write(path, bytes: sample, overwrite: true)
        #expect(try temporary.read("bundle.bin") == sample)
    }

    @Test("replaces no device", .enabled(if: User.isRoot, "needs root"))
    func device() throws {
        let temporary = try TemporaryDirectory()
        let path = temporary.path(of: "null")
        try temporary.makeDevice("null")
        #expect(throws: SystemError.notRegular(path: path, kind: .device)) {
            try OutputFile.write(path, bytes: sample, overwrite: true)
        }
    }

    @Test("says which directory is missing")
    func missing() throws {
        let temporary = try TemporaryDirectory()
        #expect(throws: SystemError.missing(path: temporary.path(of: "missing"))) {
            try OutputFile.write(temporary.path(of: "missing/bundle.bin"), bytes: sample, overwrite: false)
        }
    }

    @Test("turns a closed pipe into an error")
    func closedPipe() async {
        await #expect(processExitsWith: .success) {
            ProcessHardening.apply()
            var ends: [Int32] = [0, 0]
            unsafe pipe(&ends)
            let saved = dup(1)
            dup2(ends[1], 1)
            close(ends[0])
            #expect(throws: SystemError.call("write", path: "standard output", errno: EPIPE)) {
                try OutputFile.write("-", bytes: sample, overwrite: false)
            }
            dup2(saved, 1)
        }
    }
}
