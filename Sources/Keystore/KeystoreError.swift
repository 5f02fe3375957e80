package import Crypto
package import PeerBundle
package import SystemIO
package import WireGuard

/// What the home of keys and networks lacks, or refuses.
package enum KeystoreError: Error, Equatable {
    case system(SystemError)
    case record(RecordError)
    /// The plain peers of a network are not what this program writes.
    case plainPeers(QuickError)
    /// The user has no home directory, and none was named.
    case noHomeDirectory
    /// There is no home, or no identity key in it.
    case noIdentity(home: String)
    /// There is an identity key, which is never overwritten.
    case identityExists(path: String)
    /// The identity key is not what this program writes.
    case damagedIdentity(path: String, IdentityTextError)
    /// The identity key cannot be decrypted.
    case lockedIdentity(path: String, CryptoError)
    /// Another identity key was stored in the meantime.
    case identityChanged(path: String)
    /// The identity is one's own.
    case ownIdentity
    /// The issuer is trusted under another name.
    case alreadyTrusted(name: Name)
    /// The name is that of another trusted issuer.
    case issuerNameTaken(Name)
    case notTrusted(String)
    case noNetwork(Name, home: String)
    case networkExists(Name)
    /// Another network of this host has the interface or the port.
    case networkClash(InterfaceName, port: UInt16, other: Name)
    /// A file without which the network must not be used, such as the counter of its bundles.
    case incompleteNetwork(path: String)
    /// A file whose content this program never wrote.
    case damagedFile(path: String)
    /// The record of the last bundle is not what this program writes: it was changed or cut short.
    case damagedFreshness(path: String)
    /// Every /24 of 10.0.0.0/8 overlaps a route of this host.
    case noFreeRange
    /// The range that was given overlaps a route of this host, or another network of it.
    case rangeTaken(IPPrefix, by: IPPrefix)
    /// The range that was given has not enough addresses.
    case smallRange(IPPrefix)
    /// The name is that of a peer with another identity.
    case peerNameTaken(Name)
    /// Every name that the fingerprint makes is another peer's.
    case noFreeName
    /// The identity is that of a peer with another name.
    case peerKnown(Name)
    /// The WireGuard key is that of a peer with another identity.
    case wireGuardKeyTaken(Name)
    /// The identity is that of a peer that was revoked.
    case revoked(Name)
    /// There is no peer that is meant by this.
    case noPeer(String)
    /// The records of two peers, which somebody else has written, cannot both be right.
    case twins(Name, Name, String, path: String)
    /// The hub reaches a block through the plain peer, which it could not once that has a bundle.
    case plainPeerKeeps(Name, IPPrefix)
    /// The address is another peer's, or the hub's, or one that no host can have.
    case addressTaken(IPAddress)
    /// The address lies in none of the network's ranges.
    case addressOutside(IPAddress)
    case noFreeAddress(IPPrefix)
    /// Neither the command line nor the network says where peers reach the hub, and there is no default route.
    case noEndpoint
    case bundle(BundleError)
    /// No recipient would accept what the bundle asks for.
    case policy(PolicyError)
    /// The counter of bundles cannot grow any more.
    case serialsExhausted(path: String)
}

extension KeystoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .system(let error): error.description
        case .record(let error): error.description
        case .plainPeers(let error): error.description
        case .noHomeDirectory: "there is no home directory to keep keys in"
        case .noIdentity(let home): "this host has no identity key in \(home.printable)"
        case .identityExists(let path): "\(path.printable): exists already, and an identity key is never overwritten"
        case .damagedIdentity(let path, let error): "\(path.printable): \(error)"
        case .lockedIdentity(let path, let error): "\(path.printable): \(error)"
        case .identityChanged(let path): "\(path.printable): another process has stored another identity key"
        case .ownIdentity: "this is the identity of this host itself"
        case .alreadyTrusted(let name): "this issuer is trusted already, as '\(name)'"
        case .issuerNameTaken(let name): "another issuer is trusted as '\(name)'"
        case .notTrusted(let text): "no trusted issuer is '\(text.printable)'"
        case .noNetwork(let name, let home): "there is no network '\(name)' in \(home.printable)"
        case .networkExists(let name): "there is a network '\(name)' already"
        case .networkClash(let interface, let port, let other):
            "network '\(other)' has the interface \(interface) or the port \(port) already"
        case .incompleteNetwork(let path): "\(path.printable): is missing, and the network cannot be used without it"
        case .damagedFile(let path): "\(path.printable): is damaged"
        case .damagedFreshness(let path):
            "\(path.printable): was changed or cut short, so that old bundles can't be told from new ones"
        case .noFreeRange: "every address range of 10.0.0.0/8 overlaps a route of this host"
        case .rangeTaken(let range, let other):
            other == range
                ? "\(range) is in use on this host" : "\(range) overlaps \(other), which is in use on this host"
        case .smallRange(let range): "\(range) has too few addresses"
        case .peerNameTaken(let name): "another peer of this network is called '\(name)'"
        case .noFreeName: "other peers have every name that this fingerprint makes"
        case .peerKnown(let name): "this identity is in the network already, as '\(name)'"
        case .wireGuardKeyTaken(let name): "peer '\(name)' has the same WireGuard key under another identity"
        case .revoked(let name): "this identity was that of peer '\(name)', which was revoked"
        case .noPeer(let text): "no peer of this network is '\(text.printable)'"
        case .twins(let one, let other, let what, let path):
            "\(path.printable): \(one).peer and \(other).peer have the same \(what)"
        case .plainPeerKeeps(let name, let block):
            "\(block) is reached through the plain peer '\(name)', and would not be once that has a bundle"
        case .addressTaken(let address): "\(address) is not free in this network"
        case .addressOutside(let address): "\(address) is outside this network's address range"
        case .noFreeAddress(let prefix): "no address is left in \(prefix)"
        case .noEndpoint: "this host has no default route that would tell where peers reach it"
        case .bundle(let error): error.description
        case .policy(let error): "the recipient would refuse the bundle: \(error)"
        case .serialsExhausted(let path): "\(path.printable): the counter of bundles cannot grow any more"
        }
    }
}

/// Runs what may fail in the operating system, as part of something that may fail here.
@discardableResult
func throwingKeystoreError<Result: ~Copyable>(
    _ body: () throws(SystemError) -> Result
) throws(KeystoreError) -> Result {
    do throws(SystemError) { return try body() } catch { throw .system(error) }
}

/// Runs what may refuse a record, as part of something that may fail here.
func throwingKeystoreError<Result>(_ body: () throws(RecordError) -> Result) throws(KeystoreError) -> Result {
    do throws(RecordError) { return try body() } catch { throw .record(error) }
}
