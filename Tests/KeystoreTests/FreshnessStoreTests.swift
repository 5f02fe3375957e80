import Crypto
import PeerBundle
import TestSupport
import Testing
import WireGuard

@testable import Keystore

@Suite("Freshness store")
struct FreshnessStoreTests {
    private let issuer = IdentityKey().identity
    private let network: NetworkID
    private let record: FreshnessRecord

    init() throws {
        network = try #require(NetworkID("000102030405060708090a0b0c0d0e0f"))
        record = FreshnessRecord(
            epoch: 3,
            serial: 1 << 40,
            id: try #require(BundleID("ff0102030405060708090a0b0c0d0e0f")),
            created: now,
            notAfter: now.adding(seconds: 86_400)
        )
    }

    @Test("remembers the latest record of each issuer and network")
    func roundTrip() throws {
        let directory = try TemporaryDirectory()
        let store = try FreshnessStore.open(directory.path)
        #expect(try store.record(issuer: issuer, network: network) == nil)
        try store.remember(record, issuer: issuer, network: network)
        #expect(try store.record(issuer: issuer, network: network) == record)
        #expect(try store.record(issuer: IdentityKey().identity, network: network) == nil)
    }

    @Test("no flipped bit and no cut passes, and none makes the record forgotten")
    func damage() throws {
        let directory = try TemporaryDirectory()
        let store = try FreshnessStore.open(directory.path)
        try store.remember(record, issuer: issuer, network: network)
        let file = try #require(directory.names().first)
        let bytes = try directory.read(file)

        var damaged: [[UInt8]] = (0..<bytes.count).map { Array(bytes[..<$0]) }
        for index in bytes.indices {
            for bit in 0..<8 {
                var copy = bytes
                copy[index] ^= 1 << UInt8(bit)
                damaged.append(copy)
            }
        }
        for (index, bytes) in damaged.enumerated() {
            try directory.write(bytes, to: file)
            #expect(throws: KeystoreError.damagedFreshness(path: "\(directory.path)/\(file)"), "damage \(index)") {
                try store.record(issuer: issuer, network: network)
            }
        }
    }

    @Test("the record of one network is no record of another")
    func otherNetwork() throws {
        let directory = try TemporaryDirectory()
        let store = try FreshnessStore.open(directory.path)
        try store.remember(record, issuer: issuer, network: network)
        let file = try #require(directory.names().first)
        let other = try #require(NetworkID("ff0102030405060708090a0b0c0d0e0f"))
        let name = file.replacing(network.description, with: other.description)
        try directory.write(directory.read(file), to: name)
        #expect(throws: KeystoreError.damagedFreshness(path: "\(directory.path)/\(name)")) {
            try store.record(issuer: issuer, network: other)
        }
    }
}
