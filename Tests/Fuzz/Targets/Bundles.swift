internal import Crypto
internal import Keystore
internal import WireGuard

@testable import PeerBundle

/// Fixed hosts, as what a fuzzer finds has to be there again.
private let issuer = key(0x11)
private let recipient = key(0x22)

private func key(_ byte: UInt8) -> IdentityKey {
    let encoded = [0x01] + [UInt8](repeating: byte, count: 32) + [UInt8](repeating: byte + 1, count: 32)
    do { return try IdentityKey(encoded: encoded.span) } catch { fatalError("\(error)") }
}

/// A bundle in any of its forms, up to the seal.
func fuzzHeader(_ input: Span<UInt8>) {
    guard let bytes = try? BundleText.decode(input.array(0..<input.count)) else { return }
    if let header = try? BundleHeader(of: bytes.span) {
        expect(header.encoded == Array(bytes.prefix(8)), "another header of the same bundle")
    }
    // The seeds are for the recipient.
    expect((try? ClaimedBundle.open(bytes.span, with: issuer.openingKey)) == nil, "a seal for another opens")
}

/// What an issuer signed, as it is.
func fuzzPayload(_ input: Span<UInt8>) {
    guard let bundle = try? Bundle(decoding: input) else { return }
    expectSound(bundle, of: input.array(0..<input.count))
}

/// A plaintext whose signature is right: the input says what fields there are, so that their lengths are right, too.
func fuzzSigned(_ input: Span<UInt8>) {
    var program = FieldProgram(input.array(0..<input.count))
    let payload = program.fields(depth: 0)
    guard let plaintext = plaintext(payload) else { return }
    guard let claimed = try? ClaimedBundle(plaintext: plaintext, recipient: recipient.identity) else {
        fatalError("the frame is right")
    }
    expect(claimed.claimedIssuer == issuer.identity, "the issuer is another")
    do throws(BundleError) {
        expectSound(try claimed.verified(trusting: issuer.identity).bundle, of: payload)
    } catch .field {
        // Of a genuine issuer, all that can be wrong.
    } catch {
        fatalError("the signature is right: \(error)")
    }
}

private func plaintext(_ payload: [UInt8]) -> SecretBytes? {
    guard payload.count <= Int(UInt16.max),
        let header = try? BundleHeader(holding: SignedMessage.payloadOffset + payload.count)
    else { return nil }
    let transmitted = issuer.identity.keys + UInt16(payload.count).bigEndianBytes + payload
    let signature = issuer.sign((SignedMessage.prefix(header, to: recipient.identity) + transmitted).span)
    let bytes = signature + transmitted
    return SecretBytes(copying: (bytes + [UInt8](repeating: 0, count: header.plaintextByteCount - bytes.count)).span)
}

private func expectSound(_ bundle: Bundle, of payload: [UInt8]) {
    var writer = SecretWriter()
    bundle.encode(into: &writer)
    expect(writer.withBytes { $0.array(0..<$0.count) } == payload, "another encoding of the same bundle")
    for allows in [false, true] {
        var limits = IssuerLimits()
        limits.allowsDefaultRoute = allows
        // Whatever it says, it says it, and does not end the process.
        try? ContentPolicy.check(bundle, limits: limits, ownKey: recipient.identity.wireGuardKey, hostPrefixes: [])
    }
    _ = try? Freshness.check(bundle, id: BundleID(ofSignedMessage: payload.span), against: nil, now: bundle.created)
}

/// Reads an input as instructions for fields.
///
/// Each is a byte for the tag, one for the length, then the value; where the tag is that of a field with fields, the length
/// says how many instructions are inside. A length of 255 puts a wrong one in front of the value.
private struct FieldProgram {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    mutating func fields(depth: Int, count: Int = .max) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < count, let tag = rest.popFirst(), let length = rest.popFirst() {
            index += 1
            let isNested = depth == 0 && [0x20, 0x30, 0x40].contains(tag)
            let value = isNested ? fields(depth: 1, count: Int(length)) : take(Int(length))
            let said = length == 255 ? value.count + 1 : value.count
            result += [tag] + UInt16(truncatingIfNeeded: said).bigEndianBytes + value
        }
        return result
    }

    private mutating func take(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}

extension [UInt8] {
    /// The instructions for a payload.
    fileprivate init(programFor payload: ArraySlice<UInt8>, depth: Int = 0) {
        self = []
        var rest = payload
        while rest.count >= 3 {
            let (tag, start) = (rest[rest.startIndex], rest.startIndex + 3)
            let end = start + Int(rest[start - 2]) << 8 + Int(rest[start - 1])
            let value = rest[start..<end]
            if depth == 0, [0x20, 0x30, 0x40].contains(tag) {
                let inner = [UInt8](programFor: value, depth: 1)
                self += [tag, UInt8(Self.fieldCount(value))] + inner
            } else {
                self += [tag, UInt8(value.count)] + value
            }
            rest = rest[end...]
        }
    }

