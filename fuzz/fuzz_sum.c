// SPDX-License-Identifier: MIT
/*
 * Every usable kernel against the oracle, at the edge of memory: sums, copies, pieces, sums joined
 * at any offset; CRC32c in one call and in pieces.
 *
 * Input: 16 bytes that choose (below, in order), then the data, which may be taken several times.
 */
#include <csumoff.h>

#include "../tests/oracle/allowed.h"
#include "../tests/oracle/reference.h"
#include "fuzz.h"

enum {
    MOST = 1 << 18,
    PIECES = 6
};

static struct room source_room, copy_room;

static bool all_zero(const uint8_t *data, size_t len)
{
    while (len && !data[len - 1])
        len--;
    return len == 0;
}

/* Returns whether a sum of the library is the oracle's. The two zeros differ. */
static void check_sum(csumoff_wsum found, uint64_t want)
{
    MUST(ref_fold(wire_sum(found)) == ref_fold(want));
    MUST((found == 0) == (want == 0));
    MUST(wire16(csumoff_fold(found)) == ref_checksum(want));
}

/* The sums that every kernel must give. The oracle is slower than all of them and asked only
 * once. */
static struct wanted {
    uint64_t all, skipped; /* of all data, and of the data behind the bytes skipped */
    uint64_t block[PIECES + 1];
    size_t len[PIECES + 1]; /* of the pieces, side by side */
} wanted;

static void ask_oracle(const uint8_t *data, size_t len, const uint8_t *cuts, size_t skip)
{
    size_t i, at;

    wanted.all = ref_sum(data, len);
    wanted.skipped = skip < len ? ref_sum(data + skip, len - skip) : 0;
    for (i = at = 0; i <= PIECES; i++) {
        size_t piece = i == PIECES    ? len - at
                       : cuts[i] < 64 ? cuts[i]
                                      : (size_t)(cuts[i] - 64) * 97;

        wanted.len[i] = piece < len - at ? piece : len - at;
        wanted.block[i] = ref_sum(data + at, wanted.len[i]) * (at & 1 ? 256 : 1);
        at += wanted.len[i];
    }
}

static void check_kernel(const uint8_t *data, size_t len, size_t copy_offset, csumoff_wsum initial,
                         size_t skip)
{
    struct csumoff_iov iov[PIECES + 1];
    uint64_t want = wanted.all + wire_sum(initial);
    csumoff_wsum sum = csumoff_partial(data, len, initial), whole = sum;
    size_t i, at, most;
    uint8_t *dst;

    check_sum(sum, want);
    MUST(initial != 0 || (sum == 0) == all_zero(data, len));

    dst = room_place(&copy_room, NULL, len + copy_offset, MOST + 64, source_room.at_end);
    dst += copy_room.at_end ? 0 : copy_offset;
    memset(copy_room.bytes, 0xC3, len + copy_offset);
    sum = csumoff_partial_copy(dst, data, len, initial);
    check_sum(sum, want);
    MUST(same(dst, data, len) && room_intact(&copy_room));
    for (i = 0; i < copy_offset; i++)
        MUST(copy_room.bytes[copy_room.at_end ? len + i : i] == 0xC3);

    /* Sums pieces one by one. Their sums are joined by hand and by the library. */
    sum = 0;
    for (i = at = 0; i <= PIECES; i++) {
        size_t piece = wanted.len[i];
        csumoff_wsum block = csumoff_partial(data + at, piece, 0);

        iov[i] = (struct csumoff_iov){piece ? (void *)(uintptr_t)(data + at) : NULL, piece};
        sum = csumoff_block_add(sum, block, at);
        MUST(ref_fold(wire_sum(csumoff_block_sub(whole, block, at))) % 0xFFFF ==
             ref_fold(want + (0xFFFF - ref_fold(wanted.block[i]))) % 0xFFFF);
        at += piece;
    }
    check_sum(csumoff_add(sum, initial), want);

    most = skip <= len ? len - skip : 0;
    sum = initial;
    if (skip <= len) {
        MUST(csumoff_partial_iov(iov, PIECES + 1, skip, most, &sum) == CSUMOFF_OK);
        check_sum(sum, wanted.skipped + wire_sum(initial));
        sum = initial;
    }
    MUST(csumoff_partial_iov(iov, PIECES + 1, skip, most + 1 + (skip > len), &sum) ==
             CSUMOFF_ERANGE &&
         sum == initial);
    MUST(csumoff_partial_iov(iov, PIECES + 1, skip, SIZE_MAX - (skip ? skip - 1 : 0), &sum) ==
             CSUMOFF_ERANGE &&
         sum == initial);
}

/* Checks each kernel of CRC32c, chosen by the limit for which it is the best one. */
static void check_crc32c(const uint8_t *data, size_t len, uint32_t initial)
{
    static const uint32_t limits[] = {0, CSUMOFF_CPU_SSE42, CSUMOFF_CPU_ARM_CRC, CSUMOFF_CPU_ALL};
    uint32_t want = ref_crc32c(initial, data, len), crc;
    size_t limit, i, at;

    for (limit = 0; limit < sizeof limits / sizeof *limits; limit++) {
        csumoff_cpu_limit(limits[limit] & cpu_has());
        MUST(csumoff_crc32c(data, len, initial) == want);
        MUST(room_intact(&source_room));
        for (i = at = 0, crc = initial; i <= PIECES; at += wanted.len[i++])
            crc = csumoff_crc32c(wanted.len[i] ? data + at : NULL, wanted.len[i], crc);
        MUST(crc == want);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    unsigned flags = take(&in, 1), i;
    size_t offset = take(&in, 1) % 64, copy_offset = take(&in, 1) % 64, times = take(&in, 1) + 1;
    csumoff_wsum initial = take(&in, 4);
    size_t skip = take(&in, 2), len, at;
    uint8_t cuts[PIECES], *p;

    for (i = 0; i < PIECES; i++)
        cuts[i] = (uint8_t)take(&in, 1);
    if (flags >> 4 != 15) /* not often: the oracle is slow */
        times = 1;
    while (times > 1 && times * in.left > MOST - 64)
        times--;
    len = times * in.left;
    if (len > MOST - 64)
        return 0;
    /* Places the data at either edge, and up to 63 bytes from it. */
    p = room_place(&source_room, NULL, len + offset, MOST, !(flags & 1));
    memset(p, 0xEE, len + offset);
    p += flags & 2 ? 0 : offset;
    for (at = 0; at < len; at += in.left)
        memcpy(p + at, in.at, in.left);
    if (flags & 4)
        for (at = 0; at < len; at++) /* what carries most */
            p[at] |= flags & 8 ? 0xFF : 0x80;
    ask_oracle(p, len, cuts, skip);
    for (i = 0; i < csumoff_kernel_count(); i++)
        if (csumoff_kernel_usable(i)) {
            MUST(csumoff_kernel_use(csumoff_kernel_name(i)) == CSUMOFF_OK);
            check_kernel(p, len, copy_offset, initial, skip);
            MUST(room_intact(&source_room));
        }
    check_crc32c(p, len, initial);
    return 0;
}
