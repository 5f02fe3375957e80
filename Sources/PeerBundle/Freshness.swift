package import WireGuard

/// What a host remembers of the last bundle that it accepted, for each issuer and network.
///
/// Only what the issuer signed is remembered, never this host's own clock, which may have been wrong.
package struct FreshnessRecord: Equatable, Sendable {
    /// The bundle's epoch.
    package let epoch: UInt32
    /// The bundle's serial in that epoch.
    package let serial: UInt64
    /// Tells the bundle from another one of the same epoch and serial.
    package let id: BundleID
    /// When the issuer made it.
    package let created: UnixTime
    /// When it expires.
    package let notAfter: UnixTime

    /// Takes the values that were stored.
    package init(epoch: UInt32, serial: UInt64, id: BundleID, created: UnixTime, notAfter: UnixTime) {
        self.epoch = epoch
        self.serial = serial
        self.id = id
        self.created = created
        self.notAfter = notAfter
    }

    /// What to remember once a bundle is accepted.
    package init(of bundle: Bundle, id: BundleID) {
        self.init(
            epoch: bundle.epoch,
            serial: bundle.serial,
            id: id,
            created: bundle.created,
            notAfter: bundle.notAfter
        )
    }
}

/// How a fresh bundle relates to what the host remembers.
package enum FreshnessVerdict: Equatable, Sendable {
    /// Nothing is remembered: protection from older bundles starts now.
    case first
    /// It follows the last one.
    case newer
    /// It is the last one again.
    case same
}

/// Decides whether a genuine bundle is also the latest word of its issuer.
package enum Freshness {
    /// How far a clock may be behind the one that a bundle was made by, in seconds: a day.
    package static let clockToleranceSeconds: UInt64 = 86_400
    /// How far it may be behind a bundle that was accepted before, in seconds: five minutes.
    package static let clockReturnSeconds: UInt64 = 300
    /// No clock that is right has shown an earlier time since there is this program: 2025-12-01.
    package static let earliestNow = UnixTime(seconds: 1_764_547_200)
    /// How old the first bundle from an issuer may be, in seconds: 30 days.
    package static let maximumFirstAgeSeconds: UInt64 = 30 * 86_400
    /// How far the serial may grow in one step, so that a stolen key can't use up all serials at once.
    package static let maximumSerialStep: UInt64 = 1 << 32

    /// Compares a bundle with the clock, then with what is remembered of its issuer and network.
    ///
    /// - Parameters:
    ///   - bundle: A genuine bundle.
    ///   - id: The bundle's.
    ///   - record: Of the same issuer and network; `nil` if nothing was accepted yet.
    ///   - now: Read once for the whole command, so that a slow one can't straddle the expiry.
    /// - Returns: Why the bundle may be applied.
    /// - Throws: Why not.
    package static func check(
        _ bundle: Bundle,
        id: BundleID,
        against record: FreshnessRecord?,
        now: UnixTime
    ) throws(FreshnessError) -> FreshnessVerdict {
        // The last bundle was accepted by the day's tolerance, and may be so again.
        if let record, record.id != id, record.created > now.adding(seconds: clockReturnSeconds) {
            throw .clock(now: now, accepted: record.created)
        }
        guard now >= earliestNow else { throw .clockBeforeRelease(now: now) }
        guard bundle.created <= now.adding(seconds: clockToleranceSeconds) else {
            throw .notYetValid(created: bundle.created, now: now)
        }
        guard now <= bundle.notAfter else { throw .expired(notAfter: bundle.notAfter, now: now) }

        let serialStep: UInt64
        let verdict: FreshnessVerdict
        if let record {
            guard (bundle.epoch, bundle.serial) >= (record.epoch, record.serial) else {
                throw .rollback(epoch: bundle.epoch, serial: bundle.serial, accepted: record)
            }
            if (bundle.epoch, bundle.serial) == (record.epoch, record.serial) {
                guard id == record.id else { throw .equivocation(epoch: bundle.epoch, serial: bundle.serial) }
                return .same
            }
            verdict = .newer
            serialStep = bundle.epoch == record.epoch ? bundle.serial - record.serial : bundle.serial
        } else {
            guard now.seconds(since: bundle.created) <= maximumFirstAgeSeconds else {
                throw .tooOldForFirst(created: bundle.created)
            }
            verdict = .first
            serialStep = bundle.serial
        }
        guard serialStep <= maximumSerialStep else { throw .serialStep(serial: bundle.serial) }
        return verdict
    }
}

/// Why a genuine bundle is not to be applied now.
package enum FreshnessError: Error, Equatable {
    /// This host's clock is behind a bundle that it accepted before.
    case clock(now: UnixTime, accepted: UnixTime)
    /// This host's clock is at a time when there was no program to read it.
    case clockBeforeRelease(now: UnixTime)
    case notYetValid(created: UnixTime, now: UnixTime)
    case expired(notAfter: UnixTime, now: UnixTime)
    /// Older than the one that was accepted before.
    case rollback(epoch: UInt32, serial: UInt64, accepted: FreshnessRecord)
    /// The issuer signed two different bundles with one serial.
    case equivocation(epoch: UInt32, serial: UInt64)
    case tooOldForFirst(created: UnixTime)
    case serialStep(serial: UInt64)
}

extension FreshnessError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .clock(let now, let accepted):
            "this host's clock is wrong: it says \(now), but a bundle made at \(accepted) was accepted before"
        case .clockBeforeRelease(let now): "this host's clock is wrong: it says \(now), when this program did not exist"
        case .notYetValid(let created, let now):
            "the bundle was made at \(created), which this host's clock takes for the future: it says \(now)"
        case .expired(let notAfter, let now): "the bundle expired at \(notAfter); this host's clock says \(now)"
        case .rollback(let epoch, let serial, let accepted):
            "the bundle is older (epoch \(epoch), serial \(serial)) than the one accepted before "
                + "(epoch \(accepted.epoch), serial \(accepted.serial))"
        case .equivocation(let epoch, let serial):
            "the issuer signed two different bundles as epoch \(epoch), serial \(serial)"
        case .tooOldForFirst(let created):
            "the first bundle from an issuer must not be older than 30 days; this one was made at \(created)"
        case .serialStep(let serial):
            "the bundle's serial \(serial) is more than 2^32 ahead, which would use up the issuer's serials"
        }
    }
}
