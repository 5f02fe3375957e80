/// What a trusted issuer could sign to do harm, and what must refuse it.
package struct HostilePayload: Sendable {
    /// How far this host trusts the issuer of a payload.
    package enum Issuer: String, CaseIterable, Sendable {
        /// With the limits of one for whom nothing was said.
        case narrow
        /// With no limit of size, but no leave for a default route.
        case unlimited
        /// With leave for everything, but of images for `nginx` alone.
        case wide
    }

    /// What is wrong with it.
    package let name: String
    /// Who has signed it.
    package let issuer: Issuer
    /// What was signed.
    package let payload: [UInt8]
    /// How the one line begins that says why it is refused.
    package let refusal: String

    /// Whom the payloads are for, and when.
    package struct Target: Sendable {
        /// The recipient's WireGuard key.
        package let ownKey: [UInt8]
        /// What the recipient's clock says, in seconds since 1970.
        package let now: UInt64

        /// Takes both as they are.
        package init(ownKey: [UInt8], now: UInt64) {
            self.ownKey = ownKey
            self.now = now
        }
    }

    /// What this host reaches without the tunnel.
    ///
    /// The payloads of the surroundings are made for a host with this network alone, on which it has the address 192.0.2.2.
    package static let hostPrefix = "192.0.2.0/24"

    /// All of them, by the rows of the table of fields and dangers; each differs from the others.
    package static func all(for target: Target) -> [HostilePayload] {
        let maker = HostileMaker(target: target)
        return maker.structure() + maker.names() + maker.keys() + maker.numbers() + maker.times() + maker.counts()
            + maker.containers() + maker.prefixes() + maker.sizes() + maker.reserved() + maker.overlaps()
            + maker.endpoints() + maker.surroundings()
    }

    /// What they all differ from: nothing is wrong with it.
    package static func harmless(for target: Target) -> [UInt8] { HostileMaker(target: target).base.bytes }
}

/// Makes the payloads of one target.
struct HostileMaker {
    let target: HostilePayload.Target

    /// A peer whose key has a last byte of its own.
    func peer(_ number: UInt8 = 0x11, _ name: String = "hub") -> RawPayload {
        RawPayload([
            (0x01, [UInt8](repeating: 0x42, count: 31) + [number & 0x7f]), (0x02, Array(name.utf8)),
            (0x03, [UInt8](repeating: 0x77, count: 32)), (0x04, [0, 4, 198, 51, 100, 1, 0xca, 0x6c]),
            (0x05, [4, 10, 99, 0, 1, 32]), (0x06, [0, 25]),
        ])
    }

    let service = RawPayload([
        (0x01, Array("web".utf8)), (0x02, [4, 10, 99, 0, 1]), (0x03, [0, 80]), (0x04, [6]),
    ])
    let container = RawPayload([
        (0x01, Array("nginx".utf8)), (0x02, [UInt8](repeating: 0xdd, count: 32)), (0x03, [0] + Array("-v".utf8)),
    ])

    var base: RawPayload {
        RawPayload([
            (0x01, [UInt8](repeating: 0xaa, count: 16)), (0x02, Array("hostile".utf8)), (0x03, [0, 0, 0, 1]),
            (0x04, bigEndian(1)), (0x05, bigEndian(target.now)), (0x06, bigEndian(target.now + 30 * 86_400)),
            (0x10, [4, 10, 99, 0, 2, 24]), (0x20, peer().bytes),
        ])
    }

    /// With every field that there is.
    var full: RawPayload {
        base.adding(0x11, [0x05, 0x78]).adding(0x12, [0xca, 0x6c]).adding(0x30, service.bytes).adding(
            0x40,
            container.bytes
        )
    }

    func bigEndian(_ number: UInt64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt64($0)) }
    }

    func hostile(
        _ name: String,
        _ payload: RawPayload,
        _ refusal: String,
        by issuer: HostilePayload.Issuer = .narrow
    ) -> HostilePayload {
        HostilePayload(name: name, issuer: issuer, payload: payload.bytes, refusal: refusal)
    }

    /// One whose peer has another value in place of a field.
    func withPeer(_ tag: UInt8, _ value: [UInt8], _ name: String, _ refusal: String) -> HostilePayload {
        hostile(name, base.with(0x20, peer().with(tag, value).bytes), refusal)
    }

    /// One whose peers have these allowed addresses, with an interface address beside them.
    func withAllowed(
        _ claims: [[[UInt8]]],
        address: [UInt8] = [4, 10, 99, 0, 2, 24],
        _ name: String,
        _ refusal: String,
        by issuer: HostilePayload.Issuer = .narrow
    ) -> HostilePayload {
        let peers = claims.enumerated().map { index, claims in
            peer(UInt8(index + 1), "peer-\(index)").with(0x05, list: claims).bytes
        }
        return hostile(name, base.with(0x10, address).with(0x20, list: peers), refusal, by: issuer)
    }
}
