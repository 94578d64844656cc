// SPDX-License-Identifier: MIT
/* Arithmetic on sums, sums over pieces, and the worked examples of RFC 1071. */
#include <csumoff.h>
#include <string.h>

#include "../oracle/allowed.h"
#include "../oracle/reference.h"
#include "../oracle/suite.h"

static const uint32_t edges[] = {0,          1,          2,          0x7FFF,     0x8000,
                                 0xFFFE,     0xFFFF,     0x10000,    0x10001,    0x1FFFE,
                                 0x7FFFFFFF, 0x80000000, 0xFFFE0001, 0xFFFEFFFF, 0xFFFF0000,
                                 0xFFFF0001, 0xFFFFFFFE, 0xFFFFFFFF};
enum {
    EDGES = sizeof edges / sizeof *edges
};

/* Folding is the same on any CPU: halves of a number, whatever bytes they came from. */
static uint16_t folded(uint64_t sum)
{
    return ref_checksum(sum);
}

START_TEST(fold_goes_deep_enough)
{
    /* Folded once, 0xFFFFFFFF leaves 0x1FFFE. */
    CHECK_EQ(csumoff_fold(0xFFFFFFFF), 0x0000);
    CHECK_EQ(csumoff_fold(0x0001FFFE), 0x0000);
    CHECK_EQ(csumoff_fold(0xFFFF0001), 0xFFFE);
    CHECK_EQ(csumoff_fold(0x0000FFFF), 0x0000);
    CHECK_EQ(csumoff_fold(0xFFFF0000), 0x0000);
    CHECK_EQ(csumoff_fold(0), 0xFFFF);
}
END_TEST

START_TEST(fold_of_every_half_with_every_edge)
{
    uint32_t half, i;

    for (half = 0; half <= 0xFFFF; half++) {
        for (i = 0; i < EDGES; i++) {
            uint32_t low = (edges[i] & 0xFFFF0000) | half, high = half << 16 | (edges[i] & 0xFFFF);

            if (csumoff_fold(low) != folded(low))
                ck_abort_msg("csumoff_fold(0x%08X)", low);
            if (csumoff_fold(high) != folded(high))
                ck_abort_msg("csumoff_fold(0x%08X)", high);
        }
    }
}
END_TEST

/* a + b, both ways, against arithmetic that has no end-around carry; zero only from zeros. */
static void check_add(uint32_t a, uint32_t b)
{
    uint32_t sum = csumoff_add(a, b);

    if (csumoff_fold(sum) != folded((uint64_t)a + b) || csumoff_add(b, a) != sum)
        ck_abort_msg("csumoff_add(0x%08X, 0x%08X) gave 0x%08X", a, b, sum);
    if ((sum == 0) != (a == 0 && b == 0))
        ck_abort_msg("csumoff_add(0x%08X, 0x%08X): zero for zeros only", a, b);
}

/* a - b: a + b's complement, which is what is left when b is taken from 0xFFFFFFFF. */
static void check_sub(uint32_t a, uint32_t b)
{
    uint32_t difference = csumoff_sub(a, b);

    if (csumoff_fold(difference) != folded((uint64_t)a + (0xFFFFFFFF - b)))
        ck_abort_msg("csumoff_sub(0x%08X, 0x%08X) gave 0x%08X", a, b, difference);
    if (ref_fold(csumoff_add(difference, b)) % 0xFFFF != ref_fold(a) % 0xFFFF)
        ck_abort_msg("0x%08X - 0x%08X + 0x%08X is another sum", a, b, b);
}

START_TEST(add_and_sub)
{
    struct rng rng = rng_new(10);
    uint32_t i, word;

    for (i = 0; i < EDGES; i++) {
        for (word = 0; word <= 0xFFFF; word++) {
            check_add(edges[i], word);
            check_add(edges[i], word << 16);
            check_sub(edges[i], word);
            check_sub(word, edges[i]);
            check_sub(word << 16, edges[i]);
        }
        for (word = 0; word < EDGES; word++) {
            check_add(edges[i], edges[word]);
            check_sub(edges[i], edges[word]);
        }
        CHECK_EQ(csumoff_sub(edges[i], edges[i]), 0xFFFFFFFF);
    }
    for (i = 0; i < 1000000; i++) {
        uint32_t a = rng_u32(&rng), b = rng_u32(&rng);

        check_add(a, b);
        check_sub(a, b);
    }
}
END_TEST

