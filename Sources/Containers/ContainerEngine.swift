package import Processes
package import WireGuard

/// Something that runs containers, through its command-line tool.
///
/// The tool brings contexts, credentials and progress with it, and the two that there are understand the same arguments.
package protocol ContainerEngine: Sendable {
    /// Where its words differ from those of others.
    var dialect: EngineDialect { get }
    /// A command of its tool.
    func command(_ arguments: [String]) -> Command
}

extension ContainerEngine {
    /// The engine as a journal and the command line name it.
    package var name: String { dialect.rawValue }

    /// The same engine, whose tool has a file as standard input while it runs, by which it can be found.
    package func reading(from path: String) -> any ContainerEngine { EngineWithInput(engine: self, input: path) }
}

private struct EngineWithInput: ContainerEngine {
    let engine: any ContainerEngine
    let input: String

    var dialect: EngineDialect { engine.dialect }

    func command(_ arguments: [String]) -> Command { engine.command(arguments).reading(from: input) }
}

/// A container of ours that runs.
package struct RunningContainer: Hashable, Sendable {
    /// What it is called.
    package let name: Name
    /// Its first process, in whose network namespace the tunnel's interface can live.
    package let pid: Int32

    let id: ContainerID
}

extension ContainerEngine {
    /// Asks the engine whether it is there.
    ///
    /// - Throws: `.unavailable`, after five seconds at the latest.
    package func probe() async throws(ContainerError) {
        let result: CommandResult
        do throws(ContainerError) {
            result = try await run(EngineArguments.version, within: .seconds(5))
        } catch .silent {
            throw .unavailable(engine: name, .silent)
        }
        guard result.isSuccess else { throw .unavailable(engine: name, EngineWords.obstacle(in: result.error)) }
    }

    /// The blocks of addresses of the engine's own network, in which a container is beside the tunnel.
    ///
    /// - Throws: `.silent`, `.unavailable` or `.refused`.
    package func networkPrefixes() async throws(ContainerError) -> [IPPrefix] {
        // A daemon may have been told to have none.
        guard let id = ContainerID(try await require(EngineArguments.findNetwork(dialect))) else { return [] }
        return EngineWords.prefixes(in: try await require(EngineArguments.prefixes(ofNetwork: id, dialect)))
    }

    /// Runs the tool to its end, even if the caller's task is cancelled.
    ///
    /// A tool that is stopped on the way leaves its work half done. After `limit` it is stopped nevertheless.
    func run(_ arguments: [String], within limit: Duration = .seconds(60)) async throws(ContainerError) -> CommandResult
    {
        let command = command(arguments)
        let work = Task {
            do throws(ProcessError) {
                return Result<CommandResult, ProcessError>.success(try await command.run())
            } catch {
                return .failure(error)
            }
        }
        let alarm = Task {
            try await Task.sleep(for: limit)
            work.cancel()
        }
        defer { alarm.cancel() }
        switch await work.value {
        case .success(let result): return result
        case .failure(.cancelled): throw .silent(engine: name, verb: verb(of: arguments))
        case .failure(let error): throw .process(error)
        }
    }

    /// As ``run(_:within:)``, for a command that is expected to succeed.
    ///
    /// - Returns: What it printed.
    @discardableResult
    func require(_ arguments: [String]) async throws(ContainerError) -> String {
        let result = try await run(arguments)
        guard result.isSuccess else { throw refusal(of: arguments, result) }
        return result.output
    }

    /// The error of a command that was in vain.
    func refusal(of arguments: [String], _ result: CommandResult) -> ContainerError {
        guard EngineWords.obstacle(in: result.error) != .notRunning else {
            return .unavailable(engine: name, .notRunning)
        }
        let reason = EngineWords.reason(in: result.error) ?? "\(result.status)"
        return .refused(engine: name, verb: verb(of: arguments), reason: reason)
    }

    private func verb(of arguments: [String]) -> String {
        arguments.prefix { !$0.hasPrefix("-") }.joined(separator: " ")
    }
}
