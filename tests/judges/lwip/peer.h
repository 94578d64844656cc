// SPDX-License-Identifier: MIT
/*
 * The kernel as the peer of a guest with echoes: its sockets, what it counted, and a machine in
 * between. What fails here fails the test. Machines and addresses are kernel.h's.
 */
#ifndef CSUMOFF_TESTS_PEER_H
#define CSUMOFF_TESTS_PEER_H

#include <stdatomic.h>

#include "../kernel/kernel.h"
#include "../../oracle/support.h"

/* The network that both are in, and who they are. */
enum {
    NET = 1,
    KERNEL = 1,
    GUEST = 2
};

enum {
    PORT = 7,
    WAIT_MS = 30000, /* for what must come */
    MTU = 1500,
    STREAM = 3 << 20,
    UDP_HEADER = 8
};

extern const int versions[2]; /* 4 and 6 */
extern struct rng rng;

/*
 * A machine between the guest and its peer, which bridges the guest's interface to a TAP without
 * offloads: there every seed is finished, and the peer gets complete checksums, which it checks. To
 * the guest the peer's seeds go as they are. From now on this process is in the peer's namespace;
 * returns the peer's TAP, whose kernel may hand over these `offloads`.
 */
const struct tap *finisher_new(const struct tap *guests, unsigned offloads);

/* A socket that is connected to the guest, or has begun to be. It doesn't block. */
int client(int version, int type, uint16_t port);
void wait_connected(int fd);
bool is_ready(int fd, short events, int ms);

/* Sends random bytes, and wants the same back. */
void echo_datagram(int fd, size_t len);
/* Every length, or every `step`th; returns how many. */
size_t echo_datagrams(int version, uint16_t port, size_t from, size_t to, size_t step);
/* All that fits a frame, of both IPs. */
size_t echo_datagrams_of_a_frame(uint16_t port);

/* `total` bytes into one socket and out of another, which may be the same: an echo. */
void stream(int in, int out, size_t total);
/* STREAM bytes, or a twentieth. */
void echo_stream(int version);
void echo_streams(void);

/* Checksum errors of UDP, TCP, ICMP and IPv4 in this namespace. */
uint64_t kernel_errors(void);
/* Until the kernel has counted so many. It sums a longer datagram only when it is asked for
 * (CHECKSUM_BREAK): asks, of sockets to which nothing may come. */
void wait_for_errors(const int sockets[2], uint64_t least);

/* Where a thing takes a moment, but can't stay out. */
void wait_for(const char *what, atomic_size_t *count, size_t least);

#endif
