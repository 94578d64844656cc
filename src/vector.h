// SPDX-License-Identifier: MIT
/*
 * A kernel whose vectors have 16 or 32 bytes and no byte masks. Its file defines, and this one
 * takes back:
 *   KERNEL              its name in kernels.def
 *   TARGET              the function attribute that turns its instructions on
 *   VEC                 the vector of data;  VEC_LOAD(src)  VEC_STORE(dst, v)  VEC_AND(a, b)
 *   ACC, ACC_ZERO       a vector of 32-bit totals, and how it begins
 *   ROW                 how many vectors a turn of the loop takes: 8 or 12
 *   CONSTANTS, HOLD     what ACC_ADD needs, held in registers: compilers make them anew at each use
 *   ACC_ADD(k, acc, v, i)  acc and the words of v, where v is the i-th of its row; k: CONSTANTS
 *   ACC_JOIN(a, b)      lane by lane
 *   ACC_TOTAL(acc, n)   the sum of the words of n vectors, modulo 2^32
 *   SUMS                how many totals the loop adds to: 4 unless defined, or 2
 *   WORDS_UPTO          so many bytes, from 64 on, are left to scalar; 0 unless defined
 */
/* All sources may be compiled as one: what is defined here gets the kernel's name. */
#define whole        CSUMOFF_OWN(whole)
#define sum_medium   CSUMOFF_OWN(sum_medium)
#define sum_aligned  CSUMOFF_OWN(sum_aligned)
#define copy_aligned CSUMOFF_OWN(copy_aligned)
#define sum_long     CSUMOFF_OWN(sum_long)

/* Below this, copies aren't worth aligning. */
#define ALIGN_COPY_FROM 512
/* Below this, a sum crosses the lines of its source: that costs less than going along them. */
#define MEDIUM 1536

#if !defined(WORDS_UPTO)
#define WORDS_UPTO 0
#endif
#if !defined(SUMS)
#define SUMS 4
#endif
#if SUMS == 2
#define THIRD  acc0
#define FOURTH acc1
#else
#define THIRD  acc2
#define FOURTH acc3
#endif

/*
 * What the functions below do with vectors: they take `n` of them from `from` (to `dst`, if `copy`)
 * into the totals acc0 to acc3, and go on by as many in `src`, `dst` and `i`, which are left.
 */
#define TAKE(acc, j)                                                                               \
    do {                                                                                           \
        VEC v = VEC_LOAD(from + (j) * sizeof(VEC));                                                \
                                                                                                   \
        if (copy)                                                                                  \
            VEC_STORE(dst + (j) * sizeof(VEC), v);                                                 \
        (acc) = ACC_ADD(k, acc, v, j);                                                             \
    } while (0)
#define TAKE1() TAKE(acc0, 0)
#define TAKE2()                                                                                    \
    TAKE(acc2, 0);                                                                                 \
    TAKE(acc3, 1)
#define TAKE4()                                                                                    \
    TAKE(acc0, 0);                                                                                 \
    TAKE(acc1, 1);                                                                                 \
    TAKE(THIRD, 2);                                                                                \
    TAKE(FOURTH, 3)
#define TAKE8()                                                                                    \
    TAKE4();                                                                                       \
    TAKE(acc0, 4);                                                                                 \
    TAKE(acc1, 5);                                                                                 \
    TAKE(THIRD, 6);                                                                                \
    TAKE(FOURTH, 7)
#if ROW == 12
#define TAKE12()                                                                                   \
    TAKE8();                                                                                       \
    TAKE(acc0, 8);                                                                                 \
    TAKE(acc1, 9);                                                                                 \
    TAKE(THIRD, 10);                                                                               \
    TAKE(FOURTH, 11)
#define TAKE_ROW() TAKE_ALL(12)
#else
#define TAKE_ROW() TAKE_ALL(8)
#endif
#define SKIP(n) (src += (n) * sizeof(VEC), dst += (n) * sizeof(VEC), i -= (n))
#define TAKE_ALL(n)                                                                                \
    do {                                                                                           \
        from = src;                                                                                \
        TAKE##n();                                                                                 \
        SKIP(n);                                                                                   \
    } while (0)