    private static func fieldCount(_ fields: ArraySlice<UInt8>) -> Int {
        var (rest, count) = (fields, 0)
        while rest.count >= 3 {
            rest = rest.dropFirst(3 + Int(rest[rest.startIndex + 1]) << 8 + Int(rest[rest.startIndex + 2]))
            count += 1
        }
        return count
    }
}

/// Hosts that are peers in other seeds.
let sampleIdentities = (0x31...0x34).map { key($0).identity }

/// The inputs to begin with, for each target that needs one: by target, then by name.
func bundleSeeds() throws -> [String: [String: [UInt8]]] {
    let bundle = try sampleBundle()
    var writer = SecretWriter()
    bundle.encode(into: &writer)
    let payload = writer.withBytes { $0.array(0..<$0.count) }
    let sealed = try bundle.seal(from: issuer, to: recipient.identity)
    let secret = issuer.secretText().withBytes { $0.array(0..<$0.count) }
    return [
        "armor": ["bundle": Array(BundleText.armor(sealed.span).utf8)],
        "base45": ["bundle": Base45.encode(sealed.span)],
        "bech32m": ["identity": Array(issuer.identity.text.utf8), "secret": secret],
        "codes": [
            "whole": Array(BundleText.code(sealed.span).utf8),
            "parts": Array(BundleText.codes(sealed, count: 3).reversed().joined(separator: "\n").utf8),
            "scanned": Array(
                BundleText.codes(sealed, count: 2).map { "QR-Code:\($0)\r\nDataBar:0113210574977989\n" }.joined().utf8
            ),
        ],
        "header": [
            "bundle": sealed, "armor": Array(BundleText.armor(sealed.span).utf8),
            "code": Array(BundleText.code(sealed.span).utf8),
        ],
        "payload": ["bundle": payload],
        "signed": ["bundle": [UInt8](programFor: payload[...])],
    ]
}

/// The same key in the clear and under a passphrase, which takes a fresh salt each time.
func keyFileSeeds() throws -> [String: [UInt8]] {
    let passphrase = SecretBytes(copying: Array("passphrase".utf8).span)
    let encrypted = try EncryptedIdentityKey(
        issuer,
        passphrase: passphrase,
        cost: PassphraseCost(passCount: 1, memoryKibibytes: 8)
    )
    return [StoredIdentityKey.plain(issuer), .encrypted(encrypted)].reduce(into: [:]) { seeds, key in
        let contents = IdentityFile.contents(of: key, now: UnixTime(seconds: 0))
        seeds[seeds.isEmpty ? "plain" : "encrypted"] = contents.withBytes { $0.array(0..<$0.count) }
    }
}

/// Every field, each kind of endpoint, both families of addresses.
private func sampleBundle() throws -> Bundle {
    func some<Value>(_ value: Value?) -> Value {
        guard let value else { fatalError("the sample is right") }
        return value
    }
    let peer = PeerConfiguration(
        publicKey: issuer.identity.wireGuardKey,
        name: some(Name("server")),
        presharedKey: try PresharedKey(SecretBytes(copying: [UInt8](repeating: 0x77, count: 32).span)),
        endpoints: ["192.0.2.1:51820", "[2001:db8::1]:51820", "host.example:1"].map {
            some(Endpoint($0, defaultPort: 1))
        },
        allowedAddresses: ["10.0.0.0/24", "fd00::/64"].map { some(IPPrefix($0)) },
        keepaliveSeconds: 25
    )
    let web = Service(name: some(Name("web")), address: IPAddress(10, 0, 0, 1), port: 80, transport: .tcp)
    return try Bundle(
        networkID: some(NetworkID([UInt8](repeating: 0xaa, count: 16).span)),
        networkName: some(Name("default")),
        epoch: 1,
        serial: 2,
        created: UnixTime(seconds: 1_767_225_600),
        notAfter: UnixTime(seconds: 1_767_225_600 + 86_400),
        addresses: ["10.0.0.2/24", "fd00::2/64"].map { some(InterfaceAddress($0)) },
        mtu: 1420,
        peers: [peer],
        services: [some(web)],
        container: try ContainerRequest(
            image: some(ImageName("registry.example/app")),
            digest: some(Bytes32([UInt8](repeating: 0xdd, count: 32).span)),
            arguments: ["--flag", ""]
        )
    )
}
