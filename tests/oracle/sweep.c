// SPDX-License-Identifier: MIT
#include "sweep.h"

#include <csumoff.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"
#include "support.h"

enum {
    MAX_LEN = 600,
    /* Kernels of short vectors change their ways at 1,536; behind it come all remainders of a turn.
     */
    LONG_LEN = 1500,
    MAX_LONG_LEN = 1900,
    OFFSETS = 64,
    CANARY = 0xC3
};

static const uint8_t zeros[MAX_LEN];

static bool fails(struct sweep_note *note, const char *what, size_t len, size_t offset,
                  uint32_t expected, uint32_t found)
{
    snprintf(note->text, sizeof note->text,
             "kernel %s, %s: length %zu, offset %zu: expected 0x%04X, found 0x%04X", note->kernel,
             what, len, offset, (unsigned)expected, (unsigned)found);
    return false;
}

/*
 * Whether `result` is what data of the wire sum `sum` add up to, from the sum `start` on. Folded,
 * the two forms of zero differ: 0 stands for zero bytes alone, and so it must be in `result`.
 */
static bool agrees(struct sweep_note *note, const char *what, size_t len, size_t offset,
                   csumoff_wsum result, csumoff_wsum start, uint64_t sum)
{
    uint16_t expected = ref_checksum(sum + wire_sum(start));
    uint16_t found = wire16(csumoff_fold(result));

    if (found != expected)
        return fails(note, what, len, offset, expected, found);
    if ((result == 0) != (sum == 0 && start == 0))
        return fails(note, "zero for zero bytes only", len, offset, sum != 0, result);
    return true;
}

/* Checks a destination: the copy, and `around` bytes of canary before and behind it. */
static bool copied(struct sweep_note *note, const char *what, const uint8_t *dst,
                   const uint8_t *src, size_t len, size_t offset, size_t before, size_t behind)
{
    size_t i;

    if (memcmp(dst, src, len) != 0) {
        for (i = 0; dst[i] == src[i];)
            i++;
        snprintf(note->text, sizeof note->text,
                 "kernel %s, %s: length %zu, destination offset %zu: byte %zu of the copy is "
                 "0x%02X, not 0x%02X",
                 note->kernel, what, len, offset, i, dst[i], src[i]);
        return false;
    }
    for (i = 1; i <= before; i++)
        if (*(dst - i) != CANARY)
            return fails(note, "byte written before the copy", len, offset, CANARY, *(dst - i));
    for (i = 0; i < behind; i++)
        if (dst[len + i] != CANARY)
            return fails(note, "byte written behind the copy", len, offset, CANARY, dst[len + i]);
    return true;
}

/* Every length of a range at every offset: random bytes all over, so that a byte too many shows in
 * the sum, then words that drive carries, amid bytes of another kind. */
static enum sweep_result lengths(struct sweep_note *note, size_t least, size_t most,
                                 size_t patterns, size_t step)
{
    static const uint8_t fills[] = {0xFF, 0x00, 0x80, 0x7F};
    static uint8_t src[OFFSETS + MAX_LONG_LEN + 64] __attribute__((aligned(64)));
    static uint8_t dst[sizeof src + 64] __attribute__((aligned(64)));
    struct rng rng = rng_new(1);
    size_t pattern, len, offset;

    for (pattern = 0; pattern < patterns; pattern++) {
        /* Quick: the first 16 offsets, then each fourth. */
        for (offset = 0; offset < OFFSETS; offset += offset < 16 ? 1 : step) {
            size_t at = 0;

            rng_fill(&rng, src, sizeof src);
            if (pattern)
                memset(src + offset, fills[pattern - 1], least);
            for (len = least; len <= most; len++) {
                const uint8_t *p = src + offset;
                uint64_t sum;

                if (pattern && len)
                    src[offset + len - 1] = fills[pattern - 1];
                sum = pattern ? ref_sum_repeated((uint16_t)(fills[pattern - 1] * 0x101), len)
                              : ref_sum(p, len);
                if (!agrees(note, "sum", len, offset, csumoff_partial(p, len, 0), 0, sum))
                    return SWEEP_FAIL;
                at = (at + 5) % OFFSETS;
                memset(dst, CANARY, at + len + 64);
                if (!agrees(note, "copy", len, offset, csumoff_partial_copy(dst + at, p, len, 0), 0,
                            sum) ||
                    !copied(note, "copy", dst + at, p, len, at, at, 64))
                    return SWEEP_FAIL;
            }
        }
    }
    return SWEEP_PASS;
}

