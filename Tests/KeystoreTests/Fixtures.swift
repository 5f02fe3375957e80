import Crypto
import Keystore
import TestSupport
import WireGuard

/// A moment that tests take for the present.
let now = UnixTime(seconds: 1_800_000_000)

extension Home {
    /// Runs a test on a home of its own, at `path`.
    static func temporary<Result>(_ body: (borrowing Home, _ path: String) throws -> Result) throws -> Result {
        let directory = try TemporaryDirectory()
        let path = directory.path(of: "home")
        return try body(Home.create(path), path)
    }

    /// Runs a test that waits on a home of its own, at `path`.
    static func temporary<Result>(
        _ body: (borrowing Home, _ path: String) async throws -> Result
    ) async throws -> Result {
        let directory = try TemporaryDirectory()
        let path = directory.path(of: "home")
        return try await body(Home.create(path), path)
    }
}

extension IdentityKey {
    /// An identity whose seed is one byte repeated, with a WireGuard key made of another.
    static func fixed(seed: UInt8, wireGuard: UInt8) throws -> IdentityKey {
        let encoded = [1] + [UInt8](repeating: seed, count: 32) + [UInt8](repeating: wireGuard, count: 32)
        return try IdentityKey(encoded: encoded.span)
    }
}
