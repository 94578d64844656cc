// SPDX-License-Identifier: MIT
/* The peers that are functions, and memcpy(). */
#include "peers.h"
#include <string.h>

/* lwIP exports these without declaring them to its users. */
extern uint16_t lwip_standard_chksum(const void *data, int len);
extern uint16_t lwip_chksum_copy(void *dst, const void *src, uint16_t len);

void peer_lwip(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, lwip_standard_chksum(data, (int)len));
}

void peer_lwip_copy(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, lwip_chksum_copy(dst, data, (uint16_t)len));
}

static uint64_t load64(const uint8_t *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof word);
    return word;
}

static uint64_t add_carry(uint64_t a, uint64_t b)
{
    a += b;
    return a + (a < b);
}

/* The technique of Linux's csum_partial() on x86: it adds 64 bytes in each turn with carry, to two
 * sums. */
__attribute__((noinline)) static uint64_t adc_loop(const uint8_t *data, size_t len)
{
    uint64_t a = 0, b = 0, tail = 0;

    for (; len >= 64; len -= 64, data += 64) {
#if defined(__x86_64__)
        __asm__("addq 0*8(%2), %0\n\tadcq 1*8(%2), %0\n\tadcq 2*8(%2), %0\n\tadcq 3*8(%2), %0\n\t"
                "adcq $0, %0\n\t"
                "addq 4*8(%2), %1\n\tadcq 5*8(%2), %1\n\tadcq 6*8(%2), %1\n\tadcq 7*8(%2), %1\n\t"
                "adcq $0, %1"
                : "+r"(a), "+r"(b)
                : "r"(data), "m"(*(const uint8_t(*)[64])data)
                : "cc");
#else
        for (size_t i = 0; i < 64; i += 16) {
            a = add_carry(a, load64(data + i));
            b = add_carry(b, load64(data + i + 8));
        }
#endif
    }
    for (; len >= 8; len -= 8, data += 8)
        a = add_carry(a, load64(data));
    memcpy(&tail, data, len);
    return add_carry(add_carry(a, b), tail);
}

void peer_adc(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, adc_loop(data, len));
}

/* The first thing that one would write after RFC 1071, section 4.1. */
static uint32_t reference(const uint8_t *data, size_t len)
{
    uint64_t sum = 0;

    for (size_t i = 0; i + 1 < len; i += 2)
        sum += (uint64_t)data[i] << 8 | data[i + 1];
    if (len & 1)
        sum += (uint64_t)data[len - 1] << 8;
    while (sum >> 16)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint32_t)sum;
}

void peer_reference(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, reference(data, len));
}

void peer_memcpy(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, (memcpy(dst, data, len), dst[0]));
}

/* Copies and sums in one loop, as one would first write it. Compilers vectorize it. */
__attribute__((noinline)) static uint32_t fused(uint8_t *restrict dst, const uint8_t *restrict src,
                                                size_t len)
{
    uint32_t sum = 0, last = 0;
    size_t i = 0;

    for (; i + 1 < len; i += 2) {
        uint16_t word;

        memcpy(&word, src + i, sizeof word);
        memcpy(dst + i, &word, sizeof word);
        sum += word;
    }
    if (len & 1)
        last = dst[i] = src[i];
    return sum + last;
}

void peer_fused(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, fused(dst, data, len));
}
