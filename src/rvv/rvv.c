// SPDX-License-Identifier: MIT
/*
 * RISC-V's V 1.0, with registers of any length. They are loaded as bytes, so that data may have any
 * alignment; VWADDU.WV adds their words to lanes of 32 bits. Few compilers can enable V for single
 * functions. Each loop is therefore one statement of assembler, and only the assembler has to know
 * V.
 */
#include "../words.h"

#if defined(CSUMOFF_RISCV_V)

/* Fewer bytes are left to the kernel scalar, which is as fast for them by models of cores with
 * short and with long registers. */
#define WORDS_BELOW 256

/* ON and OFF enclose the instructions of V and let the assembler accept them if the file is
 * compiled without V. */
#if defined(__riscv_v)
#define ON  ""
#define OFF ""
#else
#define ON  ".option push\n\t.option arch, +v\n\t"
#define OFF ".option pop"
#endif
/* The vector registers are listed as clobbered only for compilers that may use them for other code.
 * gcc 12 cannot. */
#if !defined(__clang__) && __GNUC__ < 13
#define CLOBBERED "memory"
#else
#define CLOBBERED                                                                                  \
    "memory" SETTINGS, "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11",   \
        "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", \
        "v25", "v26", "v27", "v28", "v29", "v30", "v31"
#endif
/* clang before 19 has no names for VL and VTYPE, and takes them for changed by every statement of
 * assembler. */
#if defined(__clang__) && __clang_major__ < 19
#define SETTINGS
#else
#define SETTINGS , "vl", "vtype"
#endif

/* The bytes that have not been summed yet. */
struct rvv_left {
    uint8_t *dst;
    const uint8_t *src;
    size_t len;
};

/* Returns how many bytes a turn of the loop takes: those of eight registers, at least 128. */
CSUMOFF_INLINE size_t rvv_turn(void)
{
    size_t bytes;

    __asm__ volatile(ON "csrr %0, vlenb\n\t" OFF : "=r"(bytes));
    return 8 * bytes;
}

/*
 * Sums whole turns, at least one, in two groups of eight registers. store0 and store1 are the
 * instructions that copy v0 to v3 and v4 to v7, or nothing. Both settings of VTYPE have the same
 * number of elements, so the second VSETVLI keeps VL.
 */
#define TURNS(store0, store1)                                                                      \
    __asm__ volatile(ON "vsetvli %[half], zero, e32, m8, ta, ma\n\t"                               \
                        "vmv.v.i v16, 0\n\t"                                                       \
                        "vmv.v.i v24, 0\n\t"                                                       \
                        "vsetvli zero, zero, e16, m4, ta, ma\n\t"                                  \
                        "slli %[half], %[half], 1\n"                                               \
                        ".Lcsumoff_rvv%=:\n\t"                                                     \
                        "vl4re8.v v0, (%[src])\n\t"                                                \
                        "add %[src], %[src], %[half]\n\t"                                          \
                        "vl4re8.v v4, (%[src])\n\t"                                                \
                        "add %[src], %[src], %[half]\n\t" store0 store1                            \
                        "sub %[len], %[len], %[turn]\n\t"                                          \
                        "vwaddu.wv v16, v16, v0\n\t"                                               \
                        "vwaddu.wv v24, v24, v4\n\t"                                               \
                        "bgeu %[len], %[turn], .Lcsumoff_rvv%=\n\t"                                \
                        "vsetvli zero, zero, e32, m8, ta, ma\n\t"                                  \
                        "vadd.vv v16, v16, v24\n\t"                                                \
                        "vmv.s.x v0, zero\n\t"                                                     \
                        "vredsum.vs v0, v16, v0\n\t"                                               \
                        "vmv.x.s %[sum], v0\n\t" OFF                                               \
                     : [sum] "=r"(sum), [half] "=&r"(half), [dst] "+&r"(left->dst),                \
                       [src] "+&r"(left->src), [len] "+&r"(left->len)                              \
                     : [turn] "r"(turn)                                                            \
                     : CLOBBERED)
#define STORE(v) "vs4r.v " v ", (%[dst])\n\tadd %[dst], %[dst], %[half]\n\t"

CSUMOFF_INLINE uint32_t rvv_turns(bool copy, struct rvv_left *left, size_t turn)
{
    uint32_t sum;
    size_t half;

    if (copy)
        TURNS(STORE("v0"), STORE("v4"));
    else
        TURNS("", "");
    return sum;
}

/* Sums an even number of bytes, less than a turn. They fit into eight registers, so the first
 * VSETVLI takes all of them. Of more bytes it might take half, which can be odd. */
#define REST(store)                                                                                \
    __asm__ volatile(ON "vsetvli zero, %[len], e8, m8, ta, ma\n\t"                                 \
                        "vle8.v v0, (%[src])\n\t" store "vsetivli zero, 1, e32, m1, ta, ma\n\t"    \
                        "vmv.s.x v8, zero\n\t"                                                     \
                        "vsetvli zero, %[words], e16, m8, ta, ma\n\t"                              \
                        "vwredsumu.vs v8, v0, v8\n\t"                                              \
                        "vsetivli zero, 1, e32, m1, ta, ma\n\t"                                    \
                        "vmv.x.s %[sum], v8\n\t" OFF                                               \
                     : [sum] "=r"(sum)                                                             \
                     : [dst] "r"(dst), [src] "r"(src), [len] "r"(len), [words] "r"(len / 2)        \
                     : CLOBBERED)

CSUMOFF_INLINE uint32_t rvv_rest(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
    uint32_t sum;

    if (copy)
        REST("vse8.v v0, (%[dst])\n\t");
    else
        REST("");
    return sum;
}

/* The sums of words cannot overflow, because len is at most CSUMOFF_KERNEL_MOST. */
CSUMOFF_INLINE csumoff_wsum rvv_body(bool copy, uint8_t *dst, const uint8_t *src, size_t len)
{
    struct rvv_left left = {dst, src, len};
    const size_t turn = rvv_turn();
    uint32_t sum = len >= turn ? rvv_turns(copy, &left, turn) : 0;
    const size_t odd = left.len & 1, even = left.len - odd;

    if (even)
        sum += rvv_rest(copy, left.dst, left.src, even);
    if (odd)
        sum += csumoff_take8(copy, left.dst + even, left.src + even);
    return sum;
}

csumoff_wsum csumoff_rvv_sum_(const uint8_t *data, size_t len, csumoff_wsum sum)
{
    if (len < WORDS_BELOW)
        return csumoff_scalar_sum_(data, len, sum);
    return csumoff_add(rvv_body(false, (uint8_t *)(uintptr_t)data, data, len), sum);
}

csumoff_wsum csumoff_rvv_copy_(uint8_t *dst, const uint8_t *src, size_t len, csumoff_wsum sum)
{
    if (len < WORDS_BELOW)
        return csumoff_scalar_copy_(dst, src, len, sum);
    return csumoff_add(rvv_body(true, dst, src, len), sum);
}

#undef WORDS_BELOW
#undef ON
#undef OFF
#undef CLOBBERED
#undef SETTINGS
#undef TURNS
#undef STORE
#undef REST
#endif
