internal import Glibc

/// Waiting for descriptors on behalf of a task.
package enum Readiness {
    /// Waits until one of the descriptors is readable, failed or closed, on a thread of its own.
    ///
    /// - Parameters:
    ///   - descriptors: Whoever has opened them keeps them open until this returns.
    ///   - limit: `nil` waits until the task is cancelled.
    /// - Returns: The index of the first one that is ready; `nil` after the limit, and as soon as the task is cancelled.
    /// - Throws: What `socketpair` or `poll` reports.
    package static func wait(for descriptors: [Int32], within limit: Duration?) async throws(SystemError) -> Int? {
        let alarm = try Alarm()
        let entries = (descriptors + [alarm.rawDescriptor]).map { (descriptor: $0, events: POLLIN) }
        let result = await withTaskCancellationHandler {
            await BlockingCall.run { () -> Result<Int?, SystemError> in
                do throws(SystemError) {
                    return .success(try Poll.wait(for: entries, timeout: limit, path: nil))
                } catch {
                    return .failure(error)
                }
            }
        } onCancel: {
            alarm.ring()
        }
        let index = try result.get()
        return index == descriptors.count ? nil : index
    }

    /// What wakes the thread that waits.
    private final class Alarm: Sendable {
        private let input: Descriptor
        private let output: Descriptor

        init() throws(SystemError) {
            var ends: [Int32] = [-1, -1]
            let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
            guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw .failed("socketpair", nil) }
            input = Descriptor(adopting: ends[0])
            output = Descriptor(adopting: ends[1])
        }

        var rawDescriptor: Int32 { input.rawValue }

        func ring() {
            var byte: UInt8 = 0
            _ = unsafe send(output.rawValue, &byte, 1, Int32(MSG_NOSIGNAL))
        }
    }
}
