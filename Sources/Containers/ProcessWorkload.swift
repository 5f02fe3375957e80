package import Processes
package import WireGuard

/// A workload that is a command, for the `process` engine.
package enum ProcessWorkload {
    /// The command, as it runs in a network namespace of ours, or, for `nil`, where we run.
    ///
    /// The first of the words is the program, by its name or its absolute path.
    ///
    /// - Throws: `.noCommand` for no words; `.noProgram` for a program that is not found.
    package static func command(_ words: [String], in namespace: Name?) throws(ContainerError) -> Command {
        guard let name = words.first else { throw .noCommand }
        guard let program = ExecutablePath(name) ?? ExecutablePath.find(name) else { throw .noProgram(name) }
        let arguments = Array(words.dropFirst())
        guard let namespace else { return Command(program, arguments) }
        // It puts the namespace's files in the place of the host's, and becomes the program without a process in between.
        guard let ip = ExecutablePath.find("ip") else { throw .noProgram("ip") }
        return Command(ip, ["netns", "exec", namespace.description, program.description] + arguments)
    }
}
