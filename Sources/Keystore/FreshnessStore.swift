package import Crypto
package import PeerBundle
package import SystemIO
internal import WireGuard

/// What this host remembers of the bundles that it accepted: one file for each issuer and network.
package struct FreshnessStore: ~Copyable, Sendable {
    let directory: Directory

    /// Where the records are unless a test says otherwise.
    package static let defaultPath = "/var/lib/wgseal"

    /// Opens the directory, and makes it (0700) if it is not there.
    ///
    /// - Throws: ``KeystoreError/system(_:)``, also if others than its owner may read or change it.
    package static func open(_ path: String = defaultPath) throws(KeystoreError) -> FreshnessStore {
        FreshnessStore(directory: try throwingKeystoreError { () throws(SystemError) in try Directory.create(path) })
    }

    /// Opens the directory.
    ///
    /// - Returns: `nil` where no bundle was accepted yet.
    /// - Throws: As ``open(_:)``.
    package static func find(_ path: String = defaultPath) throws(KeystoreError) -> FreshnessStore? {
        do throws(SystemError) {
            return FreshnessStore(directory: try Directory.open(path, privacy: .secret))
        } catch .missing {
            return nil
        } catch {
            throw .system(error)
        }
    }

    /// Waits until no other process compares with a record or replaces one, and removes what one left that was killed
    /// when it did.
    package borrowing func lock() throws(KeystoreError) -> FileLock {
        try throwingKeystoreError { () throws(SystemError) in
            let lock = try directory.lock("lock", wait: true)
            try directory.removeTemporaries()
            return lock
        }
    }

    /// The record of an issuer's network.
    ///
    /// - Returns: `nil` if no bundle was accepted yet.
    /// - Throws: ``KeystoreError/damagedFreshness(path:)`` for a record that was changed or cut short, which must not be taken for
    ///   none: that would let old bundles in.
    package borrowing func record(issuer: Identity, network: NetworkID) throws(KeystoreError) -> FreshnessRecord? {
        let name = Self.fileName(issuer, network)
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try directory.read(name, maximumByteCount: TextRecord.maximumByteCount)
        } catch .missing {
            return nil
        } catch {
            throw .system(error)
        }
        let path = "\(directory.path)/\(name)"
        do throws(RecordError) { return try FreshnessRecord(record: bytes, of: name, file: path) } catch {
            throw .damagedFreshness(path: path)
        }
    }

    /// Remembers a bundle that is about to be applied; it is on the disk when this returns.
    package borrowing func remember(
        _ record: FreshnessRecord,
        issuer: Identity,
        network: NetworkID
    ) throws(KeystoreError) {
        let name = Self.fileName(issuer, network)
        let bytes = record.record(of: name)
        try throwingKeystoreError { () throws(SystemError) in try directory.replace(name, bytes.span, mode: 0o600) }
    }

    // The whole fingerprint, so that nobody can make an issuer that shares another's record.
    private static func fileName(_ issuer: Identity, _ network: NetworkID) -> String {
        "\(issuer.fingerprint.rawValue.hexadecimal)-\(network).seen"
    }
}

extension FreshnessRecord {
    private static let version: UInt8 = 1
    private static let keys = ["version", "epoch", "serial", "bundle", "created", "not-after", "checksum"]

    /// The lines with their checksum, which also covers the file's name: a record is no other issuer's record.
    fileprivate func record(of name: String) -> [UInt8] {
        var writer = TextRecordWriter(
            comment: "The latest bundle that this host accepted. Without it, older ones pass."
        )
        writer.add("version", Self.version)
        writer.add("epoch", epoch)
        writer.add("serial", serial)
        writer.add("bundle", id)
        writer.add("created", created.seconds)
        writer.add("not-after", notAfter.seconds)
        writer.add("checksum", Self.checksum(of: writer.bytes, name: name))
        return writer.bytes
    }

    fileprivate init(record bytes: [UInt8], of name: String, file: String) throws(RecordError) {
        let record = try TextRecord(bytes, file: file, keys: Self.keys)
        _ = try record.required("version", "a version that this release knows") {
            UInt8(decimal: $0) == Self.version ? Self.version : nil
        }
        self.init(
            epoch: try record.required("epoch", "a number") { UInt32(decimal: $0) },
            serial: try record.required("serial", "a number") { UInt64(decimal: $0) },
            id: try record.required("bundle", "32 hexadecimal digits") { BundleID($0) },
            created: UnixTime(seconds: try record.required("created", "a number") { UInt64(decimal: $0) }),
            notAfter: UnixTime(seconds: try record.required("not-after", "a number") { UInt64(decimal: $0) })
        )
        // One record has one spelling, so comparing the bytes checks the checksum and everything that it covers.
        guard self.record(of: name) == bytes else { throw RecordError(file: file, line: nil, problem: .checksum) }
    }

    private static func checksum(of bytes: [UInt8], name: String) -> BundleID {
        let digest = Digest.blake2b128(of: (Array(name.utf8) + bytes).span, personalization: "wgseal.freshness")
        guard let checksum = BundleID(digest.span) else { fatalError("BLAKE2b-128 has 16 bytes") }
        return checksum
    }
}
