// SPDX-License-Identifier: MIT
/*
 * WebAssembly's vectors of 128 bits, with three simple operations per vector. A lane holds two
 * words. One total adds the lanes modulo 2^32, another one adds only their upper words. The sum of
 * all words follows from both modulo 2^32, and it is less than that for CSUMOFF_KERNEL_MOST bytes.
 * Dot products or sums of pairs would take one operation less, but engines compile each into
 * several instructions on some CPUs.
 */
#include "../words.h"

#if defined(CSUMOFF_WASM_SIMD128)
#define KERNEL wasm128
#define TARGET
#define TURN 8
#define SUMS 2 /* a total takes two registers, and V8 is slower with four totals */
#include "../names_begin.h"

typedef uint32_t vec __attribute__((vector_size(16)));
typedef vec memory __attribute__((aligned(1), may_alias));
typedef struct {
    vec all, upper;
} acc;
typedef int constants; /* none */

CSUMOFF_INLINE vec load(const uint8_t *src)
{
    return *(const memory *)src;
}

CSUMOFF_INLINE void store(uint8_t *dst, vec v)
{
    *(memory *)dst = v;
}

CSUMOFF_INLINE vec both(vec a, vec b)
{
    return a & b;
}

CSUMOFF_INLINE acc zero(void)
{
    return (acc){{0, 0, 0, 0}, {0, 0, 0, 0}};
}

CSUMOFF_INLINE constants hold(void)
{
    return 0;
}

CSUMOFF_INLINE acc add_words(constants k, acc a, vec v, size_t i)
{
    (void)k;
    (void)i;
    return (acc){a.all + v, a.upper + (v >> 16)};
}

CSUMOFF_INLINE acc join(acc a, acc b)
{
    return (acc){a.all + b.all, a.upper + b.upper};
}

CSUMOFF_INLINE uint32_t total(acc a, size_t vectors)
{
    const vec sum = a.all - (a.upper << 16) + a.upper;

    (void)vectors;
    return sum[0] + sum[1] + sum[2] + sum[3];
}

#include "../vector.h"
#endif