static enum sweep_result lengths_at_offsets(struct sweep_note *note)
{
    return lengths(note, 0, MAX_LEN, 5, effort(1, 4));
}

static enum sweep_result long_lengths_at_offsets(struct sweep_note *note)
{
    return lengths(note, LONG_LEN, MAX_LONG_LEN, 2, effort(1, 4));
}

/* Source and destination at each of their offsets, at lengths around the widths of vectors. */
static enum sweep_result copy_offsets(struct sweep_note *note)
{
    static const size_t lens[] = {1,   2,   3,   7,   8,   9,   15,  16,  17,  31,  32,  33,
                                  34,  47,  63,  64,  65,  66,  95,  96,  127, 128, 129, 191,
                                  192, 193, 255, 256, 257, 258, 383, 384, 511, 512, 513, 600};
    static uint8_t src[OFFSETS + MAX_LEN] __attribute__((aligned(64)));
    static uint8_t dst[OFFSETS + MAX_LEN + 64] __attribute__((aligned(64)));
    struct rng rng = rng_new(2);
    size_t i, from, to, step = effort(1, 3);

    rng_fill(&rng, src, sizeof src);
    for (i = 0; i < sizeof lens / sizeof *lens; i++) {
        for (from = 0; from < OFFSETS; from += step) {
            uint64_t sum = ref_sum(src + from, lens[i]);

            for (to = 0; to < OFFSETS; to += step) {
                memset(dst, CANARY, to + lens[i] + 64);
                if (!agrees(note, "copy", lens[i], from,
                            csumoff_partial_copy(dst + to, src + from, lens[i], 0), 0, sum) ||
                    !copied(note, "copy", dst + to, src + from, lens[i], to, to, 64))
                    return SWEEP_FAIL;
            }
        }
    }
    return SWEEP_PASS;
}

/* Data that ends where a page nobody may touch begins, or begins where one ends. */
static enum sweep_result guard_pages(struct sweep_note *note)
{
    const size_t most = 3 * MAX_LEN;
    struct guarded src, dst;
    struct rng rng = rng_new(3);
    enum sweep_result result = SWEEP_FAIL;
    size_t len, flush;

#if defined(__wasm__)
    snprintf(note->text, sizeof note->text, "WebAssembly has no pages; see wasm/wasm.sh");
    return SWEEP_SKIP;
#endif
    if (!guarded_new(&src, most) || !guarded_new(&dst, most)) {
        fails(note, "mmap", most, 0, 0, 0);
        return SWEEP_FAIL;
    }
    rng_fill(&rng, src.begin, (size_t)(src.end - src.begin));
    for (len = 0; len <= most; len++) {
        for (flush = 0; flush < 4; flush++) { /* bit 0: source at the end; bit 1: destination */
            const uint8_t *from = flush & 1 ? src.end - len : src.begin;
            uint8_t *to = flush & 2 ? dst.end - len : dst.begin;
            uint64_t sum = ref_sum(from, len);
            const char *what = flush & 1 ? "up to a guard page" : "from a guard page on";

            if (!agrees(note, what, len, 0, csumoff_partial(from, len, 0), 0, sum) ||
                !agrees(note, what, len, 0, csumoff_partial_copy(to, from, len, 0), 0, sum) ||
                !copied(note, what, to, from, len, 0, 0, 0))
                goto out;
        }
    }
    result = SWEEP_PASS;
out:
    guarded_free(&src);
    guarded_free(&dst);
    return result;
}

/* One byte that is not zero, at each position: a lane that is lost can't hide behind others. */
static enum sweep_result walking_byte(struct sweep_note *note)
{
    static uint8_t src[OFFSETS + MAX_LEN] __attribute__((aligned(64)));
    static uint8_t dst[MAX_LEN];
    static const uint8_t values[] = {0x01, 0x80, 0xFF};
    size_t len, at, offset, i;

