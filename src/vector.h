// SPDX-License-Identifier: MIT
/*
 * A kernel whose vectors have 16 or 32 bytes and no byte masks. Its file includes names_begin.h and
 * defines, before it includes this one:
 *   KERNEL                    its name in kernels.def
 *   TARGET                    the function attribute that turns its instructions on
 *   vec                       the type of a vector of data
 *   load(src), store(dst, v)  at any address
 *   both(a, b)                returns the bitwise AND
 *   acc                       the type of a total: a vector of lanes of 32 bits
 *   zero()                    returns a total of 0
 *   constants, hold()         the type of the constants of add_words(), and a function that
 *                             returns them in registers
 *   add_words(k, a, v, i)     returns `a` plus the words of v; v is vector i of its turn, k the
 *                             constants
 *   join(a, b)                returns the sum of two totals, lane by lane
 *   total(a, n)               returns the sum of the words of the n vectors in `a`, modulo 2^32
 *   TURN                      the number of vectors per turn of the loop: 8 or 12
 *   SUMS                      the number of totals: 2, 4 or 8. Vectors are added to them in turn,
 *                             so SUMS vectors hide the latency of one add_words()
 *   WORDS_UPTO                data of 64 to WORDS_UPTO bytes is left to scalar; 0 unless defined
 */

/* Below this length, aligning a copy costs more than it gains. */
#define ALIGN_COPY_FROM 512
/* Below this length, loads that cross cache lines cost less than aligning them. */
#define MEDIUM 1536

#if !defined(WORDS_UPTO)
#define WORDS_UPTO 0
#endif

/* The state of a sum or a copy: the totals, and the vectors that are left. */
struct way {
    acc sum[SUMS];
    const uint8_t *src;
    uint8_t *dst;
    size_t left;
};

TARGET CSUMOFF_INLINE struct way begin(uint8_t *dst, const uint8_t *src, size_t left)
{
    struct way w;

    w.sum[0] = w.sum[1] = zero();
    if (SUMS >= 4)
        w.sum[2 % SUMS] = w.sum[3 % SUMS] = zero();
    if (SUMS == 8)
        w.sum[4 % SUMS] = w.sum[5 % SUMS] = w.sum[6 % SUMS] = w.sum[7 % SUMS] = zero();
    w.src = src;
    w.dst = dst;
    w.left = left;
    return w;
}

CSUMOFF_INLINE void skip(struct way *w, size_t n)
{
    w->src += n * sizeof(vec);
    w->dst += n * sizeof(vec);
    w->left -= n;
}

/* Adds vector i of those that begin at `from` to total `sum`, and copies it. */
TARGET CSUMOFF_INLINE void take1(bool copy, struct way *w, constants k, const uint8_t *from,
                                 size_t i, size_t sum)
{
    vec v = load(from + i * sizeof(vec));

    if (copy)
        store(w->dst + i * sizeof(vec), v);
    w->sum[sum % SUMS] = add_words(k, w->sum[sum % SUMS], v, i);
}

TARGET CSUMOFF_INLINE void take2(bool copy, struct way *w, constants k, const uint8_t *from,
                                 size_t i, size_t sum)
{
    take1(copy, w, k, from, i, sum);
    take1(copy, w, k, from, i + 1, sum + 1);
}

TARGET CSUMOFF_INLINE void take4(bool copy, struct way *w, constants k, const uint8_t *from,
                                 size_t i)
{
    take2(copy, w, k, from, i, i);
    take2(copy, w, k, from, i + 2, i + 2);
}

/* Adds n vectors that begin at `from`, and copies them; n is 1, 2, 4, 8 or 12. */
TARGET CSUMOFF_INLINE void take(bool copy, struct way *w, constants k, const uint8_t *from,
                                size_t n)
{
    if (n == 1)
        take1(copy, w, k, from, 0, 0);
    if (n == 2)
        take2(copy, w, k, from, 0, 2); /* a single one may follow, which goes to another total */
    if (n >= 4)
        take4(copy, w, k, from, 0);
    if (n >= 8)
        take4(copy, w, k, from, 4);
    if (n >= 12)
        take4(copy, w, k, from, 8);
}

