import QRCode
import TestSupport
import Testing

@Suite("QR pictures")
struct QRPictureTests {
    /// Of several versions; what a picture of the last has does not fit one block of zlib.
    static let symbols: [(length: Int, level: QRCorrectionLevel)] = [
        (1, .low), (171, .medium), (665, .high), (1851, .high), (4296, .low),
    ]

    /// Reads a PNG picture with nothing but zlib, and checks all that the format says of such a picture.
    private static let reader = """
        import struct, sys, zlib
        data = sys.stdin.buffer.read()
        assert data[:8] == bytes([137, 80, 78, 71, 13, 10, 26, 10])
        data, chunks = data[8:], []
        while data:
            length, kind = struct.unpack(">I4s", data[:8])
            content, (check,) = data[8:8 + length], struct.unpack(">I", data[8 + length:12 + length])
            assert len(content) == length and check == zlib.crc32(kind + content)
            chunks.append((kind, content))
            data = data[12 + length:]
        assert [kind for kind, _ in chunks] == [b"IHDR", b"IDAT", b"IEND"] and chunks[2][1] == b""
        width, height, *rest = struct.unpack(">IIBBBBB", chunks[0][1])
        assert width == height and rest == [1, 0, 0, 0, 0]
        lines, size = zlib.decompress(chunks[1][1]), 1 + (width + 7) // 8
        assert len(lines) == height * size
        for start in range(0, len(lines), size):
            line = lines[start:start + size]
            assert line[0] == 0
            print(bin(int.from_bytes(b"\\1" + line[1:], "big"))[3:][:width])
        """

    @Test("PNG has four pixels a module, white where there is none", arguments: symbols)
    func png(length: Int, level: QRCorrectionLevel) async throws {
        let symbol = try QRSymbol(alphanumeric: String(repeating: "A", count: length), level: level)
        let result = try await Tool("/usr/bin/python3").run(["-c", Self.reader], input: symbol.png())
        try #require(result.status == 0, "\(result.error)")
        let side = symbol.size + 8
        let rows = result.text.split(separator: "\n").map { $0.map { $0 == "0" } }
        try #require(rows.count == 4 * side && rows.allSatisfy { $0.count == 4 * side })
        for y in rows.indices {
            let expected = rows.indices.map { x in symbol.isDark(row: y / 4 - 4, column: x / 4 - 4) }
            #expect(rows[y] == expected, "row \(y)")
        }
    }

    @Test("SVG has a square for each dark module, within a white one", arguments: symbols)
    func svg(length: Int, level: QRCorrectionLevel) throws {
        let symbol = try QRSymbol(alphanumeric: String(repeating: "A", count: length), level: level)
        let side = symbol.size + 8
        let picture = symbol.svg()
        let path = try #require(
            picture.wholeMatch(
                of: /<svg xmlns="http:\/\/www.w3.org\/2000\/svg" (.*)>\n(.*)\n<path .* d="(.*)"\/>\n<\/svg>\n/
            )
        )
        #expect(path.1 == "width=\"\(4 * side)\" height=\"\(4 * side)\" viewBox=\"0 0 \(side) \(side)\"")
        #expect(path.2 == "<rect width=\"\(side)\" height=\"\(side)\" fill=\"#fff\"/>")
        var dark = [[Bool]](repeating: [Bool](repeating: false, count: side), count: side)
        var rest = path.3
        while let run = try /M(\d+) (\d+)h(\d+)v1h-(\d+)z/.prefixMatch(in: rest) {
            let (x, y, width) = try (#require(Int(run.1)), #require(Int(run.2)), #require(Int(run.3)))
            try #require(width > 0 && x + width <= side && y < side && run.3 == run.4)
            for column in x..<x + width { dark[y][column] = true }
            rest = rest[run.range.upperBound...]
        }
        #expect(rest == "")
        for row in 0..<side {
            #expect(dark[row] == (0..<side).map { symbol.isDark(row: row - 4, column: $0 - 4) }, "row \(row)")
        }
    }
}
