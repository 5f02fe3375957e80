internal import Glibc
package import WireGuard

/// The time of day.
package enum WallClock {
    /// The present moment (`clock_gettime`), never before 1970.
    package static func now() -> UnixTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return UnixTime(seconds: UInt64(max(0, time.tv_sec)))
    }
}
