// SPDX-License-Identifier: MIT
/*
 * The limit of the core and its memory: aligned loads and one addition each, over as many lines as
 * len bytes fill. These compute no checksum. No function that reads the data can be faster than the
 * fastest of them, which depends on size, place and processor.
 */
#include "peers.h"

/*
 * Defines a way to read: vectors of `size` bytes, 8 in each turn, are added to as many sums. Data
 * are prefetched `ahead` bytes before they are read, unless that is 0; prefetching past the end
 * never faults.
 */
#define WAY(name, target, size, ahead)                                                             \
    target __attribute__((noinline)) static uint64_t name(const uint8_t *data, size_t len)         \
    {                                                                                              \
        typedef uint64_t vec __attribute__((vector_size(size)));                                   \
        const vec *at = (const vec *)((uintptr_t)data & ~(sizeof(vec) - 1));                       \
        size_t n = (len + sizeof(vec) - 1) / sizeof(vec);                                          \
        vec a = {0}, b = a, c = a, d = a, e = a, f = a, g = a, h = a;                              \
        uint64_t sum = 0;                                                                          \
                                                                                                   \
        for (; n >= 8; n -= 8, at += 8) {                                                          \
            for (size_t i = 0; i < sizeof(vec) * 8 && (ahead); i += 64)                            \
                __builtin_prefetch((const uint8_t *)at + (ahead) + i);                             \
            a += at[0];                                                                            \
            b += at[1];                                                                            \
            c += at[2];                                                                            \
            d += at[3];                                                                            \
            e += at[4];                                                                            \
            f += at[5];                                                                            \
            g += at[6];                                                                            \
            h += at[7];                                                                            \
        }                                                                                          \
        for (; n; n--)                                                                             \
            a += *at++;                                                                            \
        a += (b + c) + (d + e) + (f + g) + h;                                                      \
        for (size_t i = 0; i < sizeof(vec) / sizeof sum; i++)                                      \
            sum += a[i];                                                                           \
        return sum;                                                                                \
    }                                                                                              \
                                                                                                   \
    void peer_##name(const struct work *work, size_t calls)                                        \
    {                                                                                              \
        PEER_LOOP(work, calls, name(data, len));                                                   \
    }

WAY(read_64, , 8, 0)
WAY(read_128, , 16, 0)
#if defined(__x86_64__)
#define AVX2   __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f")))
WAY(read_256, AVX2, 32, 0)
WAY(read_256_4k, AVX2, 32, 4096)
WAY(read_256_16k, AVX2, 32, 16384)
WAY(read_512, AVX512, 64, 0)
WAY(read_512_4k, AVX512, 64, 4096)
WAY(read_512_16k, AVX512, 64, 16384)
#endif
