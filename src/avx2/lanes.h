// SPDX-License-Identifier: MIT
/* Vectors of 32 bytes for vector.h. The kernels that multiply signed words by 1 share them. A bias
 * makes the unsigned words signed, and total() adds it back. */
typedef __m256i vec, acc;

TARGET CSUMOFF_INLINE vec load(const uint8_t *src)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)src);
}

TARGET CSUMOFF_INLINE void store(uint8_t *dst, vec v)
{
    _mm256_storeu_si256((__m256i *)(void *)dst, v);
}

TARGET CSUMOFF_INLINE vec both(vec a, vec b)
{
    return _mm256_and_si256(a, b);
}

TARGET CSUMOFF_INLINE acc zero(void)
{
    return _mm256_setzero_si256();
}

TARGET CSUMOFF_INLINE acc join(acc a, acc b)
{
    return _mm256_add_epi32(a, b);
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

TARGET CSUMOFF_INLINE uint32_t total(acc a, size_t vectors)
{
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));

    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1));
    return (uint32_t)_mm_cvtsi128_si32(half) + (uint32_t)vectors * 16 * 0x8000;
}
