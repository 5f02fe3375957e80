import ArgumentParser
import PeerBundle
import WireGuard

/// How long a bundle may be applied: `90d`, `12h`, `30m`.
struct Lifetime: ExpressibleByArgument {
    /// 60 to ``Bundle/maximumLifetimeSeconds``.
    let seconds: UInt64

    static let standard = Lifetime(seconds: 90 * 86_400)

    private init(seconds: UInt64) { self.seconds = seconds }

    init?(argument: String) {
        let units: [Character: UInt64] = ["m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400]
        guard let last = argument.last, let unit = units[last], let count = UInt64(decimal: argument.dropLast()) else {
            return nil
        }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow, (60...Bundle.maximumLifetimeSeconds).contains(seconds) else { return nil }
        self.seconds = seconds
    }
}
