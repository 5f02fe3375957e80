internal import Processes
internal import Testing
internal import WireGuard

@testable internal import Containers

let id = String(repeating: "0123456789abcdef", count: 4)

func containerID() throws -> ContainerID { try #require(ContainerID(id)) }

func serverSpec() throws -> ContainerSpec {
    .server(name: try #require(Name("wgseal-server")), interface: try #require(InterfaceName("wg-tunnel")))
}

func clientSpec(_ name: String = "wgseal-client") throws -> ContainerSpec {
    .client(name: try #require(Name(name)), interface: try #require(InterfaceName("wg-tunnel")))
}

func failed(_ error: String) -> CommandResult { CommandResult(status: .exited(125), output: "", error: error) }
