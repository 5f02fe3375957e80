import Crypto
import PeerBundle

/// Prints as many identities of hosts that do not exist as its argument says, one a line.
@main
enum Identities {
    static func main() {
        let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0
        for _ in 0..<count { print(IdentityKey().identity.text) }
    }
}