/* A sum takes zeros for vectors that aren't there. */
#define TAKE_IF_LEFT(n)                                                                            \
    do {                                                                                           \
        from = copy ? src : csumoff_or_zeros(i & (n), src);                                        \
        if (!copy || i & (n)) {                                                                    \
            TAKE##n();                                                                             \
        }                                                                                          \
        SKIP(i &(n));                                                                              \
    } while (0)

/* `count` whole vectors, and what `acc0` (of `counted` vectors) already holds. */
TARGET CSUMOFF_INLINE uint32_t whole(bool copy, uint8_t *dst, const uint8_t *src, size_t count,
                                     CONSTANTS k, ACC acc0, size_t counted)
{
    ACC acc1 = ACC_ZERO, acc2 = ACC_ZERO, acc3 = ACC_ZERO;
    size_t i = count;
    const uint8_t *from;

    if (i >= ROW + CSUMOFF_AHEAD / sizeof(VEC) && csumoff_fetching())
        do {
            csumoff_fetch(src + CSUMOFF_AHEAD, ROW * sizeof(VEC));
            TAKE_ROW();
        } while (i >= ROW + CSUMOFF_AHEAD / sizeof(VEC));
    while (i >= ROW)
        TAKE_ROW();
    counted += copy ? count : count - i + (ROW == 12 ? 15 : 7);
#if ROW == 12
    TAKE_IF_LEFT(8);
#endif
    TAKE_IF_LEFT(4);
    TAKE_IF_LEFT(2);
    TAKE_IF_LEFT(1);
    return ACC_TOTAL(ACC_JOIN(ACC_JOIN(acc0, acc1), ACC_JOIN(acc2, acc3)), counted);
}

/*
 * 64 bytes to MEDIUM, across the lines of the source: whole vectors, then the last one with the
 * bytes before it masked out. An odd byte at the end goes apart.
 */
TARGET CSUMOFF_INLINE csumoff_wsum sum_medium(const uint8_t *src, size_t len)
{
    enum {
        copy = false,
        N = 64 / sizeof(VEC)
    };
    size_t odd = len & 1, tail = (len - odd) % sizeof(VEC), i = len / sizeof(VEC);
    csumoff_wsum last = csumoff_take8(false, NULL, src + len - 1) & (csumoff_wsum) - (int32_t)odd;
    const uint8_t *end = src + len - odd, *from;
    uint8_t *dst = (uint8_t *)(uintptr_t)src; /* never written */
    const CONSTANTS k = HOLD;
    VEC edge =
        VEC_AND(VEC_LOAD(end - sizeof(VEC)), VEC_LOAD(csumoff_window_ + 32 - sizeof(VEC) + tail));
    ACC acc0 = ACC_ADD(k, ACC_ZERO, edge, 1), acc1 = ACC_ZERO, acc2 = ACC_ZERO, acc3 = ACC_ZERO;
    size_t counted = 2 * N;

    if (len < 128) {
        if (N == 2)
            TAKE_ALL(2);
        else
            TAKE_ALL(4);
    } else {
        do {
            if (N == 2)
                TAKE_ALL(4);
            else
                TAKE_ALL(8);
        } while (i >= 2 * N);
        counted = len / sizeof(VEC) - i + 2 * N;
        if (N == 2)
            TAKE_IF_LEFT(2);
        else
            TAKE_IF_LEFT(4);
    }
    if (N == 4)
        TAKE_IF_LEFT(2);
    TAKE_IF_LEFT(1);
    return csumoff_add(ACC_TOTAL(ACC_JOIN(ACC_JOIN(acc0, acc1), ACC_JOIN(acc2, acc3)), counted),
                       last);
}

/*
 * MEDIUM and more. The vectors in between go along the source's lines; the first and the last
 * one overlap them, with the bytes that are theirs alone left in. An odd byte on either side goes
 * apart.
 */
