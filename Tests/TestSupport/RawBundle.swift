package import Crypto

/// A payload of the bundle format as a list of fields, which can be what no encoder writes.
package struct RawPayload: Sendable {
    /// Tag and value, in the order in which they are written.
    package var fields: [(tag: UInt8, value: [UInt8])]

    /// Takes any fields.
    package init(_ fields: [(tag: UInt8, value: [UInt8])]) { self.fields = fields }

    /// The fields as they stand in a bundle, or in a field that holds others: tag (1), length (2), value.
    package var bytes: [UInt8] {
        fields.flatMap { [$0.tag, UInt8($0.value.count >> 8 & 0xff), UInt8($0.value.count & 0xff)] + $0.value }
    }

    /// With another value in place of each of a tag.
    package func with(_ tag: UInt8, _ value: [UInt8]) -> RawPayload {
        RawPayload(fields.map { $0.tag == tag ? (tag, value) : $0 })
    }

    /// With other elements in place of those of a list, in the order of the format: by their bytes.
    package func with(_ tag: UInt8, list values: [[UInt8]]) -> RawPayload {
        let elements = values.sorted { $0.lexicographicallyPrecedes($1) }.map { (tag: tag, value: $0) }
        let others = without(tag).fields
        let end = others.firstIndex { $0.tag > tag } ?? others.endIndex
        return RawPayload(others[..<end] + elements + others[end...])
    }

    /// With none of a tag.
    package func without(_ tag: UInt8) -> RawPayload { RawPayload(fields.filter { $0.tag != tag }) }

    /// With one more field in its place, after those of its tag.
    package func adding(_ tag: UInt8, _ value: [UInt8]) -> RawPayload {
        let end = fields.firstIndex { $0.tag > tag } ?? fields.endIndex
        return RawPayload(fields[..<end] + [(tag, value)] + fields[end...])
    }
}

extension IdentityKey {
    /// Signs a payload, whatever it is, as an issuer who means harm can, and seals it.
    ///
    /// This follows the description of the format and nothing that writes bundles.
    package func sealRaw(_ payload: [UInt8], to recipient: Identity) -> [UInt8] {
        let sizes = [384, 512, 1024, 2048] + stride(from: 4096, through: 61_440, by: 4096)
        let size = sizes.first { $0 >= 162 + payload.count } ?? 0
        let header = Array("WGSB".utf8) + [1, 1] + Self.bigEndian(size + 48)
        let content = identity.keys + Self.bigEndian(payload.count) + payload
        let message =
            Array("wgseal/bundle/v1\0".utf8) + header + recipient.fingerprint.rawValue.bytes
            + recipient.sealingKey.rawValue.bytes + content
        let plaintext = sign(message.span) + content
        let padding = [UInt8](repeating: 0, count: size - plaintext.count)
        return header + recipient.sealingKey.seal((plaintext + padding).span)
    }

    private static func bigEndian(_ number: Int) -> [UInt8] { [UInt8(number >> 8 & 0xff), UInt8(number & 0xff)] }
}
