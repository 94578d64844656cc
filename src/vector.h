// SPDX-License-Identifier: MIT
/*
 * A kernel whose vectors have 16 or 32 bytes and no byte masks. Its file defines, and this one
 * takes back:
 *   KERNEL              its name in kernels.def
 *   TARGET              the function attribute that turns its instructions on
 *   VEC                 the vector of data;  VEC_LOAD(src)  VEC_STORE(dst, v)  VEC_AND(a, b)
 *   ACC, ACC_ZERO       a vector of 32-bit totals, and how it begins
 *   ROW                 how many vectors a turn of the loop takes: 8 or 12
 *   ACC_ADD(acc, v, i)  acc and the words of v, where v is the i-th of its row
 *   ACC_JOIN(a, b)      lane by lane
 *   ACC_TOTAL(acc, n)   the sum of the words of n vectors, modulo 2^32
 */
/* All sources may be compiled as one: what is defined here gets the kernel's name. */
#define whole        CSUMOFF_OWN(whole)
#define sum_aligned  CSUMOFF_OWN(sum_aligned)
#define copy_aligned CSUMOFF_OWN(copy_aligned)
#define body         CSUMOFF_OWN(body)

/* Below this, copies aren't worth aligning. */
#define ALIGN_COPY_FROM 512

/* `count` whole vectors, and what `begun` (of `vectors_begun` vectors) already holds. */
TARGET CSUMOFF_INLINE uint32_t whole(bool copy, uint8_t *dst, const uint8_t *src, size_t count,
                                     ACC begun, size_t vectors_begun)
{
#define TAKE(i)                                                                                    \
    do {                                                                                           \
        VEC v = VEC_LOAD(src + (i) * sizeof(VEC));                                                 \
                                                                                                   \
        if (copy)                                                                                  \
            VEC_STORE(dst + (i) * sizeof(VEC), v);                                                 \
        acc[(i) % 4] = ACC_ADD(acc[(i) % 4], v, i);                                                \
    } while (0)
#define SKIP(n) (src += (n) * sizeof(VEC), dst += (n) * sizeof(VEC))
    ACC acc[4] = {begun, ACC_ZERO, ACC_ZERO, ACC_ZERO};
    size_t n;

    for (n = count; n >= ROW; n -= ROW, SKIP(ROW)) {
        TAKE(0);
        TAKE(1);
        TAKE(2);
        TAKE(3);
        TAKE(4);
        TAKE(5);
        TAKE(6);
        TAKE(7);
#if ROW == 12
        TAKE(8);
        TAKE(9);
        TAKE(10);
        TAKE(11);
#endif
    }
    for (; n >= 4; n -= 4, SKIP(4)) {
        TAKE(0);
        TAKE(1);
        TAKE(2);
        TAKE(3);
    }
    if (n & 2) {
        TAKE(0);
        TAKE(1);
        SKIP(2);
    }
    if (n & 1)
        TAKE(0);
    return ACC_TOTAL(ACC_JOIN(ACC_JOIN(acc[0], acc[1]), ACC_JOIN(acc[2], acc[3])),
                     count + vectors_begun);
#undef SKIP
#undef TAKE
}

/*
 * 64 bytes and more. The vectors in between go along the source's lines; the first and the last one
 * overlap them, with the bytes that are theirs alone left in. An odd byte on either side goes
 * apart.
 */
TARGET CSUMOFF_INLINE csumoff_wsum sum_aligned(const uint8_t *src, size_t len)
{
    static const uint8_t window[96] = {
#define ONES_16                                                                                    \
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF
        [32] = ONES_16, ONES_16
#undef ONES_16
    };
    size_t odd = (uintptr_t)src & 1, odd_end = ((uintptr_t)src + len) & 1, head, tail;
    csumoff_wsum first = odd ? csumoff_take8(false, NULL, src) : 0;
    csumoff_wsum last = odd_end ? csumoff_take8(false, NULL, src + len - 1) : 0;
    const uint8_t *end = src + len - odd_end;
    VEC edge;
    ACC acc;

    src += odd;
    head = sizeof(VEC) - (uintptr_t)src % sizeof(VEC);
    tail = (uintptr_t)end % sizeof(VEC);
    edge = VEC_AND(VEC_LOAD(src), VEC_LOAD(window + 64 - head));
    acc = ACC_ADD(ACC_ZERO, edge, 0);
    edge = VEC_AND(VEC_LOAD(end - sizeof(VEC)), VEC_LOAD(window + 32 - sizeof(VEC) + tail));
    acc = ACC_ADD(acc, edge, 1);
    src += head;
    last = csumoff_add(last, whole(false, (uint8_t *)(uintptr_t)src, src,
                                   (size_t)(end - src) / sizeof(VEC), acc, 2));
    return csumoff_block_add(first, last, odd);
}

/* Every byte read once, so the ends can't overlap. Stores across a line cost more than loads do. */
TARGET CSUMOFF_INLINE csumoff_wsum copy_aligned(uint8_t *dst, const uint8_t *src, size_t len)
{
    size_t head = len < ALIGN_COPY_FROM ? 0 : -(uintptr_t)dst % sizeof(VEC);
    size_t count = (len - head) / sizeof(VEC), tail = (len - head) % sizeof(VEC);
    csumoff_wsum first = csumoff_fold64_(csumoff_short(true, dst, src, head));
    uint64_t sum = whole(true, dst + head, src + head, count, ACC_ZERO, 0);

    sum = csumoff_add64(sum, csumoff_short(true, dst + len - tail, src + len - tail, tail));
    return csumoff_block_add(first, csumoff_fold64_(sum), head);
}

TARGET CSUMOFF_INLINE csumoff_wsum body(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
    if (len < 64)
        return csumoff_fold64_(csumoff_short(copy, dst, src, len));
    return copy ? copy_aligned(dst, src, len) : sum_aligned(src, len);
}

CSUMOFF_KERNEL_FROM(TARGET)

#undef KERNEL
#undef TARGET
#undef VEC
#undef VEC_LOAD
#undef VEC_STORE
#undef VEC_AND
#undef ROW
#undef ACC
#undef ACC_ZERO
#undef ACC_ADD
#undef ACC_JOIN
#undef ACC_TOTAL
#undef ALIGN_COPY_FROM
#undef whole
#undef sum_aligned
#undef copy_aligned
#undef body
