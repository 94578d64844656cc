// SPDX-License-Identifier: MIT
#include "hashes.h"

#include "pcapng_options.h"

#include <string.h>

enum {
    HASH_XOR = 1,
    HASH_CRC32 = 2,
    HASH_LONGEST = 8
};

/* The CRC-32 of IEEE 802.3. */
static uint32_t crc32_of(const uint8_t *bytes, size_t len)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

/* Computes a hash of a packet. Returns false if its kind is not supported. The specification does
 * not say in which byte order a CRC is stored. */
static bool hash(uint8_t *to, size_t size, unsigned kind, bool is_reversed, const uint8_t *bytes,
                 size_t len)
{
    if (kind == HASH_CRC32 && size == sizeof(uint32_t)) {
        uint32_t crc = crc32_of(bytes, len);

        for (unsigned i = 0; i < 4; i++)
            to[is_reversed ? 3 - i : i] = (uint8_t)(crc >> 8 * i);
        return true;
    }
    if (kind == HASH_XOR && size && size <= HASH_LONGEST) {
        memset(to, 0, size);
        for (size_t i = 0; i < len; i++)
            to[i % size] ^= bytes[i];
        return true;
    }
    return false;
}

/* Computes a hash again that was right before, in the byte order that made it right. */
static bool rehash(const struct record *r, const uint8_t *block, uint8_t *value, size_t len)
{
    uint8_t made[HASH_LONGEST];

    for (int way = 0; way < 2 && len; way++) {
        if (!hash(made, len - 1, value[0], way, r->bytes + r->start, r->caplen))
            return false;
        if (memcmp(made, value + 1, len - 1) == 0)
            return hash(value + 1, len - 1, value[0], way, block + r->start, r->caplen);
    }
    return false;
}

/* The position at which a list of options ends, or cannot be read any further. */
static size_t list_end(struct pcapng_options o, const uint8_t *block)
{
    struct pcapng_option option;

    while (pcapng_option_next(&o, &option))
        ;
    return (size_t)(o.at - block);
}

/* Moves the options that end at `end` over the option before them, and ends the list there. */
static void close_gap(uint8_t *block, size_t gap, size_t next, size_t end)
{
    memmove(block + gap, block + next, end - next);
    memset(block + end - (next - gap), 0, next - gap);
}

struct hashes hashes_update(const struct record *r, uint8_t *block)
{
    struct hashes hashes = {0, 0};
    struct pcapng_options o;
    struct pcapng_option option;
    size_t end;

    if (r->start != PACKET_DATA)
        return hashes;
    o = pcapng_packet_options(r, block);
    end = list_end(o, block);
    while (pcapng_option_next(&o, &option)) {
        const size_t value = (size_t)(option.value - block);

        if (option.code != PACKET_HASH)
            continue;
        if (rehash(r, block, block + value, option.len)) {
            hashes.made++;
        } else {
            close_gap(block, value - OPTION_HEADER, (size_t)(o.at - block), end);
            o.at = block + value - OPTION_HEADER;
            hashes.removed++;
        }
    }
    return hashes;
}
