internal import Processes
internal import SystemIO
internal import WireGuard

/// What the command-line tool of docker answers; anything but the expected form is no answer.
enum DockerReply {
    /// The identifiers of a listing, one a line.
    static func ids(_ text: String) -> [ContainerID]? {
        var ids: [ContainerID] = []
        for line in text.split(separator: "\n") {
            guard let id = ContainerID(String(line)) else { return nil }
            ids.append(id)
        }
        return ids
    }

    /// The line that ``DockerArguments/inspect(_:)`` asks for.
    static func container(_ id: ContainerID, _ text: String) -> Container? {
        let lines = text.split(separator: "\n")
        guard lines.count == 1 else { return nil }
        // A foreign label may hold spaces, so that there may be more words than five.
        let words = lines[0].split(separator: " ", maxSplits: 3)
        guard words.count == 4, let isRunning = Bool(String(words[0])), let pid = Int32(words[1]), pid >= 0,
            let exitCode = Int32(words[2]), !isRunning || pid > 0
        else { return nil }
        let labels = words[3].split(separator: " ").map(unquoted)
        let interface = labels.count == 2 ? labels[0].flatMap(InterfaceName.init) : nil
        return Container(
            id: id,
            pid: isRunning ? pid : nil,
            exitCode: exitCode,
            interface: interface,
            role: interface == nil ? nil : labels[1]
        )
    }

    /// The text of a Go string that needs no escapes; ours never do.
    private static func unquoted(_ word: Substring) -> String? {
        guard word.utf8.count >= 2, word.first == "\"", word.last == "\"" else { return nil }
        let text = word.dropFirst().dropLast()
        return text.contains { $0 == "\"" || $0 == "\\" } ? nil : String(text)
    }

    /// Why the daemon could not be asked, as far as its text tells; `nil` for any other failure.
    static func connectionFailure(_ kind: EngineKind, _ result: CommandResult) -> ContainerError? {
        let reason = reason(result)
        if result.error.contains("permission denied while trying to connect") {
            return .permissionDenied(kind, reason: reason)
        }
        // Not "connection refused", which the daemon says of registries.
        let signs = [
            "Cannot connect to the Docker daemon", "error during connect", "failed to connect to the docker API",
        ]
        return signs.contains { result.error.contains($0) } ? .daemonNotRunning(kind, reason: reason) : nil
    }

    /// Why a container was not started.
    ///
    /// The tool has one exit status for everything, so its text is all there is to go by; it only chooses among errors.
    static func startFailure(_ kind: EngineKind, _ spec: ContainerSpec, _ result: CommandResult) -> ContainerError {
        let reason = reason(result)
        func says(_ signs: String...) -> Bool { signs.contains { result.error.contains($0) } }
        if let failure = connectionFailure(kind, result) { return failure }
        if says("is already in use by container", "that name is already in use") { return .nameInUse(spec.name) }
        if says("port is already allocated", "address already in use") {
            return .portInUse(spec.name, reason: reason)
        }
        // The tool says so before it pulls, and says "Status: Downloaded …" after it has.
        let isMissing = says("Unable to find image") && !says("Status: ")
        if isMissing || says("invalid reference format") {
            return .imageUnavailable(spec.image, reason: reason)
        }
        return .refused(kind, reason: reason)
    }

    /// The engine's last words that say something: not the advice that docker ends with.
    static func reason(_ result: CommandResult) -> String {
        let lines = result.error.split(whereSeparator: \.isNewline).map { line in
            line.drop { $0.isWhitespace }
        }.filter { line in
            !line.isEmpty && !line.hasPrefix("See 'docker") && !line.hasPrefix("Run 'docker")
        }
        let kept = CommandResult(status: result.status, output: "", error: lines.joined(separator: "\n"))
        var reason = kept.reason
        for prefix in ["docker: ", "Error response from daemon: "] where reason.hasPrefix(prefix) {
            reason.removeFirst(prefix.count)
        }
        return reason
    }
}
