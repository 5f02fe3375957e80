import ArgumentParser
import CommandSupport
import Containers
import Keystore
import PeerBundle
import Planning
import SystemIO
import Tunnel
import WireGuard

/// Looks for what is wrong with this host, and so with every tunnel that it has or could have.
struct HostExamination {
    let home: HomeOptions
    let now: UnixTime

    /// What is wrong.
    ///
    /// - Parameter isAnythingUp: Whether there are tunnels, which say themselves which engine they need.
    /// - Returns: The first thing that is found.
    /// - Throws: What keeps it from looking.
    func diagnosis(isAnythingUp: Bool) async throws -> Diagnosis? {
        guard User.mayAdministerNetworks else { return .noCapability("CAP_NET_ADMIN") }
        guard try TunnelBackends.areThere() else { return .noWireGuard }
        let home = try openHome()
        if let seen = try latestTime(home), let diagnosis = Self.clock(now: now, seen: seen) { return diagnosis }
        guard !isAnythingUp else { return nil }
        for engine in try engines(home) {
            if let diagnosis = try await Self.diagnosis(ofEngine: engine) { return diagnosis }
        }
        return nil
    }

    /// Compares the clock with a time that has been.
    static func clock(now: UnixTime, seen: UnixTime) -> Diagnosis? {
        let seen = max(seen, Freshness.earliestNow)
        return now.adding(seconds: Freshness.clockReturnSeconds) < seen ? .clockWrong(now: now, seen: seen) : nil
    }

    /// Asks an engine by its name whether it is there.
    static func diagnosis(ofEngine name: String) async throws -> Diagnosis? {
        do throws(ContainerError) { try await Engines.named(name).probe() } catch {
            guard case .unavailable = error else { throw error }
            return .engineDown(name)
        }
        return nil
    }

    private func openHome() throws -> Home? {
        do throws(KeystoreError) { return try home.open() } catch .noIdentity { return nil } catch { throw error }
    }

    private func latestTime(_ home: borrowing Home?) throws -> UnixTime? {
        let accepted = try FreshnessStore.find()?.lastChange()
        let changed: UnixTime?
        switch home {
        case .some(let home): changed = try home.lastChange()
        case .none: changed = nil
        }
        return [accepted, changed].compactMap(\.self).max() ?? Freshness.earliestNow
    }

    /// The engines that are asked for by name; where none is, one that does not answer is passed over.
    private func engines(_ home: borrowing Home?) throws -> Set<String> {
        var configurations = [WorkloadConfiguration()]
        switch home {
        case .some(let home):
            for name in try home.networkNames() { configurations.append(try home.workloadConfiguration(network: name)) }
        case .none: break
        }
        let options = try WorkloadOptions.parse([])
        let kinds = try configurations.map { try options.settings(role: .server, configuration: $0).engine }
        return Set(kinds.filter { $0 == .docker || $0 == .podman }.map(\.rawValue))
    }
}
