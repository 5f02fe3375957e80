#define _GNU_SOURCE
#include "CPacket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

// A busy host carries much that is not worth a copy: UDP to or from the port, whose first word of payload is the type of a
// handshake message (initiation 1, response 2, cookie 3) and three zero bytes.
static int attach_filter(int descriptor, int starts_at_udp, uint16_t port) {
    const struct sock_filter program[] = {
        // X is the offset of the UDP header.
        BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 0),
        BPF_JUMP(BPF_JMP | BPF_JA, starts_at_udp ? 11 : 0, 0, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
        BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 6, 0, 3),
        // IPv6; other headers than UDP's are none of WireGuard's.
        BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 40),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
        BPF_JUMP(BPF_JMP | BPF_JA, 3, 0, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 4, 0, 13),
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JA, 9, 0, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 2, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 5),
        BPF_STMT(BPF_LD | BPF_W | BPF_IND, 8),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x01000000, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02000000, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x03000000, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0xffff),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    const struct sock_fprog filter = {sizeof program / sizeof *program, (struct sock_filter *)program};
    return setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

static int failed(int descriptor) {
    const int error = errno;
    if (descriptor >= 0) {
        close(descriptor);
    }
    return -error;
}

int cpacket_open_handshake_tap(uint16_t port) {
    // Without a protocol nothing is received before the filter is there.
    const int descriptor = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    if (descriptor < 0 || attach_filter(descriptor, 0, port) != 0 ||
        bind(descriptor, (const struct sockaddr *)&all, sizeof all) != 0) {
        return failed(descriptor);
    }
    return descriptor;
}

int cpacket_open_handshake_listener(int family, uint16_t port) {
    const int descriptor = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);
    if (descriptor < 0 || attach_filter(descriptor, family == AF_INET6, port) != 0) {
        return failed(descriptor);
    }
    return descriptor;
}

int cpacket_receive_from_tap(int descriptor, void *buffer, size_t capacity, int *is_outgoing) {
    struct sockaddr_ll link = {0};
    socklen_t length = sizeof link;
    const ssize_t count = recvfrom(descriptor, buffer, capacity, MSG_DONTWAIT, (struct sockaddr *)&link, &length);
    *is_outgoing = link.sll_pkttype == PACKET_OUTGOING;
    return count >= 0 ? (int)count : -errno;
}
