import Planning
import Testing
import WireGuard

@testable import Containers

func name(_ text: String) throws -> Name { try #require(Name(text)) }

func image(_ text: String) throws -> ImageReference { try #require(ImageReference(text)) }

func owner(_ role: Role = .server, interface: String = "wg-tunnel") throws -> Owner {
    Owner(interface: try #require(InterfaceName(interface)), role: role)
}
