internal import Glibc

/// What the operating system, or this module on its behalf, refuses.
package enum SystemError: Error, Equatable {
    /// A system call failed.
    case call(String, path: String?, errno: Int32)
    /// There is no such file or directory.
    case missing(path: String)
    /// There is such a file already, and it was not touched.
    case exists(path: String)
    /// Somebody else could read, change or have planted what is there.
    case insecure(path: String, reason: Insecurity)
    /// There is something else than a regular file.
    case notRegular(path: String, kind: FileKind)
    /// More bytes than the limit; the rest was not read.
    case tooLarge(path: String, limit: Int)
    /// Another process holds the lock.
    case locked(path: String)
    /// The other end closed before the answer was complete.
    case endOfInput(path: String)
    /// The other end did not answer in time.
    case timedOut(path: String)
}

extension SystemError {
    /// Whether there is nothing and nobody at the other end.
    package var isAbsence: Bool {
        switch self {
        case .missing, .call(_, path: _, errno: ECONNREFUSED): true
        default: false
        }
    }

    /// Whether this process lacks a right (`EACCES`, `EPERM`).
    package var isRefusal: Bool {
        switch self {
        case .call(_, path: _, errno: EACCES), .call(_, path: _, errno: EPERM): true
        default: false
        }
    }

    /// Whether nothing can be written there, by whomever (`EROFS`).
    package var isReadOnly: Bool {
        if case .call(_, path: _, errno: EROFS) = self { true } else { false }
    }

    /// Whether what is there is not of the kind that the call is for (`EINVAL`).
    package var isOfWrongKind: Bool {
        if case .call(_, path: _, errno: EINVAL) = self { true } else { false }
    }
}

/// Why a file or directory is not to be trusted.
package enum Insecurity: Equatable, Sendable {
    /// It belongs to this user, who is neither root nor the one we act for.
    case owner(UInt32)
    /// Its permission bits allow others more than they may.
    case mode(UInt16)
    /// It has more than one name, so another directory reaches it too.
    case links(Int)
    /// It is a symbolic link that somebody else could have planted.
    case symbolicLink
}

/// What a name in a directory stands for.
package enum FileKind: String, Sendable {
    case regular = "a regular file"
    case directory = "a directory"
    case symbolicLink = "a symbolic link"
    case fifo = "a FIFO"
    case device = "a device"
    case socket = "a socket"
    case other = "no file"
}

extension SystemError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .call(let name, let path?, let errno): "\(path.printable): \(name): \(Self.text(errno))"
        case .call(let name, nil, let errno): "\(name): \(Self.text(errno))"
        case .missing(let path): "\(path.printable): no such file or directory"
        case .exists(let path): "\(path.printable): exists already"
        case .insecure(let path, let reason): "\(path.printable): \(reason)"
        case .notRegular(let path, let kind): "\(path.printable): is \(kind.rawValue), not a regular file"
        case .tooLarge(let path, let limit): "\(path.printable): is longer than \(limit) bytes"
        case .locked(let path): "\(path.printable): is locked by another process"
        case .endOfInput(let path): "\(path.printable): ended too early"
        case .timedOut(let path): "\(path.printable): no answer in time"
        }
    }

    private static func text(_ error: Int32) -> String {
        guard let text = unsafe strerror(error) else { return "error \(error)" }
        return unsafe String(cString: text).lowercased()
    }
}

extension Insecurity: CustomStringConvertible {
    package var description: String {
        switch self {
        case .owner(let user): "belongs to user \(user), who is not trusted here"
        case .mode(let mode): "mode 0\(String(mode, radix: 8)) gives others access"
        case .links(let count): "has \(count) names (hard links)"
        case .symbolicLink: "is a symbolic link that is not trusted here"
        }
    }
}

extension String {
    /// This text with everything but printable ASCII replaced by `?`, so that a path cannot steer a terminal.
    package var printable: String {
        String(decoding: utf8.map { (0x20...0x7e).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
