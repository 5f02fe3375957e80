package import WireGuard

/// What is wrong with a host or a tunnel, as far as that can be told from here.
package enum Diagnosis: Hashable, Sendable {
    /// Root without a capability, by its name.
    case noCapability(String)
    /// Neither the kernel nor a program carries packets.
    case noWireGuard
    /// The clock shows an earlier time than one that has been.
    case clockWrong(now: UnixTime, seen: UnixTime)
    /// The engine of the workload does not answer.
    case engineDown(String)
    /// There is no link that carries packets: its `wgup` is at work on it, or is gone.
    case notUp(InterfaceName, isOrphaned: Bool)
    /// The bundle is not valid any more.
    case bundleExpired(UnixTime)
    /// Something of the tunnel, and what is reached another way from where its link is.
    case addressOverlap(IPPrefix, IPPrefix)
    /// Peers send packets for this block, and where the link is, nobody passes them on.
    case forwardingOff(IPPrefix, at: LinkPlace)
    /// Docker drops packets for this block that do not come from its own bridge.
    case dockerRawDrop(IPPrefix, InterfaceName)
    /// This host's packet filter drops what it should let through.
    case udpBlocked(UDPBlock)
    /// Somebody calls, and WireGuard takes the call for none of its peers'.
    case wrongPeerKey(caller: SocketAddress)
    /// A peer does not answer, and this host cannot tell why.
    case noAnswer(Name, at: SocketAddress?, Complaint?)
    /// Nobody calls a hub that no peer has ever reached.
    case noCall(port: UInt16)
    /// WireGuard's packets go both ways with a peer, but those inside do not.
    case allowedAddressMismatch(Name, IPAddress, seenBy: Role)
    /// Large packets get lost on the way to a peer; `fits` is the largest size that does not, if that is of any use.
    case mtuBlackHole(Name, mtu: Int, fits: Int?)

    /// Where a link is, for who wants to change something there.
    package enum LinkPlace: Hashable, Sendable {
        case host
        case namespace(Name)
        case container
    }

    /// What a packet filter keeps from passing.
    package enum UDPBlock: Hashable, Sendable {
        /// What somebody sends to this host; the port, where it is one that others know.
        case incoming(from: SocketAddress, port: UInt16?)
        /// Whatever this host sends to somebody; the port that it leaves from, where others know that.
        case outgoing(to: SocketAddress, port: UInt16?)
    }

    /// What this host is told of a packet that does not arrive.
    package enum Complaint: Hashable, Sendable {
        /// Nobody listens at that port.
        case refused
        /// There is no way there.
        case unreachable
    }

    /// What programs know a diagnosis by; in the order in which one is looked for.
    package enum Code: String, CaseIterable, Sendable {
        case noCapability = "no-capability"
        case noWireGuard = "no-wireguard"
        case clockWrong = "clock-wrong"
        case engineDown = "engine-down"
        case notUp = "not-up"
        case bundleExpired = "bundle-expired"
        case addressOverlap = "address-overlap"
        case forwardingOff = "forwarding-off"
        case dockerRawDrop = "docker-raw-drop"
        case udpBlocked = "udp-blocked"
        case wrongPeerKey = "wrong-peer-key"
        case noAnswer = "no-answer"
        case allowedAddressMismatch = "allowed-address-mismatch"
        case mtuBlackHole = "mtu-black-hole"
    }

    /// What programs know it by.
    package var code: Code {
        switch self {
        case .noCapability: .noCapability
        case .noWireGuard: .noWireGuard
        case .clockWrong: .clockWrong
        case .engineDown: .engineDown
        case .notUp: .notUp
        case .bundleExpired: .bundleExpired
        case .addressOverlap: .addressOverlap
        case .forwardingOff: .forwardingOff
        case .dockerRawDrop: .dockerRawDrop
        case .udpBlocked: .udpBlocked
        case .wrongPeerKey: .wrongPeerKey
        case .noAnswer, .noCall: .noAnswer
        case .allowedAddressMismatch: .allowedAddressMismatch
        case .mtuBlackHole: .mtuBlackHole
        }
    }
}

