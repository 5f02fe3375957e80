internal import Glibc
internal import Synchronization

/// A thread made for one call, which ends with it, whatever was done to it.
enum FreshThread {
    /// Runs `body` and waits for it.
    ///
    /// - Throws: What `pthread_create` reports.
    static func run<Result: ~Copyable & Sendable>(
        _ body: @escaping @Sendable () -> Result
    ) throws(SystemError) -> Result {
        let call = Call(body)
        let thread = try start(call)
        pthread_join(thread, nil)
        guard let result = call.takeResult() else { fatalError("the thread ended before its call") }
        return result
    }

    /// Runs `body` on this thread and, where they can be had, on others beside it, and waits for all of them.
    ///
    /// - Parameters:
    ///   - count: How many there are at most, this one included.
    ///   - body: Called once on each.
    static func run(upTo count: Int, _ body: @Sendable () -> Void) {
        // The check that nobody keeps `body` holds the path of this file, by which builds in two directories would differ.
        #sourceLocation(file:"threads",line:1)
        withoutActuallyEscaping(body) { body in
            let threads = (1..<max(1, count)).compactMap { _ in try? start(Call(body)) }
            body()
            for thread in threads { pthread_join(thread, nil) }
        }
        #sourceLocation()
    }

    /// Runs `body` while the caller goes on.
    ///
    /// - Throws: What `pthread_create` reports.
    static func detach(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
        pthread_detach(try start(Call(body)))
    }

    private static func start(_ call: AnyCall) throws(SystemError) -> pthread_t {
        let context = unsafe Unmanaged.passRetained(call)
        var thread = pthread_t()
        let error = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<AnyCall>.fromOpaque(argument).takeRetainedValue().perform()
                }
                return nil
            },
            context.toOpaque()
        )
        guard error == 0 else {
            unsafe context.release()
            throw .call("pthread_create", path: nil, errno: error)
        }
        return thread
    }
}

/// What crosses to the thread: the call, and then its result.
private final class Call<Result: ~Copyable & Sendable>: AnyCall, @unchecked Sendable {
    private let body: @Sendable () -> Result
    // Written by the thread before it ends, read by its maker after joining it.
    private var result: Result?

    init(_ body: @escaping @Sendable () -> Result) { self.body = body }

    override func perform() { result = body() }

    func takeResult() -> Result? { result.take() }
}

/// A call whose type the C function that starts a thread need not know.
private class AnyCall {
    func perform() {}
}
