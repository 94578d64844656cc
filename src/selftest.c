// SPDX-License-Identifier: MIT
/* Compares every usable kernel with a bytewise reference, for systems on which no test suite can
 * run. */
#include "kernel.h"
#include "packets/one_packet.h"

#if !defined(CSUMOFF_NO_SELFTEST)

enum {
    /* Every length up to this one is tried: copies are aligned (512 bytes), AVX-512 takes its path
     * for long data (641 bytes), and tails have every length. */
    LENGTHS = 700,
    /* Some lengths from the first to the second are tried as well, without a copy: the sums of
     * vector.h are aligned, and armcrc has its streams (1440 bytes). */
    ALIGNED = 1536,
    LONGEST = 1600,
    OFFSETS = 3,
    STEP = 37
};

/* Returns the sum of pairs of bytes as RFC 1071 describes it, folded at each byte. */
static csumoff_sum16 reference(const uint8_t *p, size_t len)
{
    uint32_t sum = 0;
    uint8_t folded[2];
    csumoff_sum16 out;

    for (size_t i = 0; i < len; i++) {
        sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    folded[0] = (uint8_t)(sum >> 8);
    folded[1] = (uint8_t)sum;
    __builtin_memcpy(&out, folded, sizeof out);
    return out;
}

/* Returns the byte i of those around a copy. They differ from each other, because compilers would
 * call memset() to write equal ones. */
static uint8_t mark(size_t i)
{
    return (uint8_t)(0xA5 ^ i);
}

/* Returns whether a kernel is right for one length at one alignment: its sum, the sum of its copy,
 * the bytes of the copy and those around it. */
static bool holds(const struct csumoff_kernel *kernel, const uint8_t *src, size_t len,
                  uint8_t *copy, size_t room)
{
    csumoff_sum16 expected = (csumoff_sum16)~reference(src, len);
    bool right = csumoff_fold(kernel->sum(src, len, 0)) == expected;

    for (size_t i = 0; i < room; i++)
        copy[i] = mark(i);
    right &= csumoff_fold(kernel->copy(copy + 1, src, len, 0)) == expected;
    right &= copy[0] == mark(0) && copy[len + 1] == mark(len + 1);
    for (size_t i = 0; i < len; i++)
        right &= copy[i + 1] == src[i];
    return right;
}

/* Returns the register of CRC32c continued by one byte, bit by bit (RFC 9260, appendix A). */
static uint32_t crc32c_byte(uint32_t crc, uint8_t byte)
{
    crc ^= byte;
    for (int bit = 0; bit < 8; bit++)
        crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0x82F63B78) : 0);
    return crc;
}

/* Returns whether every usable kernel of CRC32c is right for these lengths of the data, from three
 * addresses. */
static bool crc32c_holds(const uint8_t *data)
{
    bool right = true;

    for (size_t offset = 0; offset < OFFSETS; offset++) {
        uint32_t expected = (uint32_t)offset * UINT32_C(0x5A5A5A5A);
        const uint32_t before = expected;

        for (size_t i = 0; i <= LONGEST; i++) {
            const bool is_tried = i <= LENGTHS || i > LONGEST - 8;

            for (size_t row = 1; is_tried && row <= csumoff_crc32c_count_(); row++)
                right &= !csumoff_crc32c_usable_(row) ||
                         csumoff_crc32c_rows_[row].update(data + offset, i, before) == expected;
            if (i < LONGEST)
                expected = crc32c_byte(expected, data[offset + i]);
        }
    }
    return right;
}

/* Random bytes, all ones and all zeros, and which lengths of each are tried. The patterns are
 * volatile, because compilers would call memset() for the last two. */
static const volatile struct {
    uint8_t keep, set;
    uint8_t step;
} patterns[] = {{0xFF, 0x00, 1}, {0x00, 0xFF, STEP}, {0x00, 0x00, STEP}};

static void fill_pattern(uint8_t *data, size_t len, size_t pattern)
{
    uint32_t random = 1;

    for (size_t i = 0; i < len; i++) {
        random = random * 1664525 + 1013904223;
        data[i] = (uint8_t)((random >> 24 & patterns[pattern].keep) | patterns[pattern].set);
    }
}

/* Returns whether a kernel is right for data of a pattern. Copies go behind the data that they are
 * of, over what was summed before. */
static bool kernel_holds(const struct csumoff_kernel *kernel, uint8_t *data, size_t pattern)
{
    uint8_t *const copy = data + LENGTHS + OFFSETS;
    size_t offset = 0;
    bool right = true;

    for (size_t len = ALIGNED; len <= LONGEST; len += 8) {
        const csumoff_sum16 expected = (csumoff_sum16)~reference(data + offset, len - offset);

        right &= csumoff_fold(kernel->sum(data + offset, len - offset, 0)) == expected;
        offset = offset < OFFSETS - 1 ? offset + 1 : 0;
    }
    offset = 0;
    for (size_t len = 0; len <= LENGTHS; len += patterns[pattern].step) {
        right &= holds(kernel, data + offset, len, copy, LENGTHS + 2);
        offset = offset < OFFSETS - 1 ? offset + 1 : 0;
    }
    return right;
}

/* Returns whether every usable kernel is right. It is out of line, so that its data takes no stack
 * while the packet is tested. */
CSUMOFF_NOINLINE static bool kernels_hold(void)
{
    uint8_t data[LONGEST + OFFSETS];
    bool right;

    fill_pattern(data, sizeof data, 0);
    right = crc32c_holds(data);
    for (size_t i = 0; i < csumoff_kernel_count(); i++) {
        if (!csumoff_kernel_usable(i))
            continue;
        for (size_t pattern = 0; pattern < sizeof patterns / sizeof patterns[0]; pattern++) {
            fill_pattern(data, sizeof data, pattern);
            right &= kernel_holds(&csumoff_rows_[i + 1], data, pattern);
        }
    }
    return right;
}

int csumoff_selftest(void)
{
    return kernels_hold() && csumoff_packets_hold_() ? CSUMOFF_OK : CSUMOFF_ECSUM;
}
#endif
