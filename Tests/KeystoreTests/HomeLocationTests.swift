import Keystore
import Testing

@Suite("Home location")
struct HomeLocationTests {
    @Test(
        "is the first that is given",
        arguments: [
            (option: "/opt", environment: ["WGSEAL_HOME": "/env"], isRoot: true, system: true, expected: "/opt"),
            (nil, ["WGSEAL_HOME": "/env", "XDG_CONFIG_HOME": "/xdg"], true, true, "/env"),
            (nil, ["XDG_CONFIG_HOME": "/xdg"], true, true, "/etc/wgseal"),
            (nil, ["XDG_CONFIG_HOME": "/xdg"], false, true, "/xdg/wgseal"),
            (nil, ["XDG_CONFIG_HOME": "/xdg"], true, false, "/xdg/wgseal"),
            (nil, ["XDG_CONFIG_HOME": "relative", "WGSEAL_HOME": ""], false, true, "/home/u/.config/wgseal"),
            (nil, [:], true, false, "/home/u/.config/wgseal"),
        ] as [(option: String?, environment: [String: String], isRoot: Bool, system: Bool, expected: String)]
    )
    func first(option: String?, environment: [String: String], isRoot: Bool, system: Bool, expected: String) {
        let path = HomeLocation.path(
            option: option,
            environment: { environment[$0] },
            isRoot: isRoot,
            systemHomeExists: system,
            userHome: "/home/u"
        )
        #expect(path == expected)
    }
}
