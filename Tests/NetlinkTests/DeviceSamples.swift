import Crypto

@testable import Netlink

extension Link {
    /// A WireGuard link with index 7.
    static let wireGuard = Link(
        index: 7,
        name: "wg0",
        kind: "wireguard",
        isUp: false,
        isRunning: false,
        mtu: 1420,
        alias: nil,
        peerNamespaceID: nil
    )
}

extension PublicKey {
    /// A key with a small number in its first bytes; 2 or more.
    static func numbered(_ number: Int) throws(CryptoError) -> PublicKey {
        var bytes = [UInt8](repeating: 0, count: 32)
        bytes[0] = UInt8(number & 0xff)
        bytes[1] = UInt8(number >> 8)
        return try PublicKey(Bytes32(bytes.span) ?? Bytes32())
    }
}

extension SecretBytes {
    /// A secret that is easily seen in a message.
    static func repeating(_ byte: UInt8) -> SecretBytes {
        SecretBytes(copying: [UInt8](repeating: byte, count: 32).span)
    }
}

extension [UInt8] {
    /// The kernel's answer to a session's first request: WireGuard is family 0x1c.
    static let wireGuardFamily = message(
        type: 0x10,
        hex("01 02 0000") + attribute(2, "wireguard") + attribute(1, [0x1c, 0])
    )
}
