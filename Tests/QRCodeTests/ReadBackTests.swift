import PeerBundle
import QRCode
import TestSupport
import Testing

/// Bundles on their way through each kind of picture, with `zbarimg` for the camera.
///
/// What is sealed looks like chance, so chance stands for it here.
@Suite("Read back", .serialized, .timeLimit(.minutes(10)))
struct ReadBackTests {
    /// What draws symbols, and what makes of that a file for `zbarimg`.
    enum Rendering: CaseIterable {
        case terminal, png, svg

        /// - Returns: The name of the picture.
        func write(_ symbol: QRSymbol, as name: String, to directory: borrowing TemporaryDirectory) throws -> String {
            switch self {
            case .terminal:
                let lines = QRTerminalRenderer(style: .blackOnWhite).lines(for: symbol)
                try directory.write(TerminalScreen(lines, inkIsDark: true).pbm(scale: 4), to: "\(name).pbm")
                return "\(name).pbm"
            case .png:
                try directory.write(symbol.png(), to: "\(name).png")
                return "\(name).png"
            case .svg:
                try directory.write(Array(symbol.svg().utf8), to: "\(name).svg")
                return "\(name).svg.png"
            }
        }
    }

    private static let overhead = 8 + 48
    private static let bundleCount = TestScale.isFull ? 100 : 3

    /// The sizes of which one symbol holds a bundle, at every level that does.
    static let codes: [(size: Int, level: QRCorrectionLevel)] = [384, 512, 1024, 2048].flatMap { size in
        let characterCount = 5 + (size + overhead) / 2 * 3
        return QRCorrectionLevel.allCases.filter { characterCount <= $0.maximumCharacterCount }.map { (size, $0) }
    }

    @Test("one code is one line, bit-exact", arguments: Rendering.allCases, codes)
    func whole(rendering: Rendering, code: (size: Int, level: QRCorrectionLevel)) async throws {
        var generator = SplitMix64(seed: UInt64(code.size))
        let texts = (0..<Self.bundleCount).map { _ in BundleText.code(bundle(code.size, using: &generator).span) }
        let symbols = try texts.map { try QRSymbol(alphanumeric: $0, level: code.level) }
        #expect(try await scan(symbols, drawnBy: rendering) == texts)
    }

    @Test(
        "the codes of one bundle, as many and of such a level as fit, give it back in any order",
        arguments: Rendering.allCases,
        [(384, 37), (384, 117), (2048, 117), (4096, 117), (61_440, 177)]
    )
    func series(rendering: Rendering, limit: (size: Int, symbol: Int)) async throws {
        var generator = SplitMix64(seed: UInt64(limit.size))
        for _ in 0..<max(1, Self.bundleCount * 384 / limit.size) {
            let bundle = bundle(limit.size, using: &generator)
            let symbols = try QRSymbol.series(within: limit.symbol) { BundleText.codes(bundle, count: $0) }
            #expect(symbols.allSatisfy { $0.size <= limit.symbol })
            let lines = try await scan(symbols.shuffled(using: &generator), drawnBy: rendering)
            #expect(lines.count == symbols.count)
            #expect(try BundleText.decode(Array(lines.map { "\($0)\n" }.joined().utf8)) == bundle)
        }
    }

    private func bundle(_ size: Int, using generator: inout SplitMix64) -> [UInt8] {
        Array("WGSB".utf8) + generator.bytes(count: size + Self.overhead - 4)
    }

    /// - Returns: What is read of each picture, in the order of the symbols.
    private func scan(_ symbols: [QRSymbol], drawnBy rendering: Rendering) async throws -> [String] {
        let directory = try TemporaryDirectory()
        var pictures: [String] = []
        for (index, symbol) in symbols.enumerated() {
            pictures.append(try rendering.write(symbol, as: "\(index)", to: directory))
        }
        let script = """
            cd "$1"; shift
            for drawing in *.svg; do [ ! -e "$drawing" ] || rsvg-convert --output "$drawing.png" "$drawing"; done
            exec zbarimg --quiet --raw "$@"
            """
        let result = try await Tool("/bin/sh").run(["-euc", script, "sh", directory.path] + pictures)
        #expect(result.status == 0, "\(result.error)")
        // Of some, it also reads a small code of another kind, which is not there.
        return result.text.split(separator: "\n").filter { $0.hasPrefix("WGS1") }.map(String.init)
    }
}
