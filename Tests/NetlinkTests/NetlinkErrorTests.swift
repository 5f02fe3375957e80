import Testing

@testable import Netlink

@Suite("Netlink error")
struct NetlinkErrorTests {
    @Test(
        "says what was asked, what is wrong, and what the kernel says of it",
        arguments: [
            (.kernel(request: "create link wg0", errno: 17, message: nil), "create link wg0: exists already"),
            (
                .kernel(request: "create link wg0", errno: 95, message: "Unknown device type"),
                "create link wg0: not supported (kernel: Unknown device type)"
            ),
            (
                .kernel(request: "delete link wg0", errno: 1, message: nil),
                "delete link wg0: not permitted, CAP_NET_ADMIN is needed"
            ),
            (.kernel(request: "delete link wg0", errno: 19, message: nil), "delete link wg0: no such link"),
            (.kernel(request: "list routes", errno: 12, message: nil), "list routes: cannot allocate memory"),
            (.system(call: "bind", errno: 98), "netlink socket: bind: address already in use"),
            (.foreignSender(portID: 7), "netlink message from port 7, not from the kernel"),
        ] as [(NetlinkError, String)]
    )
    func text(error: NetlinkError, text: String) {
        #expect(error.description == text)
    }

    @Test(
        "says what a refusal means",
        arguments: [
            (17, .exists), (19, .missing), (3, .missing), (99, .missing), (1, .notPermitted), (13, .notPermitted),
            (95, .unsupported), (22, .other),
        ] as [(Int32, Refusal)]
    )
    func refusal(errno: Int32, meaning: Refusal) {
        #expect(NetlinkError.kernel(request: "ask", errno: errno, message: nil).refusal == meaning)
    }

    @Test("means nothing of the kind where the kernel refused nothing")
    func otherErrors() {
        #expect(NetlinkError.timedOut(request: "ask").refusal == nil)
        #expect(NetlinkError.system(call: "bind", errno: 17).refusal == nil)
    }
}
