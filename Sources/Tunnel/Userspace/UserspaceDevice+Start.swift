internal import Planning
package import Processes
internal import SystemIO
internal import WireGuard

extension UserspaceDevice {
    /// Where `wireguard-go` is; `nil` if it is not installed.
    static var program: ExecutablePath? { ExecutablePath.find("wireguard-go") }

    /// Starts `wireguard-go`, which makes the link in the calling process's network namespace.
    ///
    /// It needs `CAP_NET_ADMIN`. The link need not be there yet when this returns, see ``waitUntilItAnswers(_:log:)``. It goes when the process
    /// ends, and the other way round.
    ///
    /// - Parameter log: Where the program writes what it has to say, which is nothing unless something is wrong.
    /// - Returns: The process, which goes on when this one ends.
    /// - Throws: ``TunnelError/backendMissing(_:)``, ``TunnelError/backendFailed(_:)``.
    package func start(log: String) async throws(TunnelError) -> StartedProcess {
        guard let program = Self.program else { throw .backendMissing(.userspace) }
        // The variable keeps the program from forking and from advising against itself on Linux.
        let command = Command(
            program,
            [interface.description],
            variables: ["WG_PROCESS_FOREGROUND": "1", "LOG_LEVEL": "error"]
        )
        do throws(ProcessError) {
            return try await command.start(log: log)
        } catch {
            throw .backendFailed("\(error)")
        }
    }

    /// Waits until the device takes requests: the link is there then.
    ///
    /// - Parameters:
    ///   - process: What ``start(log:)`` started.
    ///   - log: The file that was given to it.
    /// - Throws: ``TunnelError/backendFailed(_:)`` with the program's last words if it ends, or takes too long.
    package func waitUntilItAnswers(_ process: StartedProcess, log: String) async throws(TunnelError) {
        let deadline = ContinuousClock.now + .seconds(10)
        while !answers {
            guard process.identity.isAlive else { throw .backendFailed(Self.lastWords(in: log)) }
            guard ContinuousClock.now < deadline else { throw .backendFailed("does not answer on \(socketPath)") }
            // The program needs a few milliseconds. Sleeping through a cancellation is fine: the step is short.
            try? await Task.sleep(for: .milliseconds(1))
        }
    }

    private static func lastWords(in log: String) -> String {
        (try? LogFile.lastLines(of: log, count: 1))?.first ?? "ended without a word"
    }
}
