// SPDX-License-Identifier: MIT
#include "frames.h"
#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct kind tcp_ipv4 = {14,
                              {{12, 0x08},
                               {13, 0x00},
                               {14, 0x45},
                               {20, 0x40}, /* may not be fragmented */
                               {21, 0},
                               {22, 64},
                               {23, 6},
                               {46, 0x50}}};
const struct kind tcp_ipv4_vlan = {18,
                                   {{12, 0x81},
                                    {13, 0x00},
                                    {16, 0x08},
                                    {17, 0x00},
                                    {18, 0x45},
                                    {24, 0x40},
                                    {25, 0},
                                    {26, 64},
                                    {27, 6},
                                    {50, 0x50}}};
const struct kind udp_ipv4 = {
    14, {{12, 0x08}, {13, 0x00}, {14, 0x45}, {20, 0x40}, {21, 0}, {22, 64}, {23, 17}}};
const struct kind tcp_ipv6 = {14,
                              {{12, 0x86}, {13, 0xDD}, {14, 0x60}, {20, 6}, {21, 64}, {66, 0x50}}};
const struct kind udp_ipv6 = {14, {{12, 0x86}, {13, 0xDD}, {14, 0x60}, {20, 17}, {21, 64}}};

void fail(const char *what, const char *why)
{
    (void)fprintf(stderr, "csumoff-bench: %s: %s\n", what, why);
    exit(1);
}

void *must(void *p)
{
    if (!p)
        fail("memory", "there is no more");
    return p;
}

void *room(size_t size)
{
    void *p = NULL;

    return must(posix_memalign(&p, 4096, size) ? NULL : p);
}

static uint32_t random32(void)
{
    static uint64_t state = 1;

    state = state * 6364136223846793005 + 1442695040888963407;
    return (uint32_t)(state >> 32);
}

uint32_t random_below(uint32_t n)
{
    return (uint32_t)((uint64_t)random32() * n >> 32);
}

static void store16(uint8_t *p, size_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

void make_frame(uint8_t *frame, size_t len, const struct kind *kind)
{
    uint8_t *l3 = frame + kind->l3_start;
    size_t header = 20, protocol = 9;

    for (size_t i = 0; i < len; i++)
        frame[i] = (uint8_t)(random32() >> 24);
    for (size_t i = 0; i < COUNT(kind->fixed) && kind->fixed[i].at; i++)
        frame[kind->fixed[i].at] = kind->fixed[i].value;
    len -= kind->l3_start;
    if (l3[0] == 0x45) {
        store16(l3 + 2, len);
    } else {
        header = 40;
        protocol = 6;
        store16(l3 + 4, len - header);
    }
    if (l3[protocol] == 17)
        store16(l3 + header + 4, len - header); /* UDP's own length */
}
