// SPDX-License-Identifier: MIT
/* Frames to measure on, and memory for them. */
#ifndef FRAMES_H
#define FRAMES_H

#include <stddef.h>
#include <stdint.h>

/* The bytes that all frames of a kind have in common; the others are random. */
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

/* Returns p. If it is NULL, the program ends. */
void *must(void *p);

/* Returns `size` bytes of memory at the beginning of a page. */
void *room(size_t size);

/* Prints what is wrong, such as that contenders differ in their results, and ends the program. */
__attribute__((noreturn)) void fail(const char *what, const char *why);

#endif
