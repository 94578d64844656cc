// SPDX-License-Identifier: MIT
/*
 * WebAssembly's vectors of 128 bits, by three plain operations a vector. A lane holds two words.
 * One total adds the lanes as they are, modulo 2^32; another one adds their upper words alone. What
 * the words add up to follows from both, modulo 2^32, which the sum of KERNEL_MOST bytes stays
 * below. Products and sums of pairs would be one operation less, but engines make several
 * instructions of them on some CPUs.
 */
#include "../words.h"

#if defined(CSUMOFF_WASM_SIMD128)
typedef uint32_t wasm128_lanes __attribute__((vector_size(16)));
typedef wasm128_lanes wasm128_memory __attribute__((aligned(1), may_alias));

#define KERNEL wasm128
#define TARGET
#define VEC                   wasm128_lanes
#define VEC_LOAD(src)         wasm128_load(src)
#define VEC_STORE(dst, v)     wasm128_store(dst, v)
#define VEC_AND(a, b)         ((a) & (b))
#define ROW                   8
#define SUMS                  2
#define ACC                   struct wasm128_totals
#define ACC_ZERO              wasm128_zero()
#define CONSTANTS             int
#define HOLD                  0
#define ACC_ADD(k, acc, v, i) ((void)(k), wasm128_add_words(acc, v))
#define ACC_JOIN(a, b)        wasm128_join(a, b)
#define ACC_TOTAL(acc, n)     ((void)(n), wasm128_total(acc))

/* One sum takes two registers. The loop adds to two sums: V8 is slower where it adds to four. */
struct wasm128_totals {
    wasm128_lanes all, upper;
};

CSUMOFF_INLINE wasm128_lanes wasm128_load(const uint8_t *src)
{
    return *(const wasm128_memory *)src;
}

CSUMOFF_INLINE void wasm128_store(uint8_t *dst, wasm128_lanes v)
{
    *(wasm128_memory *)dst = v;
}

CSUMOFF_INLINE struct wasm128_totals wasm128_zero(void)
{
    return (struct wasm128_totals){{0, 0, 0, 0}, {0, 0, 0, 0}};
}

CSUMOFF_INLINE struct wasm128_totals wasm128_add_words(struct wasm128_totals acc, wasm128_lanes v)
{
    return (struct wasm128_totals){acc.all + v, acc.upper + (v >> 16)};
}

CSUMOFF_INLINE struct wasm128_totals wasm128_join(struct wasm128_totals a, struct wasm128_totals b)
{
    return (struct wasm128_totals){a.all + b.all, a.upper + b.upper};
}

CSUMOFF_INLINE uint32_t wasm128_total(struct wasm128_totals acc)
{
    const wasm128_lanes sum = acc.all - (acc.upper << 16) + acc.upper;

    return sum[0] + sum[1] + sum[2] + sum[3];
}

#include "../vector.h"
#endif
