internal import Glibc
internal import SystemIO
internal import TestSupport
internal import Testing

/// What a test puts in a directory, other than plain files.
extension TemporaryDirectory {
    borrowing func link(_ name: String, to target: String) throws {
        try succeed(unsafe symlink(target, path(of: name)))
    }

    borrowing func hardLink(_ name: String, to target: String) throws {
        try succeed(unsafe Glibc.link(path(of: target), path(of: name)))
    }

    borrowing func makeFIFO(_ name: String) throws { try succeed(unsafe mkfifo(path(of: name), 0o600)) }

    /// Makes a device like `/dev/null`, character device 1:3.
    borrowing func makeDevice(_ name: String) throws {
        try succeed(unsafe mknod(path(of: name), S_IFCHR | 0o600, 1 << 8 | 3))
    }

    borrowing func makeDirectory(_ name: String, mode: UInt32 = 0o700) throws {
        try succeed(unsafe mkdir(path(of: name), 0o700))
        try changeMode(name, mode)
    }

    borrowing func changeMode(_ name: String, _ mode: UInt32) throws {
        try succeed(unsafe chmod(path(of: name), mode))
    }

    borrowing func giveAway(_ name: String, to user: UInt32) throws {
        try succeed(unsafe lchown(path(of: name), user, user))
    }

    borrowing func status(_ name: String) throws -> stat {
        var result = stat()
        try succeed(unsafe lstat(path(of: name), &result))
        return result
    }

    private borrowing func succeed(_ result: Int32, location: SourceLocation = #_sourceLocation) throws {
        try #require(result == 0, "errno \(errno)", sourceLocation: location)
    }
}

/// A user that is neither root nor the one of sudo.
let stranger: UInt32 = 65_534

/// Bytes to write where the contents do not matter.
let sample = [UInt8]("contents\n".utf8)

/// The error that `body` throws.
func failure(_ body: () throws(SystemError) -> Void) -> SystemError? {
    do throws(SystemError) {
        try body()
        return nil
    } catch {
        return error
    }
}

// A span of a global array, or of a literal, does not live long enough to be an argument.

extension Directory {
    borrowing func create(_ name: String, bytes: [UInt8], mode: UInt16) throws(SystemError) {
        try create(name, bytes.span, mode: mode)
    }

    borrowing func replace(_ name: String, bytes: [UInt8], mode: UInt16) throws(SystemError) {
        try replace(name, bytes.span, mode: mode)
    }
}

extension OutputFile {
    static func write(_ path: String, bytes: [UInt8], overwrite: Bool) throws(SystemError) {
        try write(path, bytes.span, overwrite: overwrite)
    }
}

extension UnixSocket {
    borrowing func send(bytes: [UInt8], timeout: Duration) throws(SystemError) {
        try send(bytes.span, timeout: timeout)
    }
}

/// Makes this thread as the main thread of a program is: tests run on threads of a pool that blocks every signal.
func unblockSignals() {
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
}