START_TEST(add_of_every_two_words)
{
    uint32_t a, b, step = (uint32_t)effort(1, 7);

    for (a = 0; a <= 0xFFFF; a += step)
        for (b = a; b <= 0xFFFF; b += 5 * step) {
            uint32_t sum = a + b;

            /* Two words give at most 0x1FFFE: one carry. */
            if (csumoff_fold(csumoff_add(a, b)) != (uint16_t) ~((sum & 0xFFFF) + (sum >> 16)))
                ck_abort_msg("csumoff_add(0x%04X, 0x%04X)", a, b);
        }
}
END_TEST

/* At an odd offset the bytes of a block stand on the other side of their words. */
START_TEST(block_add_and_sub)
{
    static const size_t offsets[] = {0, 1, 2, 3, 64, 65, SIZE_MAX - 1, SIZE_MAX};
    uint32_t block, i, j;

    for (block = 0; block <= 0xFFFF; block++) {
        for (i = 0; i < EDGES; i++) {
            for (j = 0; j < sizeof offsets / sizeof *offsets; j++) {
                uint32_t turned = offsets[j] % 2 ? (block & 0xFF) << 8 | block >> 8 : block;
                uint32_t sum = csumoff_block_add(edges[i], block, offsets[j]);

                if (csumoff_fold(sum) != folded((uint64_t)edges[i] + turned))
                    ck_abort_msg("csumoff_block_add(0x%08X, 0x%04X, %zu)", edges[i], block,
                                 offsets[j]);
                if ((sum == 0) != (edges[i] == 0 && block == 0))
                    ck_abort_msg("csumoff_block_add(0x%08X, 0x%04X, %zu): zero for zeros only",
                                 edges[i], block, offsets[j]);
                if (ref_fold(csumoff_block_sub(sum, block, offsets[j])) % 0xFFFF !=
                    ref_fold(edges[i]) % 0xFFFF)
                    ck_abort_msg("csumoff_block_sub(0x%08X, 0x%04X, %zu)", sum, block, offsets[j]);
            }
        }
    }
}
END_TEST

START_TEST(block_add_of_unfolded_sums)
{
    uint32_t i, j;

    for (i = 0; i < EDGES; i++) {
        for (j = 0; j < EDGES; j++) {
            uint16_t word = ref_fold(edges[j]);
            uint32_t sum = csumoff_block_add(edges[i], edges[j], 1);

            CHECK_EQ(
                csumoff_fold(sum),
                folded((uint64_t)edges[i] + (uint16_t)((unsigned)word << 8 | (unsigned)word >> 8)));
        }
    }
}
END_TEST

START_TEST(partial_of_nothing)
{
    CHECK_EQ(csumoff_partial("", 0, 0), 0);
    CHECK_EQ(csumoff_fold(csumoff_partial("", 0, 0x12345678)), folded(0x12345678));
    CHECK_EQ(csumoff_fold(csumoff_partial(NULL, 0, 0)), 0xFFFF);
}
END_TEST

/* NULL where there is nothing: with every kernel, for each function that takes bytes. */
START_TEST(null_where_the_length_is_0)
{
    static const uint32_t sums[] = {0, 1, 0x1234, 0xFFFF, 0x12345678, 0xFFFFFFFF};
    const struct csumoff_iov nothing[2] = {{NULL, 0}, {NULL, 0}};
    size_t i, kernel;

    for (kernel = 0; kernel < csumoff_kernel_count(); kernel++) {
        if (csumoff_kernel_use(csumoff_kernel_name(kernel)) != CSUMOFF_OK)
            continue;
        for (i = 0; i < sizeof sums / sizeof *sums; i++) {
            csumoff_wsum sum = sums[i];

            CHECK_EQ(csumoff_fold(csumoff_partial(NULL, 0, sum)), folded(sum));
            CHECK_EQ(csumoff_fold(csumoff_partial_scalar(NULL, 0, sum)), folded(sum));
            CHECK_EQ(csumoff_fold(csumoff_partial_copy(NULL, NULL, 0, sum)), folded(sum));
            CHECK_EQ(csumoff_partial_iov(NULL, 0, 0, 0, &sum), CSUMOFF_OK);
            CHECK_EQ(csumoff_partial_iov(nothing, 2, 0, 0, &sum), CSUMOFF_OK);
            CHECK_EQ(csumoff_partial_copy_iov(NULL, NULL, 0, 0, 0, &sum), CSUMOFF_OK);
            CHECK_EQ(csumoff_partial_copy_iov(NULL, nothing, 2, 0, 0, &sum), CSUMOFF_OK);
            CHECK_EQ(csumoff_fold(sum), folded(sums[i]));
        }
    }
}
END_TEST

