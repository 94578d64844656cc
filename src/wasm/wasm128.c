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
#define KERNEL wasm128
#define TARGET
#define TURN 8
#define SUMS 2 /* each takes two registers, and V8 is slower where the loop keeps four of them */
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
