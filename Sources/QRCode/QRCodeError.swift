/// What this module refuses.
package enum QRCodeError: Error, Equatable {
    /// There is nothing to encode.
    case empty
    /// A character that the alphanumeric mode does not have, such as a lower-case letter, at an offset in UTF-8 bytes.
    case notAlphanumeric(offset: Int)
    /// More characters than the largest symbol holds at this level of correction.
    case tooLong(characterCount: Int, limit: Int)
    /// The smallest symbol has more modules along its side than are wanted.
    case tooLarge(size: Int, limit: Int)
}

extension QRCodeError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "nothing to show as a QR code"
        case .notAlphanumeric(let offset): "character \(offset + 1) cannot stand in an alphanumeric QR code"
        case .tooLong(let count, let limit):
            "\(count) characters do not fit a QR code, which holds \(limit) at this level of correction"
        case .tooLarge(let size, let limit): "the QR code has \(size) modules along its side, more than \(limit)"
        }
    }
}
