import Crypto
import PeerBundle
import TestSupport
import Testing
import WireGuard

@testable import Keystore

private let minute = 60
private let hour = 3600
private let day = 86_400
private let year = 365 * day

/// One bundle that arrives.
struct Arrival: Sendable {
    /// What must come of it.
    enum Verdict: Equatable, Sendable {
        case first, newer, same
        case clock, clockBeforeRelease, notYetValid, expired, rollback, equivocation, tooOldForFirst, serialStep

        init(_ verdict: FreshnessVerdict) {
            switch verdict {
            case .first: self = .first
            case .newer: self = .newer
            case .same: self = .same
            }
        }

        init(_ error: FreshnessError) {
            switch error {
            case .clock: self = .clock
            case .clockBeforeRelease: self = .clockBeforeRelease
            case .notYetValid: self = .notYetValid
            case .expired: self = .expired
            case .rollback: self = .rollback
            case .equivocation: self = .equivocation
            case .tooOldForFirst: self = .tooOldForFirst
            case .serialStep: self = .serialStep
            }
        }
    }

    let epoch: UInt32
    let serial: UInt64
    /// Seconds from the present to when the issuer made it.
    let made: Int
    /// Seconds from the present to what this host's clock says.
    let clock: Int
    let lifetime: Int
    /// Two bundles that differ in this alone are two bundles.
    let content: UInt16
    let issuer: UInt8
    let network: UInt8
    let verdict: Verdict

    init(
        _ epoch: UInt32,
        _ serial: UInt64,
        _ verdict: Verdict,
        made: Int = 0,
        clock: Int = 0,
        lifetime: Int = 90 * day,
        content: UInt16 = 0,
        issuer: UInt8 = 1,
        network: UInt8 = 1
    ) {
        self.epoch = epoch
        self.serial = serial
        self.made = made
        self.clock = clock
        self.lifetime = lifetime
        self.content = content
        self.issuer = issuer
        self.network = network
        self.verdict = verdict
    }
}

/// What happens to one host, one thing after the other.
struct History: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let arrivals: [Arrival]

    init(_ description: String, _ arrivals: Arrival...) {
        testDescription = description
        self.arrivals = arrivals
    }

    private static let step: UInt64 = 1 << 32

    static let all = [
        History("serials that grow", .init(1, 1, .first), .init(1, 2, .newer), .init(1, 9, .newer)),
        History("the same again and again", .init(1, 1, .first), .init(1, 1, .same), .init(1, 1, .same)),
        History("a replay", .init(1, 1, .first), .init(1, 2, .newer), .init(1, 1, .rollback), .init(1, 2, .same)),
        History("an old serial with new content", .init(1, 5, .first), .init(1, 4, .rollback, content: 1)),
        History(
            "a new serial may be skipped, and is then too old",
            .init(1, 1, .first),
            .init(1, 3, .newer),
            .init(1, 2, .rollback)
        ),
        History(
            "equivocation, which does not displace the first of the two",
            .init(1, 1, .first),
            .init(1, 1, .equivocation, content: 1),
            .init(1, 1, .same),
            .init(1, 2, .newer)
        ),
        History(
            "an epoch outranks every serial",
            .init(1, 900, .first),
            .init(2, 1, .newer),
            .init(1, 901, .rollback),
            .init(2, 2, .newer)
        ),
        History("an epoch that falls", .init(7, 1, .first), .init(6, .max, .rollback), .init(7, 2, .newer)),
        History(
            "a serial that runs away, and leaves no trace",
            .init(1, 1, .first),
            .init(1, .max, .serialStep),
            .init(1, 2, .newer)
        ),
        History(
            "a serial step of just 2^32, and one more",
            .init(1, 1, .first),
            .init(1, 2 + step, .serialStep),
            .init(1, 1 + step, .newer)
        ),
        History(
            "a serial that runs away in a new epoch",
            .init(1, 1, .first),
            .init(2, 1 + step, .serialStep),
            .init(2, step, .newer)
        ),
        History("a first serial that runs away", .init(1, 1 + step, .serialStep), .init(1, 1, .first)),
        History(
            "the end, and what a clock beyond it leaves: nothing",
            .init(1, 1, .first, lifetime: day),
            .init(1, 1, .same, clock: day, lifetime: day),
            .init(1, 1, .expired, clock: day + 1, lifetime: day),
            .init(1, 2, .expired, clock: 9 * year),
            .init(1, 2, .newer)
        ),
        History(
            "a first bundle that has expired, and the next",
            .init(1, 1, .expired, made: -2 * day, lifetime: day),
            .init(1, 2, .first)
        ),
        History(
            "an expired one does not become the last",
            .init(1, 3, .expired, made: -2 * day, lifetime: day),
            .init(1, 2, .first),
            .init(1, 3, .newer)
        ),
        History(
            "from the future, until its time has come",
            .init(1, 1, .notYetValid, made: day + 1),
            .init(1, 1, .first, made: day + 1, clock: 1)
        ),
        History(
            "from within a day in the future, and again",
            .init(1, 1, .first, made: day),
            .init(1, 1, .same, made: day),
            .init(1, 1, .notYetValid, made: day, clock: -1)
        ),
        History(
            "a clock that was set back",
            .init(1, 1, .first),
            .init(1, 2, .newer, made: -year, clock: -5 * minute, lifetime: 400 * day),
            .init(1, 3, .newer),
            .init(1, 4, .clock, made: -hour, clock: -5 * minute - 1),
            .init(1, 4, .newer)
        ),
        History(
            "an old clock does not let the expired pass",
            .init(1, 1, .first, made: -2 * day, clock: -2 * day, lifetime: day),
            .init(1, 2, .newer),
            .init(1, 3, .clock, made: -2 * day, clock: -2 * day, lifetime: day)
        ),
        History(
            "a clock that starts at 1970",
            .init(1, 1, .clockBeforeRelease, clock: -1_800_000_000),
            .init(1, 1, .first),
            .init(1, 2, .clock, clock: -1_800_000_000)
        ),
        History(
            "first contact within 30 days",
            .init(1, 1, .tooOldForFirst, made: -30 * day - 1),
            .init(1, 1, .first, made: -30 * day)
        ),
        History(
            "what is old, but not the first",
            .init(1, 1, .first),
            .init(1, 2, .newer, made: -60 * day),
            .init(1, 2, .same, made: -60 * day)
        ),
        History(
            "two networks of one issuer",
            .init(1, 5, .first),
            .init(1, 2, .first, network: 2),
            .init(1, 4, .rollback),
            .init(1, 3, .newer, network: 2)
        ),
        History(
            "two issuers with the same network",
            .init(9, 9, .first),
            .init(1, 1, .first, issuer: 2),
            .init(1, 1, .rollback),
            .init(1, 2, .newer, issuer: 2)
        ),
        History(
            "an issuer that starts over after equivocation",
            .init(1, 8, .first),
            .init(1, 8, .equivocation, content: 1),
            .init(2, 1, .newer, content: 1),
            .init(1, 8, .rollback)
        ),
        History(
            "a bundle made an hour ago is no sign of a wrong clock",
            .init(1, 1, .first, made: hour, clock: hour),
            .init(1, 2, .newer, made: -hour, clock: hour - 5 * minute)
        ),
    ]
}

