package import Planning
internal import SystemIO
package import WireGuard

/// What `workload.conf` of a network says about the workload; `nil` where it says nothing.
package struct WorkloadConfiguration: Equatable, Sendable {
    /// A port of the tunnel address and the container's port behind it: `8080:80`.
    package struct Publication: Hashable, Sendable, LosslessStringConvertible {
        /// 1 to 65535, on the tunnel address.
        package let hostPort: UInt16
        /// 1 to 65535.
        package let containerPort: UInt16

        /// Reads two ports with a colon between them.
        package init?(_ text: String) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let host = UInt16(decimal: parts[0]), let container = UInt16(decimal: parts[1]),
                host > 0, container > 0
            else { return nil }
            hostPort = host
            containerPort = container
        }

        package var description: String { "\(hostPort):\(containerPort)" }
    }

    /// What runs the workload.
    package var engine: EngineKind?
    /// As the engine takes it: no blank, and no hyphen in front that would make it an option.
    package var image: String?
    /// What the engine calls the container.
    package var containerName: String?
    /// What is published on the tunnel address.
    package var publications: [Publication] = []
    /// Where the tunnel's interface lives.
    package var placement: Placement?
    /// The operator's own container, in place of one that is started.
    package var attach: String?
    /// Whether the workload has no network but the tunnel.
    package var isIsolated: Bool?
    /// What the start of the workload waits for.
    package var wait: WaitKind?
    /// What to run, split into words.
    package var command: [String]?

    package init() {}
}

extension WorkloadConfiguration {
    // Nothing that is not carried out: who isolates a workload must not believe that it is.
    private static let keys = [
        "engine", "image", "container-name", "publish", "placement", "attach", "isolate", "wait", "command",
    ]

    /// Reads the text of a `workload.conf`.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8.
    ///   - file: The file's path, for messages.
    /// - Throws: ``RecordError``, naming the line.
    package init(record bytes: [UInt8], file: String) throws(RecordError) {
        let record = try TextRecord(bytes, file: file, keys: Self.keys)
        engine = try record.optional("engine", "auto, docker, podman, process or none") { EngineKind(rawValue: $0) }
        image = try record.optional("image", "an image reference", Self.engineWord)
        containerName = try record.optional("container-name", "a container's name", Self.engineWord)
        publications = try record.list("publish", "ports as host:container") { Publication($0) }
        placement = try record.optional("placement", "container or host") { Placement(rawValue: $0) }
        attach = try record.optional("attach", "a container", Self.engineWord)
        isIsolated = try record.optional("isolate", "yes or no") { ["yes": true, "no": false][$0] }
        wait = try record.optional("wait", "nothing or handshake") { WaitKind(rawValue: $0) }
        command = try record.optional("command", "a command with its quotes closed") { CommandWords.split($0) }
    }

    private static func engineWord(_ text: String) -> String? {
        let isWord = !text.hasPrefix("-") && text.utf8.allSatisfy((UInt8(ascii: "!")...UInt8(ascii: "~")).contains)
        return isWord ? text : nil
    }
}

extension Home {
    /// The workload settings of a network, whether or not this host is its hub.
    ///
    /// - Returns: Empty settings if there is no file.
    package borrowing func workloadConfiguration(network: Name) throws(KeystoreError) -> WorkloadConfiguration {
        do throws(KeystoreError) {
            let directory = try networkDirectory(network, creating: false)
            let bytes = try throwingKeystoreError { () throws(SystemError) in
                try directory.read("workload.conf", maximumByteCount: TextRecord.maximumByteCount)
            }
            return try throwingKeystoreError { () throws(RecordError) in
                try WorkloadConfiguration(record: bytes, file: "\(directory.path)/workload.conf")
            }
        } catch .system(.missing) {
            return WorkloadConfiguration()
        } catch {
            throw error
        }
    }
}
