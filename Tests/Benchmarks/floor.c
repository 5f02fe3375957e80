// The least that a program can do to bring up a WireGuard link: the netlink messages, and nothing around them.
//
//   floor up NAME [PEERS]   make the link with a key, a port and peers; give it an address, set it up, add a route
//   floor down NAME         remove the peers, then the link
//
// The keys are made up: a peer costs the kernel the same whatever its key is.
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/wireguard.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { INDEX = 7777, MESSAGE_LIMIT = 16384 };

static union {
    struct nlmsghdr header;
    char bytes[MESSAGE_LIMIT + 512];
} message;

static void fail(const char *what) {
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void *put(const void *value, size_t length) {
    void *place = message.bytes + NLMSG_ALIGN(message.header.nlmsg_len);
    memset(place, 0, NLMSG_ALIGN(length));
    memcpy(place, value, length);
    message.header.nlmsg_len = NLMSG_ALIGN(message.header.nlmsg_len) + NLMSG_ALIGN(length);
    return place;
}

static void begin(int type, int flags, const void *fixed, size_t length) {
    message.header = (struct nlmsghdr){NLMSG_HDRLEN, type, NLM_F_REQUEST | NLM_F_ACK | flags, 1, 0};
    put(fixed, length);
}

static struct nlattr *attribute(int type, const void *value, size_t length) {
    struct nlattr head = {NLA_HDRLEN + length, type};
    struct nlattr *place = put(&head, sizeof head);
    if (length > 0) put(value, length);
    return place;
}

static struct nlattr *nest(int type) { return attribute(type | NLA_F_NESTED, NULL, 0); }

static void end(struct nlattr *nested) {
    nested->nla_len = message.bytes + NLMSG_ALIGN(message.header.nlmsg_len) - (char *)nested;
}

static int open_bus(int bus) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK};
    int bus_socket = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, bus);
    if (bus_socket < 0 || bind(bus_socket, (struct sockaddr *)&address, sizeof address) != 0) fail("socket");
    return bus_socket;
}

// Sends the message and waits for its acknowledgement; what comes before that is left in `reply`.
static void perform(int bus, const char *what, char *reply, size_t capacity) {
    if (send(bus, &message, message.header.nlmsg_len, 0) < 0) fail(what);
    for (;;) {
        union {
            struct nlmsghdr header;
            char bytes[8192];
        } answer;
        ssize_t count = recv(bus, &answer, sizeof answer, 0);
        if (count < (ssize_t)NLMSG_HDRLEN) fail(what);
        if (answer.header.nlmsg_type != NLMSG_ERROR) {
            if (reply) memcpy(reply, &answer, (size_t)count < capacity ? (size_t)count : capacity);
            continue;
        }
        errno = -((struct nlmsgerr *)NLMSG_DATA(&answer.header))->error;
        if (errno != 0) fail(what);
        return;
    }
}

static int find_family(int generic) {
    struct genlmsghdr header = {.cmd = CTRL_CMD_GETFAMILY, .version = 2};
    union {
        struct nlmsghdr header;
        char bytes[4096];
    } reply = {0};
    begin(GENL_ID_CTRL, 0, &header, sizeof header);
    attribute(CTRL_ATTR_FAMILY_NAME, WG_GENL_NAME, sizeof WG_GENL_NAME);
    perform(generic, "find family", reply.bytes, sizeof reply);
    for (size_t offset = NLMSG_HDRLEN + GENL_HDRLEN; offset < reply.header.nlmsg_len;) {
        struct nlattr *found = (struct nlattr *)(reply.bytes + offset);
        if (found->nla_type == CTRL_ATTR_FAMILY_ID) return *(uint16_t *)(found + 1);
        offset += NLA_ALIGN(found->nla_len);
    }
    errno = ENOENT;
    fail("find family");
    return 0;
}

static void begin_device(int family, const char *name) {
    struct genlmsghdr header = {.cmd = WG_CMD_SET_DEVICE, .version = WG_GENL_VERSION};
    begin(family, 0, &header, sizeof header);
    attribute(WGDEVICE_A_IFNAME, name, strlen(name) + 1);
}

