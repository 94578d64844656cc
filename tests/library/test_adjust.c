// SPDX-License-Identifier: MIT
/* Incremental adjustment: RFC 1624, equation 3, against recomputing and in its own corner cases. */
#include <csumoff.h>
#include <pthread.h>
#include <string.h>

#include "../oracle/reference.h"
#include "../oracle/suite.h"

static const uint16_t edges[] = {0x0000, 0x0001, 0x00FF, 0x0100, 0x5555, 0x7FFF,
                                 0x8000, 0xAAAA, 0xFF00, 0xFFFE, 0xFFFF};
enum {
    EDGES = sizeof edges / sizeof *edges
};

/* The sum of what changed: 0xFFFF - from + to, 1..0xFFFF; 0 where nothing did. Wire terms. */
static uint16_t change(uint64_t from, uint64_t to)
{
    if (ref_fold(from) % 0xFFFF == ref_fold(to) % 0xFFFF)
        return 0;
    return ref_fold(0xFFFFu - ref_fold(from) + to);
}

/* Equation 3 on a complete checksum; what changed as above. */
static uint16_t adjusted(uint16_t check, uint16_t changed)
{
    return changed ? ref_checksum(0xFFFFu - check + (uint64_t)changed) : check;
}

static uint16_t adjust16_on_wire(uint16_t check, uint16_t from, uint16_t to)
{
    csumoff_sum16 field = memory16(check);

    csumoff_adjust16(&field, memory16(from), memory16(to));
    return wire16(field);
}

/* RFC 1624, section 4: with HC = 0xDD2F, m = 0x5555, m' = 0x3285 equation 2 gives 0xFFFF. */
START_TEST(rfc1624_section_4)
{
    csumoff_sum16 native = 0xDD2F;

    CHECK_EQ(adjust16_on_wire(0xDD2F, 0x5555, 0x3285), 0x0000);
    csumoff_adjust16(&native, 0x5555, 0x3285); /* any order of bytes, if it is one order */
    CHECK_EQ(native, 0x0000);
}
END_TEST

/* The rest of that header: 0xDD2F stands for a sum of 0x22D0 of which 0x5555 is a word. */
START_TEST(rfc1624_section_4_recomputed)
{
    uint8_t header[6] = {0x55, 0x55};

    store_wire16(header + 2, ref_fold(0x22D0u + 0xFFFF - 0x5555));
    CHECK_EQ(ref_checksum(ref_sum(header, 4)), 0xDD2F);
    store_wire16(header, 0x3285);
    CHECK_EQ(ref_checksum(ref_sum(header, 4)), 0x0000);
}
END_TEST

/*
 * RFC 1141's use, counting down a time to live: its code adds 0x0100 to the checksum, the carry
 * around. The same sum from each field, 0x0000 where that code leaves 0xFFFF.
 */
START_TEST(rfc1141_time_to_live)
{
    uint32_t check, ttl;

    for (ttl = 1; ttl <= 255; ttl += (uint32_t)effort(1, 127)) { /* quick: first, middle, last */
        for (check = 0; check <= 0xFFFF; check++) {
            uint32_t sum = check + 0x0100, old = (sum + (sum >> 16)) & 0xFFFF;
            uint16_t found = adjust16_on_wire((uint16_t)check, (uint16_t)(ttl << 8 | 6),
                                              (uint16_t)((ttl - 1) << 8 | 6));

            if (found != (old == 0xFFFF ? 0 : old))
                ck_abort_msg("check 0x%04X, ttl %u: 0x%04X", check, ttl, found);
        }
    }
}
END_TEST

/* One thread's part of all checks times all differences: those whose number leaves `first`. */
struct part {
    uint32_t first, threads, step;
    uint32_t bad_check, bad_from, bad_to;
    bool bad;
};

static void *adjust_part(void *arg)
{
    struct part *part = arg;
    uint32_t d, check;

    for (d = part->first * part->step; d <= 0xFFFF; d += part->threads * part->step) {
        uint16_t from = (uint16_t)(d * 0x9E37u), to = (uint16_t)(from + d);
        uint32_t changed = change(from, to), bad = 0;

        for (check = 0; check <= 0xFFFF; check++) {
            csumoff_sum16 field = (csumoff_sum16)check;
            uint32_t sum = 0xFFFF - check + changed;

            csumoff_adjust16(&field, from, to);
            bad |= changed ? field ^ (0xFFFF - (sum > 0xFFFF ? sum - 0xFFFF : sum)) : field ^ check;
        }
        if (!bad)
            continue;
        for (check = 0; check <= 0xFFFF; check++) {
            csumoff_sum16 field = (csumoff_sum16)check;

            csumoff_adjust16(&field, from, to);
            if (field == adjusted((uint16_t)check, (uint16_t)changed))
                continue;
            part->bad = true;
            part->bad_check = check;
            part->bad_from = from;
            part->bad_to = to;
            return NULL;
        }
    }
    return NULL;
}

