// SPDX-License-Identifier: MIT
/*
 * The peers that csumoff is compared with. Each one does `calls` calls in a loop of its own, so
 * that a peer that is inlined into its users' code is inlined here, too.
 */
#ifndef PEERS_H
#define PEERS_H

#include "frames.h"

/* Call i works on place[i & mask] of the data. */
struct work {
    const uint8_t *base;
    uint8_t *dst; /* the target of copies, at the same offsets */
    const struct place *place;
    size_t mask;
};

typedef void peer_fn(const struct work *work, size_t calls);

peer_fn peer_dpdk_native, peer_dpdk_avx2, peer_dpdk_debian, peer_dpdk_ipv4;
peer_fn peer_lwip, peer_lwip_copy;
peer_fn peer_adc, peer_reference;
peer_fn peer_memcpy, peer_fused;
/* These only read the data, in the ways of reading.c. */
peer_fn peer_read_64, peer_read_128, peer_read_256, peer_read_256_4k, peer_read_256_16k;
peer_fn peer_read_512, peer_read_512_4k, peer_read_512_16k;

/* Calls `sum(data, len)` for every place and keeps the result alive. */
#define PEER_LOOP(work, calls, sum)                                                                \
    do {                                                                                           \
        uint64_t kept_ = 0;                                                                        \
                                                                                                   \
        for (size_t i_ = 0; i_ < (calls); i_++) {                                                  \
            const struct place place_ = (work)->place[i_ & (work)->mask];                          \
            const uint8_t *data = (work)->base + place_.offset;                                    \
            uint8_t *dst = (work)->dst + place_.offset;                                            \
            size_t len = place_.len;                                                               \
                                                                                                   \
            (void)dst;                                                                             \
            __asm__ volatile("" : "+r"(len), "+r"(data) : : "memory");                             \
            kept_ += (sum);                                                                        \
        }                                                                                          \
        __asm__ volatile("" : : "r"(kept_));                                                       \
    } while (0)

#endif
