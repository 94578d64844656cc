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

/* Returns the sum of the rest, with `len` bytes inserted at `offset`. */
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

/* The field must hold the right sum. It must keep every bit if nothing changed, and else never be
 * 0xFFFF, as equation 3 of RFC 1624 prescribes. */
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
        check_field(0, field, sum_from, sum_to); /* it would be 0, which may not be stored */
    else
        check_field(found, field, sum_from, sum_to);
    MUST(!never_zero || how.state == CSUMOFF_PARTIAL || found != 0 || field == 0);
}

/* Adjusts for any bytes at any offset. The checksum before is that of all the bytes; 0 may be
 * either zero. */
static void check_bytes(const struct input *rest, size_t offset, bool is_other_zero)
{
    const size_t at = offset > rest->left ? rest->left : offset;
    const uint64_t from = sum_with(rest->at, rest->left, at, from_room.bytes, from_room.len);
    const uint64_t to = sum_with(rest->at, rest->left, at, to_room.bytes, to_room.len);
    csumoff_sum16 before = memory16(ref_checksum(from)), check;
    int status;

    if (is_other_zero && before == 0)
        before = 0xFFFF;
    check = before;
    status = csumoff_adjust_bytes(&check, at, from_room.bytes, from_room.len, to_room.bytes,
                                  to_room.len);
    if ((from_room.len ^ to_room.len) & 1) {
        MUST(status == CSUMOFF_ERANGE && check == before);
        return;
    }
    MUST(status == CSUMOFF_OK);
    MUST(wire16(check) % 0xFFFF == ref_checksum(to) % 0xFFFF);
    if (from % 0xFFFF == to % 0xFFFF)
        MUST(check == before);
}

/* Adjusts any content of the field for bytes of fixed lengths. */
static void check_sizes(csumoff_sum16 given)
{
    const size_t len = from_room.len < to_room.len ? from_room.len : to_room.len;
    const uint8_t *from = from_room.bytes, *to = to_room.bytes;
    csumoff_sum16 check = given;

    if (len >= 2) {
        csumoff_adjust16(&check, csumoff_load16_(from), csumoff_load16_(to));
        check_field(check, given, ref_sum(from, 2), ref_sum(to, 2));
    }
    if (len >= 4) {
        check = given;
        csumoff_adjust32(&check, csumoff_load32_(from), csumoff_load32_(to));
        check_field(check, given, ref_sum(from, 4), ref_sum(to, 4));
    }
    if (len >= 16) {
        check = given;
        /* At the edge that the room is at. */
        from += from_room.at_end ? from_room.len - 16 : 0;
        to += to_room.at_end ? to_room.len - 16 : 0;
        csumoff_adjust128(&check, from, to);
        check_field(check, given, ref_sum(from, 16), ref_sum(to, 16));
    }
}

/* Adjusts in each state, for the protocol and the kind of field chosen, with lengths of the same
 * parity. */
static void check_states(csumoff_sum16 given, unsigned selector)
{
    size_t from_len = from_room.len, to_len = to_room.len;
    unsigned state;

    if ((from_len ^ to_len) & 1) {
        if (from_len > to_len)
            from_len--;
        else
            to_len--;
    }
    for (state = 0; state < 4; state++) {
        check_l4(given, selector + state, from_room.bytes, from_len, to_room.bytes, to_len);
        check_l4(0, selector + state, from_room.bytes, from_len, to_room.bytes, to_len);
    }
}

/* Places the next `len` bytes of the input, or as many as there are. */
static void take_room(struct input *in, struct room *room, size_t len, bool at_end)
{
    if (len > in->left)
        len = in->left;
    room_place(room, in->at, len, MOST, at_end);
    in->at += len;
    in->left -= len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    unsigned flags = take(&in, 1);
    size_t offset = take(&in, 2), from_len = take(&in, 2), to_len = take(&in, 2);
    csumoff_sum16 given = memory16((uint16_t)take(&in, 2));

    if (in.left > MOST)
        return 0;
    take_room(&in, &from_room, from_len, !(flags & 1));
    take_room(&in, &to_room, to_len, !(flags & 1));
    check_bytes(&in, offset, flags & 2);
    check_sizes(given);
    check_states(given, flags & ~3u);
    MUST(room_intact(&from_room) && room_intact(&to_room));
    return 0;
}