@Suite("Freshness histories")
struct FreshnessHistoryTests {
    private let recipient: IdentityKey

    init() throws { recipient = try IdentityKey.fixed(seed: 0x20, wireGuard: 0x21) }

    @Test("are each judged as they must be, from the sealed bundle to the record on the disk", arguments: History.all)
    func verdicts(history: History) throws {
        let directory = try TemporaryDirectory()
        for (number, arrival) in history.arrivals.enumerated() {
            // Each by a process of its own, as it were: what counts is on the disk.
            let store = try FreshnessStore.open(directory.path)
            let verified = try bundle(of: arrival)
            let record = try store.record(issuer: verified.issuer, network: verified.bundle.networkID)
            let names = try directory.names()
            #expect(try judge(verified, against: record, arrival) == arrival.verdict, "arrival \(number)")
            if [.first, .newer, .same].contains(arrival.verdict) {
                let record = FreshnessRecord(of: verified.bundle, id: verified.id)
                try store.remember(record, issuer: verified.issuer, network: verified.bundle.networkID)
            } else {
                #expect(try directory.names() == names)
            }
        }
    }

    @Test("are at least twenty, and meet every verdict")
    func completeness() {
        #expect(History.all.count >= 20)
        let met = History.all.flatMap(\.arrivals).map(\.verdict)
        for verdict in [
            .first, .newer, .same, .clock, .clockBeforeRelease, .notYetValid, .expired, .rollback, .equivocation,
            .tooOldForFirst, .serialStep,
        ] as [Arrival.Verdict] {
            #expect(met.contains(verdict), "\(verdict)")
        }
    }

    private func judge(
        _ verified: VerifiedBundle,
        against record: FreshnessRecord?,
        _ arrival: Arrival
    ) throws -> Arrival.Verdict {
        do throws(FreshnessError) {
            let verdict = try Freshness.check(
                verified.bundle,
                id: verified.id,
                against: record,
                now: moment(arrival.clock)
            )
            return Arrival.Verdict(verdict)
        } catch {
            return Arrival.Verdict(error)
        }
    }

    private func moment(_ seconds: Int) -> UnixTime { UnixTime(seconds: UInt64(clamping: Int(now.seconds) + seconds)) }

    private func bundle(of arrival: Arrival) throws -> VerifiedBundle {
        let issuer = try IdentityKey.fixed(seed: arrival.issuer, wireGuard: arrival.issuer)
        let id = NetworkID([UInt8](repeating: arrival.network, count: 16).span)
        let bundle = try Bundle(
            networkID: #require(id),
            networkName: #require(Name("default")),
            epoch: arrival.epoch,
            serial: arrival.serial,
            created: moment(arrival.made),
            notAfter: moment(arrival.made + arrival.lifetime),
            addresses: [#require(InterfaceAddress("10.0.0.2/24"))],
            mtu: 1400 + arrival.content,
            peers: []
        )
        let sealed = try bundle.seal(from: issuer, to: recipient.identity)
        return try ClaimedBundle.open(sealed.span, with: recipient.openingKey).verified(trusting: issuer.identity)
    }
}
