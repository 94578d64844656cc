// SPDX-License-Identifier: MIT
/*
 * Slicing by 16: sixteen bytes are taken at once, and each is looked up in the table of its
 * position. The kernel runs on every CPU. With CSUMOFF_CRC32C_SMALL or CSUMOFF_SCALAR it has only
 * one of the sixteen tables, of 1 KiB, and takes one byte at a time.
 */
#include "../words.h"
#include "powers.h"

/* The CRC of the byte i: the sum of the powers of x for which its bits stand, x0 for bit 7 to x7
 * for bit 0. */
#define BIT(i, bit, power) ((i) >> (bit)&1 ? (uint32_t)(power) : 0)
#define BYTE(i, x0, x1, x2, x3, x4, x5, x6, x7)                                                    \
    BIT(i, 7, x0) ^ BIT(i, 6, x1) ^ BIT(i, 5, x2) ^ BIT(i, 4, x3) ^ BIT(i, 3, x4) ^                \
        BIT(i, 2, x5) ^ BIT(i, 1, x6) ^ BIT(i, 0, x7)

#define BYTES_4(i, ...)                                                                            \
    BYTE(i, __VA_ARGS__), BYTE((i) + 1, __VA_ARGS__), BYTE((i) + 2, __VA_ARGS__),                  \
        BYTE((i) + 3, __VA_ARGS__)
#define BYTES_16(i, ...)                                                                           \
    BYTES_4(i, __VA_ARGS__), BYTES_4((i) + 4, __VA_ARGS__), BYTES_4((i) + 8, __VA_ARGS__),         \
        BYTES_4((i) + 12, __VA_ARGS__)
#define BYTES_64(i, ...)                                                                           \
    BYTES_16(i, __VA_ARGS__), BYTES_16((i) + 16, __VA_ARGS__), BYTES_16((i) + 32, __VA_ARGS__),    \
        BYTES_16((i) + 48, __VA_ARGS__)
#define BYTES_256(...)                                                                             \
    BYTES_64(0, __VA_ARGS__), BYTES_64(64, __VA_ARGS__), BYTES_64(128, __VA_ARGS__),               \
        BYTES_64(192, __VA_ARGS__)

#define X(n) CRC32C_X##n

#if defined(CSUMOFF_CRC32C_SMALL) || defined(CSUMOFF_SCALAR)
#define TABLES 1
#else
#define TABLES 16
#endif

/* Table k has the CRC of each byte when k other bytes follow it. */
static const uint32_t crc32c_tables[TABLES][256] = {
    {BYTES_256(X(32), X(33), X(34), X(35), X(36), X(37), X(38), X(39))},
#if TABLES == 16
    {BYTES_256(X(40), X(41), X(42), X(43), X(44), X(45), X(46), X(47))},
    {BYTES_256(X(48), X(49), X(50), X(51), X(52), X(53), X(54), X(55))},
    {BYTES_256(X(56), X(57), X(58), X(59), X(60), X(61), X(62), X(63))},
    {BYTES_256(X(64), X(65), X(66), X(67), X(68), X(69), X(70), X(71))},
    {BYTES_256(X(72), X(73), X(74), X(75), X(76), X(77), X(78), X(79))},
    {BYTES_256(X(80), X(81), X(82), X(83), X(84), X(85), X(86), X(87))},
    {BYTES_256(X(88), X(89), X(90), X(91), X(92), X(93), X(94), X(95))},
    {BYTES_256(X(96), X(97), X(98), X(99), X(100), X(101), X(102), X(103))},
    {BYTES_256(X(104), X(105), X(106), X(107), X(108), X(109), X(110), X(111))},
    {BYTES_256(X(112), X(113), X(114), X(115), X(116), X(117), X(118), X(119))},
    {BYTES_256(X(120), X(121), X(122), X(123), X(124), X(125), X(126), X(127))},
    {BYTES_256(X(128), X(129), X(130), X(131), X(132), X(133), X(134), X(135))},
    {BYTES_256(X(136), X(137), X(138), X(139), X(140), X(141), X(142), X(143))},
    {BYTES_256(X(144), X(145), X(146), X(147), X(148), X(149), X(150), X(151))},
    {BYTES_256(X(152), X(153), X(154), X(155), X(156), X(157), X(158), X(159))},
#endif
};

#if TABLES == 16
/* Returns four bytes as a little-endian number, whatever the CPU's byte order is. */
CSUMOFF_INLINE uint32_t crc32c_load(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Returns the CRC of the four bytes of `word` when `after` other bytes follow them. */
CSUMOFF_INLINE uint32_t crc32c_lookup(uint32_t word, size_t after)
{
    return (crc32c_tables[after + 3][word & 0xFF] ^ crc32c_tables[after + 2][word >> 8 & 0xFF]) ^
           (crc32c_tables[after + 1][word >> 16 & 0xFF] ^ crc32c_tables[after][word >> 24]);
}
#endif

CSUMOFF_KERNEL_ABI uint32_t csumoff_crc32c_tables_(const uint8_t *data, size_t len, uint32_t crc)
{
#if TABLES == 16
    for (; len >= 16; len -= 16, data += 16) {
        uint32_t rest = crc32c_lookup(crc32c_load(data + 4), 8) ^
                        crc32c_lookup(crc32c_load(data + 8), 4) ^
                        crc32c_lookup(crc32c_load(data + 12), 0);

        /* This keeps `rest` a sum of its own. Compilers would otherwise add its lookups to the one
         * below, which waits for the CRC of the bytes before. */
        __asm__("" : "+r"(rest));
        crc = crc32c_lookup(crc32c_load(data) ^ crc, 12) ^ rest;
    }
#endif
    for (; len; len--, data++)
        crc = crc >> 8 ^ crc32c_tables[0][(crc ^ *data) & 0xFF];
    return crc;
}

#undef TABLES
#undef X
#undef BYTES_256
#undef BYTES_64
#undef BYTES_16
#undef BYTES_4
#undef BYTE
#undef BIT