static void add_peer(uint32_t number) {
    uint8_t key[WG_KEY_LEN] = {9, [28] = number >> 24, number >> 16, number >> 8};
    uint8_t preshared_key[WG_KEY_LEN] = {1};
    uint32_t flags = WGPEER_F_REPLACE_ALLOWEDIPS, address = htonl(0x0a000002 + number);
    uint16_t family = AF_INET;
    uint8_t length = 32;
    key[1] = number;
    struct nlattr *peer = nest(0);
    attribute(WGPEER_A_PUBLIC_KEY, key, sizeof key);
    attribute(WGPEER_A_PRESHARED_KEY, preshared_key, sizeof preshared_key);
    attribute(WGPEER_A_FLAGS, &flags, sizeof flags);
    struct nlattr *allowed = nest(WGPEER_A_ALLOWEDIPS), *prefix = nest(0);
    attribute(WGALLOWEDIP_A_FAMILY, &family, sizeof family);
    attribute(WGALLOWEDIP_A_IPADDR, &address, sizeof address);
    attribute(WGALLOWEDIP_A_CIDR_MASK, &length, sizeof length);
    end(prefix);
    end(allowed);
    end(peer);
}

static void configure(int generic, int family, const char *name, uint32_t count) {
    uint8_t key[WG_KEY_LEN] = {8, [31] = 64};
    uint16_t port = 51820;
    uint32_t number = 0;
    do {
        begin_device(family, name);
        if (number == 0) {
            attribute(WGDEVICE_A_PRIVATE_KEY, key, sizeof key);
            attribute(WGDEVICE_A_LISTEN_PORT, &port, sizeof port);
        }
        struct nlattr *peers = nest(WGDEVICE_A_PEERS);
        while (number < count && message.header.nlmsg_len < MESSAGE_LIMIT - 256) add_peer(number++);
        end(peers);
        perform(generic, "configure device", NULL, 0);
    } while (number < count);
}

static void up(const char *name, uint32_t count) {
    int route = open_bus(NETLINK_ROUTE), generic = open_bus(NETLINK_GENERIC);
    int family = find_family(generic);
    struct ifinfomsg link = {.ifi_index = INDEX};
    uint32_t mtu = 1420, address = inet_addr("10.0.0.1"), destination = inet_addr("10.1.0.0");
    uint32_t out = INDEX;

    begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof link);
    attribute(IFLA_IFNAME, name, strlen(name) + 1);
    attribute(IFLA_MTU, &mtu, sizeof mtu);
    struct nlattr *information = nest(IFLA_LINKINFO);
    attribute(IFLA_INFO_KIND, "wireguard", 9);
    end(information);
    perform(route, "make link", NULL, 0);

    configure(generic, family, name, count);

    struct ifaddrmsg assigned = {.ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = INDEX};
    begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &assigned, sizeof assigned);
    attribute(IFA_LOCAL, &address, sizeof address);
    attribute(IFA_ADDRESS, &address, sizeof address);
    perform(route, "add address", NULL, 0);

    link = (struct ifinfomsg){.ifi_index = INDEX, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    begin(RTM_NEWLINK, 0, &link, sizeof link);
    perform(route, "set link up", NULL, 0);

    struct rtmsg added = {
        .rtm_family = AF_INET, .rtm_dst_len = 24, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_STATIC,
        .rtm_scope = RT_SCOPE_LINK, .rtm_type = RTN_UNICAST,
    };
    begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &added, sizeof added);
    attribute(RTA_DST, &destination, sizeof destination);
    attribute(RTA_OIF, &out, sizeof out);
    perform(route, "add route", NULL, 0);
}

static void down(const char *name) {
    int route = open_bus(NETLINK_ROUTE), generic = open_bus(NETLINK_GENERIC);
    int family = find_family(generic);
    uint32_t flags = WGDEVICE_F_REPLACE_PEERS;
    begin_device(family, name);
    attribute(WGDEVICE_A_FLAGS, &flags, sizeof flags);
    perform(generic, "remove peers", NULL, 0);
    struct ifinfomsg link = {0};
    begin(RTM_DELLINK, 0, &link, sizeof link);
    attribute(IFLA_IFNAME, name, strlen(name) + 1);
    perform(route, "remove link", NULL, 0);
}

int main(int count, char **words) {
    if (count >= 3 && strcmp(words[1], "up") == 0) {
        up(words[2], count > 3 ? (uint32_t)strtoul(words[3], NULL, 10) : 1);
    } else if (count == 3 && strcmp(words[1], "down") == 0) {
        down(words[2]);
    } else {
        return 64;
    }
    return 0;
}
