import PeerBundle
import Testing
import WireGuard

private let day: UInt64 = 86_400
private let now = Sample.created.adding(seconds: 10 * day)

private func id(_ byte: UInt8) throws -> BundleID {
    let id = BundleID([UInt8](repeating: byte, count: 16).span)
    return try #require(id)
}

private func record(
    epoch: UInt32 = 1,
    serial: UInt64 = 10,
    id byte: UInt8 = 1,
    created: UnixTime = Sample.created
) throws -> FreshnessRecord {
    FreshnessRecord(epoch: epoch, serial: serial, id: try id(byte), created: created, notAfter: Sample.notAfter)
}

@Suite("Freshness")
struct FreshnessTests {
    @Test(
        "takes what follows the last one",
        arguments: [(1, 11), (1, 10 + 1 << 32), (2, 0), (2, 9), (2, 1 << 32), (.max, 1)] as [(UInt32, UInt64)]
    )
    func newer(epoch: UInt32, serial: UInt64) throws {
        let bundle = try Sample.bundle(epoch: epoch, serial: serial)
        #expect(try Freshness.check(bundle, id: id(2), against: record(), now: now) == .newer)
    }

    @Test("takes the last one again, and only that one")
    func same() throws {
        let bundle = try Sample.bundle(epoch: 1, serial: 10)
        #expect(try Freshness.check(bundle, id: id(1), against: record(), now: now) == .same)
        #expect(throws: FreshnessError.equivocation(epoch: 1, serial: 10)) {
            try Freshness.check(bundle, id: id(2), against: record(), now: now)
        }
    }

    @Test("refuses what is older", arguments: [(1, 9), (1, 0), (0, 10), (0, 11), (0, .max)] as [(UInt32, UInt64)])
    func rollback(epoch: UInt32, serial: UInt64) throws {
        let bundle = try Sample.bundle(epoch: epoch, serial: serial)
        let accepted = try record()
        for byte in [1, 2] as [UInt8] {
            #expect(throws: FreshnessError.rollback(epoch: epoch, serial: serial, accepted: accepted)) {
                try Freshness.check(bundle, id: id(byte), against: accepted, now: now)
            }
        }
    }

    @Test(
        "refuses a step that would use up the serials",
        arguments: [(1, 11 + 1 << 32), (1, .max), (2, 1 + 1 << 32)] as [(UInt32, UInt64)]
    )
    func serialStep(epoch: UInt32, serial: UInt64) throws {
        let bundle = try Sample.bundle(epoch: epoch, serial: serial)
        #expect(throws: FreshnessError.serialStep(serial: serial)) {
            try Freshness.check(bundle, id: id(2), against: record(), now: now)
        }
    }

    @Test("refuses a first bundle whose serial leaves no room")
    func firstSerial() throws {
        let bundle = try Sample.bundle(serial: 1 + 1 << 32)
        #expect(throws: FreshnessError.serialStep(serial: 1 + 1 << 32)) {
            try Freshness.check(bundle, id: id(1), against: nil, now: now)
        }
    }

    @Test("takes a first bundle for 30 days, then refuses it")
    func first() throws {
        let bundle = try Sample.bundle()
        let last = Sample.created.adding(seconds: 30 * day)
        #expect(try Freshness.check(bundle, id: id(1), against: nil, now: last) == .first)
        #expect(throws: FreshnessError.tooOldForFirst(created: Sample.created)) {
            try Freshness.check(bundle, id: id(1), against: nil, now: last.adding(seconds: 1))
        }
    }

    @Test("takes a bundle up to its last second, and no later")
    func expiry() throws {
        let bundle = try Sample.bundle(epoch: 1, serial: 11)
        #expect(try Freshness.check(bundle, id: id(2), against: record(), now: Sample.notAfter) == .newer)
        let late = Sample.notAfter.adding(seconds: 1)
        #expect(throws: FreshnessError.expired(notAfter: Sample.notAfter, now: late)) {
            try Freshness.check(bundle, id: id(2), against: record(), now: late)
        }
        #expect(throws: FreshnessError.expired(notAfter: Sample.notAfter, now: late)) {
            try Freshness.check(bundle, id: id(2), against: nil, now: late)
        }
    }

    @Test("refuses the last one again once it has expired")
    func sameExpired() throws {
        let late = Sample.notAfter.adding(seconds: 1)
        #expect(throws: FreshnessError.expired(notAfter: Sample.notAfter, now: late)) {
            try Freshness.check(Sample.bundle(epoch: 1, serial: 10), id: id(1), against: record(), now: late)
        }
    }

    @Test("allows the issuer's clock to be a day ahead")
    func future() throws {
        let bundle = try Sample.bundle()
        let early = UnixTime(seconds: Sample.created.seconds - day)
        #expect(try Freshness.check(bundle, id: id(1), against: nil, now: early) == .first)
        let earlier = UnixTime(seconds: early.seconds - 1)
        #expect(throws: FreshnessError.notYetValid(created: Sample.created, now: earlier)) {
            try Freshness.check(bundle, id: id(1), against: nil, now: earlier)
        }
    }

    @Test("what was accepted with a clock a day behind can be applied again")
    func againInFuture() throws {
        let bundle = try Sample.bundle()
        let early = UnixTime(seconds: Sample.created.seconds - day)
        let record = FreshnessRecord(of: bundle, id: try id(1))
        #expect(try Freshness.check(bundle, id: id(1), against: record, now: early) == .same)
    }

    @Test("knows the clock to be wrong by what was accepted before, whatever the bundle says")
    func clock() throws {
        let wrong = UnixTime(seconds: 0)
        for bundle in [
            try Sample.bundle(epoch: 1, serial: 11), try Sample.bundle(epoch: 1, serial: 11, created: wrong),
        ] {
            #expect(throws: FreshnessError.clock(now: wrong, accepted: Sample.created)) {
                try Freshness.check(bundle, id: id(2), against: record(), now: wrong)
            }
        }
    }

    @Test("takes a clock that was set back for wrong after five minutes, but for the last bundle itself")
    func clockReturn() throws {
        let newer = try Sample.bundle(epoch: 1, serial: 11)
        let last = try Sample.bundle(epoch: 1, serial: 10)
        let back = UnixTime(seconds: Sample.created.seconds - 300)
        let further = UnixTime(seconds: back.seconds - 1)
        #expect(try Freshness.check(newer, id: id(2), against: record(), now: back) == .newer)
        #expect(throws: FreshnessError.clock(now: further, accepted: Sample.created)) {
            try Freshness.check(newer, id: id(2), against: record(), now: further)
        }
        #expect(try Freshness.check(last, id: id(1), against: record(), now: further) == .same)
    }

    @Test("knows a clock to be wrong that shows a time before there was this program")
    func clockBeforeRelease() throws {
        let early = UnixTime(seconds: Freshness.earliestNow.seconds - 1)
        let bundle = try Sample.bundle(created: early)
        #expect(throws: FreshnessError.clockBeforeRelease(now: early)) {
            try Freshness.check(bundle, id: id(1), against: nil, now: early)
        }
        #expect(try Freshness.check(bundle, id: id(1), against: nil, now: Freshness.earliestNow) == .first)
    }

    @Test("a clock at the end of time breaks nothing")
    func endOfTime() throws {
        let end = UnixTime(seconds: .max)
        #expect(throws: FreshnessError.expired(notAfter: Sample.notAfter, now: end)) {
            try Freshness.check(Sample.bundle(), id: id(1), against: nil, now: end)
        }
    }

    @Test("remembers what the issuer signed")
    func remembers() throws {
        let record = FreshnessRecord(of: try Sample.bundle(epoch: 3, serial: 4), id: try id(9))
        #expect(
            record
                == FreshnessRecord(
                    epoch: 3,
                    serial: 4,
                    id: try id(9),
                    created: Sample.created,
                    notAfter: Sample.notAfter
                )
        )
    }

    @Test("errors read as one line")
    func texts() throws {
        let texts: [(FreshnessError, String)] = [
            (
                .clock(now: UnixTime(seconds: 0), accepted: Sample.created),
                "this host's clock is wrong: it says 1970-01-01T00:00:00Z, but a bundle made at "
                    + "2026-01-01T00:00:00Z was accepted before"
            ),
            (
                .notYetValid(created: Sample.created, now: UnixTime(seconds: 0)),
                "the bundle was made at 2026-01-01T00:00:00Z, which this host's clock takes for the future: "
                    + "it says 1970-01-01T00:00:00Z"
            ),
            (
                .expired(notAfter: Sample.notAfter, now: Sample.notAfter.adding(seconds: 60)),
                "the bundle expired at 2026-04-01T00:00:00Z; this host's clock says 2026-04-01T00:01:00Z"
            ),
            (
                .rollback(epoch: 0, serial: 9, accepted: try record()),
                "the bundle is older (epoch 0, serial 9) than the one accepted before (epoch 1, serial 10)"
            ),
            (
                .equivocation(epoch: 1, serial: 10),
                "the issuer signed two different bundles as epoch 1, serial 10"
            ),
            (
                .tooOldForFirst(created: Sample.created),
                "the first bundle from an issuer must not be older than 30 days; this one was made at "
                    + "2026-01-01T00:00:00Z"
            ),
            (
                .serialStep(serial: 7),
                "the bundle's serial 7 is more than 2^32 ahead, which would use up the issuer's serials"
            ),
            (
                .clockBeforeRelease(now: UnixTime(seconds: 0)),
                "this host's clock is wrong: it says 1970-01-01T00:00:00Z, when this program did not exist"
            ),
        ]
        for (error, text) in texts { #expect("\(error)" == text) }
    }
}

@Suite("Expiry")
struct ExpiryTests {
    @Test("is soon within 14 days, and over after the last second")
    func levels() {
        let end = Sample.notAfter
        for (secondsLeft, expiry) in [
            (14 * day + 1, .valid), (14 * day, .soon), (0, .soon),
        ] as [(UInt64, Expiry)] {
            #expect(Expiry(end, now: UnixTime(seconds: end.seconds - secondsLeft)) == expiry)
        }
        #expect(Expiry(end, now: end.adding(seconds: 1)) == .expired)
        #expect(Expiry(UnixTime(seconds: .max), now: UnixTime(seconds: .max)) == .soon)
    }

    @Test("says what to do, while there is something to do")
    func warnings() {
        let request = "ask the issuer for a new one: wgbundle seal --to NAME"
        #expect(Expiry.valid.warning(Sample.notAfter) == nil)
        #expect(Expiry.soon.warning(Sample.notAfter) == "expires at 2026-04-01T00:00:00Z; \(request)")
        #expect(
            Expiry.expired.warning(Sample.notAfter)
                == "expired at 2026-04-01T00:00:00Z and can't be applied again; \(request)"
        )
    }
}