/* ---- Without vector registers --------------------------------------------------------------- */

/* The oracle's sum, and what the scalar kernel gives, bit for bit; whatever kernel is in use. */
static void check_scalar(const uint8_t *data, size_t len, uint32_t from)
{
    static const char *const names[] = {"scalar", NULL};
    uint32_t sum[2];
    size_t i;

    for (i = 0; i < 2; i++) {
        CHECK_EQ(csumoff_kernel_use(names[i]), CSUMOFF_OK);
        sum[i] = csumoff_partial_scalar(data, len, from);
        if (i == 0)
            CHECK_EQ(csumoff_partial(data, len, from), sum[0]);
    }
    if (sum[0] != sum[1] || wire16((uint16_t)~csumoff_fold(sum[0])) % 0xFFFF !=
                                (ref_sum(data, len) + wire_sum(from)) % 0xFFFF)
        ck_abort_msg("partial_scalar of %zu bytes from 0x%08X: 0x%08X and 0x%08X", len, from,
                     sum[0], sum[1]);
}

/* Every length, at a guard page on either side, at every alignment. */
START_TEST(scalar_of_every_length)
{
    struct rng rng = rng_new(70);
    struct guarded page;
    size_t len, offset;

    ck_assert(guarded_new(&page, 4096));
    rng_fill(&rng, page.begin, (size_t)(page.end - page.begin));
    for (len = 0; len <= 600; len++)
        for (offset = 0; offset < 16; offset += effort(1, 5)) {
            check_scalar(page.end - offset - len, len, rng_u32(&rng));
            check_scalar(page.begin + offset, len, 0);
        }
    guarded_free(&page);
}
END_TEST

/* Lengths past what the front end gives a kernel at once, of all ones: no carry is lost. */
START_TEST(scalar_of_long_data)
{
    const size_t most = (size_t)1 << 20;
    uint8_t *data = malloc(most);
    struct rng rng = rng_new(71);
    size_t i;

    ck_assert_ptr_nonnull(data);
    for (i = 0; i < 60; i++) {
        size_t len = i < 20 ? ((size_t)1 << i) + i % 3 : rng_below(&rng, most);

        if (len > most)
            len = most;
        if (i % 2)
            memset(data, 0xFF, len);
        else
            rng_fill(&rng, data, len);
        check_scalar(data, len, i % 3 ? 0xFFFFFFFF : 0);
    }
    free(data);
}
END_TEST

/* Forbidding every feature, or a vector kernel forced, makes no difference. */
START_TEST(scalar_under_any_limit)
{
    uint8_t data[1500];
    struct rng rng = rng_new(72);
    uint32_t sum, mask;
    size_t i;

    rng_fill(&rng, data, sizeof data);
    sum = csumoff_partial_scalar(data, sizeof data, 5); /* before any kernel has been chosen */
    CHECK_EQ(wire16((uint16_t)~csumoff_fold(sum)) % 0xFFFF,
             (ref_sum(data, sizeof data) + wire_sum(5)) % 0xFFFF);
    for (mask = 0; mask < 32; mask++) {
        uint32_t before = csumoff_cpu_limit(mask & all_features());

        CHECK_EQ(csumoff_partial_scalar(data, sizeof data, 5), sum);
        (void)csumoff_cpu_limit(before);
    }
    for (i = 0; i < csumoff_kernel_count(); i++)
        if (csumoff_kernel_use(csumoff_kernel_name(i)) == CSUMOFF_OK)
            CHECK_EQ(csumoff_partial_scalar(data, sizeof data, 5), sum);
}
END_TEST

/* RFC 1071, section 3: the numbers it prints. */
static const uint8_t rfc1071[8] = {0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7};

static uint16_t sum_on_wire(csumoff_wsum sum)
{
    return wire16((uint16_t)~csumoff_fold(sum));
}

START_TEST(rfc1071_section_3_normal_order)
{
    CHECK_EQ(ref_sum(rfc1071, 8), 0x2DDF0);
    CHECK_EQ(sum_on_wire(csumoff_partial(rfc1071, 8, 0)), 0xDDF2);
    CHECK_EQ(wire16(csumoff_fold(csumoff_partial(rfc1071, 8, 0))), 0x220D);
}
END_TEST

