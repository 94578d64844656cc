// SPDX-License-Identifier: MIT
/* Compares every usable kernel with a bytewise reference, for systems on which no test suite can
 * run. */
#include "kernel.h"
#include "packets/one_packet.h"

#if !defined(CSUMOFF_NO_SELFTEST)

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

/* Returns whether every usable kernel of CRC32c is right for every length of the data, from three
 * addresses. */
static bool crc32c_holds(const uint8_t *data, size_t len)
{
    bool right = true;

    for (size_t offset = 0; offset < 3; offset++) {
        uint32_t expected = (uint32_t)offset * UINT32_C(0x5A5A5A5A);
        const uint32_t before = expected;

        for (size_t i = 0; offset + i <= len; i++) {
            for (size_t row = 1; row <= csumoff_crc32c_count_(); row++)
                right &= !csumoff_crc32c_usable_(row) ||
                         csumoff_crc32c_rows_[row].update(data + offset, i, before) == expected;
            if (offset + i < len)
                expected = crc32c_byte(expected, data[offset + i]);
        }
    }
    return right;
}

/* Returns whether every usable kernel is right. It is out of line, so that its data takes no stack
 * while the packet is tested. */
CSUMOFF_NOINLINE static bool kernels_hold(void)
{
    /*
     * With these lengths copies are aligned (512 bytes), AVX-512 takes its path for long data (641
     * bytes), and tails have every length. Too long for them are the data of the aligned sums of
     * vector.h (1536 bytes) and of armcrc's streams (1440 bytes).
     */
    enum {
        LENGTHS = 700,
        OFFSETS = 3
    };
    /* Random bytes, all ones and all zeros. The patterns are volatile, because compilers would call
     * memset() for the last two. */
    static const volatile struct {
        uint8_t keep, set;
        uint8_t step;
    } patterns[] = {{0xFF, 0x00, 1}, {0x00, 0xFF, 37}, {0x00, 0x00, 37}};
    uint8_t data[LENGTHS + OFFSETS], copy[LENGTHS + 2];
    uint32_t random = 1;
    bool right;

    for (size_t j = 0; j < sizeof data; j++) {
        random = random * 1664525 + 1013904223;
        data[j] = (uint8_t)(random >> 24);
    }
    right = crc32c_holds(data, sizeof data);
    for (size_t i = 0; i < csumoff_kernel_count(); i++) {
        if (!csumoff_kernel_usable(i))
            continue;
        for (size_t p = 0; p < sizeof patterns / sizeof patterns[0]; p++) {
            size_t offset = 0;

            random = 1;
            for (size_t j = 0; j < sizeof data; j++) {
                random = random * 1664525 + 1013904223;
                data[j] = (uint8_t)((random >> 24 & patterns[p].keep) | patterns[p].set);
            }
            for (size_t len = 0; len <= LENGTHS; len += patterns[p].step) {
                right &= holds(&csumoff_rows_[i + 1], data + offset, len, copy, sizeof copy);
                offset = offset < OFFSETS - 1 ? offset + 1 : 0;
            }
        }
    }
    return right;
}

int csumoff_selftest(void)
{
    return kernels_hold() && csumoff_packets_hold_() ? CSUMOFF_OK : CSUMOFF_ECSUM;
}
#endif
