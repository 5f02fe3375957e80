import Crypto
import Planning
import Testing
import WireGuard

@Suite("Peer notes")
struct PeerNotesTests {
    private func notes() throws -> PeerNotes {
        let check = CheckValue(of: [1].span, personalization: "0123456789abcdef")
        let (one, two) = (try #require(Name("one")), try #require(Name("two")))
        return PeerNotes([
            PeerNotes.Peer(
                publicKey: PrivateKey().publicKey,
                name: two,
                fingerprint: IdentityKey().identity.fingerprint,
                presharedKey: check,
                endpoints: [
                    try #require(SocketAddress("192.0.2.1:51820")), try #require(SocketAddress("[2001:db8::1]:1")),
                ]
            ),
            PeerNotes.Peer(publicKey: PrivateKey().publicKey, name: one, presharedKey: nil),
        ])
    }

    @Test("are read as they were written, in the same order")
    func roundTrip() throws {
        let notes = try notes()
        #expect(PeerNotes(text: notes.text) == notes)
        #expect(PeerNotes(text: PeerNotes().text) == PeerNotes())
    }

    @Test("are refused when anything of them is missing or not what is written")
    func damaged() throws {
        let text = try notes().text
        for count in 0..<text.utf8.count {
            #expect(PeerNotes(text: String(decoding: text.utf8.prefix(count), as: UTF8.self)) == nil, "cut at \(count)")
        }
        let lines = text.dropLast("end\n".count)
        let key = PrivateKey().publicKey.base64
        for line in [
            "x", "\(key) one", "\(key) one -", "\(key) One - -", "\(key) one - - -", "\(key) one 12 -", "AAAA one - -",
            "\(key) one - 12", "", "\(key) one - - ", "\(key) one - - 192.0.2.1", "\(key) one - - host:1",
        ] {
            #expect(PeerNotes(text: lines + line + "\nend\n") == nil, "\(line)")
        }
    }

    @Test("tell a preshared key from another, and a salt from another")
    func checkValues() throws {
        let keys = [PrivateKey().publicKey, PrivateKey().publicKey]
        let (root, salt) = (PresharedKeyRoot(), Salt())
        let key = root.presharedKey(between: keys[0], and: keys[1], salt: salt)
        #expect(key.checkValue == root.presharedKey(between: keys[1], and: keys[0], salt: salt).checkValue)
        #expect(key.checkValue != root.presharedKey(between: keys[0], and: keys[1], salt: Salt()).checkValue)
        #expect(
            key.checkValue != PresharedKeyRoot().presharedKey(between: keys[0], and: keys[1], salt: salt).checkValue
        )
        let stored = try key.withBytes { bytes in try PresharedKey(SecretBytes(copying: bytes)) }
        #expect(try stored.checkValue == key.withBytes { try PresharedKey(SecretBytes(copying: $0)) }.checkValue)
        #expect(
            stored.checkValue
                != PrivateKey().withBytes { bytes in CheckValue(of: bytes, personalization: "0123456789abcdef") }
        )
    }
}
