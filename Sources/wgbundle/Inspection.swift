import CommandSupport
import Crypto
import Keystore
import PeerBundle
import WireGuard

/// What can be said of a verified bundle, without its secrets.
struct Inspection {
    let verified: VerifiedBundle
    /// The issuer as this host trusts it; `nil` if it does not.
    let trusted: TrustedIssuer?
    let ownKey: PublicKey
    let now: UnixTime

    private var bundle: Bundle { verified.bundle }
    private var isExpired: Bool { now > bundle.notAfter }

    /// What would keep `wgup` from applying the bundle.
    var warnings: [String] {
        var warnings: [String] = []
        if trusted == nil { warnings.append("this host does not trust the issuer: anybody can have made this bundle") }
        if isExpired { warnings.append("the bundle has expired") }
        do throws(PolicyError) {
            try ContentPolicy.check(bundle, limits: trusted?.limits ?? IssuerLimits(), ownKey: ownKey)
        } catch {
            warnings.append("this host would refuse the bundle: \(error)")
        }
        return warnings
    }

    var text: String {
        var lines: [(String, String)] = [
            ("issuer", "\(trusted.map { "\($0.name)" } ?? "not trusted"), \(verified.issuer.fingerprint)"),
            ("network", "\(bundle.networkName), \(bundle.networkID)"),
            ("version", "epoch \(bundle.epoch), serial \(bundle.serial)"),
            ("created", "\(bundle.created)"),
            ("valid until", "\(bundle.notAfter)\(isExpired ? " (expired)" : "")"),
        ]
        for address in bundle.addresses { lines.append(("address", "\(address)")) }
        if let mtu = bundle.mtu { lines.append(("mtu", "\(mtu)")) }
        if let port = bundle.listenPort { lines.append(("listen port", "\(port)")) }
        for peer in bundle.peers {
            lines.append(("peer", "\(peer.name), \(peer.publicKey.base64)"))
            for endpoint in peer.endpoints { lines.append(("  endpoint", "\(endpoint)")) }
            for prefix in peer.allowedAddresses { lines.append(("  allowed", "\(prefix)")) }
            if let seconds = peer.keepaliveSeconds { lines.append(("  keepalive", "\(seconds) s")) }
            lines.append(("  preshared", peer.presharedKey == nil ? "none" : "yes, hidden"))
        }
        for service in bundle.services { lines.append(("service", "\(service.name), \(service.place)")) }
        if let container = bundle.container {
            lines.append(("container", ([container.reference] + container.arguments).joined(separator: " ")))
        }
        lines.append(("bundle", "\(verified.id)"))
        return lines.map { label, value in
            label + String(repeating: " ", count: max(1, 14 - label.count)) + value + "\n"
        }.joined()
    }

    var json: JSON {
        .object([
            "issuer": .object([
                "identity": .string(verified.issuer.text),
                "fingerprint": .string(verified.issuer.fingerprint.description),
                "trusted_as": .optional(trusted?.name),
            ]),
            "network": .string(bundle.networkName.description),
            "network_id": .string(bundle.networkID.description),
            "epoch": .number(UInt64(bundle.epoch)),
            "serial": .number(bundle.serial),
            "created": .number(bundle.created.seconds),
            "not_after": .number(bundle.notAfter.seconds),
            "expired": .bool(isExpired),
            "addresses": .strings(bundle.addresses),
            "mtu": bundle.mtu.map { .number(UInt64($0)) } ?? .null,
            "listen_port": bundle.listenPort.map { .number(UInt64($0)) } ?? .null,
            "peers": .array(bundle.peers.map(\.json)),
            "services": .array(bundle.services.map(\.json)),
            "container": .optional(bundle.container?.reference),
            "bundle": .string(verified.id.description),
            "warnings": .strings(warnings),
        ])
    }
}

extension PeerConfiguration {
    fileprivate var json: JSON {
        .object([
            "name": .string(name.description),
            "public_key": .string(publicKey.base64),
            "endpoints": .strings(endpoints),
            "allowed_addresses": .strings(allowedAddresses),
            "keepalive": keepaliveSeconds.map { .number(UInt64($0)) } ?? .null,
            "has_preshared_key": .bool(presharedKey != nil),
        ])
    }
}

extension Service {
    fileprivate var place: String {
        "\(SocketAddress(address: address, port: port))/\(transport == .udp ? "udp" : "tcp")"
    }

    fileprivate var json: JSON {
        .object([
            "name": .string(name.description),
            "address": .string(address.description),
            "port": .number(UInt64(port)),
            "transport": .string(transport == .udp ? "udp" : "tcp"),
        ])
    }
}
