// SPDX-License-Identifier: MIT
/* Sums and copies of every usable kernel and every peer, over packet sizes and places. */
#include "../tests/oracle/allowed.h"
#include "work.h"
#include "csumoff.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
    LARGEST = 32 * MIB,
    /* A branch predictor remembers the lengths of some thousand packets. */
    HOT_PLACES = 65536
};

static const size_t sizes[] = {20,   40,   64,    128,   200, 256,     552,    1460,
                               4096, 8960, 16384, 65536, MIB, 4 * MIB, LARGEST};

static void sum(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, csumoff_partial(data, len, 0));
}

static void copy(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, csumoff_partial_copy(dst, data, len, 0));
}

/* What a copy-and-sum has to beat. */
static void copy_then_sum(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, (memcpy(dst, data, len), csumoff_partial(dst, len, 0)));
}

static const struct peer {
    const char *name;
    peer_fn *sum, *copy;
    size_t most;    /* the longest data: its limit, or that of patience */
    uint32_t needs; /* CSUMOFF_CPU_*, if it is built for more than this CPU may have */
} peers[] = {
    {"read_64", peer_read_64, NULL, SIZE_MAX, 0},
    {"read_128", peer_read_128, NULL, SIZE_MAX, 0},
#if defined(__x86_64__)
    {"read_256", peer_read_256, NULL, SIZE_MAX, CSUMOFF_CPU_AVX2},
    {"read_256_4k", peer_read_256_4k, NULL, SIZE_MAX, CSUMOFF_CPU_AVX2},
    {"read_256_16k", peer_read_256_16k, NULL, SIZE_MAX, CSUMOFF_CPU_AVX2},
    {"read_512", peer_read_512, NULL, SIZE_MAX, CSUMOFF_CPU_AVX512},
    {"read_512_4k", peer_read_512_4k, NULL, SIZE_MAX, CSUMOFF_CPU_AVX512},
    {"read_512_16k", peer_read_512_16k, NULL, SIZE_MAX, CSUMOFF_CPU_AVX512},
#endif
    {"memcpy", NULL, peer_memcpy, SIZE_MAX, 0},
    {"memcpy_then_sum", NULL, copy_then_sum, SIZE_MAX, 0},
    {"fused_loop", NULL, peer_fused, SIZE_MAX, 0},
    {"dpdk_native", peer_dpdk_native, NULL, SIZE_MAX, 0},
#if defined(__x86_64__)
    {"dpdk_avx2", peer_dpdk_avx2, NULL, SIZE_MAX, CSUMOFF_CPU_AVX2},
    {"dpdk_debian", peer_dpdk_debian, NULL, SIZE_MAX, 0},
#endif
    {"adc_loop", peer_adc, NULL, SIZE_MAX, 0},
    {"lwip", peer_lwip, peer_lwip_copy, 65535, 0},
    {"reference", peer_reference, NULL, MIB, 0},
};

/* Returns random places in data that the second-level cache holds. Packets begin at even
 * addresses. */
static struct place_set moving(size_t least, size_t most)
{
    struct place *place = (struct place *)must(malloc(HOT_PLACES * sizeof *place));

    for (size_t i = 0; i < HOT_PLACES; i++) {
        uint32_t len = (uint32_t)least + random_below((uint32_t)(most - least + 1));

        place[i] = (struct place){random_below(16384) * 2, len};
    }
    return (struct place_set){place, HOT_PLACES - 1};
}

/* Returns places that are used once each, in a random order, far more of them than any cache
 * holds. */
static struct place_set cold(size_t len)
{
    size_t stride = (len + 4096 + 64) / 64 * 64, places = 1;
    struct place *place;

    while (places * 2 * stride <= DATA)
        places *= 2;
    place = (struct place *)must(malloc(places * sizeof *place));
    for (size_t i = 0; i < places; i++)
        place[i] = (struct place){(uint32_t)(i * stride) + 14, (uint32_t)len};
    for (size_t i = places - 1; i > 0; i--) {
        size_t j = random_below((uint32_t)i + 1);
        struct place swapped = place[i];

        place[i] = place[j];
        place[j] = swapped;
    }
    return (struct place_set){place, places - 1};
}

static void add_everyone(const char *bytes, const char *where, struct place_set places, size_t mean,
                         size_t most)
{
    for (size_t i = 0; i < csumoff_kernel_count(); i++) {
        const char *kernel = csumoff_kernel_name(i);

        if (!csumoff_kernel_usable(i))
            continue;
        work_add("sum", kernel, bytes, where, kernel, sum, places, mean);
        work_add("copy", kernel, bytes, where, kernel, copy, places, mean);
    }
    for (const struct peer *peer = peers; peer < peers + COUNT(peers); peer++) {
        if (most > peer->most || peer->needs & ~cpu_has())
            continue;
        if (peer->sum)
            work_add("sum", peer->name, bytes, where, NULL, peer->sum, places, mean);
        if (peer->copy)
            work_add("copy", peer->name, bytes, where, NULL, peer->copy, places, mean);
    }
}

void sums_add(void)
{
    for (size_t i = 0; i < COUNT(sizes); i++) {
        size_t n = sizes[i];
        char bytes[24];

        (void)snprintf(bytes, sizeof bytes, "%zu", n);
        add_everyone(bytes, "offset0", fixed_place(n, 0), n, n);
        add_everyone(bytes, "offset14", fixed_place(n, 14), n, n);
        if (n <= 65536) {
            add_everyone(bytes, "moving", moving(n, n), n, n);
            add_everyone(bytes, "cold", cold(n), n, n);
        }
    }
    add_everyone("20..64", "moving", moving(20, 64), 42, 64);
    add_everyone("40..1500", "moving", moving(40, 1500), 770, 1500);
}
