// SPDX-License-Identifier: MIT
/* VPCLMULQDQ folds three vectors of 32 bytes while three streams of CRC32 run on another execution
 * unit, about as fast. In memory the bytes of the streams come first, then those of the vectors. */
#include "../kernel.h"
#include "powers.h"
#include "x86.h"

#if defined(CSUMOFF_X86_VPCLMUL)

#define CRC32C_VPCLMUL __attribute__((target("avx2,vpclmulqdq,sse4.2,pclmul")))

/* The bytes that one turn of the loop takes: CRC32C_STEP from each stream and CRC32C_ROW into the
 * vectors. A word has 8 bytes. */
enum {
    CRC32C_STEP = 24,
    CRC32C_ROW = 96,
    CRC32C_TURN = 3 * CRC32C_STEP + CRC32C_ROW,
    /*
     * The most turns before streams and vectors are joined. The first stream is then moved forward
     * over both others, all vectors of the turns and up to five more, and there are constants for
     * CSUMOFF_CRC32C_SHIFTS - 1 words.
     */
    CRC32C_TURNS = (CSUMOFF_CRC32C_SHIFTS - 1 - 5 * 4) / (2 * CRC32C_STEP / 8 + CRC32C_ROW / 8)
};

/* Fewer bytes are left to the kernel sse42, which is faster for them. */
#define CRC32C_FOLDED 384

/*
 * The constants that move 16 bytes forward by `words` words of 8 bytes. The products of both
 * quadwords are added at the same place, to which the first quadword has one more word to go than
 * the second: `one_more` is words + 1.
 */
#define CRC32C_FORWARD(words, one_more)                                                            \
    _mm_set_epi64x((long long)(uint32_t)CRC32C_U##words, (long long)(uint32_t)CRC32C_U##one_more)

struct crc32c_streams {
    uint64_t a, b, c;
};

/* Continues each stream by its next word. The streams begin `apart` bytes from each other. */
CRC32C_VPCLMUL CSUMOFF_INLINE struct crc32c_streams crc32c_words(struct crc32c_streams s,
                                                                 const uint8_t *p, size_t apart)
{
    s.a = crc32c_word(s.a, p);
    s.b = crc32c_word(s.b, p + apart);
    s.c = crc32c_word(s.c, p + 2 * apart);
    return s;
}

CRC32C_VPCLMUL CSUMOFF_INLINE __m256i crc32c_load_vector(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* Moves the vector v forward and adds it to the vector `there`. */
CRC32C_VPCLMUL CSUMOFF_INLINE __m256i crc32c_fold(__m256i v, __m256i by, __m256i there)
{
    there = _mm256_xor_si256(there, _mm256_clmulepi64_epi128(v, by, 0x00));
    return _mm256_xor_si256(there, _mm256_clmulepi64_epi128(v, by, 0x11));
}

/* Moves the first half of a vector to the place of the second one and returns their sum. */
CRC32C_VPCLMUL CSUMOFF_INLINE __m128i crc32c_fold_half(__m256i v)
{
    const __m128i by = CRC32C_FORWARD(002, 003);
    __m128i first = _mm256_castsi256_si128(v);
    __m128i sum =
        _mm_xor_si128(_mm_clmulepi64_si128(first, by, 0x00), _mm_clmulepi64_si128(first, by, 0x11));

    return _mm_xor_si128(sum, _mm256_extracti128_si256(v, 1));
}

/* Continues the register `crc` by `len` bytes, at least CRC32C_TURN. */
CRC32C_VPCLMUL CSUMOFF_KERNEL_ABI static uint32_t csumoff_crc32c_vpclmul_long(const uint8_t *data,
                                                                              size_t len,
                                                                              uint32_t crc)
{
    const __m256i by1 = _mm256_broadcastsi128_si256(CRC32C_FORWARD(004, 005));
    const __m256i by2 = _mm256_broadcastsi128_si256(CRC32C_FORWARD(008, 009));
    const __m256i by3 = _mm256_broadcastsi128_si256(CRC32C_FORWARD(012, 013));

    do {
        size_t turns = len / CRC32C_TURN < CRC32C_TURNS ? len / CRC32C_TURN : CRC32C_TURNS;
        size_t apart = turns * CRC32C_STEP, words = turns * (CRC32C_ROW / 8);
        const uint8_t *p = data + 3 * apart, *last = data + apart - CRC32C_STEP;
        __m256i v0 = crc32c_load_vector(p), v1 = crc32c_load_vector(p + 32);
        __m256i v2 = crc32c_load_vector(p + 64);
        struct crc32c_streams s = {crc, 0, 0};
        uint64_t shifted;
        __m128i sum;

        for (p += CRC32C_ROW; data < last; data += CRC32C_STEP, p += CRC32C_ROW) {
            s = crc32c_words(s, data, apart);
            v0 = crc32c_fold(v0, by3, crc32c_load_vector(p));
            s = crc32c_words(s, data + 8, apart);
            v1 = crc32c_fold(v1, by3, crc32c_load_vector(p + 32));
            s = crc32c_words(s, data + 16, apart);
            v2 = crc32c_fold(v2, by3, crc32c_load_vector(p + 64));
        }
        s = crc32c_words(s, data, apart);
        s = crc32c_words(s, data + 8, apart);
        s = crc32c_words(s, data + 16, apart);
        len -= turns * CRC32C_TURN;
        /* After the last turn the vectors take as many of the bytes that are left as they can. */
        if (len >= CRC32C_ROW && len < CRC32C_TURN) {
            v0 = crc32c_fold(v0, by3, crc32c_load_vector(p));
            v1 = crc32c_fold(v1, by3, crc32c_load_vector(p + 32));
            v2 = crc32c_fold(v2, by3, crc32c_load_vector(p + 64));
            p += CRC32C_ROW, len -= CRC32C_ROW, words += CRC32C_ROW / 8;
        }
        v2 = crc32c_fold(v0, by2, crc32c_fold(v1, by1, v2));
        for (; len >= 32 && len < CRC32C_ROW; p += 32, len -= 32, words += 4)
            v2 = crc32c_fold(v2, by1, crc32c_load_vector(p));
        sum = crc32c_fold_half(v2);
        /* The streams are moved to the last word of the vectors' sum and are added to that word. */
        shifted = crc32c_shift(s.a, words + 2 * apart / 8) ^ crc32c_shift(s.b, words + apart / 8) ^
                  crc32c_shift(s.c, words);
        shifted ^= (uint64_t)_mm_extract_epi64(sum, 1);
        s.a = _mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(sum));
        crc = (uint32_t)_mm_crc32_u64(s.a, shifted);
        data = p;
    } while (len >= CRC32C_TURN);
    return crc32c_rest(data, len, crc);
}

/* This function is compiled without AVX, so it leaves no upper half of a vector register in use
 * when it calls sse42. */
CSUMOFF_KERNEL_ABI uint32_t csumoff_crc32c_vpclmul_(const uint8_t *data, size_t len, uint32_t crc)
{
    return len < CRC32C_FOLDED ? csumoff_crc32c_sse42_(data, len, crc)
                               : csumoff_crc32c_vpclmul_long(data, len, crc);
}
#endif