TARGET CSUMOFF_INLINE void take_next(bool copy, struct way *w, constants k, size_t n)
{
    take(copy, w, k, w->src, n);
    skip(w, n);
}

/* Takes n vectors if bit n of the number of vectors left is set. Else a sum reads zeros in their
 * place, which needs no branch. */
TARGET CSUMOFF_INLINE void take_if_left(bool copy, struct way *w, constants k, size_t n)
{
    const uint8_t *from = copy ? w->src : csumoff_or_zeros(w->left & n, w->src);

    if (!copy || w->left & n)
        take(copy, w, k, from, n);
    skip(w, w->left & n);
}

TARGET CSUMOFF_INLINE acc joined(const struct way *w)
{
    acc a = join(w->sum[0], w->sum[1]);

    if (SUMS >= 4)
        a = join(a, join(w->sum[2 % SUMS], w->sum[3 % SUMS]));
    if (SUMS == 8)
        a = join(a, join(join(w->sum[4 % SUMS], w->sum[5 % SUMS]),
                         join(w->sum[6 % SUMS], w->sum[7 % SUMS])));
    return a;
}

/* Returns the sum of all vectors that are left and of the totals, which already hold `counted`
 * vectors. */
TARGET CSUMOFF_INLINE uint32_t take_whole(bool copy, struct way *w, constants k, size_t counted)
{
    const size_t far = TURN + CSUMOFF_AHEAD / sizeof(vec);
    const size_t before = w->left;

    if (w->left >= far && csumoff_fetching())
        do {
            csumoff_fetch(w->src + CSUMOFF_AHEAD, TURN * sizeof(vec));
            take_next(copy, w, k, TURN);
        } while (w->left >= far);
    while (w->left >= TURN)
        take_next(copy, w, k, TURN);
    counted += copy ? before : before - w->left + (TURN == 12 ? 15 : 7);
    if (TURN == 12)
        take_if_left(copy, w, k, 8);
    take_if_left(copy, w, k, 4);
    take_if_left(copy, w, k, 2);
    take_if_left(copy, w, k, 1);
    return total(joined(w), counted);
}

/* Returns the last vector before `end` with all but its last n bytes set to 0. */
TARGET CSUMOFF_INLINE vec tail_of(const uint8_t *end, size_t n)
{
    return both(load(end - sizeof(vec)), load(csumoff_window_ + 32 - sizeof(vec) + n));
}

/*
 * Sums 64 bytes to MEDIUM by unaligned loads: the whole vectors, then the last vector, in which a
 * mask keeps only the bytes that were not counted yet. An odd byte at the end is added separately.
 */
TARGET CSUMOFF_INLINE csumoff_wsum sum_medium(const uint8_t *src, size_t len)
{
    const size_t n = 64 / sizeof(vec), odd = len & 1;
    csumoff_wsum last = csumoff_take8(false, NULL, src + len - 1) & (csumoff_wsum) - (int32_t)odd;
    struct way w = begin((uint8_t *)(uintptr_t)src, src, len / sizeof(vec));
    const constants k = hold();
    size_t counted = 2 * n;

    w.sum[0] = add_words(k, zero(), tail_of(src + len - odd, (len - odd) % sizeof(vec)), 1);
    if (len < 128) {
        take_next(false, &w, k, n);
    } else {
        do
            take_next(false, &w, k, 2 * n);
        while (w.left >= 2 * n);
        counted = len / sizeof(vec) - w.left + 2 * n;
        take_if_left(false, &w, k, n);
    }
    if (n == 4)
        take_if_left(false, &w, k, 2);
    take_if_left(false, &w, k, 1);
    return csumoff_add(total(joined(&w), counted), last);
}