/* Every check field with every difference of two words. */
START_TEST(adjust16_exhaustive)
{
    enum {
        MOST = 8
    };
    pthread_t threads[MOST];
    struct part parts[MOST];
    size_t cpus = processor_count();
    uint32_t n = cpus > MOST ? MOST : (uint32_t)cpus, i, step;

    step = (uint32_t)effort(1, 61);
#ifndef __OPTIMIZE__
    step = 61; /* a prime near 64: minutes otherwise */
#endif
    if (step > 1) {
        printf("# adjust16_exhaustive: each %uth difference only\n", step);
        fflush(stdout);
    }
    for (i = 0; i < n; i++) {
        parts[i] = (struct part){.first = i, .threads = n, .step = step};
        CHECK_EQ(pthread_create(&threads[i], NULL, adjust_part, &parts[i]), 0);
    }
    for (i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    for (i = 0; i < n; i++)
        if (parts[i].bad)
            ck_abort_msg("check 0x%04X from 0x%04X to 0x%04X", parts[i].bad_check,
                         parts[i].bad_from, parts[i].bad_to);
}
END_TEST

/* Every pair of words that differ by one edge or another, on every edge of a field. */
START_TEST(adjust16_edges)
{
    uint32_t from, i, j;

    /* Quick: each fifth, 0 and 0xFFFF among them. */
    for (from = 0; from <= 0xFFFF; from += (uint32_t)effort(1, 5)) {
        for (i = 0; i < EDGES; i++) {
            for (j = 0; j < EDGES; j++) {
                uint16_t expected = adjusted(edges[i], change(from, edges[j]));
                uint16_t found = adjust16_on_wire(edges[i], (uint16_t)from, edges[j]);

                if (found != expected)
                    ck_abort_msg("check 0x%04X from 0x%04X to 0x%04X: 0x%04X, not 0x%04X", edges[i],
                                 from, edges[j], found, expected);
            }
        }
    }
}
END_TEST

/* Nothing changed, or one form of zero became the other: the field stays as it is, every bit. */
START_TEST(no_op_leaves_the_field)
{
    static const uint8_t zeros[16], ones[16] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                                0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    static const uint8_t words[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    static const uint8_t moved[16] = {15, 16, 13, 14, 11, 12, 9, 10, 7, 8, 5, 6, 3, 4, 1, 2};
    static const uint8_t *const same[][2] = {{zeros, zeros}, {ones, ones},   {zeros, ones},
                                             {ones, zeros},  {words, moved}, {words, words}};
    uint32_t check;
    size_t i;

    for (check = 0; check <= 0xFFFF; check++) {
        for (i = 0; i < sizeof same / sizeof *same; i++) {
            const uint8_t *from = same[i][0], *to = same[i][1];
            csumoff_sum16 field = (csumoff_sum16)check;

            if (i < 4) {
                csumoff_adjust16(&field, csumoff_load16_(from), csumoff_load16_(to));
                CHECK_EQ(field, check);
                csumoff_adjust32(&field, csumoff_load32_(from), csumoff_load32_(to));
                CHECK_EQ(field, check);
            }
            csumoff_adjust128(&field, from, to);
            CHECK_EQ(field, check);
            CHECK_EQ(csumoff_adjust_bytes(&field, i % 2, from, 16, to, 16), CSUMOFF_OK);
            CHECK_EQ(field, check);
        }
    }
}
END_TEST

START_TEST(no_op_of_equal_halves)
{
    csumoff_sum16 zero = 0x0000, ones = 0xFFFF;

    /* The halves change places; then 0x0001 + 0xFFFF against 0x0001: other words, equal sums. */
    csumoff_adjust32(&zero, 0x12345678, 0x56781234);
    csumoff_adjust32(&ones, 0x12345678, 0x56781234);
    CHECK_EQ(zero, 0x0000);
    CHECK_EQ(ones, 0xFFFF);
    csumoff_adjust32(&zero, 0x0001FFFF, 0x00000001);
    csumoff_adjust32(&ones, 0x0001FFFF, 0x00000001);
    CHECK_EQ(zero, 0x0000);
    CHECK_EQ(ones, 0xFFFF);
}
END_TEST

/*
 * Adjusts for `from` becoming `to` at `offset` in data that has more around it, and computes the
 * checksum anew. Two forms of zero can't come out: the data around aren't zero.
 */
static void check_bytes(struct rng *rng, size_t offset, const uint8_t *from, size_t from_len,
                        const uint8_t *to, size_t to_len)
{
    uint8_t before[256], after[256];
    size_t tail = rng_below(rng, 20), before_len = offset + from_len + tail;
    size_t after_len = offset + to_len + tail;
    csumoff_sum16 field, expected;
    uint64_t old_sum, new_sum;

    rng_fill(rng, before, sizeof before);
    if (offset)
        before[0] |= 1;
    memcpy(after, before, offset);
    memcpy(before + offset, from, from_len);
    memcpy(after + offset, to, to_len);
    memcpy(after + offset + to_len, before + offset + from_len, tail);
    old_sum = ref_sum(before, before_len);
    new_sum = ref_sum(after, after_len);
    field = memory16(ref_checksum(old_sum));
    expected = memory16(ref_checksum(new_sum));
    if (ref_fold(old_sum) % 0xFFFF == ref_fold(new_sum) % 0xFFFF)
        expected = field;
    else if (new_sum == 0)
        expected = 0; /* from something to nothing but zeros: equation 3 can't tell */
    if (csumoff_adjust_bytes(&field, offset, from, from_len, to, to_len) != CSUMOFF_OK ||
        field != expected)
        ck_abort_msg("offset %zu, %zu bytes to %zu: 0x%04X, not 0x%04X", offset, from_len, to_len,
                     wire16(field), wire16(expected));
    if (offset % 2 == 0 && from_len == 16 && to_len == 16) {
        field = memory16(ref_checksum(old_sum));
        csumoff_adjust128(&field, from, to);
        CHECK_EQ(field, expected);
    }
    if (offset % 2 == 0 && from_len == 4 && to_len == 4) {
        field = memory16(ref_checksum(old_sum));
        csumoff_adjust32(&field, csumoff_load32_(from), csumoff_load32_(to));
        CHECK_EQ(field, expected);
    }
    if (offset % 2 == 0 && from_len == 2 && to_len == 2) {
        field = memory16(ref_checksum(old_sum));
        csumoff_adjust16(&field, csumoff_load16_(from), csumoff_load16_(to));
        CHECK_EQ(field, expected);
    }
}

/* Every offset 0..15, every length 0..40 to every other of its parity, at guard pages. */
START_TEST(bytes_at_any_offset)
{
    struct rng rng = rng_new(30);
    struct guarded a, b;
    size_t offset, from_len, to_len, round, rounds = effort(10, 2);

    CHECK(guarded_new(&a, 64) && guarded_new(&b, 64));
    for (round = 0; round < rounds; round++) {
        for (offset = 0; offset < 16; offset++) {
            for (from_len = 0; from_len <= 40; from_len++) {
                for (to_len = from_len % 2; to_len <= 40; to_len += 2) {
                    uint8_t *from = round % 2 ? a.begin : a.end - from_len;
                    uint8_t *to = round % 2 ? b.begin : b.end - to_len;

                    rng_fill(&rng, from, from_len);
                    rng_fill(&rng, to, to_len);
                    if (round == 1)
                        memset(from, 0xFF, from_len);
                    check_bytes(&rng, offset, from, from_len, to, to_len);
                }
            }
        }
    }
    guarded_free(&a);
    guarded_free(&b);
}
END_TEST

START_TEST(words_at_random)
{
    static const size_t sizes[] = {2, 4, 16};
    struct rng rng = rng_new(31);
    size_t i, s, rounds = effort(200000, 20000);

    for (i = 0; i < rounds; i++) {
        for (s = 0; s < 3; s++) {
            uint8_t from[16], to[16];
            size_t k;

            rng_fill(&rng, from, sizeof from);
            rng_fill(&rng, to, sizeof to);
            for (k = 0; k < sizes[s]; k += 2) { /* an edge here and there */
                if (rng_below(&rng, 4) == 0)
                    store_wire16(from + k, edges[rng_below(&rng, EDGES)]);
                if (rng_below(&rng, 4) == 0)
                    store_wire16(to + k, edges[rng_below(&rng, EDGES)]);
            }
            check_bytes(&rng, rng_below(&rng, 10) * 2, from, sizes[s], to, sizes[s]);
        }
    }
}
END_TEST

START_TEST(bytes_errors_and_nothing)
{
    static const uint8_t bytes[4] = {1, 2, 3, 4};
    csumoff_sum16 field = 0x1234, far;

    CHECK_EQ(csumoff_adjust_bytes(&field, 0, bytes, 1, bytes, 2), CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_adjust_bytes(&field, 1, bytes, 4, bytes, 3), CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_adjust_bytes(&field, 0, NULL, 0, bytes, 1), CSUMOFF_ERANGE);
    CHECK_EQ(csumoff_adjust_bytes(&field, 0, bytes, 3, NULL, 0), CSUMOFF_ERANGE);
    CHECK_EQ(field, 0x1234);
    CHECK_EQ(csumoff_adjust_bytes(&field, 3, NULL, 0, NULL, 0), CSUMOFF_OK);
    CHECK_EQ(field, 0x1234);
    /* Only an offset's parity counts, however far. */
    far = field;
    CHECK_EQ(csumoff_adjust_bytes(&field, 1, bytes, 2, bytes + 1, 2), CSUMOFF_OK);
    CHECK_EQ(csumoff_adjust_bytes(&far, SIZE_MAX, bytes, 2, bytes + 1, 2), CSUMOFF_OK);
    CHECK_EQ(field, far);
}
END_TEST

/* Put something in and take it out again: the field that was there. */
START_TEST(bytes_there_and_back)
{
    struct rng rng = rng_new(32);
    uint8_t from[32], to[32];
    size_t i;

    for (i = 0; i < 100000; i++) {
        size_t len = rng_below(&rng, 33);
        uint32_t check = rng_u32(&rng) % 0xFFFF; /* 0xFFFF would come back as 0 */
        csumoff_sum16 field = (csumoff_sum16)check;

        rng_fill(&rng, from, sizeof from);
        rng_fill(&rng, to, sizeof to);
        CHECK_EQ(csumoff_adjust_bytes(&field, i, from, len, to, len), CSUMOFF_OK);
        CHECK_EQ(csumoff_adjust_bytes(&field, i, to, len, from, len), CSUMOFF_OK);
        CHECK_EQ(field, check);
    }
}
END_TEST

/* What csumoff_adjust_l4() does to a field, by protocol. */
enum rule {
    FULL,     /* there is a pseudo-header */
    UDP_RULE, /* the same; 0 means that there is no checksum, and no sum is stored as 0 */
    LITE,     /* the same; no sum is stored as 0 (RFC 3828, section 3.1) */
    PLAIN,    /* no pseudo-header */
    NOT_INET  /* no Internet checksum at all */
};

enum {
    ICMP = 1,
    TCP = 6,
    UDP = 17,
    DCCP = 33,
    ICMPV6 = 58,
    SCTP = 132,
    UDPLITE = 136
};

static const struct {
    uint8_t proto, version;
    enum rule rule;
} protocols[] = {
    {TCP, 4, FULL},      {TCP, 6, FULL},      {UDP, 4, UDP_RULE}, {UDP, 6, UDP_RULE},
    {ICMP, 4, PLAIN},    {ICMPV6, 6, FULL},   {DCCP, 4, FULL},    {DCCP, 6, FULL},
    {SCTP, 4, NOT_INET}, {SCTP, 6, NOT_INET}, {UDPLITE, 4, LITE}, {UDPLITE, 6, LITE},
};
enum {
    PROTOCOLS = sizeof protocols / sizeof *protocols
};

static uint16_t adjusted_l4(uint16_t check, enum rule rule, enum csumoff_state state, bool pseudo,
                            uint16_t changed)
{
    if (rule == NOT_INET || (rule == PLAIN && pseudo) || !changed)
        return check;
    if (state == CSUMOFF_PARTIAL)
        return pseudo && check ? ref_fold((uint64_t)check + changed) : check;
    if (rule == UDP_RULE && check == 0)
        return 0;
    check = adjusted(check, changed);
    return check == 0 && (rule == UDP_RULE || rule == LITE) ? 0xFFFF : check;
}

static void check_l4(size_t p, enum csumoff_state state, bool pseudo, uint16_t check,
                     const uint8_t *from, size_t from_len, const uint8_t *to, size_t to_len)
{
    const struct csumoff_adjust how = {.state = state,
                                       .l4_proto = protocols[p].proto,
                                       .ip_version = protocols[p].version,
                                       .is_pseudo_header = pseudo,
                                       .from = from,
                                       .from_len = from_len,
                                       .to = to,
                                       .to_len = to_len};
    csumoff_sum16 field = memory16(check);
    uint16_t expected = adjusted_l4(check, protocols[p].rule, state, pseudo,
                                    change(ref_sum(from, from_len), ref_sum(to, to_len)));

    csumoff_adjust_l4(&field, &how);
    if (wire16(field) != expected)
        ck_abort_msg("protocol %u over IPv%u, state %d, %s: 0x%04X became 0x%04X, not 0x%04X "
                     "(%zu bytes to %zu: 0x%04X to 0x%04X)",
                     how.l4_proto, how.ip_version, (int)state, pseudo ? "pseudo" : "not pseudo",
                     check, wire16(field), expected, from_len, to_len,
                     ref_fold(ref_sum(from, from_len)), ref_fold(ref_sum(to, to_len)));
}

/* The whole table, on every edge of a field and of what changes. */
START_TEST(l4_table)
{
    static const size_t lens[][2] = {{2, 2}, {4, 4}, {16, 16}, {1, 1},  {3, 3}, {0, 0},
                                     {6, 6}, {4, 2}, {2, 16},  {16, 4}, {4, 16}};
    struct rng rng = rng_new(33);
    size_t p, state, pseudo, i, j, k, l;

    for (p = 0; p < PROTOCOLS; p++)
        for (state = CSUMOFF_NONE; state <= CSUMOFF_PARTIAL; state++)
            for (pseudo = 0; pseudo < 2; pseudo++)
                for (i = 0; i < EDGES; i++)
                    for (j = 0; j < EDGES; j++)
                        for (k = 0; k < EDGES; k++)
                            for (l = 0; l < sizeof lens / sizeof *lens; l++) {
                                uint8_t from[16], to[16];

                                rng_fill(&rng, from, sizeof from);
                                memcpy(to, from, sizeof to);
                                store_wire16(from, edges[j]);
                                store_wire16(to, edges[k]);
                                check_l4(p, (enum csumoff_state)state, pseudo, edges[i], from,
                                         lens[l][0], to, lens[l][1]);
                            }
}
END_TEST

/* Every field, with a change that makes it come out as zero somewhere on the way. */
START_TEST(l4_every_field)
{
    static const uint8_t from[2] = {0x12, 0x34};
    uint32_t check;
    size_t p, state, pseudo;

    for (check = 0; check <= 0xFFFF; check += (uint32_t)effort(1, 5)) { /* quick: as above */
        uint8_t to[2];

        /* from + check: a complete 'check' becomes 0; a seed becomes 0xFFFF + 2 * check. */
        store_wire16(to, ref_fold(0x1234u + check));
        for (p = 0; p < PROTOCOLS; p++)
            for (state = CSUMOFF_NONE; state <= CSUMOFF_PARTIAL; state++)
                for (pseudo = 0; pseudo < 2; pseudo++)
                    check_l4(p, (enum csumoff_state)state, pseudo, (uint16_t)check, from, 2, to, 2);
    }
}
END_TEST

/* A field that was not 0 is never 0 afterwards, whatever the word becomes: UDP and UDP-Lite. */
START_TEST(l4_udp_never_becomes_0)
{
    static const uint8_t protos[] = {UDP, UDPLITE};
    static const uint16_t fields[] = {0x0001, 0x1234, 0x8000, 0xFFFE, 0xFFFF};
    const uint8_t from[2] = {0xA5, 0x5A};
    size_t p, f, version, pseudo, became_ones = 0;
    uint32_t word;

    for (p = 0; p < sizeof protos; p++)
        for (f = 0; f < sizeof fields / sizeof *fields; f++)
            for (word = 0; word <= 0xFFFF; word++)
                for (version = 4; version <= 6; version += 2)
                    for (pseudo = 0; pseudo < 2; pseudo++) {
                        uint8_t to[2];
                        const struct csumoff_adjust how = {.state = (enum csumoff_state)(word % 3),
                                                           .l4_proto = protos[p],
                                                           .ip_version = (uint8_t)version,
                                                           .is_pseudo_header = pseudo,
                                                           .from = from,
                                                           .from_len = 2,
                                                           .to = to,
                                                           .to_len = 2};
                        csumoff_sum16 field = memory16(fields[f]);

                        store_wire16(to, (uint16_t)word);
                        csumoff_adjust_l4(&field, &how);
                        CHECK(field != 0);
                        became_ones += field == 0xFFFF && fields[f] != 0xFFFF;
                    }
    /* For each field but 0xFFFF one word makes the sum 0, and is stored as 0xFFFF. */
    CHECK_EQ(became_ones, 2 * 4 * 2 * 2);
}
END_TEST

/* 0 is no UDP checksum over either family, and no seed of any protocol: it stays. */
START_TEST(l4_zero_stays)
{
    static const uint8_t protos[] = {TCP, UDP, DCCP, ICMPV6, UDPLITE, ICMP, SCTP};
    struct rng rng = rng_new(35);
    size_t i, p, state, version, pseudo;

    for (i = 0; i < 500; i++) {
        uint8_t from[16], to[16];
        size_t from_len = rng_below(&rng, 9) * 2, to_len = rng_below(&rng, 9) * 2;

        rng_fill(&rng, from, sizeof from);
        rng_fill(&rng, to, sizeof to);
        for (p = 0; p < sizeof protos; p++)
            for (state = CSUMOFF_NONE; state <= CSUMOFF_PARTIAL; state++)
                for (version = 4; version <= 6; version += 2)
                    for (pseudo = 0; pseudo < 2; pseudo++) {
                        const struct csumoff_adjust how = {.state = (enum csumoff_state)state,
                                                           .l4_proto = protos[p],
                                                           .ip_version = (uint8_t)version,
                                                           .is_pseudo_header = pseudo,
                                                           .from = from,
                                                           .from_len = from_len,
                                                           .to = to,
                                                           .to_len = to_len};
                        csumoff_sum16 field = 0;

                        if (state != CSUMOFF_PARTIAL && protos[p] != UDP)
                            continue;
                        csumoff_adjust_l4(&field, &how);
                        CHECK_EQ(field, 0);
                    }
    }
}
END_TEST

/* A seed follows an address: the seed of the new one. */
START_TEST(l4_seed_of_another_address)
{
    struct rng rng = rng_new(34);
    uint8_t src[16], dst[16], other[16];
    size_t i;

    for (i = 0; i < 20000; i++) {
        bool v6 = i % 2;
        uint8_t proto = i % 4 < 2 ? TCP : UDP;
        struct csumoff_adjust how = {.state = CSUMOFF_PARTIAL,
                                     .l4_proto = proto,
                                     .ip_version = v6 ? 6 : 4,
                                     .is_pseudo_header = true,
                                     .from = src,
                                     .from_len = v6 ? 16 : 4,
                                     .to = other,
                                     .to_len = v6 ? 16 : 4};
        uint16_t len = (uint16_t)rng_u32(&rng);
        csumoff_sum16 field;

        rng_fill(&rng, src, sizeof src);
        rng_fill(&rng, dst, sizeof dst);
        rng_fill(&rng, other, sizeof other);
        field = memory16(
            ref_fold(v6 ? ref_pseudo6(src, dst, proto, len) : ref_pseudo4(src, dst, proto, len)));
        csumoff_adjust_l4(&field, &how);
        CHECK_EQ(wire16(field), ref_fold(v6 ? ref_pseudo6(other, dst, proto, len)
                                            : ref_pseudo4(other, dst, proto, len)));
    }
}
END_TEST

/* One side of a translator: the addresses of a packet and what follows them. */
struct side {
    bool v6;
    uint8_t src[16], dst[16];
};

static uint64_t side_pseudo(const struct side *side, uint8_t proto, uint32_t len)
{
    return side->v6 ? ref_pseudo6(side->src, side->dst, proto, len)
                    : ref_pseudo4(side->src, side->dst, proto, len);
}

/* The field's right content, on the wire: a seed or complete. */
static uint16_t side_field(const struct side *side, uint8_t proto, enum csumoff_state state,
                           const uint8_t *l4, size_t len)
{
    uint64_t pseudo = side_pseudo(side, proto, (uint32_t)len);
    uint16_t check;

    if (state == CSUMOFF_PARTIAL)
        return ref_fold(pseudo);
    check = ref_checksum(pseudo + ref_sum(l4, len));
    return check == 0 && (proto == UDP || proto == UDPLITE) ? 0xFFFF : check;
}

/* Turns the addresses of `from` into those of `to`, in one call or one for each. */
static uint16_t translated(uint16_t check, const struct side *from, const struct side *to,
                           uint8_t proto, enum csumoff_state state, bool at_once)
{
    const size_t from_len = from->v6 ? 16 : 4, to_len = to->v6 ? 16 : 4;
    uint8_t from_both[32], to_both[32];
    struct csumoff_adjust how = {.state = state,
                                 .l4_proto = proto,
                                 .ip_version = from->v6 ? 6 : 4,
                                 .is_pseudo_header = true};
    csumoff_sum16 field = memory16(check);

    if (at_once) {
        memcpy(from_both, from->src, from_len);
        memcpy(from_both + from_len, from->dst, from_len);
        memcpy(to_both, to->src, to_len);
        memcpy(to_both + to_len, to->dst, to_len);
        how.from = from_both;
        how.from_len = 2 * from_len;
        how.to = to_both;
        how.to_len = 2 * to_len;
        csumoff_adjust_l4(&field, &how);
        return wire16(field);
    }
    how.from = from->src;
    how.from_len = from_len;
    how.to = to->src;
    how.to_len = to_len;
    csumoff_adjust_l4(&field, &how);
    how.from = from->dst;
    how.to = to->dst;
    csumoff_adjust_l4(&field, &how);
    return wire16(field);
}

/* Makes the two sides of a packet: as a translator of each kind pairs them. */
static void pair_addresses(struct side *v6, struct side *v4, size_t kind, struct rng *rng)
{
    static const uint8_t well_known[12] = {0x00, 0x64, 0xFF, 0x9B}; /* RFC 6052, section 2.1 */

    v6->v6 = true;
    v4->v6 = false;
    rng_fill(rng, v6->src, 16);
    rng_fill(rng, v6->dst, 16);
    rng_fill(rng, v4->src, 4);
    rng_fill(rng, v4->dst, 4);
    switch (kind) {
    case 0: /* NAT64: the server's IPv4 address behind the prefix, the client's from a pool */
        memcpy(v6->dst, well_known, 12);
        memcpy(v6->dst + 12, v4->dst, 4);
        break;
    case 1: /* CLAT, SIIT: both are embedded, and with this prefix every sum stays */
        memcpy(v6->src, well_known, 12);
        memcpy(v6->src + 12, v4->src, 4);
        memcpy(v6->dst, well_known, 12);
        memcpy(v6->dst + 12, v4->dst, 4);
        break;
    default: /* any other pair */
        break;
    }
}

/* NAT64, CLAT, SIIT: what IPv6 addresses were, IPv4 ones are, and back: as computed anew. */
START_TEST(l4_translated_between_families)
{
    static const uint8_t protos[] = {TCP, UDP, UDPLITE, DCCP};
    struct rng rng = rng_new(36);
    size_t i, p, state, rounds = effort(6000, 600);

    for (i = 0; i < rounds; i++) {
        struct side v6, v4;
        uint8_t l4[64];
        size_t len = 20 + rng_below(&rng, 45), at_once = i % 2, back;

        pair_addresses(&v6, &v4, i % 3, &rng);
        rng_fill(&rng, l4, sizeof l4);
        for (p = 0; p < sizeof protos; p++)
            for (state = CSUMOFF_NONE; state <= CSUMOFF_PARTIAL; state++)
                for (back = 0; back < 2; back++) {
                    const struct side *from = back ? &v4 : &v6, *to = back ? &v6 : &v4;
                    enum csumoff_state s = (enum csumoff_state)state;
                    uint16_t before, found, want;

                    store_wire16(l4 + 16, 0); /* the field, where TCP has it */
                    before = side_field(from, protos[p], s, l4, len);
                    found = translated(before, from, to, protos[p], s, at_once);
                    want = side_field(to, protos[p], s, l4, len);
                    /* The sum did not change: then not a bit of the field does. */
                    if (found != want && !(found == before && found % 0xFFFF == want % 0xFFFF))
                        ck_abort_msg("protocol %u, state %zu, %s: 0x%04X became 0x%04X, not 0x%04X",
                                     protos[p], state, back ? "IPv4 to IPv6" : "IPv6 to IPv4",
                                     before, found, want);
                    CHECK_EQ(translated(0, from, to, UDP, s, at_once), 0);
                    CHECK_EQ(translated(0, from, to, protos[p], CSUMOFF_PARTIAL, at_once), 0);
                    CHECK_EQ(translated(before, from, to, SCTP, s, at_once), before);
                    CHECK_EQ(translated(before, from, to, ICMP, s, at_once), before);
                }
    }
}
END_TEST

/* ICMP over IPv4: nothing of a pseudo-header counts, everything else does; ICMPv6 has one. */
/* Translated addresses are no business of a checksum that covers no pseudo-header. */
START_TEST(l4_without_a_pseudo_header)
{
    static const struct {
        uint8_t proto, version;
        bool has;
    } all[] = {{1, 4, false},   {2, 4, false},  {47, 4, false},  {47, 6, false},
               {89, 4, false},  {89, 6, true},  {103, 4, false}, {103, 6, true},
               {112, 4, false}, {112, 6, true}, {132, 4, false}, {58, 6, true},
               {6, 4, true},    {136, 6, true}, {33, 4, true},   {200, 4, true}};
    static const uint8_t from[4] = {10, 0, 0, 1}, to[4] = {11, 0, 0, 2};
    size_t i;

    for (i = 0; i < sizeof all / sizeof *all; i++) {
        const struct csumoff_adjust how = {CSUMOFF_NONE, all[i].proto, all[i].version, true, from,
                                           sizeof from,  to,           sizeof to};
        csumoff_sum16 field = memory16(0x1234);

        csumoff_adjust_l4(&field, &how);
        CHECK_EQ(wire16(field) != 0x1234, all[i].has);
    }
}
END_TEST

START_TEST(l4_icmp)
{
    struct rng rng = rng_new(37);
    size_t i, state;

    for (i = 0; i < 5000; i++) {
        uint8_t message[32], from[2], src[16], dst[16], other[16];

        rng_fill(&rng, message, sizeof message);
        rng_fill(&rng, src, sizeof src);
        rng_fill(&rng, dst, sizeof dst);
        rng_fill(&rng, other, sizeof other);
        store_wire16(message + 2, 0);
        for (state = CSUMOFF_NONE; state < CSUMOFF_PARTIAL; state++) {
            struct csumoff_adjust how = {.state = (enum csumoff_state)state,
                                         .l4_proto = ICMP,
                                         .ip_version = 4,
                                         .is_pseudo_header = true,
                                         .from = src,
                                         .from_len = 4,
                                         .to = other,
                                         .to_len = 4};
            const uint16_t before = ref_checksum(ref_sum(message, sizeof message));
            csumoff_sum16 field = memory16(before);

            csumoff_adjust_l4(&field, &how);
            CHECK_EQ(wire16(field), before);
            how.is_pseudo_header = false; /* the identifier of an echo, as NAT changes it */
            memcpy(from, message + 4, 2);
            how.from = from;
            how.from_len = 2;
            how.to = other;
            how.to_len = 2;
            csumoff_adjust_l4(&field, &how);
            memcpy(message + 4, other, 2);
            CHECK_EQ(wire16(field), ref_checksum(ref_sum(message, sizeof message)));
            memcpy(message + 4, from, 2);
        }
        {
            const struct csumoff_adjust how = {.state = CSUMOFF_NONE,
                                               .l4_proto = ICMPV6,
                                               .ip_version = 6,
                                               .is_pseudo_header = true,
                                               .from = src,
                                               .from_len = 16,
                                               .to = other,
                                               .to_len = 16};
            csumoff_sum16 field = memory16(
                ref_checksum(ref_pseudo6(src, dst, ICMPV6, 32) + ref_sum(message, sizeof message)));

            csumoff_adjust_l4(&field, &how);
            CHECK_EQ(wire16(field), ref_checksum(ref_pseudo6(other, dst, ICMPV6, 32) +
                                                 ref_sum(message, sizeof message)));
        }
    }
}
END_TEST

/* Only the bytes given are read, and NULL is fine for none. */
START_TEST(l4_bounds)
{
    struct guarded a, b;
    size_t from_len, to_len, edge;
    struct rng rng = rng_new(38);

    CHECK(guarded_new(&a, 64) && guarded_new(&b, 64));
    rng_fill(&rng, a.begin, 64);
    rng_fill(&rng, b.begin, 64);
    rng_fill(&rng, a.end - 64, 64);
    rng_fill(&rng, b.end - 64, 64);
    for (edge = 0; edge < 2; edge++)
        for (from_len = 0; from_len <= 40; from_len++)
            for (to_len = from_len % 2; to_len <= 40; to_len += 2)
                check_l4(0, CSUMOFF_NONE, true, 0x1234, edge ? a.begin : a.end - from_len, from_len,
                         edge ? b.begin : b.end - to_len, to_len);
    check_l4(0, CSUMOFF_NONE, true, 0x1234, NULL, 0, NULL, 0);
    check_l4(0, CSUMOFF_PARTIAL, true, 0x1234, NULL, 0, b.begin, 16);
    check_l4(2, CSUMOFF_NONE, true, 0x1234, a.begin, 16, NULL, 0);
    guarded_free(&a);
    guarded_free(&b);
}
END_TEST

int main(void)
{
    const TTest *const examples[] = {rfc1624_section_4, rfc1624_section_4_recomputed,
                                     rfc1141_time_to_live, NULL};
    const TTest *const words[] = {adjust16_exhaustive,   adjust16_edges,  no_op_leaves_the_field,
                                  no_op_of_equal_halves, words_at_random, NULL};
    const TTest *const bytes[] = {bytes_at_any_offset, bytes_errors_and_nothing,
                                  bytes_there_and_back, NULL};
    const TTest *const l4[] = {l4_table,
                               l4_every_field,
                               l4_udp_never_becomes_0,
                               l4_zero_stays,
                               l4_seed_of_another_address,
                               l4_translated_between_families,
                               l4_without_a_pseudo_header,
                               l4_icmp,
                               l4_bounds,
                               NULL};
    Suite *suite = suite_create("adjust");

    suite_add(suite, "rfc", examples);
    suite_add(suite, "words", words);
    suite_add(suite, "bytes", bytes);
    suite_add(suite, "l4", l4);
    return suite_run(suite);
}
