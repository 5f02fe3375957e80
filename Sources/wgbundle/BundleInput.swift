import PeerBundle
import SystemIO

/// A bundle that is given to a command.
enum BundleInput {
    /// Reads a file, or for `-` standard input, in whichever form the bundle is.
    static func text(_ path: String) throws -> [UInt8] {
        try InputFile.read(path, maximumByteCount: BundleText.maximumByteCount)
    }

    /// Reads the same, and takes it out of its form.
    ///
    /// - Returns: What claims to be a bundle.
    static func read(_ path: String) throws -> [UInt8] { try BundleText.decode(text(path)) }
}
