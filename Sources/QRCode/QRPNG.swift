extension QRSymbol {
    /// Draws the symbol and its quiet zone as a PNG picture, black on white with one bit for each pixel.
    ///
    /// The picture is not compressed, which PNG allows (RFC 1951, 3.2.4) and which needs no library. One symbol has one
    /// picture.
    ///
    /// - Returns: A PNG file (ISO/IEC 15948).
    package func png() -> [UInt8] {
        let width = UInt32(truncatingIfNeeded: (size + 2 * Self.quietZone) * Self.pixelsPerModule)
        // One bit a sample, grey, and the only methods of compression, filtering and interlacing that there need be.
        let header = width.bytes + width.bytes + [1, 0, 0, 0, 0]
        return [0x89] + Array("PNG\r\n\u{1A}\n".utf8)
            + Self.chunk("IHDR", header) + Self.chunk("IDAT", Self.stored(scanLines()))
            + Self.chunk("IEND", [])
    }

    /// Row by row, each with a byte in front that says that it is not filtered; a bit that is set is white.
    private func scanLines() -> [UInt8] {
        let modules = -Self.quietZone..<size + Self.quietZone
        return modules.flatMap { row in
            let pixels = modules.flatMap { column in
                repeatElement(isDark(row: row, column: column) ? 0 as UInt8 : 1, count: Self.pixelsPerModule)
            }
            let line = stride(from: 0, to: pixels.count, by: 8).map { start in
                (start..<start + 8).reduce(0 as UInt8) { $0 << 1 | ($1 < pixels.count ? pixels[$1] : 0) }
            }
            return repeatElement([0] + line, count: Self.pixelsPerModule).joined()
        }
    }

    /// Length, kind, content and check value (ISO/IEC 15948, 5.3).
    private static func chunk(_ kind: String, _ content: [UInt8]) -> [UInt8] {
        let checked = Array(kind.utf8) + content
        return UInt32(truncatingIfNeeded: content.count).bytes + checked + crc(checked).bytes
    }

    /// A stream of zlib (RFC 1950) in blocks that are stored as they are.
    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        let longest = 65_535
        // A window of 32 KiB, no dictionary, the fastest algorithm.
        var stream: [UInt8] = [0x78, 0x01]
        for start in stride(from: 0, to: bytes.count, by: longest) {
            let block = bytes[start..<min(start + longest, bytes.count)]
            let count = UInt16(truncatingIfNeeded: block.count)
            stream.append(block.endIndex == bytes.count ? 1 : 0)
            stream += [count, ~count].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
            stream += block
        }
        return stream + adler(bytes).bytes
    }

    /// RFC 1950, 8.2.
    private static func adler(_ bytes: [UInt8]) -> UInt32 {
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return high << 16 | low
    }

    /// ISO/IEC 15948, annex D.
    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { remainder, byte in
            crcTable[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)] ^ remainder >> 8
        }
    }

    private static let crcTable: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(byte) { remainder, _ in remainder & 1 == 1 ? 0xedb8_8320 ^ remainder >> 1 : remainder >> 1 }
    }
}

extension UInt32 {
    /// The most significant one first.
    fileprivate var bytes: [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: self >> UInt32($0)) }
    }
}
