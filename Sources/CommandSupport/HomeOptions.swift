package import ArgumentParser
package import Keystore
internal import SystemIO

/// The option that says where keys and networks are.
package struct HomeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where keys and networks are kept. Default: $WGSEAL_HOME, else /etc/wgseal for root where it exists, "
                + "else ~/.config/wgseal.",
            valueName: "directory"
        ),
        completion: .directory
    )
    package var home: String?

    package init() {}

    /// Opens the home.
    ///
    /// - Throws: ``KeystoreError``.
    package func open() throws(KeystoreError) -> Home { try Home.open(path()) }

    /// Opens the home, and makes it if it is not there.
    ///
    /// - Throws: ``KeystoreError``.
    package func create() throws(KeystoreError) -> Home { try Home.create(path()) }

    private func path() throws(KeystoreError) -> String {
        let user = User.invoking()
        let path = HomeLocation.path(
            option: home,
            environment: Environment.value,
            isRoot: User.isRoot,
            systemHomeExists: FileEntry.exists(HomeLocation.system),
            userHome: user?.homeDirectory
        )
        guard let path else { throw .noHomeDirectory }
        return path
    }
}

/// The option that asks for data in place of text.
package struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON.")
    package var json = false

    package init() {}

    /// Prints a record.
    ///
    /// - Throws: ``SystemError`` of standard output.
    package func print(_ text: @autoclosure () -> String, _ json: @autoclosure () -> JSON) throws {
        try StandardStream.writeOutput(self.json ? json().text : text())
    }
}
