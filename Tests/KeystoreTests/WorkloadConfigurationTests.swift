import Planning
import Testing
import WireGuard

@testable import Keystore

@Suite("Workload configuration")
struct WorkloadConfigurationTests {
    @Test("reads every key")
    func readsAll() throws {
        let text = """
            engine = docker
            image = docker.io/library/nginx:1.27
            container-name = web
            publish = 8080:80, 8443:443
            placement = host
            command = nginx -g 'daemon off;'
            """
        let configuration = try WorkloadConfiguration(record: Array(text.utf8), file: "workload.conf")
        var expected = WorkloadConfiguration()
        expected.engine = .docker
        expected.image = "docker.io/library/nginx:1.27"
        expected.containerName = "web"
        expected.publications = ["8080:80", "8443:443"].compactMap { WorkloadConfiguration.Publication($0) }
        expected.placement = .host
        expected.command = ["nginx", "-g", "daemon off;"]
        #expect(configuration == expected)
    }

    @Test(
        "refuses what is none of its values",
        arguments: [
            ("engine = lxc", "engine", "auto, docker, podman, process or none"),
            ("image = --privileged", "image", "an image reference"),
            ("image = a b", "image", "an image reference"),
            ("publish = 80", "publish", "ports as host:container"),
            ("publish = 0:80", "publish", "ports as host:container"),
            ("placement = Host", "placement", "container or host"),
            ("attach = -x", "attach", "a container"),
            ("isolate = true", "isolate", "yes or no"),
            ("wait = 30", "wait", "nothing or handshake"),
            ("command = 'open", "command", "a command with its quotes closed"),
        ]
    )
    func refuses(text: String, key: String, expected: String) {
        #expect(throws: RecordError(file: "w", line: 1, problem: .invalid(key: key, expected: expected))) {
            try WorkloadConfiguration(record: Array(text.utf8), file: "w")
        }
    }

    @Test("refuses what is not carried out", arguments: ["isolated = yes", "engine-arg = --privileged"])
    func refusesUnknown(text: String) {
        #expect(throws: RecordError(file: "w", line: 1, problem: .unknownKey)) {
            try WorkloadConfiguration(record: Array(text.utf8), file: "w")
        }
    }

    @Test("without a file nothing is set")
    func missing() throws {
        try Home.temporary { home, _ in
            let name = try #require(Name("default"))
            #expect(try home.workloadConfiguration(network: name) == WorkloadConfiguration())
        }
    }
}
