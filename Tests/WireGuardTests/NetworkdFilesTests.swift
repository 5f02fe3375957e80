import Crypto
import Testing
import WireGuard

@Suite("networkd files")
struct NetworkdFilesTests {
    @Test("say what the text for wg-quick says, and refer to files for the secrets")
    func says() throws {
        let text = """
            [Interface]
            PrivateKey = wGW+ug3HTFXZL9fVEIWMVTbP8wkIDQ+Rl+Yoh+n9Pnc=
            Address = 10.8.0.2/24, fd00::2/64
            ListenPort = 7
            MTU = 1380
            # Name = hub
            [Peer]
            PublicKey = kLAv2XPdXSZn2jIW+8BWtuffmiewMmIwchOPJgVT1Vk=
            AllowedIPs = 10.8.0.1, fd00::1, 192.168.7.0/24, 10.8.0.0/16
            Endpoint = [2001:db8::1]:51820
            PersistentKeepalive = 25
            [Peer]
            PublicKey = sNqQ3zBM7iv+dmMRsEUCAexe1tcBvbIVDnMwjrIqVnM=
            PresharedKey = wGW+ug3HTFXZL9fVEIWMVTbP8wkIDQ+Rl+Yoh+n9Pnc=
            Endpoint = vpn.example:1
            """
        let bytes = Array(text.utf8)
        let files = NetworkdFiles(
            try QuickConfiguration(text: bytes.span, file: "f"),
            link: try #require(InterfaceName("wg0")),
            directory: "/etc/systemd/network",
            comment: "one\ntwo"
        )
        #expect(
            files.netdev == """
                # one
                # two
                [NetDev]
                Name=wg0
                Kind=wireguard
                MTUBytes=1380

                [WireGuard]
                PrivateKeyFile=/etc/systemd/network/wg0.key
                ListenPort=7

                [WireGuardPeer]
                # Name=hub
                PublicKey=kLAv2XPdXSZn2jIW+8BWtuffmiewMmIwchOPJgVT1Vk=
                AllowedIPs=10.8.0.1/32,fd00::1/128,192.168.7.0/24,10.8.0.0/16
                Endpoint=[2001:db8::1]:51820
                PersistentKeepalive=25

                [WireGuardPeer]
                PublicKey=sNqQ3zBM7iv+dmMRsEUCAexe1tcBvbIVDnMwjrIqVnM=
                PresharedKeyFile=/etc/systemd/network/wg0-1.psk
                Endpoint=vpn.example:1

                """
        )
        #expect(
            files.network == """
                # one
                # two
                [Match]
                Name=wg0

                [Network]
                Address=10.8.0.2/24
                Address=fd00::2/64

                [Route]
                Destination=10.8.0.0/16

                [Route]
                Destination=192.168.7.0/24

                """
        )
    }
}
