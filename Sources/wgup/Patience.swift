/// How long to wait before the next attempt to put something right.
struct Patience {
    private static let longest = Duration.seconds(60)

    private let clock = ContinuousClock()
    private var end: ContinuousClock.Instant?
    private var lastStart: ContinuousClock.Instant?
    private var shortLifeCount = 0
    private var failureCount = 0
    private var lastWords: String?

    /// Whether nothing is to be waited for any more.
    var isOver: Bool { end.map { clock.now >= $0 } ?? true }

    /// Whether it has begun and nothing was put right since.
    var isNeeded: Bool { end != nil }

    /// Begins to wait for what has ended to be started by somebody else, longer if we start it again and again.
    ///
    /// - Returns: How long.
    mutating func begin(with grace: Duration) -> Duration {
        let isShortLived = lastStart.map { clock.now - $0 < Self.longest } ?? false
        shortLifeCount = isShortLived ? shortLifeCount + 1 : 0
        return wait(grace, doubled: shortLifeCount - 1)
    }

    /// Waits after a failure, longer after each.
    ///
    /// - Returns: How long, and whether it failed for another reason than the last time.
    mutating func grow(because words: String) -> (delay: Duration, isNews: Bool) {
        defer {
            failureCount += 1
            lastWords = words
        }
        return (wait(.seconds(1), doubled: failureCount), words != lastWords)
    }

    /// All is as it should be.
    mutating func finish(afterStart: Bool = false) {
        end = nil
        failureCount = 0
        lastWords = nil
        if afterStart { lastStart = clock.now }
    }

    private mutating func wait(_ duration: Duration, doubled count: Int) -> Duration {
        let delay = min(duration * (1 << min(max(count, 0), 6)), Self.longest)
        end = clock.now + delay
        return delay
    }
}
