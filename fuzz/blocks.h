// SPDX-License-Identifier: MIT
/* Compares and checks what the tool's reader of pcapng says of a block. */
#ifndef CSUMOFF_FUZZ_BLOCKS_H
#define CSUMOFF_FUZZ_BLOCKS_H

#include "../tools/pcapng.h"
#include "../tools/pcapng_options.h"
#include "fuzz.h"

enum {
    NANO = 1000000000
};

struct seen {
    size_t len, start;
    uint32_t caplen, wire_len, link_number, snaplen;
    bool is_packet, has_time, is_big_endian;
    int64_t seconds;
    uint32_t fraction;
    enum direction direction;
};

static inline struct seen summary(const struct record *r)
{
    struct seen seen;

    seen.len = r->len;
    seen.start = r->start;
    seen.caplen = r->caplen;
    seen.wire_len = r->wire_len;
    seen.link_number = r->interface ? r->interface->link_number : 0;
    seen.snaplen = r->interface ? r->interface->snaplen : 0;
    seen.is_packet = r->interface;
    seen.has_time = r->has_time;
    seen.is_big_endian = r->is_big_endian;
    seen.seconds = r->seconds;
    seen.fraction = r->fraction;
    seen.direction = r->direction;
    return seen;
}

static inline void must_be_alike(const struct seen *a, const struct seen *b)
{
    MUST(a->len == b->len && a->start == b->start);
    MUST(a->caplen == b->caplen && a->wire_len == b->wire_len);
    MUST(a->link_number == b->link_number && a->snaplen == b->snaplen);
    MUST(a->is_packet == b->is_packet && a->is_big_endian == b->is_big_endian);
    MUST(a->has_time == b->has_time && a->direction == b->direction);
    MUST(a->seconds == b->seconds && a->fraction == b->fraction);
}

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 wide;
__extension__ typedef __int128 signed_wide;

static inline int64_t saturate(signed_wide seconds)
{
    return seconds > INT64_MAX ? INT64_MAX : seconds < INT64_MIN ? INT64_MIN : (int64_t)seconds;
}

static inline void check_time(const struct record *r)
{
    const struct interface *i = r->interface;
    wide ticks = get32(r->is_big_endian, r->bytes + 12), unit = 1, total;
    bool is_long_unit = i->is_binary || i->resolution <= 38;
    uint32_t fraction;
    unsigned n;

    ticks = ticks << 32 | get32(r->is_big_endian, r->bytes + 16);
    for (n = 0; n < i->resolution && is_long_unit; n++)
        unit *= i->is_binary ? 2 : 10;
    total = is_long_unit ? ticks * NANO / unit : 0;
    MUST(r->seconds == saturate((signed_wide)(total / NANO) + i->time_offset));
    fraction = (uint32_t)(total % NANO);
    /* With units smaller than 2^-32 seconds the reader cuts the rest off. */
    MUST(r->fraction == fraction ||
         (i->is_binary && i->resolution > 32 && r->fraction + 1 == fraction));
}
#else
static inline void check_time(const struct record *r)
{
    MUST(r->fraction < NANO);
}
#endif

static inline void check_record(const struct record *r)
{
    MUST(r->len >= 12 && r->len % 4 == 0);
    if (!r->interface)
        return;
    MUST(r->start + pad4(r->caplen) + TRAILER <= r->len);
    MUST(r->has_time == (r->start == PACKET_DATA));
    if (r->has_time)
        check_time(r);
}

#endif