    for (len = 1; len <= MAX_LEN; len += len < 200 ? 1 : 37) {
        for (offset = 0; offset < OFFSETS; offset = offset * 2 + 1) {
            for (at = 0; at < len; at++) {
                for (i = 0; i < sizeof values; i++) {
                    uint8_t *p = src + offset;
                    uint64_t sum = (uint64_t)values[i] << (at % 2 ? 0 : 8);
                    bool good;

                    p[at] = values[i];
                    good = agrees(note, "one byte not zero", len, at, csumoff_partial(p, len, 0), 0,
                                  sum) &&
                           (offset || i ||
                            agrees(note, "copy of one byte not zero", len, at,
                                   csumoff_partial_copy(dst, p, len, 0), 0, sum));
                    p[at] = 0;
                    if (!good)
                        return SWEEP_FAIL;
                }
            }
        }
    }
    return SWEEP_PASS;
}

/* Random lengths up to 1 MiB at random offsets, short ones as likely as long ones; with and without
 * fetching ahead. */
static enum sweep_result random_sizes(struct sweep_note *note)
{
    const size_t most = 1 << 20;
    uint8_t *src = malloc(most + OFFSETS), *dst = malloc(most + OFFSETS);
    struct rng rng = rng_new(4);
    size_t i, rounds = effort(3000, 150);
    enum sweep_result result = SWEEP_FAIL;

    if (!src || !dst) {
        fails(note, "malloc", most, 0, 0, 0);
        goto out;
    }
    rng_fill(&rng, src, most + OFFSETS);
    for (i = 0; i < rounds; i++) {
        size_t len = rng_below(&rng, ((size_t)1 << (i % 21)) + 1);
        size_t from = rng_below(&rng, OFFSETS), to = rng_below(&rng, OFFSETS);
        csumoff_wsum start = rng_u32(&rng);
        uint64_t sum = ref_sum(src + from, len);

        (void)csumoff_policy_use(i / 21 % 2 ? CSUMOFF_POLICY_FETCH : 0);
        if (!agrees(note, "random size", len, from, csumoff_partial(src + from, len, start), start,
                    sum) ||
            !agrees(note, "copy of random size", len, from,
                    csumoff_partial_copy(dst + to, src + from, len, start), start, sum) ||
            !copied(note, "copy of random size", dst + to, src + from, len, to, 0, 0))
            goto out;
    }
    result = SWEEP_PASS;
out:
    (void)csumoff_policy_use(CSUMOFF_POLICY_OF_CPU);
    free(src);
    free(dst);
    return result;
}

/*
 * Blocks of extreme words, past what each lane can hold: a 32-bit lane overflows after 65537 words
 * of 0xFFFF (131074 bytes where there is one such lane), after 32768 pairs of biased words, and a
 * vector of 16, 32 or 64 bytes, 1 to 8 of them in flight, has that many more.
 */
static enum sweep_result overflow(struct sweep_note *note)
{
    static const uint16_t words[] = {0xFFFF, 0x7FFF, 0x8000, 0xFF00, 0x00FF, 0x0000};
    static const size_t steps[] = {32768, 32769, 65536, 65537};
    static const size_t widths[] = {2,   4,   8,   16,  32,  48,  64,  80,  96, 112,
                                    128, 160, 192, 224, 256, 320, 384, 448, 512};
    const size_t n_widths = sizeof widths / sizeof *widths, n_steps = sizeof steps / sizeof *steps;
    const size_t most = (512 + 1) * 65537 + 4;
    uint8_t *src = malloc(most), *dst = malloc(most);
    const bool is_scalar = strcmp(note->kernel, "scalar") == 0;
    const size_t from_odd = effort_quick() && !is_scalar ? 4 << 20 : most - 3;
    enum sweep_result result = SWEEP_FAIL;
    size_t w, i, j, k;

