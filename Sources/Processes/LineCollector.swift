/// Cuts a stream into lines, and keeps its end.
struct LineCollector {
    private let limit: Int
    private let onLine: (@Sendable (String) -> Void)?
    private var kept: [UInt8] = []
    private var line: [UInt8] = []

    /// Keeps at most the last `limit` bytes; a longer line is handed on in pieces.
    init(keeping limit: Int, onLine: (@Sendable (String) -> Void)?) {
        self.limit = limit
        self.onLine = onLine
    }

    /// What was kept.
    var text: String { String(decoding: kept, as: UTF8.self) }

    mutating func append(_ bytes: RawSpan) {
        for index in bytes.byteOffsets {
            let byte = unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            kept.append(byte)
            // Dropping half at a time keeps the cost of a byte constant.
            if kept.count > 2 * limit { kept.removeFirst(limit) }
            guard onLine != nil else { continue }
            // A progress display ends its lines with a carriage return.
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || line.count == limit { handOn() }
            if byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") { line.append(byte) }
        }
    }

    /// Hands on a last line that has no end, and drops what is beyond the limit.
    mutating func finish() {
        handOn()
        kept.removeFirst(max(0, kept.count - limit))
    }

    private mutating func handOn() {
        guard let onLine, !line.isEmpty else { return }
        onLine(String(decoding: line, as: UTF8.self))
        line.removeAll(keepingCapacity: true)
    }
}
