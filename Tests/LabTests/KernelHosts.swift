/// Two hosts in the emulated machine: A is the machine itself, and B the network namespace `b`.
enum KernelHosts {
    /// Makes them, 192.0.2.1 and 192.0.2.2, on one wire.
    static let script = """
        ip netns add b
        ip link add host-a type veth peer name host-b netns b
        ip address add 192.0.2.1/24 dev host-a
        ip link set host-a up
        ip -n b address add 192.0.2.2/24 dev host-b
        ip -n b link set host-b up
        ip -n b link set lo up
        """
}
