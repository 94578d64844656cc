// SPDX-License-Identifier: MIT
#include "glue_sets.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    COLD_STRIDE = 2048,
    HUGE_PAGE = 2 << 20,
    MIXED_ORDER = 65536 /* more than a branch predictor learns */
};

void frame_hold(uint8_t *frame, size_t len, enum content content)
{
    if (content == SEED ? csumoff_seed(frame, len, CSUMOFF_LINK_ETHERNET, NULL)
                        : csumoff_fill(frame, len, CSUMOFF_LINK_ETHERNET))
        fail("frames", "csumoff refuses one");
}

void set_hold(const struct set *set, enum content content)
{
    for (size_t i = 0; i <= set->mask; i++)
        frame_hold(set->base + set->places[i].offset, set->places[i].len, content);
}

struct set set_warm(const struct kind *kind, size_t len, enum content content)
{
    const size_t stride = (len + 63) / 64 * 64;
    struct place *places = (struct place *)room(WARM * sizeof *places);
    struct csumoff_layout *layouts = (struct csumoff_layout *)room(WARM * sizeof *layouts);
    struct set set = {room(WARM * stride), WARM * stride, places, layouts, WARM - 1};

    for (size_t i = 0; i < WARM; i++) {
        uint8_t *frame = set.base + i * stride;

        places[i] = (struct place){(uint32_t)(i * stride), (uint32_t)len};
        make_frame(frame, len, kind);
        frame_hold(frame, len, content);
        if (csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, layouts + i))
            fail("frames", "csumoff refuses one");
    }
    return set;
}

static const struct kind *const kinds[] = {&tcp_ipv4, &udp_ipv4, &tcp_ipv6, &udp_ipv6};

struct set set_mixed(enum content content)
{
    const size_t stride = 1536;
    struct place frames[WARM], *places = (struct place *)room(MIXED_ORDER * sizeof *places);
    struct set set = {room(WARM * stride), WARM * stride, places, NULL, MIXED_ORDER - 1};

    for (size_t i = 0; i < WARM; i++) {
        const struct kind *kind = kinds[random_below(sizeof kinds / sizeof *kinds)];
        const uint32_t least = kind == &tcp_ipv6 ? 74 : kind == &udp_ipv6 ? 62 : SHORTEST;
        const uint32_t len = least + random_below(LONGEST + 1 - least);
        uint8_t *frame = set.base + i * stride;

        frames[i] = (struct place){(uint32_t)(i * stride), len};
        make_frame(frame, len, kind);
        frame_hold(frame, len, content);
    }
    for (size_t i = 0; i < MIXED_ORDER; i++)
        places[i] = frames[i < WARM ? i : random_below(WARM)];
    return set;
}

struct set set_cold(const struct kind *kind, size_t len)
{
    struct place *places = (struct place *)room(COLD * sizeof *places);
    struct set set = {NULL, (size_t)COLD * COLD_STRIDE, places, NULL, COLD - 1};
    void *base = NULL;

    must(posix_memalign(&base, HUGE_PAGE, set.bytes) ? NULL : base);
#if defined(MADV_HUGEPAGE)
    (void)madvise(base, set.bytes, MADV_HUGEPAGE);
#endif
    set.base = (uint8_t *)memset(base, 0, set.bytes);
    for (size_t i = 0; i < COLD; i++) {
        const size_t j = random_below((uint32_t)i + 1);

        make_frame(set.base + i * COLD_STRIDE, len, kind);
        places[i] = places[j];
        places[j] = (struct place){(uint32_t)(i * COLD_STRIDE), (uint32_t)len};
    }
    return set;
}

void set_evict(const struct set *set)
{
#if defined(__SSE2__)
    for (size_t i = 0; i <= set->mask; i++) {
        const uint8_t *frame = set->base + set->places[i].offset;

        for (size_t line = 0; line < set->places[i].len; line += 64)
            __builtin_ia32_clflush(frame + line);
    }
    __builtin_ia32_mfence();
#else
    /* Reading the memory between the frames evicts them. */
    uint64_t total = 0;

    for (size_t i = 0; i <= set->mask; i++)
        total += csumoff_partial(set->base + set->places[i].offset + 256, COLD_STRIDE - 512, 0);
    __asm__ volatile("" : : "r"(total));
#endif
}

struct set set_copy(const struct set *set)
{
    struct set copied = *set;

    copied.base = (uint8_t *)memcpy(room(set->bytes), set->base, set->bytes);
    return copied;
}
