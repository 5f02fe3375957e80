internal import Crypto

@testable import PeerBundle

// Text that carries bytes: what is accepted is, but for what is said below, the one text of its bytes.

/// Line ends may be those of another system, and blank space may surround the whole, as mail makes it.
func fuzzArmor(_ input: Span<UInt8>) {
    guard let bytes = try? Armor.decode(input.array(0..<input.count)[...]) else { return }
    let text = String(decoding: input.array(0..<input.count).filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    expect(text.trimmed == Armor.encode(bytes.span).trimmed, "another text of the same bytes")
}

func fuzzBase45(_ input: Span<UInt8>) {
    guard let bytes = try? Base45.decode(input) else { return }
    expect(Base45.encode(bytes.span) == input.array(0..<input.count), "another text of the same bytes")
}

/// Lines may be in any order and there more than once, with others among them and what a scanner writes in front.
func fuzzCodes(_ input: Span<UInt8>) {
    let text = input.array(0..<input.count)
    guard !text.starts(with: BundleHeader.magic), let bytes = try? BundleText.decode(text) else { return }
    let lines = text.split(separator: UInt8(ascii: "\n")).map { line in
        let line = String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
        return line.hasPrefix("QR-Code:") ? String(line.dropFirst("QR-Code:".count)) : line
    }
    let codes = Set(lines.filter { $0.hasPrefix("WGS1:") || $0.hasPrefix("WGS1/") })
    // Of armor, there are none.
    guard !codes.isEmpty else { return }
    expect(Set(BundleText.codes(bytes, count: codes.count)) == codes, "other codes of the same bytes")
}

/// Either letter case is right, if it is one.
func fuzzBech32m(_ input: Span<UInt8>) {
    let bytes = input.array(0..<input.count)
    if let identity = try? Identity(text: String(decoding: bytes, as: UTF8.self)) {
        expect(Array(identity.text.utf8) == bytes.map(\.lowercased), "another text of the same identity")
        expect((try? Identity(encoded: identity.encoded.span)) == identity, "an identity that nobody else accepts")
    }
    if let key = try? IdentityKey.read(secretText: input) {
        let text = key.secretText().withBytes { $0.array(0..<$0.count) }
        expect(text == bytes.map(\.uppercased), "another text of the same key")
    }
}

extension String {
    fileprivate var trimmed: Substring {
        func isBlank(_ character: Character) -> Bool { character.isASCII && character.isWhitespace }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return ""
        }
        return self[first...last]
    }
}
