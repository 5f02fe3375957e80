import Planning
import Testing
import WireGuard

@testable import Containers

@Suite("Container specification")
struct ContainerSpecTests {
    @Test("of a server is nginx with its own command")
    func server() throws {
        let spec = ContainerSpec(name: try name("wgseal-server"), owner: try owner(.server))
        #expect(spec.image.description == "nginx")
        #expect(spec.command == [])
        #expect(spec.entrypoint == nil)
        #expect(spec.stopSignal == nil)
    }

    @Test(
        "of the curl image sleeps until it is killed, however the image is written",
        arguments: [
            nil, "curlimages/curl", "curlimages/curl:8.5.0", "docker.io/curlimages/curl",
            "curlimages/curl@sha256:00", "curlimages/curl:8.5.0@sha256:00",
        ]
    )
    func curl(reference: String?) throws {
        let spec = ContainerSpec(
            name: try name("wgseal-client"),
            owner: try owner(.client),
            image: try reference.map { try image($0) }
        )
        #expect(spec.entrypoint == "sleep")
        #expect(spec.command == ["infinity"])
        #expect(spec.stopSignal == "KILL")
    }

    @Test(
        "of a client with another image leaves it its own command",
        arguments: ["busybox", "curlimages/curlie", "registry.example:5000/curlimages/curl"]
    )
    func otherImage(reference: String) throws {
        let spec = ContainerSpec(
            name: try name("wgseal-client"),
            owner: try owner(.client),
            image: try image(reference)
        )
        #expect(spec.entrypoint == nil)
        #expect(spec.command == [])
        #expect(spec.stopSignal == nil)
    }

    @Test("takes the operator's command for the curl image, too")
    func command() throws {
        let spec = ContainerSpec(name: try name("c"), owner: try owner(.client), command: ["sh", "-c", "exit"])
        #expect(spec.entrypoint == nil)
        #expect(spec.command == ["sh", "-c", "exit"])
        #expect(spec.stopSignal == nil)
    }
}

@Suite("Image reference")
struct ImageReferenceTests {
    @Test(
        "keeps what it was made of",
        arguments: ["nginx", "3proxy:latest", "registry.example:5000/team/app@sha256:0123"]
    )
    func accepts(text: String) { #expect(ImageReference(text)?.description == text) }

    @Test(
        "is no option, no list and no control sequence",
        arguments: [
            "", "-it", "--privileged", "a b", "a\n", "a\u{1b}[2J", "ä", "/a", String(repeating: "a", count: 513),
        ]
    )
    func refuses(text: String) { #expect(ImageReference(text) == nil) }
}
