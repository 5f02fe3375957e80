internal import Glibc
internal import Synchronization

/// The processors of this machine, at work together.
package enum Processors {
    /// Divides a range among all processors, and waits until every part is done.
    ///
    /// - Parameters:
    ///   - range: Of things that take about as long as each other.
    ///   - body: Called for each part, on several threads at a time.
    /// - Returns: What it returned, in the order of the range.
    /// - Throws: The error of the first part in that order that has one; all others were done, too.
    package static func divide<Value: Sendable, Failure: Error>(
        _ range: Range<Int>,
        _ body: @Sendable (Range<Int>) throws(Failure) -> Value
    ) throws(Failure) -> [Value] {
        // Enough for every processor to have some until the end, and few enough that handing them out costs nothing.
        let partCount = min(range.count, 64)
        let begun = Atomic(0)
        let results = Mutex<[(part: Int, result: Result<Value, Failure>)]>([])
        FreshThread.run(upTo: min(partCount, sysconf(Int32(_SC_NPROCESSORS_ONLN)))) {
            while true {
                let part = begun.add(1, ordering: .relaxed).oldValue
                guard part < partCount else { return }
                let start = range.lowerBound + range.count * part / partCount
                let end = range.lowerBound + range.count * (part + 1) / partCount
                let result: Result<Value, Failure>
                do throws(Failure) { result = .success(try body(start..<end)) } catch { result = .failure(error) }
                results.withLock { $0.append((part, result)) }
            }
        }
        var values: [Value] = []
        let ordered = results.withLock { $0.sorted { $0.part < $1.part } }
        for (_, result) in ordered { values.append(try result.get()) }
        return values
    }
}
