import Crypto
import TestSupport
import Testing

@testable import PeerBundle

/// Inputs that are damaged in each of their layers, as a seed says.
struct BundleDamage {
    enum Input {
        case bundle([UInt8])
        case identity([UInt8])
    }

    private static let characters = Array("=/ \r\n:AaZz09-".utf8)

    private var generator: SplitMix64
    private var bundle: Bundle
    private var bundles: RandomBundles
    private var payload: [UInt8]
    private var sealed: [UInt8]

    init(seed: UInt64) throws {
        generator = SplitMix64(seed: seed)
        bundles = RandomBundles(seed: seed)
        bundle = try bundles.next()
        payload = bundle.encoded
        sealed = try bundle.seal(from: Sample.issuer, to: Sample.recipient.identity)
    }

    mutating func next() throws -> Input {
        if number(below: 50) == 0 {
            bundle = try bundles.next()
            payload = bundle.encoded
            sealed = try bundle.seal(from: Sample.issuer, to: Sample.recipient.identity)
        }
        switch number(below: 21) {
        case 0...2: return .bundle(damaged(sealed))
        case 3...4: return .bundle(withDamagedHeader())
        case 5...7: return .bundle(try resealed())
        case 8...13: return .bundle(Sample.issuer.sealRaw(damaged(payload), to: Sample.recipient.identity))
        case 14: return .bundle(Sample.issuer.sealRaw(reordered(), to: Sample.recipient.identity))
        case 15: return .bundle(Sample.stranger.sealRaw(damaged(payload), to: Sample.recipient.identity))
        case 16...17: return .bundle(damaged(Array(BundleText.armor(sealed.span).utf8), isText: true))
        case 18: return .bundle(damaged(Array(BundleText.code(sealed.span).utf8), isText: true))
        case 19: return .bundle(damaged(parts(), isText: true))
        default: return .identity(damaged(Array(Sample.issuer.identity.text.utf8), isText: true))
        }
    }

    private mutating func number(below limit: Int) -> Int { Int.random(in: 0..<limit, using: &generator) }

    /// With up to three changes, and sometimes none.
    private mutating func damaged(_ bytes: [UInt8], isText: Bool = false) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<number(below: 4) where !bytes.isEmpty {
            let index = number(below: bytes.count)
            switch number(below: isText ? 9 : 6) {
            case 0, 1: bytes[index] ^= 1 << UInt8(number(below: 8))
            case 2: bytes[index] = UInt8(number(below: 256))
            case 3: bytes.remove(at: index)
            case 4: bytes.insert(UInt8(number(below: 256)), at: index)
            case 5: bytes.removeLast(number(below: min(bytes.count, 40)))
            case 6: bytes.swapAt(index, number(below: bytes.count))
            case 7:
                bytes.insert(
                    contentsOf: "\r\n \t".utf8.prefix(1 + number(below: 4)),
                    at: [0, index, bytes.count][number(below: 3)]
                )
            default: bytes[index] = Self.characters[number(below: Self.characters.count)]
            }
        }
        return bytes
    }

    /// Lines of parts in any order, some more than once and sometimes not all.
    private mutating func parts() -> [UInt8] {
        let parts = BundleText.codes(sealed, count: 2 + number(below: 8))
        var lines = parts + parts.prefix(number(below: 3))
        lines.shuffle(using: &generator)
        if number(below: 4) == 0 { lines.removeLast() }
        return Array(lines.joined(separator: "\n").utf8)
    }

    private mutating func withDamagedHeader() -> [UInt8] {
        var bytes = sealed
        bytes[number(below: 8)] = [0, 1, 2, 3, UInt8(number(below: 256))][number(below: 5)]
        return number(below: 4) == 0 ? Array(bytes.prefix(number(below: 12))) : bytes
    }

    /// With a change behind the seal, before the signature was looked at.
    private mutating func resealed() throws -> [UInt8] {
        let plaintext = try Sample.recipient.openingKey.open(sealed.span.extracting(8...))
        var bytes = plaintext.withBytes { bytes in bytes.indices.map { bytes[$0] } }
        bytes[number(below: bytes.count)] ^= 1 << UInt8(number(below: 8))
        return sealed.prefix(8) + Sample.recipient.identity.sealingKey.seal(bytes.span)
    }

    /// With a field doubled, moved, or taken out.
    private mutating func reordered() -> [UInt8] {
        var fields: [[UInt8]] = []
        var rest = payload[...]
        while rest.count >= 3 {
            let end = rest.startIndex + 3 + Int(rest[rest.startIndex + 1]) << 8 + Int(rest[rest.startIndex + 2])
            fields.append(Array(rest[..<end]))
            rest = rest[end...]
        }
        let index = number(below: fields.count)
        switch number(below: 3) {
        case 0: fields.insert(fields[index], at: index)
        case 1: fields.swapAt(index, number(below: fields.count))
        default: fields.remove(at: index)
        }
        return fields.flatMap { $0 }
    }
}
