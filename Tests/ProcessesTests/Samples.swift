internal import Processes
internal import Testing

/// A program of the host that every Debian has.
func program(_ name: String, _ arguments: String..., variables: [String: String] = [:]) throws -> Command {
    Command(try #require(ExecutablePath.find(name)), arguments, variables: variables)
}

/// A line for the shell, which only tests use.
func shell(_ line: String) throws -> Command { try program("sh", "-c", line) }