/*
 * Sums MEDIUM bytes and more. All loads are aligned but the first and the last one, which overlap
 * their neighbours; a mask keeps only the bytes that are not counted twice. An odd byte at either
 * end is added separately.
 */
TARGET CSUMOFF_INLINE csumoff_wsum sum_aligned(const uint8_t *src, size_t len)
{
    size_t odd = (uintptr_t)src & 1, odd_end = ((uintptr_t)src + len) & 1, head;
    csumoff_wsum first = odd ? csumoff_take8(false, NULL, src) : 0;
    csumoff_wsum last = odd_end ? csumoff_take8(false, NULL, src + len - 1) : 0;
    const uint8_t *end = src + len - odd_end;
    const constants k = hold();
    struct way w;
    acc edges;

    src += odd;
    head = sizeof(vec) - (uintptr_t)src % sizeof(vec);
    edges = add_words(k, zero(), both(load(src), load(csumoff_window_ + 64 - head)), 0);
    edges = add_words(k, edges, tail_of(end, (uintptr_t)end % sizeof(vec)), 1);
    src += head;
    w = begin((uint8_t *)(uintptr_t)src, src, (size_t)(end - src) / sizeof(vec));
    w.sum[0] = edges;
    last = csumoff_add(last, take_whole(false, &w, k, 2));
    return csumoff_block_add(first, last, odd);
}

/* Copies and sums. Each byte is read once, so the ends cannot overlap. The stores are aligned and
 * not the loads, because a store across a cache line costs more. */
TARGET CSUMOFF_INLINE csumoff_wsum copy_aligned(uint8_t *dst, const uint8_t *src, size_t len)
{
    size_t head = len < ALIGN_COPY_FROM ? 0 : -(uintptr_t)dst % sizeof(vec);
    size_t count = (len - head) / sizeof(vec), tail = (len - head) % sizeof(vec);
    csumoff_wsum first = csumoff_fold64_(csumoff_short(true, dst, src, head));
    struct way w = begin(dst + head, src + head, count);
    uint64_t sum = take_whole(true, &w, hold(), 0);

    sum = csumoff_add64(sum, csumoff_short(true, dst + len - tail, src + len - tail, tail));
    return csumoff_block_add(first, csumoff_fold64_(sum), head);
}

/* Out of line, so that shorter sums need no stack frame. */
TARGET CSUMOFF_NOINLINE static csumoff_wsum sum_long(const uint8_t *src, size_t len,
                                                     csumoff_wsum sum)
{
    return csumoff_add(sum_aligned(src, len), sum);
}

TARGET CSUMOFF_KERNEL_ABI __attribute__((aligned(64))) csumoff_wsum CSUMOFF_OWN(sum_)(
    const uint8_t *data, size_t len, csumoff_wsum sum)
{
    if (len < 64)
        return csumoff_add(
            csumoff_fold64_(csumoff_short(false, (uint8_t *)(uintptr_t)data, data, len)), sum);
    if (len <= WORDS_UPTO)
        return csumoff_scalar_sum_(data, len, sum);
    return len < MEDIUM ? csumoff_add(sum_medium(data, len), sum) : sum_long(data, len, sum);
}

TARGET CSUMOFF_KERNEL_ABI csumoff_wsum CSUMOFF_OWN(copy_)(uint8_t *dst, const uint8_t *src,
                                                          size_t len, csumoff_wsum sum)
{
    csumoff_wsum copied = len < 64 ? csumoff_fold64_(csumoff_short(true, dst, src, len))
                                   : copy_aligned(dst, src, len);

    return csumoff_add(copied, sum);
}

#undef KERNEL
#undef TARGET
#undef TURN
#undef SUMS
#undef WORDS_UPTO
#undef ALIGN_COPY_FROM
#undef MEDIUM
#include "names_end.h"
