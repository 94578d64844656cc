// SPDX-License-Identifier: MIT
/*
 * CRC32c by the CRC32 instructions of Armv8, in AArch64. CRC32CX takes eight bytes and can begin in
 * each cycle, but its result takes two or three cycles. Long data is therefore divided into three
 * streams, which are computed side by side. The kernel uses no vector register: integer
 * multiplications join the streams.
 */
#include "../words.h"
#include "powers.h"

#if defined(CSUMOFF_ARM_CRC)

/* arm_acle.h has its intrinsics only if the whole file is compiled with +crc. These builtins need
 * only the attribute. */
#if defined(__clang__)
#define ARMCRC    __attribute__((target("crc")))
#define CRC32C_8  __builtin_arm_crc32cb
#define CRC32C_16 __builtin_arm_crc32ch
#define CRC32C_32 __builtin_arm_crc32cw
#define CRC32C_64 __builtin_arm_crc32cd
#else
#define ARMCRC    __attribute__((target("+crc")))
#define CRC32C_8  __builtin_aarch64_crc32cb
#define CRC32C_16 __builtin_aarch64_crc32ch
#define CRC32C_32 __builtin_aarch64_crc32cw
#define CRC32C_64 __builtin_aarch64_crc32cx
#endif

/* The length of a stream in bytes. Three are nearly the payload of a full Ethernet frame. */
enum {
    ARMCRC_STREAM = 480
};

/* Every fourth bit of v, from bit `first` on. */
#define EVERY_4TH(v, first) ((v)&UINT64_C(0x1111111111111111) << (first))

/*
 * Returns the carry-less product of a and b. Each factor is divided into four numbers that have
 * every fourth bit of it. In the integer product of two of those, at most eight bits are added at
 * each position. Their sum fits into the four bits up to the next position, and its lowest bit is
 * the carry-less sum.
 */
CSUMOFF_INLINE uint64_t armcrc_times(uint32_t a, uint32_t b)
{
    uint64_t a0 = EVERY_4TH(a, 0), a1 = EVERY_4TH(a, 1), a2 = EVERY_4TH(a, 2);
    uint64_t a3 = EVERY_4TH(a, 3);
    uint64_t b0 = EVERY_4TH(b, 0), b1 = EVERY_4TH(b, 1), b2 = EVERY_4TH(b, 2);
    uint64_t b3 = EVERY_4TH(b, 3);

    return EVERY_4TH(a0 * b0 ^ a1 * b3 ^ a2 * b2 ^ a3 * b1, 0) |
           EVERY_4TH(a0 * b1 ^ a1 * b0 ^ a2 * b3 ^ a3 * b2, 1) |
           EVERY_4TH(a0 * b2 ^ a1 * b1 ^ a2 * b0 ^ a3 * b3, 2) |
           EVERY_4TH(a0 * b3 ^ a1 * b2 ^ a2 * b1 ^ a3 * b0, 3);
}

ARMCRC CSUMOFF_INLINE uint32_t armcrc_word(uint32_t crc, const uint8_t *p)
{
    return CRC32C_64(crc, csumoff_take64(false, NULL, p));
}

ARMCRC uint32_t csumoff_crc32c_armcrc_(const uint8_t *data, size_t len, uint32_t crc)
{
    for (; len >= 3 * ARMCRC_STREAM; len -= 3 * ARMCRC_STREAM, data += 3 * ARMCRC_STREAM) {
        uint32_t a = crc, b = 0, c = 0;
        uint64_t last;

        for (size_t i = 0; i < ARMCRC_STREAM - 8; i += 8) {
            a = armcrc_word(a, data + i);
            b = armcrc_word(b, data + ARMCRC_STREAM + i);
            c = armcrc_word(c, data + 2 * ARMCRC_STREAM + i);
        }
        a = armcrc_word(a, data + ARMCRC_STREAM - 8);
        b = armcrc_word(b, data + 2 * ARMCRC_STREAM - 8);
        /* Streams a and b are moved to the last word of stream c, 120 and 60 words forward, and are
         * added to that word before it is summed. */
        last = csumoff_take64(false, NULL, data + 3 * ARMCRC_STREAM - 8);
        last ^= armcrc_times(a, (uint32_t)CRC32C_U120) ^ armcrc_times(b, (uint32_t)CRC32C_U060);
        crc = CRC32C_64(c, last);
    }
    for (; len >= 8; len -= 8, data += 8)
        crc = armcrc_word(crc, data);
    if (len & 4) {
        crc = CRC32C_32(crc, csumoff_take32(false, NULL, data));
        data += 4;
    }
    if (len & 2) {
        crc = CRC32C_16(crc, csumoff_take16(false, NULL, data));
        data += 2;
    }
    return len & 1 ? CRC32C_8(crc, *data) : crc;
}

#undef EVERY_4TH
#undef CRC32C_64
#undef CRC32C_32
#undef CRC32C_16
#undef CRC32C_8
#endif
