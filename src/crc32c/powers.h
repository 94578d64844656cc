// SPDX-License-Identifier: MIT
/*
 * The constants of CRC32c, computed by the compiler from the polynomial alone.
 *
 * The CRC is reflected (RFC 9260, appendix A): bit 31 of a word is the coefficient of x^0, bit 0
 * that of x^31. Every constant is a power of x modulo the polynomial P. Each is an enumerator made
 * from the one before it, so that the expressions stay short; enumerators are signed, hence the
 * casts.
 */
#ifndef CSUMOFF_CRC32C_POWERS_H
#define CSUMOFF_CRC32C_POWERS_H

/* P without its term x^32, which is also x^32 modulo P. */
#define CRC32C_POLYNOMIAL UINT32_C(0x82F63B78)

/* v * x modulo P. */
#define CRC32C_TIMES_X(v) (int32_t)((uint32_t)(v) >> 1 ^ (((uint32_t)(v)&1) * CRC32C_POLYNOMIAL))

#define CRC32C_POWER(n, before) CRC32C_X##n = CRC32C_TIMES_X(CRC32C_X##before)
#define CRC32C_POWERS_10(tens, before)                                                             \
    CRC32C_POWER(tens##0, before##9), CRC32C_POWER(tens##1, tens##0),                              \
        CRC32C_POWER(tens##2, tens##1), CRC32C_POWER(tens##3, tens##2),                            \
        CRC32C_POWER(tens##4, tens##3), CRC32C_POWER(tens##5, tens##4),                            \
        CRC32C_POWER(tens##6, tens##5), CRC32C_POWER(tens##7, tens##6),                            \
        CRC32C_POWER(tens##8, tens##7), CRC32C_POWER(tens##9, tens##8)

/* CRC32C_X00 to CRC32C_X159: x^n modulo P. */
enum csumoff_crc32c_powers_of_x {
    CRC32C_X00 = (int32_t)UINT32_C(0x80000000),
    CRC32C_POWER(01, 00),
    CRC32C_POWER(02, 01),
    CRC32C_POWER(03, 02),
    CRC32C_POWER(04, 03),
    CRC32C_POWER(05, 04),
    CRC32C_POWER(06, 05),
    CRC32C_POWER(07, 06),
    CRC32C_POWER(08, 07),
    CRC32C_POWER(09, 08),
    CRC32C_POWERS_10(1, 0),
    CRC32C_POWERS_10(2, 1),
    CRC32C_POWERS_10(3, 2),
    CRC32C_POWERS_10(4, 3),
    CRC32C_POWERS_10(5, 4),
    CRC32C_POWERS_10(6, 5),
    CRC32C_POWERS_10(7, 6),
    CRC32C_POWERS_10(8, 7),
    CRC32C_POWERS_10(9, 8),
    CRC32C_POWERS_10(10, 9),
    CRC32C_POWERS_10(11, 10),
    CRC32C_POWERS_10(12, 11),
    CRC32C_POWERS_10(13, 12),
    CRC32C_POWERS_10(14, 13),
    CRC32C_POWERS_10(15, 14)
};

/* v * x^64 modulo P. Each bit of v stands for a power of x, whose product with x^64 is an
 * enumerator above. */
#define CRC32C_TERM(v, bit, power) (((uint32_t)(v) >> (bit)&1) * (uint32_t)CRC32C_X##power)
#define CRC32C_TIMES_X64(v)                                                                        \
    (int32_t)(CRC32C_TERM(v, 31, 64) ^ CRC32C_TERM(v, 30, 65) ^ CRC32C_TERM(v, 29, 66) ^           \
              CRC32C_TERM(v, 28, 67) ^ CRC32C_TERM(v, 27, 68) ^ CRC32C_TERM(v, 26, 69) ^           \
              CRC32C_TERM(v, 25, 70) ^ CRC32C_TERM(v, 24, 71) ^ CRC32C_TERM(v, 23, 72) ^           \
              CRC32C_TERM(v, 22, 73) ^ CRC32C_TERM(v, 21, 74) ^ CRC32C_TERM(v, 20, 75) ^           \
              CRC32C_TERM(v, 19, 76) ^ CRC32C_TERM(v, 18, 77) ^ CRC32C_TERM(v, 17, 78) ^           \
              CRC32C_TERM(v, 16, 79) ^ CRC32C_TERM(v, 15, 80) ^ CRC32C_TERM(v, 14, 81) ^           \
              CRC32C_TERM(v, 13, 82) ^ CRC32C_TERM(v, 12, 83) ^ CRC32C_TERM(v, 11, 84) ^           \
              CRC32C_TERM(v, 10, 85) ^ CRC32C_TERM(v, 9, 86) ^ CRC32C_TERM(v, 8, 87) ^             \
              CRC32C_TERM(v, 7, 88) ^ CRC32C_TERM(v, 6, 89) ^ CRC32C_TERM(v, 5, 90) ^              \
              CRC32C_TERM(v, 4, 91) ^ CRC32C_TERM(v, 3, 92) ^ CRC32C_TERM(v, 2, 93) ^              \
              CRC32C_TERM(v, 1, 94) ^ CRC32C_TERM(v, 0, 95))

/*
 * CRC32C_Un, with three digits for n, is x^(64 n - 33) modulo P, for n from 1 on. A carry-less
 * multiplication by it moves a reflected register 8 n bytes forward. The exponent is less than 64 n
 * by 33, because the product as a reflected number of 128 bits has a factor x^33 too many: x^32
 * since the constant is in the lower half of its 64 bits, and x since the product of two 64-bit
 * numbers has only 127 bits.
 */
#define CRC32C_SHIFT(n, before) CRC32C_U##n = CRC32C_TIMES_X64(CRC32C_U##before)
#define CRC32C_SHIFTS_10(tens, before)                                                             \
    CRC32C_SHIFT(tens##0, before##9), CRC32C_SHIFT(tens##1, tens##0),                              \
        CRC32C_SHIFT(tens##2, tens##1), CRC32C_SHIFT(tens##3, tens##2),                            \
        CRC32C_SHIFT(tens##4, tens##3), CRC32C_SHIFT(tens##5, tens##4),                            \
        CRC32C_SHIFT(tens##6, tens##5), CRC32C_SHIFT(tens##7, tens##6),                            \
        CRC32C_SHIFT(tens##8, tens##7), CRC32C_SHIFT(tens##9, tens##8)
#define CRC32C_SHIFTS_100(hundreds, before)                                                        \
    CRC32C_SHIFTS_10(hundreds##0, before##9), CRC32C_SHIFTS_10(hundreds##1, hundreds##0),          \
        CRC32C_SHIFTS_10(hundreds##2, hundreds##1), CRC32C_SHIFTS_10(hundreds##3, hundreds##2),    \
        CRC32C_SHIFTS_10(hundreds##4, hundreds##3), CRC32C_SHIFTS_10(hundreds##5, hundreds##4),    \
        CRC32C_SHIFTS_10(hundreds##6, hundreds##5), CRC32C_SHIFTS_10(hundreds##7, hundreds##6),    \
        CRC32C_SHIFTS_10(hundreds##8, hundreds##7), CRC32C_SHIFTS_10(hundreds##9, hundreds##8)

/* U001 to U599. */
enum csumoff_crc32c_shifts {
    CRC32C_U001 = CRC32C_X31,
    CRC32C_SHIFT(002, 001),
    CRC32C_SHIFT(003, 002),
    CRC32C_SHIFT(004, 003),
    CRC32C_SHIFT(005, 004),
    CRC32C_SHIFT(006, 005),
    CRC32C_SHIFT(007, 006),
    CRC32C_SHIFT(008, 007),
    CRC32C_SHIFT(009, 008),
    CRC32C_SHIFTS_10(01, 00),
    CRC32C_SHIFTS_10(02, 01),
    CRC32C_SHIFTS_10(03, 02),
    CRC32C_SHIFTS_10(04, 03),
    CRC32C_SHIFTS_10(05, 04),
    CRC32C_SHIFTS_10(06, 05),
    CRC32C_SHIFTS_10(07, 06),
    CRC32C_SHIFTS_10(08, 07),
    CRC32C_SHIFTS_10(09, 08),
    CRC32C_SHIFTS_100(1, 0),
    CRC32C_SHIFTS_100(2, 1),
    CRC32C_SHIFTS_100(3, 2),
    CRC32C_SHIFTS_100(4, 3),
    CRC32C_SHIFTS_100(5, 4)
};

#endif
