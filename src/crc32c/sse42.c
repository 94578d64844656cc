// SPDX-License-Identifier: MIT
/*
 * SSE4.2: CRC32 takes eight bytes and can begin in each cycle, but its result takes three cycles.
 * The bytes are therefore divided into three streams, which are computed side by side and joined by
 * PCLMULQDQ.
 */
#include "../kernel.h"
#include "x86.h"

#if defined(CSUMOFF_X86_SSE42)

enum {
    CRC32C_STREAMED = 72, /* the fewest bytes for which joining streams pays */
    CRC32C_WORDS = (CSUMOFF_CRC32C_SHIFTS - 1) / 2
};

CRC32C_SSE42 CSUMOFF_KERNEL_ABI uint32_t csumoff_crc32c_sse42_(const uint8_t *data, size_t len,
                                                               uint32_t crc)
{
    uint64_t a = crc;

    while (len >= CRC32C_STREAMED) {
        size_t words = len / 24 < CRC32C_WORDS ? len / 24 : CRC32C_WORDS, stream = words * 8;
        const uint8_t *last = data + stream - 8;
        uint64_t b = 0, c = 0;

        for (; data < last; data += 8) {
            a = crc32c_word(a, data);
            b = crc32c_word(b, data + stream);
            c = crc32c_word(c, data + 2 * stream);
        }
        a = crc32c_word(a, data);
        b = crc32c_word(b, data + stream);
        /* Streams a and b are moved to the last word of stream c and are added to that word before
         * it is summed. */
        a = crc32c_shift(a, 2 * words) ^ crc32c_shift(b, words);
        a = _mm_crc32_u64(c, csumoff_take64(false, NULL, data + 2 * stream) ^ a);
        data += 2 * stream + 8;
        len -= 3 * stream;
    }
    return crc32c_rest(data, len, a);
}
#endif