extension Diagnosis: CustomStringConvertible {
    /// What is wrong, as one line without a full stop.
    package var description: String {
        switch self {
        case .noCapability(let name): "this root does not have \(name)"
        case .noWireGuard: "the kernel has no WireGuard, and wireguard-go is not installed"
        case .clockWrong(let now, let seen): "this host's clock says \(now), but it has been \(seen) already"
        case .engineDown(let engine): "\(engine) does not answer"
        case .notUp(_, isOrphaned: true): "its wgup is gone, and nobody looks after it"
        case .notUp(_, isOrphaned: false): "it is not up; its wgup is at work on it"
        case .bundleExpired(let time): "its bundle expired at \(time)"
        case .addressOverlap(let ours, let theirs):
            "\(ours) of the tunnel overlaps \(theirs), which is reached another way"
        case .forwardingOff(let prefix, _): "peers send packets for \(prefix), and they are not forwarded"
        case .dockerRawDrop(let prefix, _):
            "peers send packets for \(prefix), and Docker drops all that do not come from its own bridge"
        case .udpBlocked(.incoming(let peer, let port)):
            "what \(peer) sends\(port.map { " to UDP port \($0)" } ?? "") arrives, and this host's packet filter drops it"
        case .udpBlocked(.outgoing(let peer, _)): "this host's packet filter lets nothing out to UDP \(peer)"
        case .wrongPeerKey(let caller):
            "\(caller) calls, but with another key than a peer's, or looking for another key than this host's"
        case .noAnswer(let name, let endpoint, let complaint): Self.silence(of: name, at: endpoint, complaint)
        case .noCall(let port): "no peer has ever called, and nothing arrives at UDP port \(port)"
        case .allowedAddressMismatch(let name, let address, _):
            "\(name) and this host hear each other, but \(address) does not answer: they differ on who has which address"
        case .mtuBlackHole(let name, let mtu, let fits?):
            "packets of \(mtu) bytes to and from \(name) get lost on the way, and those of \(fits) do not"
        case .mtuBlackHole(let name, _, nil): "packets of 1280 bytes to and from \(name) get lost on the way"
        }
    }

    private static func silence(of name: Name, at endpoint: SocketAddress?, _ complaint: Complaint?) -> String {
        guard let endpoint else { return "\(name) does not answer, and has not called" }
        return switch complaint {
        case .refused?: "nobody listens at \(endpoint), where \(name) should be"
        case .unreachable?: "there is no way to \(endpoint), where \(name) should be"
        case nil: "\(name) does not answer at \(endpoint), and nobody says why"
        }
    }

    /// What to do about it, as one line; where that is a command, it can be pasted.
    package var remedy: String {
        switch self {
        case .noCapability(let name): "in a container: --cap-add \(name.dropFirst("CAP_".count))"
        case .noWireGuard: "modprobe wireguard, or apt install wireguard-go"
        case .clockWrong: "timedatectl set-ntp true"
        case .engineDown("podman"): "'podman version' says why"
        case .engineDown(let engine): "systemctl start \(engine)"
        case .notUp(let interface, isOrphaned: true): "start it again, or: wgup down \(interface)"
        case .notUp(_, isOrphaned: false):
            "see what its wgup says: at its terminal, or with 'journalctl --unit \"wgup-*\"'"
        case .bundleExpired:
            "'wgbundle renew' on the hub, and put the new bundle in place of the old one; if 'date' is wrong, set the clock"
        case .addressOverlap: "give one of them another range, or keep them apart with --placement container"
        case .forwardingOff(let prefix, let place): Self.forward(prefix.address.family, at: place)
        case .dockerRawDrop(_, let interface):
            "make that network with -o com.docker.network.bridge.trusted_host_interfaces=\(interface), or publish the port"
        case .udpBlocked(.incoming(_, let port?)):
            "ufw allow \(port)/udp, or: nft insert rule inet filter input udp dport \(port) accept"
        case .udpBlocked(.incoming(_, nil)): "nft insert rule inet filter input ct state established,related accept"
        case .udpBlocked(.outgoing(_, let port?)): "nft insert rule inet filter output udp sport \(port) accept"
        case .udpBlocked(.outgoing(let peer, nil)):
            "ufw allow out \(peer.port)/udp, or: nft insert rule inet filter output udp dport \(peer.port) accept"
        case .wrongPeerKey:
            "compare 'wgkey show --fingerprint' there with 'wgbundle peers' here, and seal or renew its bundle"
        case .noAnswer(_, _, .refused?): "run 'wgup server' there"
        case .noAnswer(_, let endpoint?, .unreachable?): "'ip route get \(endpoint.address)' says what is missing"
        case .noAnswer(let name, _, _): "run 'wgup doctor' on \(name): there, it sees whether packets arrive"
        case .noCall(let port):
            "run 'wgup doctor' on a peer; on the way here, UDP port \(port) must be let through, and forwarded by NAT"
        case .allowedAddressMismatch(let name, _, seenBy: .server):
            "'wgbundle renew \(name)', and apply the bundle there"
        case .allowedAddressMismatch(_, _, seenBy: .client):
            "'wgbundle renew' for this host on the hub, and apply it here"
        case .mtuBlackHole(_, _, let fits?):
            "'mtu = \(fits)' in the network's network.conf on the hub, then 'wgbundle renew --all'"
        case .mtuBlackHole(_, _, nil): "find out who drops them: a tunnel needs a path for UDP packets of 1340 bytes"
        }
    }

    private static func forward(_ family: IPAddress.Family, at place: LinkPlace) -> String {
        let setting = family == .v4 ? "net.ipv4.ip_forward=1" : "net.ipv6.conf.all.forwarding=1"
        return switch place {
        case .host: "sysctl -w \(setting)"
        case .namespace(let name): "ip netns exec \(name) sysctl -w \(setting)"
        case .container: "--engine-arg --sysctl=\(setting)"
        }
    }
}
