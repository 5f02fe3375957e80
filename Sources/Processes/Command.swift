internal import SystemIO

/// A program to run, as a value.
package struct Command: Hashable, Sendable {
    /// The program.
    package let executable: ExecutablePath
    /// What follows the program's name; everybody on the host can read it.
    package let arguments: [String]
    /// The variables it is started with, and no others.
    package let environment: [String: String]
    /// The file that it is given as standard input.
    package private(set) var input = "/dev/null"

    /// Makes a command with a clean environment, to which `variables` are added.
    package init(_ executable: ExecutablePath, _ arguments: [String], variables: [String: String] = [:]) {
        self.executable = executable
        self.arguments = arguments
        environment = Self.cleanEnvironment.merging(variables) { $1 }
    }

    /// The same command with another file as its standard input.
    package func reading(from path: String) -> Command {
        var command = self
        command.input = path
        return command
    }

    /// Variables that are passed on where they are set: who we are, and which container engine the operator means.
    static let passedOn = [
        "HOME", "LANG", "XDG_RUNTIME_DIR", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS_VERIFY",
        "DOCKER_CERT_PATH", "CONTAINER_HOST",
    ]

    private static var cleanEnvironment: [String: String] {
        var result = ["PATH": ExecutablePath.directories.joined(separator: ":")]
        for name in passedOn { result[name] = Environment.value(name) }
        return result
    }
}

extension Command: CustomStringConvertible {
    /// The words as one line, for people; not for a shell.
    package var description: String { ([executable.description] + arguments).joined(separator: " ").printable }
}
