import Glibc
import TestSupport
import Testing
import WireGuard

@Suite("Unix time")
struct UnixTimeTests {
    @Test(
        "prints known moments",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (59, "1970-01-01T00:00:59Z"), (86_399, "1970-01-01T23:59:59Z"),
            (68_169_600, "1972-02-29T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"), (951_868_800, "2000-03-01T00:00:00Z"),
            (1_000_000_000, "2001-09-09T01:46:40Z"), (1_234_567_890, "2009-02-13T23:31:30Z"),
            (2_147_483_648, "2038-01-19T03:14:08Z"), (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),  // no leap year
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] as [(UInt64, String)]
    )
    func printsKnownMoments(seconds: UInt64, expected: String) {
        #expect(UnixTime(seconds: seconds).description == expected)
    }

    @Test("agrees with gmtime_r in four thousand years")
    func agreesWithGmtime() {
        var generator = SplitMix64(seed: 3339)
        let moments = (0..<20_000).map { _ in UInt64.random(in: 0...126_230_400_000, using: &generator) }
        #expect(moments.filter { UnixTime(seconds: $0).description != gmtime($0) } == [])
    }

    @Test("prints the last moment there is without a trap")
    func printsLastMoment() {
        #expect(UnixTime(seconds: .max).description == "584554051223-11-09T07:00:15Z")
    }

    @Test(
        "stops at the last moment when seconds are added",
        arguments: [(0, 5, 5), (.max, 1, .max), (.max - 1, 1, .max), (1, .max, .max)] as [(UInt64, UInt64, UInt64)]
    )
    func addsWithoutOverflow(start: UInt64, count: UInt64, expected: UInt64) {
        #expect(UnixTime(seconds: start).adding(seconds: count) == UnixTime(seconds: expected))
    }

    @Test(
        "counts the seconds since an earlier moment, and none since a later one",
        arguments: [(10, 4, 6), (4, 10, 0), (4, 4, 0), (.max, 0, .max)] as [(UInt64, UInt64, UInt64)]
    )
    func countsSeconds(end: UInt64, start: UInt64, expected: UInt64) {
        #expect(UnixTime(seconds: end).seconds(since: UnixTime(seconds: start)) == expected)
    }

    @Test("is ordered")
    func isOrdered() {
        #expect(UnixTime(seconds: 1) < UnixTime(seconds: 2))
    }

    private func gmtime(_ seconds: UInt64) -> String {
        var parts = unsafe tm()
        var moment = time_t(seconds)
        _ = unsafe gmtime_r(&moment, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = unsafe "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        let time = unsafe "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return "\(date)T\(time)Z"
    }
}
