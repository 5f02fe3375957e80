import PeerBundle
import SystemIO

/// A bundle that is given to a command.
enum BundleInput {
    /// Reads a file, or for `-` standard input, in whichever form the bundle is.
    ///
    /// - Returns: What claims to be a bundle.
    static func read(_ path: String) throws -> [UInt8] {
        try BundleText.decode(InputFile.read(path, maximumByteCount: BundleText.maximumByteCount))
    }
}
