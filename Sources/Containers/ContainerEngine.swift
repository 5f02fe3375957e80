package import WireGuard

/// A program that runs containers.
package protocol ContainerEngine: Sendable {
    /// Which one it is.
    var kind: EngineKind { get }

    /// Asks whether it is ready to work.
    ///
    /// - Throws: `.daemonNotRunning`, `.permissionDenied`, or `.refused` with its own words.
    func probe() async throws(ContainerError)

    /// Looks for a container of exactly this name, running or not, ours or not.
    func find(_ name: Name) async throws(ContainerError) -> Container?

    /// Looks for a container by its identifier.
    func find(_ id: ContainerID) async throws(ContainerError) -> Container?

    /// Starts a container; pulls its image if it is missing, and hands each line of that to `onProgress`.
    ///
    /// An error, or the task's cancellation, leaves no container of ours behind.
    ///
    /// - Throws: `.foreign`, `.nameInUse`, `.imageUnavailable`, `.portInUse`; `.ended` if it does not stay up.
    func start(
        _ spec: ContainerSpec,
        onProgress: (@Sendable (String) -> Void)?
    ) async throws(ContainerError) -> Container

    /// Stops a container by its stop signal, or by force after `grace`, and removes it; one that is gone is fine.
    func remove(_ id: ContainerID, grace: Duration) async throws(ContainerError)

    /// The last lines that a container wrote, printable; those of standard error where there are any.
    func lastLines(of id: ContainerID, count: Int) async throws(ContainerError) -> [String]
}

/// The identifier that an engine gave to a container: 64 hexadecimal digits.
package struct ContainerID: Hashable, Sendable, LosslessStringConvertible {
    package let description: String

    /// Takes 64 lower-case hexadecimal digits.
    ///
    /// - Returns: `nil` for any other text.
    package init?(_ text: String) {
        guard text.utf8.count == 64, text.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else { return nil }
        description = text
    }
}

/// A container that exists.
package struct Container: Hashable, Sendable {
    /// Its identifier, which no later container gets.
    package let id: ContainerID
    /// The number of its first process; `nil` if it does not run.
    package let pid: Int32?
    /// How it ended last; 0 while it runs.
    package let exitCode: Int32
    /// The interface it belongs to; `nil` if it is not ours.
    package let interface: InterfaceName?
    /// What it is for; `nil` if it is not ours.
    package let role: String?
}
