/// Files for `wg-quick` as hubs have them: of installers and web panels, of an editor on Windows, and by hand.
package enum HubFiles {
    /// The names of all, without `.conf`.
    package static let names = [
        "both-families", "loose", "marked-peers", "minimal", "showconf", "sites", "six-only", "transit", "web-panel",
        "windows-editor",
    ]

    /// The text of one.
    ///
    /// - Throws: What Foundation says of a file that cannot be read.
    package static func bytes(_ name: String) throws -> [UInt8] {
        Array(try SourceTree.file("Tests/Hubs/\(name).conf").text.utf8)
    }
}
