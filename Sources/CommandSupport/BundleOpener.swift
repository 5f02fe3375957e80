package import Crypto
package import PeerBundle
internal import Synchronization
internal import SystemIO

/// Opens bundles where whoever wrote them can do no harm.
///
/// A child that is not root, and can do nothing but compute, reads the text, opens the seal, checks the signature and
/// decodes the content. This process does the last two again, with what the child could read to the end: so the child
/// decides about nothing, and cannot make up a bundle; that it reads one bundle after the other changes nothing of that.
package final class BundleOpener: Sendable {
    private static let prepared = Mutex<BundleOpener?>(nil)

    private static let ended = CommandFailure(
        .refused,
        "the bundle ended the process that was reading it, and nothing else"
    )

    private let child: Mutex<ConfinedChild>
    // Whether a bundle was opened and not checked: then that is what the child waits for.
    private let isPending = Mutex(false)

    private init(_ child: consuming ConfinedChild) { self.child = Mutex(child) }

    /// Makes the child, which has to be done before this process has a second thread, and a secret.
    package static func prepare() throws {
        let opener = BundleOpener(try ConfinedChild.fork { channel in try serve(channel) })
        prepared.withLock { $0 = opener }
    }

    /// Hands out the one that was prepared, once.
    package static func take() throws -> BundleOpener {
        guard let opener = prepared.withLock({ $0.take() }) else { throw ended }
        return opener
    }

    /// Reads the text of a bundle, and opens its seal.
    ///
    /// - Parameters:
    ///   - text: A bundle in any of its forms.
    ///   - key: The recipient's.
    /// - Returns: What can say whom it claims to be from.
    /// - Throws: What the child found, or that it ended.
    package func open(_ text: [UInt8], with key: OpeningKey) throws -> ClaimedBundle {
        if isPending.withLock({ isPending in
            defer { isPending = true }
            return isPending
        }) {
            let nothing: [UInt8] = []
            _ = try? ask(nothing.span)
        }
        var request = SecretWriter(capacity: OpeningKey.encodedByteCount + text.count)
        key.withEncoded { request.append($0) }
        request.append(text)
        let answer: SecretBytes
        do { answer = try request.withBytes(ask) } catch {
            isPending.withLock { $0 = false }
            throw error
        }
        return try ClaimedBundle(plaintext: answer, recipient: key.identity)
    }

    /// Checks who made the bundle that was opened last, and reads it.
    ///
    /// - Parameters:
    ///   - claimed: That bundle.
    ///   - issuer: As for ``ClaimedBundle/verified(trusting:)``.
    /// - Returns: What is in it.
    /// - Throws: What is wrong with it.
    package func verified(_ claimed: borrowing ClaimedBundle, trusting issuer: Identity) throws -> VerifiedBundle {
        isPending.withLock { $0 = false }
        _ = try ask(issuer.encoded.span)
        return try claimed.verified(trusting: issuer)
    }

    private func ask(_ request: Span<UInt8>) throws -> SecretBytes {
        let answer = try child.withLock { (child) throws(CommandFailure) in
            do throws(SystemError) {
                return try child.ask(request, maximumByteCount: 1 + BundleText.maximumByteCount)
            } catch {
                throw Self.ended
            }
        }
        return try answer.withBytes { (answer) throws(CommandFailure) in
            if let refusal = CommandFailure(answer: answer) { throw refusal }
            return SecretBytes(copying: answer.extracting(droppingFirst: 1))
        }
    }
}

extension BundleOpener {
    // In the child.
    private static func serve(_ channel: borrowing MessageChannel) throws {
        while true { try serveBundle(channel) }
    }

    private static func serveBundle(_ channel: borrowing MessageChannel) throws {
        let request = try channel.receive(maximumByteCount: OpeningKey.encodedByteCount + BundleText.maximumByteCount)
        do {
            let claimed = try open(request)
            var answer = SecretWriter()
            answer.append(CommandFailure.none)
            claimed.withPlaintext { answer.append($0) }
            try answer.withBytes { answer in try channel.send(answer) }

            let issuer = try channel.receive(maximumByteCount: Identity.encodedByteCount)
            _ = try claimed.verified(trusting: issuer.withBytes { issuer in try Identity(encoded: issuer) })
            try channel.send(CommandFailure.none.span)
        } catch {
            try channel.send(CommandFailure.answer(error).span)
        }
    }

    private static func open(_ request: borrowing SecretBytes) throws -> ClaimedBundle {
        try request.withBytes { request in
            let key = try OpeningKey(encoded: request.extracting(first: OpeningKey.encodedByteCount))
            let text = request.extracting(droppingFirst: OpeningKey.encodedByteCount)
            let bundle = try BundleText.decode(text.indices.map { text[$0] })
            return try ClaimedBundle.open(bundle.span, with: key)
        }
    }
}

// An answer starts with the exit status; after 0 comes what was asked for, else the error, NUL and the hint.
extension CommandFailure {
    fileprivate static let none: [UInt8] = [0]

    fileprivate static func answer(_ error: any Error) -> [UInt8] {
        let known = error as? any Diagnosable
        let status = known?.exitStatus ?? .software
        return [UInt8(truncatingIfNeeded: status.rawValue)] + "\(error)".utf8 + [0] + (known?.hint ?? "").utf8
    }

    /// - Returns: `nil` for an answer that holds what was asked for.
    fileprivate init?(answer: Span<UInt8>) {
        guard answer.isEmpty || answer[0] != 0 else { return nil }
        let text = answer.indices.dropFirst().map { answer[$0] }.split(separator: 0, omittingEmptySubsequences: false)
        let lines = text.map { String(decoding: $0, as: UTF8.self) }
        let hint = lines.dropFirst().first.flatMap { $0.isEmpty ? nil : $0 }
        let status = answer.isEmpty ? nil : ExitStatus(rawValue: Int32(answer[0]))
        self.init(status ?? .software, lines.first ?? "", hint: hint)
    }
}
