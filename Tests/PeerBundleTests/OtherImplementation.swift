import Crypto
import TestSupport
import WireGuard

@testable import PeerBundle

/// `Tests/Interop/wgbundle.py`, which was written from the manual page of the format alone.
enum OtherImplementation {
    private static let program = "\(SourceTree.root)/Tests/Interop/wgbundle.py"

    /// Asks it many things at once.
    ///
    /// - Parameter requests: As its own text at the top describes them.
    /// - Returns: An answer for each.
    /// - Throws: ``Failure``.
    static func answers(to requests: [String]) async throws -> [String] {
        let input = Array(requests.map { "\($0)\n" }.joined().utf8)
        let result = try await Tool("/usr/bin/python3").run([program], input: input)
        guard result.status == 0 else { throw Failure(description: result.error) }
        return result.text.split(separator: "\n").map(String.init)
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The answer that this implementation would give to `open`.
    static func verdict(on input: [UInt8], for recipient: IdentityKey, from issuer: Identity) -> String {
        do throws(BundleError) {
            let bytes = try BundleText.decode(input)
            let claimed = try ClaimedBundle.open(bytes.span, with: recipient.openingKey)
            let verified = try claimed.verified(trusting: issuer)
            return (["id=\(verified.id)"] + verified.bundle.words).joined(separator: " ")
        } catch {
            return "refused \(error.word)"
        }
    }
}

extension BundleError {
    /// The class of the error in the manual page.
    var word: String {
        switch self {
        case .notABundle: "not-a-bundle"
        case .armor: "armor"
        case .base64: "base64"
        case .base45: "base45"
        case .parts: "parts"
        case .version: "version"
        case .suite: "suite"
        case .length: "length"
        case .header: "header"
        case .notForThisHost: "seal"
        case .notGenuine: "not-genuine"
        case .untrustedIssuer: "untrusted"
        case .field: "field"
        case .tooLarge: "too-large"
        }
    }
}

extension Bundle {
    /// The fields as words, in the order of the payload.
    var words: [String] {
        var words = [
            "network-id=\(networkID)", "network-name=\(networkName)", "epoch=\(epoch)", "serial=\(serial)",
            "created=\(created.seconds)", "not-after=\(notAfter.seconds)",
        ]
        words += addresses.map { "address=\($0.address.hexadecimal)/\($0.prefixLength)" }
        if let mtu { words.append("mtu=\(mtu)") }
        if let listenPort { words.append("listen-port=\(listenPort)") }
        words += peers.flatMap(\.words)
        for service in services {
            words += [
                "service.name=\(service.name)", "service.address=\(service.address.hexadecimal)",
                "service.port=\(service.port)", "service.protocol=\(service.transport.rawValue)",
            ]
        }
        if let container {
            words += ["container.image=\(container.image)", "container.digest=\(container.digest.hexadecimal)"]
            words += container.arguments.map { "container.argument=\(Array($0.utf8).hex)" }
        }
        return words
    }
}

extension PeerConfiguration {
    fileprivate var words: [String] {
        var words = ["peer.public-key=\(publicKey.rawValue.hexadecimal)", "peer.name=\(name)"]
        if let presharedKey {
            words.append("peer.preshared-key=\(presharedKey.withBytes { key in key.indices.map { key[$0] } }.hex)")
        }
        words += endpoints.map { endpoint in
            switch endpoint.host {
            case .address(let address): "peer.endpoint=\(address.hexadecimal):\(endpoint.port)"
            case .name(let name): "peer.endpoint=name:\(name):\(endpoint.port)"
            }
        }
        words += allowedAddresses.map { "peer.allowed-address=\($0.address.hexadecimal)/\($0.length)" }
        if let keepaliveSeconds { words.append("peer.keepalive=\(keepaliveSeconds)") }
        return words
    }
}

extension IPAddress {
    fileprivate var hexadecimal: String { bytes.hex }
}