START_TEST(rfc1071_section_3_swapped_order)
{
    static const uint8_t swapped[8] = {0x01, 0x00, 0x03, 0xF2, 0xF5, 0xF4, 0xF7, 0xF6};

    CHECK_EQ(ref_sum(swapped, 8), 0x1F2DC);
    CHECK_EQ(sum_on_wire(csumoff_partial(swapped, 8, 0)), 0xF2DD);
    /* Read by a machine of the other order, it is the same sum, its bytes swapped. */
    CHECK_EQ(sum_on_wire(csumoff_block_add(0, csumoff_partial(rfc1071, 8, 0), 1)), 0xF2DD);
}
END_TEST

START_TEST(rfc1071_section_3_two_groups_the_second_odd)
{
    csumoff_wsum first = csumoff_partial(rfc1071, 3, 0);
    csumoff_wsum second = csumoff_partial(rfc1071 + 3, 5, 0);

    CHECK_EQ(sum_on_wire(first), 0xF201);
    CHECK_EQ(sum_on_wire(second), 0xF0EB);
    CHECK_EQ(sum_on_wire(csumoff_block_add(first, second, 3)), 0xDDF2);
    /* And the first taken out again. */
    CHECK_EQ(sum_on_wire(csumoff_block_sub(csumoff_partial(rfc1071, 8, 0), second, 3)), 0xF201);
}
END_TEST

START_TEST(rfc1071_section_2_carries_deferred)
{
    /* Section 2 (C) and (A): 32-bit words, any grouping, any order. */
    csumoff_wsum words = 0;
    size_t i;

    for (i = 8; i > 0; i -= 4)
        words = csumoff_add(words, csumoff_load32_(rfc1071 + i - 4));
    CHECK_EQ(sum_on_wire(words), 0xDDF2);
}
END_TEST

START_TEST(checksum_in_place_sums_to_ones)
{
    uint8_t data[12] = {0};
    csumoff_sum16 check;

    memcpy(data, rfc1071, 8);
    check = csumoff_fold(csumoff_partial(data, sizeof data, 0));
    memcpy(data + 10, &check, 2);
    CHECK_EQ(csumoff_fold(csumoff_partial(data, sizeof data, 0)), 0);
}
END_TEST

/* Where pieces are copied to: at either edge of memory that ends there. */
static struct guarded copied;

enum {
    COPIED_MOST = 4096
};

static void set_up_copied(void)
{
    CHECK(guarded_new(&copied, COPIED_MOST));
}

/* What came of summing or copying pieces: the status, and without one what the reference says. */
static void check_outcome(const char *what, const char *pieces, int got, int status,
                          csumoff_wsum found, csumoff_wsum start, uint64_t sum)
{
    if (got != status)
        ck_abort_msg("%s %s: %d, not %d", what, pieces, got, status);
    if (status != CSUMOFF_OK) {
        if (found != start)
            ck_abort_msg("%s %s: sum touched on error", what, pieces);
        return;
    }
    if (wire16(csumoff_fold(found)) != ref_checksum(sum + wire_sum(start)))
        ck_abort_msg("%s %s, sum 0x%08X: 0x%04X, not 0x%04X", what, pieces, start,
                     wire16(csumoff_fold(found)), ref_checksum(sum + wire_sum(start)));
    if ((found == 0) != (sum == 0 && start == 0))
        ck_abort_msg("%s %s: zero for zeros only", what, pieces);
}

/* Returns the byte of the pieces that `at` bytes precede. */
static uint8_t byte_of(const struct csumoff_iov *iov, size_t at)
{
    for (; at >= iov->len; iov++)
        at -= iov->len;
    return ((const uint8_t *)iov->base)[at];
}

/* Copies the pieces, to memory whose other side is watched: what is not to be written keeps its
 * pattern. */
static void check_copy(const char *pieces, const struct csumoff_iov *iov, size_t count, size_t skip,
                       size_t len, csumoff_wsum start, int status, uint64_t sum)
{
    const size_t stored = status == CSUMOFF_OK ? len : 0, room = len < 64 ? len : 64, beside = 16;
    const size_t most = stored > room ? stored : room;
    size_t edge, i;

    for (edge = 0; edge < 2; edge++) {
        uint8_t *dst = edge ? copied.end - most : copied.begin;
        csumoff_wsum found = start;
        int got;

        memset(edge ? dst - beside : dst, 0xA5, most + beside);
        got = csumoff_partial_copy_iov(dst, iov, count, skip, len, &found);
        check_outcome("copy of", pieces, got, status, found, start, sum);
        for (i = 0; i < stored; i++)
            if (dst[i] != byte_of(iov, skip + i))
                ck_abort_msg("copy of %s: byte %zu is 0x%02X", pieces, i, dst[i]);
        for (i = stored; i < most; i++)
            CHECK(dst[i] == 0xA5);
        for (i = 0; i < beside; i++)
            CHECK((edge ? dst - beside : dst + most)[i] == 0xA5);
    }
}

