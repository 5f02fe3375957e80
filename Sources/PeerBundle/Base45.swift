/// Bytes as the characters of a QR code's alphanumeric mode (RFC 9285): two bytes become three characters.
enum Base45 {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".utf8)

    static func encode(_ bytes: Span<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 3 + 1) / 2)
        var index = 0
        while index < bytes.count {
            let isPair = index + 1 < bytes.count
            var number = isPair ? Int(bytes[index]) << 8 | Int(bytes[index + 1]) : Int(bytes[index])
            for _ in 0..<(isPair ? 3 : 2) {
                text.append(alphabet[number % 45])
                number /= 45
            }
            index += 2
        }
        return text
    }

    /// Refuses other characters, lower case among them, groups above 65535 or 255, and a last group of one character.
    ///
    /// - Throws: The position of the group or character that is wrong.
    static func decode(_ text: Span<UInt8>) throws(BundleError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 3 * 2 + 1)
        var index = 0
        while index < text.count {
            let count = min(3, text.count - index)
            var number = 0
            var weight = 1
            for position in index..<(index + count) {
                guard let digit = alphabet.firstIndex(of: text[position]) else { throw .base45(position: position + 1) }
                number += digit * weight
                weight *= 45
            }
            guard count > 1, number <= (count == 3 ? 0xffff : 0xff) else { throw .base45(position: index + 1) }
            if count == 3 { bytes.append(UInt8(number >> 8)) }
            bytes.append(UInt8(number & 0xff))
            index += count
        }
        return bytes
    }
}
