package import Crypto
package import PeerBundle
internal import SystemIO
package import WireGuard

/// A host whose bundles this host accepts, within limits.
package struct TrustedIssuer: Equatable, Sendable {
    /// What people call it here; the name of its file.
    package let name: Name
    /// Checks its signatures.
    package let identity: Identity
    /// What its bundles may do here.
    package var limits: IssuerLimits
    /// Since when it is trusted.
    package let added: UnixTime

    /// Takes an issuer, by default with the limits of one that was met at first contact.
    package init(name: Name, identity: Identity, limits: IssuerLimits = IssuerLimits(), added: UnixTime) {
        self.name = name
        self.identity = identity
        self.limits = limits
        self.added = added
    }

    /// Tells whether somebody who types `text` means this issuer: its name, fingerprint or identity.
    package func isMeant(by text: String) -> Bool {
        text == name.description || identity.fingerprint.matches(text) || (try? Identity(text: text)) == identity
    }
}

extension TrustedIssuer {
    private static let keys = ["identity", "added", "max-prefix", "max-prefix6", "allow-default-route", "allow-image"]

    init(name: Name, record bytes: [UInt8], file: String) throws(RecordError) {
        let record = try TextRecord(bytes, file: file, keys: Self.keys)
        self.name = name
        identity = try record.required("identity", "an identity") { try? Identity(text: $0) }
        added = UnixTime(seconds: try record.required("added", "seconds since 1970") { UInt64(decimal: $0) })
        limits = IssuerLimits()
        if let length = try record.optional("max-prefix", "0 to 32", { UInt8(decimal: $0, in: 0...32) }) {
            limits.shortestPrefixLengthV4 = length
        }
        if let length = try record.optional("max-prefix6", "0 to 128", { UInt8(decimal: $0, in: 0...128) }) {
            limits.shortestPrefixLengthV6 = length
        }
        limits.allowsDefaultRoute =
            try record.optional("allow-default-route", "yes or no", Bool.init(yesOrNo:)) ?? false
        limits.allowedImages = try record.list("allow-image", "image names") { ImagePattern($0) }
    }

    var record: [UInt8] {
        var writer = TextRecordWriter(comment: "An issuer whose bundles this host accepts, called like this file.")
        writer.add("identity", identity.text)
        writer.add("added", added.seconds)
        writer.add("max-prefix", limits.shortestPrefixLengthV4)
        writer.add("max-prefix6", limits.shortestPrefixLengthV6)
        writer.add("allow-default-route", limits.allowsDefaultRoute ? "yes" : "no")
        writer.add("allow-image", list: limits.allowedImages)
        return writer.bytes
    }
}

private let issuerSuffix = ".issuer"

extension Home {
    /// All trusted issuers, by name.
    package borrowing func trustedIssuers() throws(KeystoreError) -> [TrustedIssuer] {
        do throws(KeystoreError) {
            let trust = try throwingKeystoreError { () throws(SystemError) in
                try directory.subdirectory("trust", creating: false)
            }
            return try Self.issuers(in: trust)
        } catch .system(.missing(let path)) where path == "\(self.path)/trust" {
            return []
        } catch {
            throw error
        }
    }

    private static func issuers(in trust: borrowing Directory) throws(KeystoreError) -> [TrustedIssuer] {
        var issuers: [TrustedIssuer] = []
        let files = try throwingKeystoreError { () throws(SystemError) in try trust.names() }
        for file in files where file.hasSuffix(issuerSuffix) {
            let path = "\(trust.path)/\(file)"
            guard let name = Name(String(file.dropLast(issuerSuffix.count))) else { throw .damagedFile(path: path) }
            let bytes = try throwingKeystoreError { () throws(SystemError) in
                try trust.read(file, maximumByteCount: TextRecord.maximumByteCount)
            }
            issuers.append(
                try throwingKeystoreError { () throws(RecordError) in
                    try TrustedIssuer(name: name, record: bytes, file: path)
                }
            )
        }
        return issuers
    }

    /// Trusts an issuer from now on, or changes the limits of one that is trusted under the same name.
    ///
    /// - Returns: Whether the issuer was not trusted before.
    /// - Throws: ``KeystoreError/alreadyTrusted(name:)``, ``KeystoreError/issuerNameTaken(_:)``, or
    ///   ``KeystoreError/ownIdentity`` if `issuer` is `own`.
    package borrowing func trust(_ issuer: TrustedIssuer, own: Identity?) throws(KeystoreError) -> Bool {
        guard issuer.identity != own else { throw .ownIdentity }
        let lock = try lock()
        defer { _ = lock }
        let issuers = try trustedIssuers()
        if let known = issuers.first(where: { $0.identity == issuer.identity }), known.name != issuer.name {
            throw .alreadyTrusted(name: known.name)
        }
        let namesake = issuers.first { $0.name == issuer.name }
        if let namesake, namesake.identity != issuer.identity { throw .issuerNameTaken(issuer.name) }
        let record = issuer.record
        try throwingKeystoreError { () throws(SystemError) in
            let trust = try directory.subdirectory("trust", creating: true)
            try trust.removeTemporaries()
            try trust.replace("\(issuer.name)\(issuerSuffix)", record.span, mode: 0o600)
        }
        return namesake == nil
    }

    /// Trusts an issuer no longer.
    ///
    /// - Parameter text: Its name, fingerprint or identity.
    /// - Returns: The issuer that was meant.
    /// - Throws: ``KeystoreError/notTrusted(_:)``.
    package borrowing func untrust(_ text: String) throws(KeystoreError) -> TrustedIssuer {
        let lock = try lock()
        defer { _ = lock }
        guard let issuer = try trustedIssuers().first(where: { $0.isMeant(by: text) }) else { throw .notTrusted(text) }
        try throwingKeystoreError { () throws(SystemError) in
            try directory.subdirectory("trust", creating: false).remove("\(issuer.name)\(issuerSuffix)")
        }
        return issuer
    }
}

extension Bool {
    init?(yesOrNo text: String) {
        switch text {
        case "yes": self = true
        case "no": self = false
        default: return nil
        }
    }
}