TARGET CSUMOFF_INLINE csumoff_wsum sum_aligned(const uint8_t *src, size_t len)
{
    size_t odd = (uintptr_t)src & 1, odd_end = ((uintptr_t)src + len) & 1, head, tail;
    csumoff_wsum first = odd ? csumoff_take8(false, NULL, src) : 0;
    csumoff_wsum last = odd_end ? csumoff_take8(false, NULL, src + len - 1) : 0;
    const uint8_t *end = src + len - odd_end;
    const CONSTANTS k = HOLD;
    VEC edge;
    ACC acc;

    src += odd;
    head = sizeof(VEC) - (uintptr_t)src % sizeof(VEC);
    tail = (uintptr_t)end % sizeof(VEC);
    edge = VEC_AND(VEC_LOAD(src), VEC_LOAD(csumoff_window_ + 64 - head));
    acc = ACC_ADD(k, ACC_ZERO, edge, 0);
    edge =
        VEC_AND(VEC_LOAD(end - sizeof(VEC)), VEC_LOAD(csumoff_window_ + 32 - sizeof(VEC) + tail));
    acc = ACC_ADD(k, acc, edge, 1);
    src += head;
    last = csumoff_add(last, whole(false, (uint8_t *)(uintptr_t)src, src,
                                   (size_t)(end - src) / sizeof(VEC), k, acc, 2));
    return csumoff_block_add(first, last, odd);
}

/* Every byte read once, so the ends can't overlap. Stores across a line cost more than loads do. */
TARGET CSUMOFF_INLINE csumoff_wsum copy_aligned(uint8_t *dst, const uint8_t *src, size_t len)
{
    size_t head = len < ALIGN_COPY_FROM ? 0 : -(uintptr_t)dst % sizeof(VEC);
    size_t count = (len - head) / sizeof(VEC), tail = (len - head) % sizeof(VEC);
    csumoff_wsum first = csumoff_fold64_(csumoff_short(true, dst, src, head));
    uint64_t sum = whole(true, dst + head, src + head, count, HOLD, ACC_ZERO, 0);

    sum = csumoff_add64(sum, csumoff_short(true, dst + len - tail, src + len - tail, tail));
    return csumoff_block_add(first, csumoff_fold64_(sum), head);
}

/* Apart, so that what is shorter needs no stack frame. */
TARGET __attribute__((noinline)) static csumoff_wsum sum_long(const uint8_t *src, size_t len,
                                                              csumoff_wsum sum)
{
    return csumoff_add(sum_aligned(src, len), sum);
}

TARGET __attribute__((aligned(64))) csumoff_wsum CSUMOFF_OWN(sum)(const uint8_t *data, size_t len,
                                                                  csumoff_wsum sum)
{
    if (len < 64)
        return csumoff_add(
            csumoff_fold64_(csumoff_short(false, (uint8_t *)(uintptr_t)data, data, len)), sum);
    if (len <= WORDS_UPTO)
        return csumoff_scalar_sum(data, len, sum);
    return len < MEDIUM ? csumoff_add(sum_medium(data, len), sum) : sum_long(data, len, sum);
}

TARGET csumoff_wsum CSUMOFF_OWN(copy)(uint8_t *dst, const uint8_t *src, size_t len,
                                      csumoff_wsum sum)
{
    csumoff_wsum copied = len < 64 ? csumoff_fold64_(csumoff_short(true, dst, src, len))
                                   : copy_aligned(dst, src, len);

    return csumoff_add(copied, sum);
}

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
#undef CONSTANTS
#undef HOLD
#undef ALIGN_COPY_FROM
#undef MEDIUM
#undef TAKE
#undef TAKE1
#undef TAKE2
#undef TAKE4
#undef TAKE8
#undef TAKE12
#undef TAKE_ROW
#undef TAKE_ALL
#undef TAKE_IF_LEFT
#undef SKIP
#undef WORDS_UPTO
#undef SUMS
#undef THIRD
#undef FOURTH
#undef whole
#undef sum_medium
#undef sum_aligned
#undef copy_aligned
#undef sum_long
