internal import CLinux
internal import Glibc

/// A handle on a network namespace; it keeps the namespace alive.
package struct NetworkNamespace: ~Copyable, Sendable {
    /// For netlink requests that name a namespace by descriptor, such as `IFLA_NET_NS_FD`.
    package let descriptor: Descriptor

    private init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// The namespace of the calling thread.
    package static func current() throws(SystemError) -> NetworkNamespace { try open("/proc/thread-self/ns/net") }

    /// The namespace of a process.
    ///
    /// - Throws: `.missing` if there is no such process.
    package static func ofProcess(_ id: Int32) throws(SystemError) -> NetworkNamespace {
        try open("/proc/\(id)/ns/net")
    }

    /// The namespace that a file stands for, in `/proc` or below `/run/netns`.
    package static func open(_ path: String) throws(SystemError) -> NetworkNamespace {
        let result = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        return NetworkNamespace(try Descriptor.adopting(result, "open", path))
    }

    /// Runs `body` inside the namespace, on a thread of its own that ends afterwards, and waits for it.
    ///
    /// Sockets opened there keep their namespace. The calling thread never leaves its own. Needs `CAP_SYS_ADMIN`.
    ///
    /// - Returns: What `body` returned or threw.
    /// - Throws: What kept `body` from running; `EINVAL` if the file was no network namespace.
    package borrowing func run<Success: ~Copyable & Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Success
    ) throws(SystemError) -> Result<Success, Failure> {
        let target = descriptor.rawValue
        let outcome: Outcome<Success, Failure> = try FreshThread.run {
            let error = clinux_enter_network_namespace(target)
            guard error == 0 else { return .notEntered(errno: error) }
            do throws(Failure) { return .ran(.success(try body())) } catch { return .ran(.failure(error)) }
        }
        switch consume outcome {
        case .notEntered(let errno): throw .call("setns", path: nil, errno: errno)
        case .ran(let result): return result
        }
    }

    private enum Outcome<Success: ~Copyable & Sendable, Failure: Error>: ~Copyable, Sendable {
        case notEntered(errno: Int32)
        case ran(Result<Success, Failure>)
    }
}
