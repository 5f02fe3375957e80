internal import Crypto
internal import PeerBundle
internal import SystemIO
internal import WireGuard

@testable import Keystore

// The small text files of a home. People edit them, so one content has many spellings; but what was read is written as
// something that is read as the same.

/// The first byte tells which file of a network it is.
func fuzzRegistry(_ input: Span<UInt8>) {
    guard input.count > 0 else { return }
    let bytes = input.array(1..<input.count)
    if input[0] & 1 == 0 {
        guard let network = try? Network(name: name, record: bytes, file: "") else { return }
        expect((try? Network(name: name, record: network.record, file: "")) == network, "another network: \(network)")
    } else {
        guard let peer = try? PeerRecord(name: name, record: bytes, file: "") else { return }
        expect((try? PeerRecord(name: name, record: peer.record, file: "")) == peer, "another peer: \(peer)")
    }
}

func fuzzTrust(_ input: Span<UInt8>) {
    let bytes = input.array(0..<input.count)
    guard let issuer = try? TrustedIssuer(name: name, record: bytes, file: "") else { return }
    expect((try? TrustedIssuer(name: name, record: issuer.record, file: "")) == issuer, "another issuer: \(issuer)")
}

func fuzzWorkload(_ input: Span<UInt8>) {
    guard let settings = try? WorkloadConfiguration(record: input.array(0..<input.count), file: "") else { return }
    for word in [settings.image, settings.containerName] {
        expect(word?.hasPrefix("-") != true, "an engine would take it for an option")
    }
    expect(settings.command?.isEmpty != true, "a command without a word")
}

/// An identity key, in the clear or under a passphrase.
func fuzzKeyFile(_ input: Span<UInt8>) {
    guard let file = try? IdentityFile(SecretBytes(copying: input), path: "") else { return }
    let again = file.contents(replacingKeyBy: file.key).withBytes { $0.array(0..<$0.count) }
    // The text of the key may be in lower case, and the comments are kept as they are.
    expect(again.count == input.count, "another length")
    for index in again.indices where again[index] != input[index] {
        expect(
            (0x41...0x5a).contains(again[index]) && again[index] + 32 == input[index],
            "another file of the same key"
        )
    }
}

private let name: Name = {
    guard let name = Name("name") else { fatalError("the name is one") }
    return name
}()

/// Writes the inputs to begin with of all targets but those of replies.
func writeBundleSeeds(below path: String) throws {
    var seeds = try bundleSeeds()
    let identity = seeds["bech32m"]?["identity"].map { String(decoding: $0, as: UTF8.self) } ?? ""
    let zeros = String(repeating: "0", count: 32)
    seeds["trust"] = [
        "issuer": """
        # a comment
        identity = \(identity)
        added = 1
        max-prefix = 16
        max-prefix6 = 48
        allow-default-route = no
        allow-image = registry.example/team/*, nginx

        """
    ].mapValues { Array($0.utf8) }
    seeds["registry"] = [
        "network": """
        0id = \(zeros)
        hub = host-a
        interface = wg-tunnel
        addresses = 10.0.0.1/24, fd00::1/64
        port = 51820
        mtu = 1420
        keepalive = 25
        epoch = 1
        endpoints = 192.0.2.1:51820, host.example

        """,
        "peer": """
        1identity = \(identity)
        addresses = 10.0.0.2, fd00::2
        salt = \(zeros)
        created = 1
        serial = 2
        endpoints = 192.0.2.1
        routes = 10.9.0.0/16
        services = web:80, dns:53/udp
        container = registry.example/app@sha256:\(zeros)\(zeros)

        """,
    ].mapValues { Array($0.utf8) }
    seeds["keyfile"] = try keyFileSeeds()
    seeds["batch"] = [
        "csv": """
        identity,name,address,endpoint,allowed-ips,service,container,mesh,own-endpoint,note\r
        \(identity),a,10.0.0.2 fd00::2,"192.0.2.1:1",10.9.0.0/16,web:80 dns:53/udp,\
        a@sha256:\(zeros)\(zeros),yes,h.example,\
        "the ""first"", and one"\r
        """,
        "json": """
        {"identity": "\(identity)", "name": "a", "address": ["10.0.0.2", "fd00::2"], "mesh": true, \
        "note": "\\u00e9\\ud83d\\ude00"}

        {"identity": "x", "service": "web:80"}
        """,
    ].mapValues { Array($0.utf8) }
    seeds["index"] = ["peers": indexSeed(sampleIdentities)]
    seeds["workload"] = [
        "settings": """
        engine = docker
        image = nginx
        container-name = web
        publish = 8080:80, 8443:443
        placement = host
        command = sh -c 'echo "a b"' \\"c

        """
    ].mapValues { Array($0.utf8) }
    for (target, files) in seeds {
        for (file, bytes) in files { try OutputFile.write("\(path)/\(target)/\(file)", bytes.span, overwrite: true) }
    }
}
