// Sockets that see the handshakes of WireGuard (packet(7), raw(7)), with a filter that Swift cannot write down.
// Each function returns a negated errno value for an error.
#pragma once

#include <stddef.h>
#include <stdint.h>

// socket(2): packets of the calling thread's network namespace that begin or answer a handshake of WireGuard, to or from
// this UDP port: as they are on the wire, before netfilter sees those that come in and after it has seen those that go
// out. Each is read from its IP header on. Returns a descriptor, close-on-exec and non-blocking. Needs CAP_NET_RAW.
int cpacket_open_handshake_tap(uint16_t port);

// The same for packets that come in, once netfilter has let them in (raw(7)): AF_INET from the IP header on, AF_INET6 from
// the UDP header on.
int cpacket_open_handshake_listener(int family, uint16_t port);

// recvfrom(2) on a tap: the packet's length, and whether this host has sent it. -EAGAIN if there is none.
int cpacket_receive_from_tap(int descriptor, void *buffer, size_t capacity, int *is_outgoing);
