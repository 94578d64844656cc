// SPDX-License-Identifier: MIT
/* Portable C: 64-bit words with the carry added back, by carry chains where the compiler has them.
 */
#include "../kernel.h"

/* Eight words of a 64-byte block, in two chains so that two carries are under way at a time. */
#if defined(__x86_64__)
/* The builtin behind _addcarry_u64(), which is there without <immintrin.h>. */
#define ADD_CARRY(carry, a, b, sum) ((carry) = __builtin_ia32_addcarryx_u64(carry, a, b, &(sum)))
typedef unsigned long long word;
typedef unsigned char carry;
#elif defined(__has_builtin)
#if __has_builtin(__builtin_addcll)
#define ADD_CARRY(carry, a, b, sum) ((sum) = __builtin_addcll(a, b, carry, &(carry)))
typedef unsigned long long word;
typedef unsigned long long carry;
#endif
#endif

CSUMOFF_INLINE uint64_t add4(uint64_t sum, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3)
{
#if defined(ADD_CARRY)
    word total = sum;
    carry c = 0;

    ADD_CARRY(c, total, w0, total);
    ADD_CARRY(c, total, w1, total);
    ADD_CARRY(c, total, w2, total);
    ADD_CARRY(c, total, w3, total);
    return total + c;
#else
    sum = csumoff_add64(sum, w0);
    sum = csumoff_add64(sum, w1);
    sum = csumoff_add64(sum, w2);
    return csumoff_add64(sum, w3);
#endif
}

CSUMOFF_INLINE uint64_t body(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
#define TAKE(i) csumoff_take64(copy, dst + (i), src + (i))
    uint64_t a = 0, b = 0;

    for (; len >= 64; len -= 64, src += 64, dst += 64) {
        a = add4(a, TAKE(0), TAKE(8), TAKE(16), TAKE(24));
        b = add4(b, TAKE(32), TAKE(40), TAKE(48), TAKE(56));
    }
    return csumoff_add64(csumoff_add64(a, b), csumoff_short(copy, dst, src, len));
#undef TAKE
}

CSUMOFF_KERNEL_FROM(scalar, , body)
