package import Planning
internal import Processes

extension ContainerEngine {
    /// What a role runs unless the operator says otherwise: ``ContainerSpec/defaultImage(for:)``, with the name of its
    /// registry for an engine that takes none for granted.
    package func defaultImage(for role: Role) -> ImageReference {
        switch (dialect, role) {
        case (.docker, _): ContainerSpec.defaultImage(for: role)
        case (.podman, .server): .qualifiedNginx
        case (.podman, .client): .qualifiedCurl
        }
    }

    /// Whether the engine has an image at hand; one that does not answer has none.
    package func hasImage(_ image: ImageReference) async throws(ContainerError) -> Bool {
        try await run(EngineArguments.inspectImage(image)).isSuccess
    }

    /// Fetches an image unless it is at hand.
    ///
    /// Cancelling the task stops that, and leaves nothing behind. `onProgress` is called before the fetch with what is
    /// about to happen, and then with each line that the engine's tool says about it.
    ///
    /// - Throws: ``ContainerError/imageUnavailable(_:reason:)``; `CancellationError` if the task was cancelled.
    package func pullIfMissing(
        _ image: ImageReference,
        onProgress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws {
        guard try await !hasImage(image) else { return }
        try Task.checkCancellation()
        onProgress("fetching image \(image)")
        let arguments = EngineArguments.pull(image)
        let result: CommandResult
        do throws(ProcessError) {
            result = try await command(arguments).run(onErrorLine: onProgress)
        } catch .cancelled {
            throw CancellationError()
        } catch {
            throw ContainerError.process(error)
        }
        guard result.isSuccess else {
            let error = refusal(of: arguments, result)
            guard case .refused(_, _, let reason) = error else { throw error }
            throw ContainerError.imageUnavailable(image, reason: reason)
        }
    }
}
