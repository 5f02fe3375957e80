import ArgumentParser
import CommandSupport
import WireGuard

extension CompletionKind {
    /// The interfaces that `wgup` has brought up, for who may look.
    static var interfaces: CompletionKind {
        words { try RunDirectory.open()?.interfaces().map(\.description) ?? [] }
    }
}
