// SPDX-License-Identifier: MIT
/* SSE2: PMADDWD multiplies signed words by 1 and adds pairs of the products. A bias makes the
 * unsigned words signed, and total() adds it back. */
#include "../words.h"

#if defined(CSUMOFF_X86_SSE2)
#include "../x86.h"

#define KERNEL sse2
#define TARGET __attribute__((target("sse2")))
#define TURN   8
#define SUMS   4
/* Short sums are left to the kernel scalar: two additions with carry take less time than a vector
 * of 16 bytes, and there are no lanes to be added in the end. */
#if defined(__x86_64__)
#define WORDS_UPTO 256
#endif
#include "../names_begin.h"

typedef __m128i vec, acc;

TARGET CSUMOFF_INLINE vec load(const uint8_t *src)
{
    return _mm_loadu_si128((const __m128i *)(const void *)src);
}

TARGET CSUMOFF_INLINE void store(uint8_t *dst, vec v)
{
    _mm_storeu_si128((__m128i *)(void *)dst, v);
}

TARGET CSUMOFF_INLINE vec both(vec a, vec b)
{
    return _mm_and_si128(a, b);
}

TARGET CSUMOFF_INLINE acc zero(void)
{
    return _mm_setzero_si128();
}

typedef struct {
    vec bias, ones;
} constants;

TARGET CSUMOFF_INLINE constants hold(void)
{
    constants k = {load((const uint8_t *)csumoff_bias_), load((const uint8_t *)csumoff_ones_)};

    __asm__("" : "+x"(k.bias), "+x"(k.ones));
    return k;
}

TARGET CSUMOFF_INLINE acc add_words(constants k, acc a, vec v, size_t i)
{
    (void)i;
    return _mm_add_epi32(a, _mm_madd_epi16(_mm_xor_si128(v, k.bias), k.ones));
}

TARGET CSUMOFF_INLINE acc join(acc a, acc b)
{
    return _mm_add_epi32(a, b);
}

TARGET CSUMOFF_INLINE uint32_t total(acc a, size_t vectors)
{
    a = _mm_add_epi32(a, _mm_shuffle_epi32(a, 0x4E));
    a = _mm_add_epi32(a, _mm_shuffle_epi32(a, 0xB1));
    return (uint32_t)_mm_cvtsi128_si32(a) + (uint32_t)vectors * 8 * 0x8000;
}

#include "../vector.h"
#endif
