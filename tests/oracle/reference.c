// SPDX-License-Identifier: MIT
#include "reference.h"

#include <stdbool.h>

uint64_t ref_sum(const uint8_t *data, size_t len)
{
    uint64_t sum = 0;
    size_t i;

    for (i = 0; i + 1 < len; i += 2)
        sum += (uint64_t)(data[i] * 256 + data[i + 1]);
    if (i < len)
        sum += (uint64_t)(data[i] * 256);
    return sum;
}

uint64_t ref_sum_repeated(uint16_t word, uint64_t len)
{
    return len / 2 * word + (len % 2 ? word / 256 * 256u : 0);
}

uint16_t ref_fold(uint64_t sum)
{
    while (sum > 0xFFFF)
        sum = sum / 0x10000 + sum % 0x10000;
    return (uint16_t)sum;
}

uint16_t ref_checksum(uint64_t sum)
{
    return (uint16_t)(0xFFFF - ref_fold(sum));
}

static uint64_t ref_pseudo(const uint8_t *src, const uint8_t *dst, size_t size, uint8_t proto,
                           uint32_t len)
{
    const uint8_t rest[8] = {(uint8_t)(len >> 24),
                             (uint8_t)(len >> 16),
                             (uint8_t)(len >> 8),
                             (uint8_t)len,
                             0,
                             0,
                             0,
                             proto};

    return ref_sum(src, size) + ref_sum(dst, size) + ref_sum(rest, sizeof rest);
}

uint64_t ref_pseudo4(const uint8_t src[4], const uint8_t dst[4], uint8_t proto, uint32_t len)
{
    return ref_pseudo(src, dst, 4, proto, len);
}

uint64_t ref_pseudo6(const uint8_t src[16], const uint8_t dst[16], uint8_t proto, uint32_t len)
{
    return ref_pseudo(src, dst, 16, proto, len);
}

uint16_t ref_ipv4_header(const uint8_t *header, size_t len)
{
    return ref_transport(0, header, len, 10);
}

uint16_t ref_transport(uint64_t pseudo, const uint8_t *l4, size_t len, size_t field)
{
    uint64_t sum = pseudo;
    size_t i;

    for (i = 0; i < len; i++) {
        if (i == field || i == field + 1)
            continue;
        sum += i % 2 ? l4[i] : (uint64_t)(l4[i] * 256);
    }
    return ref_checksum(sum);
}

/* The number with its 32 bits in the opposite order. */
static uint32_t ref_mirrored(uint32_t v)
{
    uint32_t mirrored = 0;
    int i;

    for (i = 0; i < 32; i++)
        if (v / ((uint32_t)1 << i) % 2)
            mirrored += (uint32_t)1 << (31 - i);
    return mirrored;
}

/* The remainder stands as polynomials are written: x^31 is the most significant bit. */
uint32_t ref_crc32c(uint32_t crc, const uint8_t *data, size_t len)
{
    /* x^32 and x^28+x^27+x^26+x^25+x^23+x^22+x^20+x^19+x^18+x^14+x^13+x^11+x^10+x^9+x^8+x^6+1 */
    static const int terms[] = {28, 27, 26, 25, 23, 22, 20, 19, 18, 14, 13, 11, 10, 9, 8, 6, 0};
    uint32_t remainder = ref_mirrored(0xFFFFFFFF - crc), polynomial = 0;
    size_t i;
    int bit;

    for (i = 0; i < sizeof terms / sizeof *terms; i++)
        polynomial += (uint32_t)1 << terms[i];
    for (i = 0; i < len; i++)
        for (bit = 0; bit < 8; bit++) {
            bool of_data = data[i] >> bit & 1, out = remainder >= 0x80000000;

            remainder *= 2;
            if (out != of_data)
                remainder ^= polynomial;
        }
    return 0xFFFFFFFF - ref_mirrored(remainder);
}
