// SPDX-License-Identifier: MIT
/*
 * Stands between the guest's netif and its TAP: netif_tap.c is compiled with readv() and writev()
 * renamed to these two. They count what passes, and spoil it where a test wants to see that
 * noticed. Headers are in the machine's own byte order, as kernel.h's TAPs have them.
 */
#ifndef CSUMOFF_TESTS_WIRE_H
#define CSUMOFF_TESTS_WIRE_H

#include <stdatomic.h>
#include <stddef.h>
#include <sys/uio.h>

struct wire_way {
    atomic_size_t frames, bytes;
    atomic_size_t seeded; /* with NEEDS_CSUM */
    atomic_size_t super;  /* of more than one segment */
    atomic_size_t longest;
};

struct wire {
    int fd;
    struct wire_way in, out;   /* to the guest, from the guest */
    atomic_bool flags_ignored; /* seeds reach the netif as if they were complete checksums */
    atomic_bool seeds_spoiled; /* those the guest sends aren't right */
    atomic_bool damaged;       /* a bit of each complete TCP or UDP packet to the guest */
    atomic_size_t spoiled;     /* frames that one of these was done to */
};

/* In the order in which netifs were made; fd 0: none. */
extern struct wire wires[2];

ssize_t wire_readv(int fd, const struct iovec *parts, int count);
ssize_t wire_writev(int fd, const struct iovec *parts, int count);

#endif