/* Sums and copies the pieces, expects status and, without one, what the reference says. */
static void check_iov(const struct csumoff_iov *iov, size_t count, size_t skip, size_t len,
                      csumoff_wsum start, int status, uint64_t sum)
{
    csumoff_wsum found = start;
    int got = csumoff_partial_iov(iov, count, skip, len, &found);
    char pieces[100];

    snprintf(pieces, sizeof pieces, "%zu pieces, skip %zu, len %zu", count, skip, len);
    check_outcome("sum of", pieces, got, status, found, start, sum);
    check_copy(pieces, iov, count, skip, len, start, status, sum);
}

START_TEST(iov_of_random_pieces)
{
    uint8_t data[200];
    struct csumoff_iov iov[12];
    struct rng rng = rng_new(11);
    size_t round, rounds = effort(300, 40);

    for (round = 0; round < rounds; round++) {
        size_t count = rng_below(&rng, 12) + 1, total = 0, i, skip, len;

        for (i = 0; i < count; i++) {
            /* Short ones, mostly odd or empty: that is where carries get lost. */
            size_t n = rng_below(&rng, 3) ? rng_below(&rng, 4) : rng_below(&rng, 17);

            iov[i].base = n ? data + total : NULL;
            iov[i].len = n;
            total += n;
        }
        rng_fill(&rng, data, sizeof data);
        for (skip = 0; skip <= total; skip++)
            for (len = 0; len <= total - skip; len++)
                check_iov(iov, count, skip, len, round % 2 ? rng_u32(&rng) : 0, CSUMOFF_OK,
                          ref_sum(data + skip, len));
        check_iov(iov, count, 0, total + 1, 7, CSUMOFF_ERANGE, 0);
        check_iov(iov, count, total, 1, 7, CSUMOFF_ERANGE, 0);
        check_iov(iov, count, total + 1, 0, 7, CSUMOFF_ERANGE, 0);
    }
}
END_TEST

START_TEST(iov_beyond_its_pieces)
{
    static uint8_t data[6] = {1, 2, 3, 4, 5, 6};
    const struct csumoff_iov iov[] = {{data, 3}, {NULL, 0}, {data + 3, 3}};

    check_iov(iov, 3, 0, 6, 0, CSUMOFF_OK, ref_sum(data, 6));
    check_iov(iov, 3, 6, 0, 0, CSUMOFF_OK, 0);
    check_iov(iov, 3, 0, 7, 9, CSUMOFF_ERANGE, 0);
    check_iov(iov, 3, 7, 0, 9, CSUMOFF_ERANGE, 0);
    check_iov(iov, 0, 0, 1, 9, CSUMOFF_ERANGE, 0);
    check_iov(iov, 0, 0, 0, 9, CSUMOFF_OK, 0);
    check_iov(NULL, 0, 0, 0, 0, CSUMOFF_OK, 0);
    /* skip + len wraps, to a number that would fit */
    check_iov(iov, 3, 3, SIZE_MAX, 9, CSUMOFF_ERANGE, 0);
    check_iov(iov, 3, SIZE_MAX, 3, 9, CSUMOFF_ERANGE, 0);
    check_iov(iov, 3, SIZE_MAX, SIZE_MAX, 9, CSUMOFF_ERANGE, 0);
    check_iov(iov, 3, 1, SIZE_MAX, 9, CSUMOFF_ERANGE, 0);
    check_iov(iov, 3, SIZE_MAX, 0, 9, CSUMOFF_ERANGE, 0);
}
END_TEST

/* Pieces whose lengths add up to more than SIZE_MAX hold enough: the bytes asked for are there. */
START_TEST(iov_with_more_than_size_max_behind)
{
    static uint8_t data[4] = {1, 2, 3, 4};
    const struct csumoff_iov iov[] = {{data, 4}, {data, SIZE_MAX}, {data, SIZE_MAX}};
    const struct csumoff_iov wraps[] = {{data, SIZE_MAX}, {data, 4}};

    check_iov(iov, 3, 1, 3, 0, CSUMOFF_OK, ref_sum(data + 1, 3));
    /* They would hold these, but no number says where they end. */
    check_iov(iov + 2, 1, SIZE_MAX, 0, 0, CSUMOFF_OK, 0);
    check_iov(wraps, 2, SIZE_MAX, 4, 9, CSUMOFF_ERANGE, 0);
}
END_TEST

