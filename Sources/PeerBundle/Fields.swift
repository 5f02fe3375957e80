internal import Crypto

/// The fields of one level of the payload: tag (1), length (2), value.
///
/// Each level is an enum, so that a new field does not compile until the reader handles it.
protocol FieldTag: RawRepresentable where RawValue == UInt8 {
    /// For errors.
    var name: String { get }
    /// A list repeats its tag, with values that ascend bytewise.
    var isList: Bool { get }
    /// For errors: where the fields are.
    static var level: String { get }
}

enum BundleTag: UInt8, FieldTag {
    case networkID = 0x01
    case networkName = 0x02
    case epoch = 0x03
    case serial = 0x04
    case created = 0x05
    case notAfter = 0x06
    case address = 0x10
    case mtu = 0x11
    case listenPort = 0x12
    case peer = 0x20
    case service = 0x30
    case container = 0x40

    static let level = ""
    var isList: Bool { self == .address || self == .peer || self == .service }
    var name: String {
        switch self {
        case .networkID: "network-id"
        case .networkName: "network-name"
        case .epoch: "epoch"
        case .serial: "serial"
        case .created: "created"
        case .notAfter: "not-after"
        case .address: "address"
        case .mtu: "mtu"
        case .listenPort: "listen-port"
        case .peer: "peer"
        case .service: "service"
        case .container: "container"
        }
    }
}

enum PeerTag: UInt8, FieldTag {
    case publicKey = 0x01
    case name = 0x02
    case presharedKey = 0x03
    case endpoint = 0x04
    case allowedAddress = 0x05
    case keepalive = 0x06

    static let level = "peer "
    var isList: Bool { self == .endpoint || self == .allowedAddress }
    var name: String {
        switch self {
        case .publicKey: "peer public-key"
        case .name: "peer name"
        case .presharedKey: "peer preshared-key"
        case .endpoint: "peer endpoint"
        case .allowedAddress: "peer allowed-address"
        case .keepalive: "peer keepalive"
        }
    }
}

enum ServiceTag: UInt8, FieldTag {
    case name = 0x01
    case address = 0x02
    case port = 0x03
    case transport = 0x04

    static let level = "service "
    var isList: Bool { false }
    var name: String {
        switch self {
        case .name: "service name"
        case .address: "service address"
        case .port: "service port"
        case .transport: "service protocol"
        }
    }
}

enum ContainerTag: UInt8, FieldTag {
    case image = 0x01
    case digest = 0x02
    case argument = 0x03

    static let level = "container "
    var isList: Bool { self == .argument }
    var name: String {
        switch self {
        case .image: "container image"
        case .digest: "container digest"
        case .argument: "container argument"
        }
    }
}

/// Walks the fields of one level, in order.
///
/// - Throws: ``BundleError/field(_:_:)`` for a tag that is unknown, out of order or repeated, and for a length beyond the
///   end; or whatever `body` throws.
func forEachField<Tag: FieldTag>(
    in bytes: Span<UInt8>,
    _ body: (Tag, Span<UInt8>) throws(BundleError) -> Void
) throws(BundleError) {
    var offset = 0
    var last: (tag: Tag, value: Range<Int>)?
    while offset < bytes.count {
        guard let tag = Tag(rawValue: bytes[offset]) else {
            throw .field("\(Tag.level)tag \(bytes[offset])", .unknown)
        }
        guard bytes.count - offset >= 3 else { throw .field(tag.name, .length) }
        let start = offset + 3
        let count = Int(bytes[offset + 1]) << 8 | Int(bytes[offset + 2])
        guard count <= bytes.count - start else { throw .field(tag.name, .length) }
        let value = start..<(start + count)
        if let last, tag.rawValue <= last.tag.rawValue {
            guard tag.rawValue == last.tag.rawValue else { throw .field(tag.name, .order) }
            guard tag.isList else { throw .field(tag.name, .repeated) }
            switch compare(bytes.extracting(last.value), bytes.extracting(value)) {
            case ..<0: break
            case 0: throw .field(tag.name, .repeated)
            default: throw .field(tag.name, .order)
            }
        }
        try body(tag, bytes.extracting(value))
        last = (tag, value)
        offset = value.upperBound
    }
}

private func compare(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Int {
    for index in 0..<min(left.count, right.count) where left[index] != right[index] {
        return Int(left[index]) - Int(right[index])
    }
    return left.count - right.count
}

extension SecretWriter {
    mutating func field(_ tag: some FieldTag, _ value: [UInt8]) {
        field(tag) { $0.append(value) }
    }

    mutating func field(_ tag: some FieldTag, _ body: (inout SecretWriter) -> Void) {
        append([tag.rawValue, 0, 0])
        let start = count
        body(&self)
        // A value that does not fit 16 bits makes the whole too large, which is found when it is complete.
        replace(at: start - 2, with: UInt16(truncatingIfNeeded: count - start).bigEndianBytes)
    }
}
