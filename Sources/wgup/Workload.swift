import CommandSupport
import Planning
import Processes
import WireGuard

/// What uses the tunnel, ready to be started.
enum Workload: Sendable {
    case none
}

extension Workload {
    static func choose(
        _ settings: WorkloadSettings, role: Role, interface: InterfaceConfiguration
    ) async throws -> Workload {
        .none
    }

    var desired: DesiredState.Workload { .none }
}