    if (!src || !dst) {
        fails(note, "malloc", most, 0, 0, 0);
        goto out;
    }
    /* Quick: the extremes, and each other width. */
    for (w = 0; w < effort(sizeof words / sizeof *words, 4); w++) {
        src[0] = (uint8_t)(words[w] >> 8);
        src[1] = (uint8_t)words[w];
        for (i = 2; i < most; i += k) {
            k = i < most - i ? i : most - i;
            memcpy(src + i, src, k);
        }
        for (i = 0; i < n_widths; i++) {
            if (effort_quick() && i % 2 && i > 5)
                continue;
            for (j = effort(0, 3); j < n_steps; j++) {
                for (k = 0; k < 3; k++) { /* a byte less, as it is, a byte more */
                    size_t len = widths[i] * steps[j] + k - 1;
                    uint64_t sum = ref_sum_repeated(words[w], len);

                    /* The long ones once, and the ends of the list as a copy too. Quick: long
                     * for one kernel; none sees so much at once, and emulators are slow. */
                    if (len > 4u << 20 && (k != 1 || (effort_quick() && !is_scalar)))
                        continue;
                    if (!agrees(note, "block of extreme words", len, 0,
                                csumoff_partial(src, len, 0), 0, sum))
                        goto out;
                    if (j == 3 && k == 1 && w < 3 &&
                        !agrees(note, "copy of extreme words", len, 0,
                                csumoff_partial_copy(dst, src, len, 0), 0, sum))
                        goto out;
                }
            }
        }
        /* The same from an odd address on. */
        if (!agrees(note, "block of extreme words", from_odd, 1,
                    csumoff_partial(src + 1, from_odd, 0), 0,
                    ref_sum_repeated((uint16_t)(words[w] << 8 | words[w] >> 8), from_odd)))
            goto out;
    }
    result = SWEEP_PASS;
out:
    free(src);
    free(dst);
    return result;
}

/* More than 4 GiB, though in 1 MiB of memory: counters of 32 bits lose what is above. */
static enum sweep_result over_4gib(struct sweep_note *note)
{
    const size_t block = 1 << 20, tail = 12345;
    size_t total, blocks = 4096;
    uint8_t *src, *dst = NULL;
    struct rng rng = rng_new(5);
    enum sweep_result result = SWEEP_FAIL;
    uint64_t sum;

    if (sizeof(size_t) < 8) {
        snprintf(note->text, sizeof note->text, "size_t can't count 4 GiB");
        return SWEEP_SKIP;
    }
    /* No kernel sees so much at once: the length is the front end's, whatever the kernel. */
    if (effort_quick() && strcmp(note->kernel, "scalar") != 0) {
        snprintf(note->text, sizeof note->text, "quick effort");
        return SWEEP_SKIP;
    }
    total = blocks * block + tail;
    src = repeated_new(total, block);
    if (!src) {
        snprintf(note->text, sizeof note->text, "no address space for 4 GiB");
        return SWEEP_SKIP;
    }
    rng_fill(&rng, src, block);
    sum = ref_sum(src, block) * blocks + ref_sum(src, tail);
    if (!agrees(note, "over 4 GiB", total, 0, csumoff_partial(src, total, 0), 0, sum))
        goto out;
    if (!effort_quick() && (dst = repeated_new(total, block)) != NULL &&
        (!agrees(note, "copy over 4 GiB", total, 0, csumoff_partial_copy(dst, src, total, 0), 0,
                 sum) ||
         !copied(note, "copy over 4 GiB", dst, src, block, 0, 0, 0)))
        goto out;
    memset(src, 0xFF, block);
    sum = ref_sum_repeated(0xFFFF, total);
    if (!effort_quick() &&
        !agrees(note, "over 4 GiB of ones", total, 0, csumoff_partial(src, total, 0), 0, sum))
        goto out;
    result = SWEEP_PASS;
out:
    repeated_free(src, total, block);
    if (dst)
        repeated_free(dst, total, block);
    return result;
}

/* Every split of a buffer into three pieces, empty ones too, joined again. */
static enum sweep_result splits(struct sweep_note *note)
{
    enum {
        LEN = 151
    };
    static uint8_t src[LEN + 1];
    uint8_t piece[3][LEN];
    struct rng rng = rng_new(6);
    size_t i, j, step = effort(1, 2);
    uint64_t sum;

