// SPDX-License-Identifier: MIT
/*
 * Adjusting a checksum against computing it anew, for any field, any bytes and any content of the
 * checksum field.
 *
 * Input: 9 bytes that choose (below, in order), the old bytes, the new bytes, the rest of what the
 * checksum covers.
 */
#include <csumoff.h>

#include "../tests/oracle/reference.h"
#include "fuzz.h"

enum {
    MOST = 8192,
    ICMP = 1,
    TCP = 6,
    UDP = 17,
    DCCP = 33,
    ICMPV6 = 58,
    SCTP = 132,
    UDPLITE = 136
};

static struct room from_room, to_room;

/* The rest, with `len` bytes at `offset` in it. */
static uint64_t sum_with(const uint8_t *rest, size_t rest_len, size_t offset, const uint8_t *bytes,
                         size_t len)
{
    static uint8_t all[3 * MOST];

    if (offset > rest_len)
        offset = rest_len;
    if (offset)
        memcpy(all, rest, offset);
    if (len)
        memcpy(all + offset, bytes, len);
    if (rest_len - offset)
        memcpy(all + offset + len, rest + offset, rest_len - offset);
    return ref_sum(all, rest_len + len);
}

/* Both are the same sum; bit for bit where nothing changed, else never 0xFFFF, which equation 3 of
 * RFC 1624 was made for. */
static void check_field(csumoff_sum16 found, csumoff_sum16 before, uint64_t from, uint64_t to)
{
    uint16_t want = ref_checksum((0xFFFFu - (uint64_t)ref_fold(from)) + ref_fold(to) +
                                 (0xFFFFu - (uint64_t)wire16(before)));

    MUST(wire16(found) % 0xFFFF == want % 0xFFFF);
    if (from % 0xFFFF == to % 0xFFFF)
        MUST(found == before);
    else
        MUST(found != 0xFFFF);
}

static void check_l4(csumoff_sum16 field, unsigned selector, const uint8_t *from, size_t from_len,
                     const uint8_t *to, size_t to_len)
{
    static const uint8_t protos[] = {TCP, UDP, ICMP, ICMPV6, SCTP, UDPLITE, DCCP, 255};
    const struct csumoff_adjust how = {.state = (enum csumoff_state)(selector % 4),
                                       .l4_proto = protos[selector / 4 % 8],
                                       .ip_version = selector & 0x20 ? 6 : 4,
                                       .is_pseudo_header = selector & 0x40,
                                       .from = from,
                                       .from_len = from_len,
                                       .to = to,
                                       .to_len = to_len};
    uint64_t sum_from = ref_sum(from, from_len), sum_to = ref_sum(to, to_len);
    bool never_zero = how.l4_proto == UDP || how.l4_proto == UDPLITE;
    csumoff_sum16 found = field;

    if (how.l4_proto == ICMP && how.ip_version == 6)
        return; /* there is none */
    csumoff_adjust_l4(&found, &how);
    if (how.l4_proto == SCTP || (how.l4_proto == ICMP && how.is_pseudo_header) ||
        (how.state == CSUMOFF_PARTIAL && (!how.is_pseudo_header || field == 0)) ||
        (how.l4_proto == UDP && field == 0)) {
        MUST(found == field);
        return;
    }
    if (how.state == CSUMOFF_PARTIAL) /* as the complement that a seed is not */
        check_field((csumoff_sum16)~found, (csumoff_sum16)~field, sum_from, sum_to);
    else if (never_zero && found == 0xFFFF && sum_from % 0xFFFF != sum_to % 0xFFFF)
        check_field(0, field, sum_from, sum_to); /* 0 it would be, if that could be stored */
    else
        check_field(found, field, sum_from, sum_to);
    MUST(!never_zero || how.state == CSUMOFF_PARTIAL || found != 0 || field == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    unsigned flags = take(&in, 1), selector = flags & ~3u, state;
    size_t offset = take(&in, 2), from_len = take(&in, 2), to_len = take(&in, 2), at;
    csumoff_sum16 given = memory16((uint16_t)take(&in, 2)), check, before;
    const uint8_t *from, *to;
    uint64_t sum_from, sum_to;
    bool at_end = !(flags & 1);

    if (in.left > MOST)
        return 0;
    from_len = from_len > in.left ? in.left : from_len;
    from = room_place(&from_room, in.at, from_len, MOST, at_end);
    in.at += from_len;
    in.left -= from_len;
    to_len = to_len > in.left ? in.left : to_len;
    to = room_place(&to_room, in.at, to_len, MOST, at_end);
    in.at += to_len;
    in.left -= to_len;

    /* Any bytes at any offset; the sum of it all is the checksum that goes with it. */
    at = offset > in.left ? in.left : offset;
    sum_from = sum_with(in.at, in.left, at, from, from_len);
    sum_to = sum_with(in.at, in.left, at, to, to_len);
    check = before = memory16(ref_checksum(sum_from));
    if (flags & 2 && before == 0)
        check = before = 0xFFFF;
    if ((from_len ^ to_len) & 1) {
        MUST(csumoff_adjust_bytes(&check, at, from, from_len, to, to_len) == CSUMOFF_ERANGE);
        MUST(check == before);
    } else {
        MUST(csumoff_adjust_bytes(&check, at, from, from_len, to, to_len) == CSUMOFF_OK);
        MUST(wire16(check) % 0xFFFF == ref_checksum(sum_to) % 0xFFFF);
        if (sum_from % 0xFFFF == sum_to % 0xFFFF)
            MUST(check == before);
    }

    /* Any content of the field, and fields of fixed sizes. */
    if (from_len >= 2 && to_len >= 2) {
        check = given;
        csumoff_adjust16(&check, csumoff_load16_(from), csumoff_load16_(to));
        check_field(check, given, ref_sum(from, 2), ref_sum(to, 2));
    }
    if (from_len >= 4 && to_len >= 4) {
        check = given;
        csumoff_adjust32(&check, csumoff_load32_(from), csumoff_load32_(to));
        check_field(check, given, ref_sum(from, 4), ref_sum(to, 4));
    }
    if (from_len >= 16 && to_len >= 16) {
        check = given;
        /* At the edge that the room is at. */
        from += at_end ? from_len - 16 : 0;
        to += at_end ? to_len - 16 : 0;
        csumoff_adjust128(&check, from, to);
        check_field(check, given, ref_sum(from, 16), ref_sum(to, 16));
    }
    from = from_room.bytes;
    to = to_room.bytes;
    /* Each state of the protocol and kind of field chosen; lengths of one parity. */
    if ((from_len ^ to_len) & 1) {
        if (from_len > to_len)
            from_len--;
        else
            to_len--;
    }
    for (state = 0; state < 4; state++) {
        check_l4(given, selector + state, from, from_len, to, to_len);
        check_l4(0, selector + state, from, from_len, to, to_len);
    }
    MUST(room_intact(&from_room) && room_intact(&to_room));
    return 0;
}
