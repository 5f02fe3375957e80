/// A moment, in whole seconds since 1970-01-01 00:00 UTC.
package struct UnixTime: Hashable, Comparable, Sendable {
    /// Leap seconds are not counted, as in POSIX.
    package let seconds: UInt64

    /// Takes any number of seconds.
    package init(seconds: UInt64) { self.seconds = seconds }

    /// The moment `count` seconds later, or the last one there is.
    package func adding(seconds count: UInt64) -> UnixTime {
        let (sum, overflow) = seconds.addingReportingOverflow(count)
        return UnixTime(seconds: overflow ? .max : sum)
    }

    /// The seconds from `earlier` to this moment; 0 if it is not earlier.
    package func seconds(since earlier: UnixTime) -> UInt64 {
        seconds > earlier.seconds ? seconds - earlier.seconds : 0
    }

    package static func < (left: UnixTime, right: UnixTime) -> Bool { left.seconds < right.seconds }
}

extension UnixTime: CustomStringConvertible {
    /// `2026-01-31T23:59:59Z` (RFC 3339, in UTC).
    package var description: String {
        let (days, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, day) = Self.civilDate(daysSince1970: days)
        func padded(_ number: UInt64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(padded(month))-\(padded(day))"
            + "T\(padded(second / 3600)):\(padded(second / 60 % 60)):\(padded(second % 60))Z"
    }

    // The Gregorian calendar repeats every 400 years, 146,097 days. Counting years from March puts the leap day last.
    private static func civilDate(daysSince1970 days: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
        // 719,468 days lie between 0000-03-01 and 1970-01-01.
        let (era, dayOfEra) = (days + 719_468).quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}
