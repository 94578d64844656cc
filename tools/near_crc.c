// SPDX-License-Identifier: MIT
#include "near.h"

#include <string.h>

enum {
    FIELD = 8, /* of SCTP's header */
    FIELD_SIZE = 4
};

/* The input of a sum: an SCTP packet, whose field counts as 0 or as the value given. */
struct covered {
    const uint8_t *bytes;
    size_t len;
};

static uint32_t little_endian(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t crc32c_with(const struct covered *c, const uint8_t *field)
{
    uint32_t crc = csumoff_crc32c(c->bytes, FIELD, 0);

    crc = csumoff_crc32c(field, FIELD_SIZE, crc);
    return csumoff_crc32c(c->bytes + FIELD + FIELD_SIZE, c->len - FIELD - FIELD_SIZE, crc);
}

static uint8_t byte_at(const struct covered *c, size_t i)
{
    return i >= FIELD && i < FIELD + FIELD_SIZE ? 0 : c->bytes[i];
}

/* RFC 2960, appendix B. */
static uint32_t adler32(const struct covered *c)
{
    uint32_t a = 1, b = 0;

    for (size_t i = 0; i < c->len; i++) {
        a = (a + byte_at(c, i)) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

/* The CRC of IEEE 802.3, half a byte at a time. */
static uint32_t crc32(const struct covered *c)
{
    uint32_t table[16], crc = 0xFFFFFFFF;

    for (uint32_t i = 0; i < 16; i++) {
        table[i] = i;
        for (int bit = 0; bit < 4; bit++)
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xEDB88320 : 0);
    }
    for (size_t i = 0; i < c->len; i++) {
        crc ^= byte_at(c, i);
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

static uint32_t bits_reversed(uint32_t n)
{
    uint32_t reversed = 0;

    for (int i = 0; i < 32; i++)
        reversed |= (n >> i & 1) << (31 - i);
    return reversed;
}

/* Returns whether the first 16 bits of the field are an Internet checksum. Devices that do not know
 * SCTP write one over a field of 0, or over one with the CRC, and leave the other 16 bits as they
 * are. */
static bool is_internet(const struct covered *c, const uint8_t *found, const uint8_t *right)
{
    csumoff_wsum sum = csumoff_partial(c->bytes, FIELD, 0);
    csumoff_sum16 field;

    memcpy(&field, found, sizeof field);
    sum = csumoff_partial(c->bytes + FIELD + 2, c->len - FIELD - 2, sum);
    if (memcmp(found + 2, right + 2, 2) == 0)
        return field == csumoff_fold(csumoff_partial(right, 2, sum)) || field == csumoff_fold(sum);
    return found[2] == 0 && found[3] == 0 && field == csumoff_fold(sum);
}

enum near near_find_crc(const struct level *level, const uint8_t *head, size_t have)
{
    static const uint8_t zero[FIELD_SIZE];
    const size_t start = level->layout.csum_start;
    const struct covered c = {head + start, level->layout.l4_len},
                         rest = {head + start, have - start};
    uint8_t found[FIELD_SIZE], right[FIELD_SIZE];
    uint32_t little, big, crc;

    memcpy(found, &level->report.l4_found, sizeof found);
    memcpy(right, &level->report.l4_expected, sizeof right);
    little = little_endian(found);
    big = big_endian(found);
    crc = little_endian(right);
    if (big == crc)
        return NEAR_SWAPPED;
    if (little == ~crc || big == ~crc)
        return NEAR_COMPLEMENT;
    if (little == bits_reversed(crc) || big == bits_reversed(crc))
        return NEAR_BITS_REVERSED;
    if (little == crc32c_with(&c, right))
        return NEAR_TWICE;
    if (rest.len > c.len && little == crc32c_with(&rest, zero))
        return NEAR_PADDING;
    if (is_internet(&c, found, right))
        return NEAR_INTERNET;
    crc = adler32(&c);
    if (big == crc || little == crc)
        return NEAR_ADLER32;
    crc = crc32(&c);
    if (big == crc || little == crc)
        return NEAR_CRC32;
    return NEAR_NONE;
}
