import Testing

@testable import Containers

@Suite("Which container is attached to")
struct ContainerSelectorTests {
    @Test(
        "a name, labels, or a compose project's service",
        arguments: ["web", "web_1.x-2", "label:a=b", "label:a=b,c=d=e", "label:org.x/y=", "compose:shop/web"]
    )
    func accepts(text: String) { #expect(ContainerSelector(text)?.description == text) }

    @Test(
        "and nothing that an engine could take for something else",
        arguments: [
            "", "-web", "--all", ".web", "a b", "a/b", "a\nb", "wéb", "label:", "label:a", "label:=b", "label:a=b,",
            "label:a=b,-", "label:a=b c", "label:a=\"b\"", "label:a=b\n", "compose:shop", "compose:/web",
            "compose:a/b/c",
            "compose:-a/b", String(repeating: "a", count: 129), "label:a=" + String(repeating: "b", count: 300),
        ]
    )
    func refuses(text: String) { #expect(ContainerSelector(text) == nil) }
}
