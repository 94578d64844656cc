// SPDX-License-Identifier: MIT
/* Frames to measure on, and memory for them. */
#ifndef FRAMES_H
#define FRAMES_H

#include <stddef.h>
#include <stdint.h>

/* The bytes that frames of a kind begin with; the rest of them is random. */
struct kind {
    size_t l3_start;
    struct {
        uint8_t at, value; /* `at` counts from the start of the frame */
    } fixed[12];
};

extern const struct kind tcp_ipv4, tcp_ipv4_vlan, udp_ipv4, tcp_ipv6, udp_ipv6;

/* Where data lies in a buffer. */
struct place {
    uint32_t offset, len;
};

/* Fills `frame` with a frame of a kind whose lengths are right. Its checksums are random. */
void make_frame(uint8_t *frame, size_t len, const struct kind *kind);

/* Returns a random number below n. */
uint32_t random_below(uint32_t n);

/* Returns p; ends the program where it is NULL. */
void *must(void *p);

/* Returns `size` bytes that begin a page. */
void *room(size_t size);

/* Says what is wrong, such as that contenders do not do the same work, and ends the program. */
__attribute__((noreturn)) void fail(const char *what, const char *why);

#endif
