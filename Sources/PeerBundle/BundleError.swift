package import Crypto

/// Why something is not a bundle that this host can use.
///
/// Until the issuer is known to be genuine, everything behind the seal fails alike, as ``notGenuine``.
package enum BundleError: Error, Equatable {
    case notABundle
    /// The number of the line of the armored text that is wrong.
    case armor(line: Int)
    /// Every line of the armored text has the right form, but the whole is not canonical base64.
    case base64
    /// The position, from 1, in the text after `WGS1:`.
    case base45(position: Int)
    /// The texts of several QR codes do not make a bundle.
    case parts(PartFault)
    /// A version of the format that this one does not know.
    case version(UInt8)
    /// A way of sealing that this version does not know.
    case suite(UInt8)
    /// The bundle has another length than its header says, in bytes.
    case length(expected: Int, actual: Int)
    /// The header names a length that no bundle has.
    case header
    /// The seal does not open with this identity.
    case notForThisHost
    /// What was sealed is not what its issuer signed.
    case notGenuine
    /// Signed by somebody else than the trusted issuer, or so it claims; the signature was not looked at.
    case untrustedIssuer(claimed: Fingerprint)
    /// A genuine issuer's bundle, or one about to be made, breaks a rule of the format.
    case field(String, FieldFault)
    /// The content is larger than what fits into a bundle, in bytes.
    case tooLarge(byteCount: Int, limit: Int)
}

/// What is wrong with a field.
package enum FieldFault: Equatable, Sendable {
    case missing
    /// The field is there twice, or two values that must differ are the same.
    case repeated
    /// The one order of the format is another.
    case order
    case unknown
    /// The value does not end where it should.
    case length
    /// The value breaks a rule, given as "must be …".
    case value(mustBe: String)
    /// More elements than the limit.
    case count(limit: Int)
}

/// What is wrong with the parts of a bundle that is divided among QR codes; lines and parts are numbered from 1.
package enum PartFault: Equatable, Sendable {
    /// Not a part, or beside a whole bundle.
    case line(Int)
    /// The text of a part is not base45.
    case text(part: Int)
    /// A part of another bundle than the lines before.
    case otherBundle(line: Int)
    /// A part of the same bundle, divided in another way.
    case otherCount(line: Int)
    /// There are two parts of one number.
    case different(part: Int)
    /// Parts that are not there, of how many.
    case missing([Int], count: Int)
    /// Together they are not the bundle whose tag they have.
    case tag
}

extension BundleError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notABundle: "not a bundle"
        case .armor(let line): "the bundle's text is damaged in line \(line)"
        case .base64: "the bundle's text is damaged"
        case .base45(let position): "the bundle's text is damaged at character \(position) after WGS1:"
        case .parts(let fault): "\(fault)"
        case .version(let version): "bundle version \(version) is not known to this release"
        case .suite(let suite): "the bundle is sealed in way \(suite), which is not known to this release"
        case .length(let expected, let actual) where actual < expected:
            "the bundle is cut off: \(actual) of \(expected) bytes"
        case .length(let expected, let actual): "the bundle has \(actual) bytes where it should end after \(expected)"
        case .header: "the bundle's header is damaged"
        case .notForThisHost: "the bundle is sealed to another host, or damaged"
        case .notGenuine: "the bundle is not genuine"
        case .untrustedIssuer(let claimed): "the bundle's issuer is not trusted: it claims to be \(claimed)"
        case .field(let field, let fault): "bundle field \(field): \(fault)"
        case .tooLarge(let byteCount, let limit): "the bundle would hold \(byteCount) bytes, more than \(limit)"
        }
    }
}

extension FieldFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing: "missing"
        case .repeated: "more than once"
        case .order: "out of order"
        case .unknown: "not known to this version"
        case .length: "wrong length"
        case .value(let rule): "must be \(rule)"
        case .count(let limit): "more than \(limit)"
        }
    }
}

extension PartFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .line(let line): "line \(line) is not a part of the bundle"
        case .text(let part): "the text of part \(part) is damaged"
        case .otherBundle(let line): "line \(line) is a part of another bundle"
        case .otherCount(let line): "line \(line) is of the same bundle in another number of parts"
        case .different(let part): "there are two different parts \(part)"
        case .missing(let parts, let count):
            "\(Self.list(parts)) of \(count) \(parts.count == 1 ? "is" : "are") missing"
        case .tag: "the parts are damaged: they do not make the bundle that they name"
        }
    }

    private static func list(_ parts: [Int]) -> String {
        guard parts.count > 1, let last = parts.last else { return "part \(parts.first ?? 0)" }
        return "parts \(parts.dropLast().map(String.init).joined(separator: ", ")) and \(last)"
    }
}
