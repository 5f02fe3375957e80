internal import CommandSupport
internal import QRCode
internal import SystemIO

/// Text as QR codes in picture files.
package struct PictureOutput {
    private enum Format: String {
        case png, svg
    }

    /// The largest symbol that there will be, version 25, in modules along its side.
    ///
    /// With half a millimetre for each module it is six centimetres wide. What is larger fills a telephone's view before its
    /// modules can be told apart, and is read with less trouble in parts.
    private static let maximumSize = 117

    private let file: String
    private let format: Format
    private let overwrites: Bool

    /// Names the file, which ends in `.png` or `.svg`, or it is `nil`.
    ///
    /// Several become `FILE-1.png` and so on.
    package init?(_ file: String, overwrites: Bool) {
        guard let ending = file.split(separator: ".").last, let format = Format(rawValue: ending.lowercased()),
            file.hasSuffix(".\(ending)")
        else { return nil }
        self.file = file
        self.format = format
        self.overwrites = overwrites
    }

    /// Writes the pictures, or none if one of them could not be written.
    ///
    /// - Parameter texts: As for ``QRCode/QRSymbol/series(within:texts:)``.
    /// - Returns: The names of the files.
    /// - Throws: ``CommandFailure``, naming the file.
    package func write(_ texts: (_ count: Int) -> [String]) throws -> [String] {
        let symbols = try QRSymbol.series(within: Self.maximumSize, texts: texts)
        let stem = file.dropLast(format.rawValue.count + 1)
        let files = symbols.indices.map { index in
            symbols.count > 1 ? "\(stem)-\(index + 1)\(file.dropFirst(stem.count))" : file
        }
        for file in files {
            try OutputFailure.naming(file) { () throws(SystemError) in
                try OutputFile.check(file, overwrite: overwrites)
            }
        }
        for (file, symbol) in zip(files, symbols) {
            let picture = format == .png ? symbol.png() : Array(symbol.svg().utf8)
            try OutputFailure.naming(file) { () throws(SystemError) in
                try OutputFile.write(file, picture.span, overwrite: overwrites)
            }
        }
        return files
    }
}
