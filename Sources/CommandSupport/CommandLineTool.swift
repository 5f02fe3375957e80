package import ArgumentParser
internal import Glibc
internal import SystemIO

/// A command that has something to do while its process has one thread.
package protocol PreparedCommand {
    /// Called before the command runs.
    func prepare() throws
}

/// How the executables of this package start and end.
package enum CommandLineTool {
    /// The release, which `--version` prints.
    package static let version = "wgseal 0.1.0"

    /// Hardens the process, runs the command that the arguments name, and ends the process.
    package static func main(_ root: (some ParsableCommand).Type) -> Never {
        ProcessHardening.apply()
        let diagnostics = Diagnostics(tool: root._commandName)
        var command = parse(root, diagnostics)
        do {
            try command.run()
        } catch {
            end(root, error, diagnostics)
        }
        exit(ExitStatus.done.rawValue)
    }

    /// Does the same for a tool whose commands wait for several things at once.
    package static func main(_ root: (some AsyncParsableCommand).Type) async -> Never {
        ProcessHardening.apply()
        let diagnostics = Diagnostics(tool: root._commandName)
        var command = parse(root, diagnostics)
        do {
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            end(root, error, diagnostics)
        }
        exit(ExitStatus.done.rawValue)
    }

    private static func parse(_ root: (some ParsableCommand).Type, _ diagnostics: Diagnostics) -> any ParsableCommand {
        let command: any ParsableCommand
        do {
            command = try subcommand(of: root) ?? root.parseAsRoot()
        } catch {
            // Help and version are no errors; all else that goes wrong before a command runs is the command line's fault.
            guard root.exitCode(for: error) != .success else { end(root, error, diagnostics) }
            let arguments = Array(CommandLine.arguments.dropFirst())
            // A shell that completes a line shows whatever is said.
            guard arguments.first != "---completion" else { exit(ExitStatus.usage.rawValue) }
            let misspelling = Misspelling(in: arguments, of: root)
            diagnostics.error(misspelling.error ?? root.message(for: error).asOnePhrase)
            diagnostics.hint(misspelling.suggestion.map { "did you mean '\($0)'?" } ?? "\(misspelling.command) --help")
            exit(ExitStatus.usage.rawValue)
        }
        do {
            try (command as? any PreparedCommand)?.prepare()
        } catch {
            end(root, error, diagnostics)
        }
        return command
    }

    /// The command that the first argument names, where nothing is wrong with the others.
    ///
    /// The parser is sooner done with a root without subcommands that says it has a super-command: it does not try whether
    /// a completion script is wanted. Of help and mistakes it is to speak as the tool does.
    ///
    /// - Returns: `nil` where the whole tree of commands is needed.
    private static func subcommand(of root: (some ParsableCommand).Type) -> (any ParsableCommand)? {
        let arguments = CommandLine.arguments.dropFirst()
        let named = root.configuration.subcommands.first { $0._commandName == arguments.first }
        guard let named, named.configuration.subcommands.isEmpty,
            let command = try? named.parseAsRoot(Array(arguments.dropFirst())), type(of: command) == named
        else { return nil }
        return command
    }

    private static func end(_ root: (some ParsableCommand).Type, _ error: any Error, _ diagnostics: Diagnostics)
        -> Never
    {
        switch error {
        case let code as ExitCode:
            exit(code.rawValue)
        case SystemError.call("write", _, EPIPE):
            // Whoever read has seen enough, and knows it; but what was to be printed is not.
            exit(ExitStatus.inputOutput.rawValue)
        case let error as any Diagnosable:
            exit(diagnostics.report(error).rawValue)
        case let error as ValidationError:
            diagnostics.error(error.message)
            exit(ExitStatus.usage.rawValue)
        case let error where root.exitCode(for: error) == .success:
            do throws(SystemError) {
                try StandardStream.writeOutput(CompletionScript.mended(root.fullMessage(for: error)) + "\n")
            } catch {
                exit(diagnostics.report(error).rawValue)
            }
            exit(ExitStatus.done.rawValue)
        default:
            exit(diagnostics.report(error).rawValue)
        }
    }
}

extension String {
    // The parser speaks in sentences.
    fileprivate var asOnePhrase: String {
        let phrase = replacing(". Please provide one of ", with: ", which takes ").replacing("' and '", with: "' or '")
        let text = phrase.hasSuffix(".") ? String(phrase.dropLast()) : phrase
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}
