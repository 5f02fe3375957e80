internal import Glibc

/// What the kernel, the socket or the form of a reply refuses.
package enum NetlinkError: Error, Equatable {
    /// A call on the socket itself failed.
    case system(call: String, errno: Int32)
    /// The kernel refused a request; `message` is its extended acknowledgement, in its own words, where it gave one.
    case kernel(request: String, errno: Int32, message: String?)
    /// The kernel has no generic netlink family of this name: the module is not there.
    case unknownFamily(String)
    /// The attributes of a request do not fit into one message.
    case requestTooLarge(request: String)
    /// The table changed during each of several attempts to read it.
    case interrupted(request: String)
    /// The reply does not end.
    case endlessReply(request: String)
    /// Nothing came within the socket's time limit.
    case timedOut(request: String)
    /// The kernel had to drop a part of the reply (`NLMSG_OVERRUN`).
    case overrun(request: String)
    /// A message that does not answer the request that is waiting.
    case foreignReply(request: String)
    /// A datagram that did not come from the kernel, but from this port.
    case foreignSender(portID: UInt32)
    /// A datagram of this many bytes, more than fit the buffer.
    case truncatedReply(byteCount: Int)
    /// A message's length is wrong; counted in bytes from the start of the datagram.
    case malformedMessage(offset: Int)
    /// A message's content ends within its fixed part.
    case shortMessage(byteCount: Int)
    /// What ends a reply is a positive number: neither success nor an errno.
    case malformedStatus(Int32)
    /// An attribute's length is wrong; counted in bytes from the start of the attributes around it.
    case malformedAttribute(offset: Int)
    /// An attribute's value does not have the size of its type, or not the form.
    case malformedValue(type: UInt16, byteCount: Int)
    /// A message lacks an attribute that it cannot be understood without.
    case missingAttribute(type: UInt16)

    /// What a refusal by the kernel means; `nil` for other errors.
    package var refusal: Refusal? {
        guard case .kernel(_, let errno, _) = self else { return nil }
        return switch errno {
        case EEXIST: .exists
        case ENODEV, ESRCH, EADDRNOTAVAIL: .missing
        case EPERM, EACCES: .notPermitted
        case EOPNOTSUPP: .unsupported
        default: .other
        }
    }
}

/// The refusals that callers tell apart.
package enum Refusal: Equatable, Sendable {
    /// There is such a link, address or route already.
    case exists
    /// There is no such link, address or route.
    case missing
    /// CAP_NET_ADMIN is missing.
    case notPermitted
    /// The kernel does not know that kind of link, or the link is of another kind.
    case unsupported
    case other
}

extension NetlinkError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .system(let call, let errno): "netlink socket: \(call): \(Self.text(errno))"
        case .kernel(let request, let errno, let message?): "\(request): \(Self.text(errno)) (kernel: \(message))"
        case .kernel(let request, let errno, nil): "\(request): \(Self.text(errno))"
        case .unknownFamily(let name): "the kernel has no \(name) module"
        case .requestTooLarge(let request): "\(request): does not fit into one netlink message"
        case .interrupted(let request): "\(request): changed while it was read, several times"
        case .endlessReply(let request): "\(request): the reply does not end"
        case .timedOut(let request): "\(request): no reply from the kernel"
        case .overrun(let request): "\(request): the kernel dropped a part of the reply"
        case .foreignReply(let request): "\(request): the reply belongs to another request"
        case .foreignSender(let portID): "netlink message from port \(portID), not from the kernel"
        case .truncatedReply(let byteCount): "netlink reply of \(byteCount) bytes does not fit the buffer"
        case .malformedMessage(let offset): "malformed netlink message at byte \(offset)"
        case .shortMessage(let byteCount): "netlink message of only \(byteCount) bytes"
        case .malformedStatus(let status): "netlink reply ends with the impossible status \(status)"
        case .malformedAttribute(let offset): "malformed netlink attribute at byte \(offset)"
        case .malformedValue(let type, let count): "netlink attribute \(type) has a malformed value of \(count) bytes"
        case .missingAttribute(let type): "netlink message lacks attribute \(type)"
        }
    }

    // The errors that people meet, in the words of the field; the rest as the C library has them.
    private static func text(_ errno: Int32) -> String {
        switch errno {
        case EPERM, EACCES: return "not permitted, CAP_NET_ADMIN is needed"
        case EEXIST: return "exists already"
        case ENODEV: return "no such link"
        case EADDRNOTAVAIL: return "no such address"
        case ESRCH: return "no such route"
        case ENETUNREACH: return "the gateway is not reachable"
        case ENETDOWN: return "the link is down"
        case EOPNOTSUPP: return "not supported"
        default:
            guard let text = unsafe strerror(errno) else { return "error \(errno)" }
            return unsafe String(cString: text).lowercased()
        }
    }
}
