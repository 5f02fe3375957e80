/// Waiting in the kernel on behalf of a task, without holding one of the few threads that tasks share.
package enum BlockingCall {
    /// Runs `body` on a thread of its own, also for a task that is cancelled already.
    package static func run<Success: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        let result = await withCheckedContinuation { continuation in
            let call: @Sendable () -> Void = {
                do throws(Failure) {
                    continuation.resume(returning: Result<Success, Failure>.success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            // Where no thread can be made, waiting here is still better than not waiting.
            do { try FreshThread.detach(call) } catch { call() }
        }
        return try result.get()
    }
}
