internal import Crypto
internal import PeerBundle
internal import SystemIO
internal import WireGuard

@testable import Keystore

// Long lists: of hosts that somebody has written down, and of all that a network keeps of its peers.

private typealias Words = [BatchFile.Column: String]

/// What the rows say, they say in either form of a list; what they ask for is read again from its own words.
func fuzzBatch(_ input: Span<UInt8>) {
    guard let file = try? BatchFile(input.array(0..<input.count)) else { return }
    let rows = file.rows.map(words)
    expect(reread(jsonLines(rows), words) == rows.map(bytes), "other rows as JSON Lines")
    // In CSV, an empty field is none.
    let filled = rows.map { $0.filter { !$0.value.isEmpty } }
    expect(reread(csv(filled), words) == filled.map(bytes), "other rows as CSV")

    let requests = file.rows.compactMap(requestWords)
    guard !requests.isEmpty else { return }
    expect(reread(csv(requests), requestWords) == requests.map(bytes), "other requests")
}

private func reread(_ text: String, _ words: (BatchFile.Row) -> Words?) -> [[BatchFile.Column: [UInt8]]]? {
    try? BatchFile(Array(text.utf8)).rows.map { bytes(words($0) ?? [:]) }
}

/// As bytes, since Swift takes two spellings of a letter for the same.
private func bytes(_ words: Words) -> [BatchFile.Column: [UInt8]] { words.mapValues { Array($0.utf8) } }

private func words(_ row: BatchFile.Row) -> Words {
    BatchFile.Column.allCases.reduce(into: [:]) { words, column in words[column] = row[column] }
}

private func requestWords(_ row: BatchFile.Row) -> Words? {
    (try? row.request(defaultPort: Network.defaultPort)).map(words)
}

private func words(_ request: EnrolmentRequest) -> Words {
    func list(_ values: [some CustomStringConvertible]) -> String { values.map(\.description).joined(separator: " ") }
    let words: Words = [
        .identity: request.identity.text,
        .name: request.name?.description ?? "",
        .address: list(request.addresses),
        .endpoint: list(request.endpoints),
        .allowedIPs: list(request.routes),
        .service: list(request.services),
        .container: request.container?.reference ?? "",
        .mesh: request.isInMesh ? "yes" : "",
        .ownEndpoint: list(request.ownEndpoints),
        .note: request.note?.description ?? "",
    ]
    return words.filter { !$0.value.isEmpty }
}

private func csv(_ rows: [Words]) -> String {
    let columns = BatchFile.Column.allCases
    let lines = rows.map { row in
        columns.map { "\"\((row[$0] ?? "").doubling("\""))\"" }.joined(separator: ",")
    }
    return ([columns.map(\.rawValue).joined(separator: ",")] + lines).joined(separator: "\r\n")
}

private func jsonLines(_ rows: [Words]) -> String {
    rows.map { row in
        let members = row.map { column, text in
            let units = text.utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)"
            }
            return "\"\(column.rawValue)\": \"\(units.joined())\""
        }
        return "{\(members.joined(separator: ", "))}"
    }.joined(separator: "\n")
}

extension String {
    fileprivate func doubling(_ character: Unicode.Scalar) -> String {
        var text = ""
        for scalar in unicodeScalars {
            text.unicodeScalars.append(scalar)
            if scalar == character { text.unicodeScalars.append(scalar) }
        }
        return text
    }
}

/// Of an index that is taken, all can be looked up, and a change of it is a change of that alone.
func fuzzIndex(_ input: Span<UInt8>) {
    let bytes = input.array(0..<input.count)
    guard bytes.count >= 16 else { return }
    func number(_ start: Int) -> UInt64 { bytes[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) } }
    // That of the directory which it says it is about.
    let version = FileVersion(inode: number(bytes.count - 16), modified: number(bytes.count - 8))
    guard var index = PeerIndex(bytes, of: version), let entries = peers(in: index) else { return }
    var prepared = index
    prepared.prepareForMany()
    let keys = entries.map(\.identity.wireGuardKey)
    let found = keys.map { index.entry(of: $0) }.map(text)
    let lookedUp = keys.map { prepared.entry(of: $0) }.map(text)
    // Nobody writes two entries of one key; of revoked ones, all that shows is that there are more entries.
    guard Set(keys).count == index.count else { return }
    expect(found == entries.map(text) && lookedUp == found, "an entry that is not found")
    _ = index.pools(for: [hub], now: UnixTime(seconds: 0))

    guard let first = entries.first else { return }
    var peer = PeerRecord(
        name: first.name,
        identity: first.identity,
        addresses: first.addresses,
        salt: first.salt,
        created: UnixTime(seconds: 0),
        serial: 0
    )
    peer.isInMesh = first.isInMesh
    index.put(peer, version)
    let next = FileVersion(inode: version.inode, modified: ~version.modified)
    var file = bytes
    switch index.finish(next) {
    case .whole(let bytes): file = bytes
    case .changes(let removed, let offset, let appended):
        expect(offset == file.count, "what is appended is not at the end")
        for offset in removed { file[offset] = PeerIndex.Kind.removed.rawValue }
        file += appended
    }
    expect(PeerIndex(file, of: version) == nil, "taken for another version")
    guard let again = PeerIndex(file, of: next), let changed = peers(in: again) else {
        fatalError("a changed index is not taken")
    }
    expect(changed.dropLast().map(text) == entries.dropFirst().map(text), "other entries")
    expect(changed.last?.version == version, "not what was put")
    expect(changed.last.map { text($0).dropFirst(2) } == text(first).dropFirst(2), "another peer than was put")
}

private let hub: InterfaceAddress = {
    guard let hub = InterfaceAddress("10.0.0.1/16") else { fatalError("it is one") }
    return hub
}()

private func peers(in index: PeerIndex) -> [PeerIndex.Entry]? {
    var entries: [PeerIndex.Entry] = []
    let isWhole = index.forEachPeer { entry in
        entries.append(entry)
        return true
    }
    return isWhole ? entries : nil
}

private func text(_ entry: PeerIndex.Entry?) -> [String] {
    guard let entry else { return [] }
    return [
        "\(entry.version.inode)", "\(entry.version.modified)", "\(entry.name)", entry.identity.text, "\(entry.salt)",
        "\(entry.isInMesh)", "\(entry.addresses)",
    ]
}

/// Writes out an index of peers of some identities, one of which was removed and one revoked.
func indexSeed(_ identities: [Identity]) -> [UInt8] {
    var index = PeerIndex()
    let version = FileVersion(inode: 7, modified: 8)
    let peers = identities.enumerated().compactMap { number, identity -> PeerRecord? in
        let zeros = [UInt8](repeating: 0, count: 16)
        guard let name = Name("p\(number)"), let salt = Salt(zeros.span) else { return nil }
        let addresses = [IPAddress(10, 0, 0, UInt8(number + 2))]
        return PeerRecord(
            name: name,
            identity: identity,
            addresses: addresses,
            salt: salt,
            created: UnixTime(seconds: 1),
            serial: 1
        )
    }
    for peer in peers { index.put(peer, version) }
    if let second = peers.dropFirst().first { index.put(RevokedPeer(second, revoked: UnixTime(seconds: 2)), version) }
    var bytes: [UInt8] = []
    if case .whole(let first) = index.finish(version) { bytes = first }
    if let last = peers.last { index.put(last, version) }
    if case .changes(let removed, _, let appended) = index.finish(version) {
        for offset in removed { bytes[offset] = PeerIndex.Kind.removed.rawValue }
        bytes += appended
    }
    return bytes
}
