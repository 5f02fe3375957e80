import TestSupport
import WireGuard

// Hexadecimal with comments, and messages as a little-endian kernel writes them.

/// Reads pairs of hexadecimal digits; white space, and what follows `#` on a line, is for people.
func hex(_ text: String) -> [UInt8] {
    [UInt8](hex: text.split(separator: "\n").map { $0.prefix { $0 != "#" } }.joined())
}

func littleEndian(_ value: UInt16) -> [UInt8] { [UInt8(value & 0xff), UInt8(value >> 8)] }

func littleEndian(_ value: UInt32) -> [UInt8] {
    littleEndian(UInt16(truncatingIfNeeded: value)) + littleEndian(UInt16(value >> 16))
}

/// An attribute with its padding.
func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
    let padding = [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
    return littleEndian(UInt16(4 + value.count)) + littleEndian(type) + value + padding
}

/// A text attribute.
func attribute(_ type: UInt16, _ text: String) -> [UInt8] { attribute(type, Array(text.utf8) + [0]) }

/// A message, by default an answer to a session's first request.
func message(
    type: UInt16,
    flags: UInt16 = 0,
    sequence: UInt32 = 1,
    port: UInt32 = RecordingTransport.port,
    _ payload: [UInt8] = []
) -> [UInt8] {
    littleEndian(UInt32(16 + payload.count)) + littleEndian(type) + littleEndian(flags) + littleEndian(sequence)
        + littleEndian(port) + payload
}

/// `NLMSG_ERROR`, which is an acknowledgement when `errno` is 0; the request's header is echoed, but not its content.
func refusal(_ errno: Int32, sequence: UInt32 = 1, attributes: [UInt8] = []) -> [UInt8] {
    let capped: UInt16 = 0x100
    let hasAttributes: UInt16 = attributes.isEmpty ? 0 : 0x200
    let echo = message(type: 0x10, flags: 5, sequence: sequence, [])
    let payload = littleEndian(UInt32(bitPattern: -errno)) + echo + attributes
    return message(type: 2, flags: capped | hasAttributes, sequence: sequence, payload)
}

/// `NLMSG_DONE`.
func done(_ status: Int32 = 0, flags: UInt16 = 2, sequence: UInt32 = 1, attributes: [UInt8] = []) -> [UInt8] {
    message(type: 3, flags: flags, sequence: sequence, littleEndian(UInt32(bitPattern: status)) + attributes)
}

// Names and addresses that the tests spell themselves.

extension InterfaceName: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) {
        guard let name = InterfaceName(text) else { fatalError("not an interface name: \(text)") }
        self = name
    }
}

extension IPAddress: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) {
        guard let address = IPAddress(text) else { fatalError("not an address: \(text)") }
        self = address
    }
}

extension IPPrefix: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) {
        guard let prefix = IPPrefix(text) else { fatalError("not a prefix: \(text)") }
        self = prefix
    }
}

extension InterfaceAddress: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) {
        guard let address = InterfaceAddress(text) else { fatalError("not an interface address: \(text)") }
        self = address
    }
}
