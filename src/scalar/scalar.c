// SPDX-License-Identifier: MIT
/*
 * Portable C, in one of two ways. On CPUs with a carry flag that compilers use, it adds 64-bit
 * words and the carry, in chains of additions with carry. On others (halves.h) it adds the words
 * modulo 2^32 or 2^64 and separately their upper halves, which cannot overflow: no carry is lost,
 * and a word costs two additions and a shift.
 */
#include "../words.h"

#define KERNEL scalar

#if !defined(__x86_64__) && !defined(__i386__) && !defined(__aarch64__)
#include "halves.h"
#define body halves_body
#elif defined(CSUMOFF_SCALAR)
#define body CSUMOFF_OWN(body)

/* This has fewer bytes of code than the next body. It adds 32-bit words to a 64-bit sum, which 128
 * KiB cannot overflow. */
CSUMOFF_INLINE csumoff_wsum body(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
    uint64_t sum = 0;

    for (; len >= 4; len -= 4, src += 4, dst += 4)
        sum += csumoff_take32(copy, dst, src);
    if (len & 2) {
        sum += csumoff_take16(copy, dst, src);
        src += 2;
        dst += 2;
    }
    if (len & 1)
        sum += csumoff_take8(copy, dst, src);
    return csumoff_fold64_(sum);
}
#else
#define body    CSUMOFF_OWN(body)

CSUMOFF_INLINE csumoff_wsum body(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
#define TAKE(i) csumoff_take64(copy, dst + (i), src + (i))
    uint64_t a = 0, b = 0;

    for (; len >= 64; len -= 64, src += 64, dst += 64) {
        a = csumoff_add4(a, TAKE(0), TAKE(8), TAKE(16), TAKE(24));
        b = csumoff_add4(b, TAKE(32), TAKE(40), TAKE(48), TAKE(56));
    }
    return csumoff_fold64_(csumoff_add64(csumoff_add64(a, b), csumoff_short(copy, dst, src, len)));
#undef TAKE
}
#endif

/* With CSUMOFF_SCALAR the functions are not inlined. In a caller that ignores the sum, compilers
 * would make the short loop a call of memcpy(). */
#if defined(CSUMOFF_SCALAR)
#define APART CSUMOFF_NOINLINE
#else
#define APART
#endif

CSUMOFF_KERNEL_FROM(APART)
#undef APART
#undef KERNEL
#undef body
