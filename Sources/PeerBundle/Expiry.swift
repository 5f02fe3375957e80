package import WireGuard

/// How near a bundle is to its end.
package enum Expiry: String, Sendable {
    case valid
    /// It ends within 14 days.
    case soon
    /// It may not be applied any more; a tunnel that is up stays up.
    case expired

    private static let soonSeconds: UInt64 = 14 * 86_400

    /// Compares the last second in which a bundle may be applied with the clock.
    package init(_ notAfter: UnixTime, now: UnixTime) {
        switch notAfter {
        case ..<now: self = .expired
        case ...now.adding(seconds: Self.soonSeconds): self = .soon
        default: self = .valid
        }
    }

    /// What to say after "the bundle".
    ///
    /// - Parameter notAfter: As it was compared.
    /// - Returns: `nil` while there is time.
    package func warning(_ notAfter: UnixTime) -> String? {
        switch self {
        case .valid: nil
        case .soon: "expires at \(notAfter); ask the issuer for a new one: wgbundle seal --to NAME"
        case .expired:
            "expired at \(notAfter) and can't be applied again; ask the issuer for a new one: wgbundle seal --to NAME"
        }
    }
}