    rng_fill(&rng, src, sizeof src);
    sum = ref_sum(src, LEN);
    for (i = 0; i <= LEN; i++) {
        for (j = i; j <= LEN; j += step) {
            const size_t begin[4] = {0, i, j, LEN};
            struct csumoff_iov iov[3];
            csumoff_wsum joined = 0, through_iov = 0;
            size_t k;

            for (k = 0; k < 3; k++) {
                size_t len = begin[k + 1] - begin[k];

                joined = csumoff_block_add(
                    joined, csumoff_partial_copy(piece[k], src + begin[k], len, 0), begin[k]);
                iov[k].base = len ? piece[k] : NULL;
                iov[k].len = len;
            }
            if (!agrees(note, "three pieces by csumoff_block_add", i, j, joined, 0, sum))
                return SWEEP_FAIL;
            if (csumoff_partial_iov(iov, 3, 0, LEN, &through_iov) != CSUMOFF_OK)
                return fails(note, "csumoff_partial_iov", i, j, 0, 1), SWEEP_FAIL;
            if (!agrees(note, "three pieces by csumoff_partial_iov", i, j, through_iov, 0, sum))
                return SWEEP_FAIL;
        }
    }
    return SWEEP_PASS;
}

/* Sums to start from, both forms of zero among them. */
static enum sweep_result initial_sums(struct sweep_note *note)
{
    static const csumoff_wsum starts[] = {0,          1,          0xFF,       0x8000,
                                          0xFFFF,     0x10000,    0x1FFFE,    0x7FFFFFFF,
                                          0x80000000, 0xFFFF0000, 0xFFFEFFFF, 0xFFFFFFFF};
    static uint8_t random[MAX_LEN], ones[MAX_LEN], dst[MAX_LEN];
    static const uint8_t *const data[] = {random, ones, zeros};
    struct rng rng = rng_new(7);
    size_t d, i, len;

    rng_fill(&rng, random, sizeof random);
    memset(ones, 0xFF, sizeof ones);
    for (d = 0; d < sizeof data / sizeof *data; d++) {
        for (len = 0; len <= MAX_LEN; len++) {
            uint64_t sum = ref_sum(data[d], len);

            for (i = 0; i < sizeof starts / sizeof *starts; i++) {
                if (!agrees(note, "sum to start from", len, i,
                            csumoff_partial(data[d], len, starts[i]), starts[i], sum) ||
                    !agrees(note, "copy with a sum to start from", len, i,
                            csumoff_partial_copy(dst, data[d], len, starts[i]), starts[i], sum) ||
                    !copied(note, "copy with a sum to start from", dst, data[d], len, 0, 0, 0))
                    return SWEEP_FAIL;
            }
        }
    }
    return SWEEP_PASS;
}

const struct sweep sweeps[] = {
    {"lengths_at_offsets", lengths_at_offsets},
    {"long_lengths_at_offsets", long_lengths_at_offsets},
    {"copy_offsets", copy_offsets},
    {"guard_pages", guard_pages},
    {"walking_byte", walking_byte},
    {"random_sizes", random_sizes},
    {"overflow", overflow},
    {"over_4gib", over_4gib},
    {"splits", splits},
    {"initial_sums", initial_sums},
};
const size_t sweep_count = sizeof sweeps / sizeof *sweeps;

enum sweep_result sweep_run(size_t i, const char *kernel, struct sweep_note *note)
{
    int status = csumoff_kernel_use(kernel);

    note->kernel = kernel;
    note->text[0] = '\0';
    if (status != CSUMOFF_OK || strcmp(csumoff_kernel_active(), kernel) != 0) {
        snprintf(note->text, sizeof note->text, "kernel %s not to be forced: %s; active is %s",
                 kernel, csumoff_strerror(status), csumoff_kernel_active());
        return SWEEP_FAIL;
    }
    return sweeps[i].run(note);
}

static const char *next_word(const char *list, size_t *len)
{
    list += strspn(list, " ");
    *len = strcspn(list, " ");
    return *len ? list : NULL;
}

bool sweep_missing(char *word, size_t size)
{
    const char *list = getenv("CSUMOFF_EXPECT_KERNELS");
    size_t len, i;

    for (list = list ? next_word(list, &len) : NULL; list; list = next_word(list + len, &len)) {
        snprintf(word, size, "%.*s", (int)len, list);
        for (i = 0; i < csumoff_kernel_count(); i++)
            if (strcmp(csumoff_kernel_name(i), word) == 0 && csumoff_kernel_usable(i))
                break;
        if (i == csumoff_kernel_count())
            return true;
    }
    return false;
}

void sweep_print_skipped(void)
{
    size_t i;

    for (i = 0; i < csumoff_kernel_count(); i++)
        if (!csumoff_kernel_usable(i))
            printf("# SKIP kernel %s: not usable on this CPU\n", csumoff_kernel_name(i));
}
