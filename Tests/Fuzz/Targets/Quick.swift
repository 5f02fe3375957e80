internal import Crypto
internal import WireGuard

/// People and programs write such files in many ways; what was read is written as something that is read as the same.
func fuzzQuick(_ input: Span<UInt8>) {
    guard let configuration = try? QuickConfiguration(text: input, file: "") else { return }
    for peer in configuration.peers {
        expect(peer.keepaliveSeconds != 0, "no keepalive is none")
        expect(peer.endpoint?.port != 0, "port 0 is no endpoint")
        expect(peer.label.map { (1...31).contains($0.utf8.count) } != false, "a label that is no name")
    }
    expect(Set(configuration.peers.map(\.publicKey)).count == configuration.peers.count, "a peer that is there twice")
    let blocks = configuration.peers.flatMap(\.allowedAddresses)
    expect(Set(blocks).count == blocks.count, "a block of two peers")

    let text = configuration.bytes
    guard let again = try? QuickConfiguration(text: text.span, file: "") else {
        fatalError("a text that is not read again")
    }
    expect(again.bytes == text, "another configuration")
    expect(again.privateKey?.publicKey == configuration.privateKey?.publicKey, "another key")
    expect(again.peers.map(\.label) == configuration.peers.map(\.label), "other names")
    expect(again.peers.map(\.publicKey) == configuration.peers.map(\.publicKey), "other peers")
    expect(again.peers.map(\.allowedAddresses) == configuration.peers.map(\.allowedAddresses), "other blocks")
}

extension QuickConfiguration {
    fileprivate var bytes: [UInt8] { text().withBytes { $0.array(0..<$0.count) } }
}
