import CommandSupport
import Crypto
import Keystore
import PeerBundle
import SystemIO
import WireGuard

/// Whom `--to` means.
enum Recipient {
    /// Longer than any identity, so that a wrong file is recognised without being read to its end.
    private static let maximumByteCount = 4096

    /// Finds the identity that a text names: itself, `-` for standard input, a known peer or trusted issuer by its name
    /// or fingerprint, or a file that holds it.
    static func identity(
        _ text: String,
        in home: borrowing Home,
        network: Name
    ) throws -> Identity {
        if text == "-" { return try read(text) }
        let mistake: IdentityTextError
        do throws(IdentityTextError) {
            return try Identity(text: text)
        } catch {
            mistake = error
        }
        if let peer = try peer(text, in: home, network: network) { return peer.identity }
        if let issuer = try home.trustedIssuers().first(where: { $0.isMeant(by: text) }) { return issuer.identity }
        // Whatever looks like an identity or a key is one that was mistyped or mistaken, not the name of a file.
        guard mistake == .notAnIdentity else { throw mistake }
        do {
            return try read(text)
        } catch SystemError.missing {
            throw CommandFailure(
                .noInput,
                "'\(text)' is no identity, no known peer, and no file",
                hint: "wgbundle peers"
            )
        }
    }

    private static func peer(
        _ text: String,
        in home: borrowing Home,
        network: Name
    ) throws(KeystoreError) -> PeerRecord? {
        do throws(KeystoreError) {
            return try home.network(network).peer(meantBy: text)
        } catch .noNetwork {
            return nil
        } catch {
            throw error
        }
    }

    private static func read(_ path: String) throws -> Identity {
        let bytes = try InputFile.read(path, maximumByteCount: maximumByteCount)
        let isBlank: (UInt8) -> Bool = {
            $0 == UInt8(ascii: " ") || (UInt8(ascii: "\t")...UInt8(ascii: "\r")).contains($0)
        }
        var text = bytes.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return try Identity(text: String(decoding: text, as: UTF8.self))
    }
}