START_TEST(iov_pieces_at_guard_pages)
{
    struct guarded a, b;
    struct rng rng = rng_new(12);
    uint8_t flat[3 * 70];
    size_t n, m;

    CHECK(guarded_new(&a, 100) && guarded_new(&b, 100));
    for (n = 0; n <= 70; n++) {
        for (m = 0; m <= 70; m++) {
            const struct csumoff_iov iov[] = {
                {a.end - n, n}, {a.end, 0}, {b.begin, m}, {NULL, 0}, {b.end - m, m}};

            rng_fill(&rng, a.end - n, n);
            rng_fill(&rng, b.begin, m);
            rng_fill(&rng, b.end - m, m);
            memcpy(flat, a.end - n, n);
            memcpy(flat + n, b.begin, m);
            memcpy(flat + n + m, b.end - m, m);
            check_iov(iov, 5, 0, n + 2 * m, 0, CSUMOFF_OK, ref_sum(flat, n + 2 * m));
            check_iov(iov, 5, n, 2 * m, 0xFFFFFFFF, CSUMOFF_OK, ref_sum(flat + n, 2 * m));
        }
    }
    guarded_free(&a);
    guarded_free(&b);
}
END_TEST

/* Pieces long enough for every kernel's vectors, cut at every place, by every kernel. */
START_TEST(iov_cut_at_every_byte)
{
    enum {
        LEN = 700
    };
    struct guarded a, b;
    struct rng rng = rng_new(13);
    uint8_t flat[LEN];
    size_t kernel, cut;

    CHECK(guarded_new(&a, LEN) && guarded_new(&b, LEN));
    for (kernel = 0; kernel < csumoff_kernel_count(); kernel++) {
        if (csumoff_kernel_use(csumoff_kernel_name(kernel)) != CSUMOFF_OK)
            continue;
        for (cut = 0; cut <= LEN; cut += effort(1, 3)) {
            const struct csumoff_iov iov[] = {{a.end - cut, cut}, {b.end - (LEN - cut), LEN - cut}};
            const size_t skip = rng_below(&rng, LEN), len = rng_below(&rng, LEN - skip + 1);

            rng_fill(&rng, flat, LEN);
            memcpy(iov[0].base, flat, cut);
            memcpy(iov[1].base, flat + cut, LEN - cut);
            check_iov(iov, 2, 0, LEN, rng_u32(&rng), CSUMOFF_OK, ref_sum(flat, LEN));
            check_iov(iov, 2, skip, len, rng_u32(&rng), CSUMOFF_OK, ref_sum(flat + skip, len));
            check_iov(iov, 2, skip, LEN - skip + 1, 5, CSUMOFF_ERANGE, 0);
        }
    }
    guarded_free(&a);
    guarded_free(&b);
}
END_TEST

int main(void)
{
    const TTest *const arithmetic[] = {fold_goes_deep_enough,
                                       fold_of_every_half_with_every_edge,
                                       add_and_sub,
                                       add_of_every_two_words,
                                       block_add_and_sub,
                                       block_add_of_unfolded_sums,
                                       partial_of_nothing,
                                       null_where_the_length_is_0,
                                       NULL};
    const TTest *const scalar[] = {scalar_of_every_length, scalar_of_long_data,
                                   scalar_under_any_limit, NULL};
    const TTest *const examples[] = {rfc1071_section_3_normal_order,
                                     rfc1071_section_3_swapped_order,
                                     rfc1071_section_3_two_groups_the_second_odd,
                                     rfc1071_section_2_carries_deferred,
                                     checksum_in_place_sums_to_ones,
                                     NULL};
    const TTest *const pieces[] = {
        iov_of_random_pieces,      iov_beyond_its_pieces, iov_with_more_than_size_max_behind,
        iov_pieces_at_guard_pages, iov_cut_at_every_byte, NULL};
    Suite *suite = suite_create("sums");

    suite_add(suite, "arithmetic", arithmetic);
    suite_add(suite, "scalar", scalar);
    suite_add(suite, "rfc1071", examples);
    suite_add(suite, "pieces", pieces);
    set_up_copied();
    return suite_run(suite);
}
