import CSodium
import Foundation
import TestSupport
import Testing

/// A secret of a host, and the ways in which it could be written down.
struct Secret {
    private let patterns: [[UInt8]]

    /// Takes the bytes of a key.
    init(_ key: [UInt8]) {
        let hexadecimal = key.map { String(($0 < 16 ? "0" : "") + String($0, radix: 16)) }.joined()
        let decimal = stride(from: 0, to: key.count, by: 8).map { start in
            key[start..<min(start + 8, key.count)].map(String.init).joined(separator: ", ")
        }
        let texts = [hexadecimal, hexadecimal.uppercased()] + Self.base64(key)
        patterns =
            Self.pieces(of: key, count: 8) + decimal.map { Array($0.utf8) } + texts.flatMap { Self.pieces(of: $0) }
    }

    /// Takes a key in a text of its own.
    init(text: String) { patterns = Self.pieces(of: text) + Self.pieces(of: text.lowercased()) }

    /// A list of patterns as grep takes it: one a line.
    static func patternFile(_ secrets: [Secret]) -> [UInt8] {
        Array(secrets.flatMap(\.patterns).joined(separator: [0x0A]))
    }

    /// The base64 of the bytes, in both alphabets, wherever they stand in something longer; the characters at either end
    /// that depend on what is there are left out.
    private static func base64(_ key: [UInt8]) -> [String] {
        (0..<3).flatMap { offset in
            let encoded = Data([UInt8](repeating: 0, count: offset) + key).base64EncodedString()
            let text = String(encoded.prefix((offset + key.count) * 8 / 6).dropFirst((offset * 8 + 5) / 6))
            return [text, text.replacing("+", with: "-").replacing("/", with: "_")]
        }
    }

    private static func pieces(of text: String) -> [[UInt8]] { pieces(of: Array(text.utf8), count: 16) }

    // Each is long enough to be found nowhere by chance; so half a key is found too, and one that is broken into lines.
    // With a line feed in it, a piece cannot be a pattern.
    private static func pieces(of bytes: [UInt8], count: Int) -> [[UInt8]] {
        stride(from: 0, through: bytes.count - count, by: count).map { Array(bytes[$0..<$0 + count]) }
            .filter { !$0.contains(0x0A) }
    }
}

extension Lab {
    /// Asks the device and the key files of a host whose tunnel is up, not our own programs, for every secret in them.
    func secrets(of host: String) async throws -> [Secret] {
        let privateKey = try base64Key(try await text(host, "wg", "show", "wg-tunnel", "private-key"))
        let presharedKeys = try await text(host, "wg", "show", "wg-tunnel", "preshared-keys").split(separator: "\n")
            .map { try base64Key(String($0.split(separator: "\t")[1])) }
        try #require(!presharedKeys.isEmpty)
        let file = try await text(host, "grep", "-i", "^wgid-secret-1", ".config/wgseal/identity.key")
        let identity = try bech32(file)
        try #require(identity.count == 65 && Array(identity[33...]) == privateKey, "the device has the key of the file")
        let seed = Array(identity[1..<33])
        return [Secret(text: file), Secret(privateKey), Secret(seed)] + presharedKeys.map { Secret($0) }
            + subkeys(of: seed).map { Secret($0) }
    }

    /// The secret from which a hub derives all its preshared keys.
    func presharedKeyRoot(of host: String) async throws -> Secret {
        let file = try await run(host, "cat", ".config/wgseal/networks/default/preshared.key")
        try #require(file.output.count == 32)
        return Secret(file.output)
    }

    private func base64Key(_ text: String) throws -> [UInt8] {
        let key = try #require(Data(base64Encoded: text))
        try #require(key.count == 32)
        return Array(key)
    }

    /// The bytes that a bech32 text carries before its checksum.
    private func bech32(_ text: String) throws -> [UInt8] {
        let digits = try #require(text.lowercased().split(separator: "1", maxSplits: 1).last).dropLast(6)
        let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l")
        var bytes: [UInt8] = []
        var (bits, bitCount) = (0, 0)
        for digit in digits {
            bits = (bits & 0xFF) << 5 | (try #require(alphabet.firstIndex(of: digit)))
            bitCount += 5
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
            }
        }
        return bytes
    }

    /// The seed of the signing key, and the key that opens bundles.
    private func subkeys(of seed: [UInt8]) -> [[UInt8]] {
        let seeds = (1...2 as ClosedRange<UInt64>).map { number in
            var subkey = [UInt8](repeating: 0, count: 32)
            _ = unsafe crypto_kdf_derive_from_key(&subkey, 32, number, "wgsealid", seed)
            return subkey
        }
        var publicKey = [UInt8](repeating: 0, count: 32)
        var openingKey = [UInt8](repeating: 0, count: 32)
        _ = unsafe crypto_box_seed_keypair(&publicKey, &openingKey, seeds[1])
        return seeds + [openingKey]
    }
}
