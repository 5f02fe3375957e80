import CommandSupport
import Planning
import WireGuard

extension Applier.Report {
    // More are counted: nobody reads them.
    private static let maximumLineCount = 20

    /// Says what was changed of a tunnel that was up before.
    func tell(_ diagnostics: Diagnostics) {
        let interface = request.interface.name
        guard wasUp else {
            if isRepair { diagnostics.say("\(interface) was made again") }
            return
        }
        if changes.isEmpty { diagnostics.say("\(interface) was up, and is as it should be") }
        for change in changes.prefix(Self.maximumLineCount) { diagnostics.say("\(change.kind.mark) \(change)") }
        if changes.count > Self.maximumLineCount {
            diagnostics.say("and \(changes.count - Self.maximumLineCount) more changes")
        }
    }
}
