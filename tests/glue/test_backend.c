// SPDX-License-Identifier: MIT
/* The other side of the ring: its keys one at a time, and frames as slots cut them. */
#include <csumoff_netfront.h>
#include <string.h>

#include "../oracle/frames.h"
#include "../oracle/suite.h"

enum {
    BLANK = 1,
    VALIDATED = 2,
    EXTRA = 8,
    KEYS = 5,
    VALUES = 14
};

/* ---- Negotiation --------------------------------------------------------------------------- */

static const char *const keys[KEYS] = {"feature-no-csum-offload", "feature-ipv6-csum-offload",
                                       "feature-gso-tcpv4", "feature-gso-tcpv6", "feature-sg"};

static const struct {
    const char *value;
    bool on;
} values[VALUES] = {
    {NULL, false}, {"", false},   {"0", false},  {"00", false},        {"1", true},
    {"01", true},  {"10", true},  {"2", true},   {"4294967296", true}, {"x", false},
    {"1x", false}, {"-1", false}, {" 1", false}, {"0x1", false},
};

static bool *member(struct csumoff_netfront_caps *caps, size_t key)
{
    bool *const members[KEYS] = {&caps->csum_ipv4, &caps->csum_ipv6, &caps->gso_tcpv4,
                                 &caps->gso_tcpv6, &caps->sg};

    return members[key];
}

static void check_caps(struct csumoff_netfront_caps got, struct csumoff_netfront_caps want)
{
    for (size_t i = 0; i < KEYS; i++)
        if (*member(&got, i) != *member(&want, i))
            ck_abort_msg("%s: %d", keys[i], *member(&got, i));
}

/* A key sets its own member, whatever it was, and no other. */
START_TEST(one_key_at_a_time)
{
    for (unsigned bits = 0; bits < 32; bits++) {
        const struct csumoff_netfront_caps before = {bits & 1, bits & 2, bits & 4, bits & 8,
                                                     bits & 16};

        for (size_t k = 0; k < KEYS; k++) {
            for (size_t v = 0; v < VALUES; v++) {
                struct csumoff_netfront_caps caps = before, want = before;

                *member(&want, k) = values[v].on != (k == 0);
                CHECK(csumoff_netfront_cap(&caps, keys[k], values[v].value));
                check_caps(caps, want);
            }
        }
    }
}
END_TEST

START_TEST(other_keys)
{
    static const char *const others[] = {"",
                                         "feature",
                                         "feature-",
                                         "feature-s",
                                         "feature-sgx",
                                         "feature-sg ",
                                         "feature-gso-tcpv",
                                         "feature-gso-tcpv5",
                                         "feature-gso-tcpv44",
                                         "Feature-sg",
                                         "feature-rx-copy",
                                         "request-rx-copy",
                                         "feature-rx-notify",
                                         "feature-multicast-control",
                                         "multi-queue-max-queues"};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct csumoff_netfront_caps caps = {true, false, true, false, true};

        CHECK(!csumoff_netfront_cap(&caps, others[i], "1"));
        CHECK(!csumoff_netfront_cap(&caps, others[i], NULL));
        check_caps(caps, (struct csumoff_netfront_caps){true, false, true, false, true});
    }
}
END_TEST

static const char *get(void *ctx, const char *key)
{
    const size_t *directory = (const size_t *)ctx;

    for (size_t k = 0; k < KEYS; k++)
        if (strcmp(key, keys[k]) == 0)
            return values[directory[k]].value;
    ck_abort_msg("asked for %s", key);
    return NULL;
}

/* A directory that is listed, in any order, says what one that is asked says. */
START_TEST(listed_is_what_is_asked_for)
{
    struct rng rng = rng_new(1);

    for (size_t i = 0; i < effort(20000, 2000); i++) {
        struct csumoff_netfront_caps asked, listed = {.csum_ipv4 = true};
        size_t directory[KEYS], first = rng_below(&rng, KEYS), step = 1 + rng_below(&rng, 4);

        for (size_t k = 0; k < KEYS; k++)
            directory[k] = rng_below(&rng, VALUES);
        memset(&asked, 0xA5, sizeof asked);
        csumoff_netfront_read_caps(get, directory, &asked);
        for (size_t n = 0; n < KEYS; n++) {
            size_t k = (first + n * step) % KEYS;

            if (values[directory[k]].value)
                CHECK(csumoff_netfront_cap(&listed, keys[k], values[directory[k]].value));
        }
        check_caps(listed, asked);
    }
}
END_TEST

/* What one side advertises, the other reads; what is the driver's own is not among it. */
START_TEST(advertised)
{
    for (unsigned bits = 0; bits < 32; bits++) {
        const struct csumoff_netfront_caps mine = {bits & 1, bits & 2, bits & 4, bits & 8,
                                                   bits & 16};

        for (size_t max = 0; max <= CSUMOFF_NETFRONT_KEYS + 1; max++) {
            struct csumoff_netfront_key nodes[CSUMOFF_NETFRONT_KEYS + 1], untouched;
            struct csumoff_netfront_caps theirs;

            memset(&untouched, 0xA5, sizeof untouched);
            memset(nodes, 0xA5, sizeof nodes);
            CHECK_EQ(csumoff_netfront_advertise(&mine, max ? nodes : NULL, max),
                     CSUMOFF_NETFRONT_KEYS);
            for (size_t i = max; i <= CSUMOFF_NETFRONT_KEYS; i++)
                CHECK(same_bytes(&nodes[i], &untouched, sizeof untouched));
            CHECK(same_bytes(&nodes[CSUMOFF_NETFRONT_KEYS], &untouched, sizeof untouched));
            if (max < CSUMOFF_NETFRONT_KEYS)
                continue;
            theirs = (struct csumoff_netfront_caps){!mine.csum_ipv4, !mine.csum_ipv6,
                                                    !mine.gso_tcpv4, !mine.gso_tcpv6, !mine.sg};
            for (size_t i = 0; i < CSUMOFF_NETFRONT_KEYS; i++) {
                CHECK(csumoff_netfront_cap(&theirs, nodes[i].key, nodes[i].value));
                CHECK(strcmp(nodes[i].value, "0") == 0 || strcmp(nodes[i].value, "1") == 0);
            }
            check_caps(theirs, mine);
        }
    }
}
END_TEST

/* ---- Slots --------------------------------------------------------------------------------- */

static struct frame a;
static struct guarded guard;

/* What becomes of a frame that must not be looked at: slots alone decide. */
static enum csumoff_drop unseen(const uint16_t *sizes, size_t count)
{
    static const struct csumoff_netfront_slot slot = {BLANK | VALIDATED, 0, 0};

    if (!guard.map)
        CHECK(guarded_new(&guard, 70000));
    return csumoff_netback_drops_slots(guard.end, sizes, count, &slot);
}

START_TEST(sizes_on_the_ring)
{
    static const struct {
        uint16_t sizes[4];
        size_t count;
        enum csumoff_drop want;
    } rows[] = {
        {{0}, 0, CSUMOFF_DROP_RUNT},
        {{0}, 1, CSUMOFF_DROP_RUNT},
        {{13}, 1, CSUMOFF_DROP_RUNT},
        {{100, 87}, 2, CSUMOFF_DROP_RUNT},
        {{100, 100}, 2, CSUMOFF_DROP_RUNT},
        {{100, 101}, 2, CSUMOFF_DROP_SIZE},
        {{100, 43, 44}, 3, CSUMOFF_DROP_RUNT},
        {{100, 60, 41}, 3, CSUMOFF_DROP_SIZE},
        {{100, 60, 0, 41}, 4, CSUMOFF_DROP_SIZE},
        {{13, 0}, 2, CSUMOFF_DROP_RUNT},
        /* 65536 + 10 bytes, and more: the first size has overflowed. */
        {{10, 40000, 25000}, 3, CSUMOFF_DROP_SIZE},
        {{20000, 32768, 32768}, 3, CSUMOFF_DROP_SIZE},
        {{65535, 65535, 1}, 3, CSUMOFF_DROP_SIZE},
        {{65535, 65535}, 2, CSUMOFF_DROP_RUNT},
        {{65535, 65522}, 2, CSUMOFF_DROP_RUNT},
    };
    uint16_t many[40];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        enum csumoff_drop got = unseen(rows[i].sizes, rows[i].count);

        if (got != rows[i].want)
            ck_abort_msg("row %zu: %s", i, csumoff_drop_text(got));
    }
    many[0] = 4000;
    for (size_t i = 1; i < 40; i++)
        many[i] = 1;
    for (size_t count = 19; count <= 40; count++)
        CHECK_EQ(unseen(many, count), CSUMOFF_DROP_SLOTS);
}
END_TEST

/* Slots that are as they should be change nothing: the frame alone decides. */
START_TEST(cut_as_it_should_be)
{
    struct rng rng = rng_new(2);
    size_t of[CSUMOFF_DROP_SLOTS + 1] = {0};

    for (size_t i = 0; i < effort(60000, 6000); i++) {
        struct recipe recipe = recipe_at(rng_below(&rng, recipe_count()));
        struct csumoff_netfront_slot slot = {0, 0, 0};
        uint16_t sizes[19];
        size_t count = 1 + rng_below(&rng, 18), rest;
        enum csumoff_drop want;
        uint8_t *p;

        if (rng_below(&rng, 4))
            recipe.vlans = 0;
        recipe.ethernet = true;
        frame_build(&a, &recipe, &rng);
        if (rng_below(&rng, 2))
            a.len = rng_below(&rng, a.len + 1);
        if (rng_below(&rng, 4) == 0)
            a.bytes[a.l3 + rng_below(&rng, 10)] ^= (uint8_t)(1u << rng_below(&rng, 8));
        slot.flags = (uint16_t)rng_below(&rng, 4);
        if (rng_below(&rng, 2)) {
            slot.flags |= EXTRA;
            slot.gso_type = (uint8_t)rng_below(&rng, 4);
            slot.gso_size = (uint16_t)rng_below(&rng, 3);
        }
        if (!guard.map)
            CHECK(guarded_new(&guard, 70000));
        p = guarded_copy(&guard, a.bytes, a.len);
        want = csumoff_netback_drops(p, a.len, &slot);
        of[want]++;
        sizes[0] = (uint16_t)a.len;
        rest = a.len < 14 ? 0 : a.len - 14;
        for (size_t s = 1; s < count; s++) {
            sizes[s] = (uint16_t)rng_below(&rng, rest + 1);
            rest -= sizes[s];
        }
        CHECK_EQ(csumoff_netback_drops_slots(p, sizes, count, &slot), want);
        /* A byte more than is left for the Ethernet header. */
        sizes[count] = (uint16_t)(rest + 1);
        if (count < 18 && a.len >= 14)
            CHECK_EQ(csumoff_netback_drops_slots(p, sizes, count + 1, &slot), CSUMOFF_DROP_RUNT);
    }
    CHECK(of[CSUMOFF_DROP_NONE] && of[CSUMOFF_DROP_RUNT] && of[CSUMOFF_DROP_GSO_TYPE] &&
          of[CSUMOFF_DROP_GSO_SIZE] && of[CSUMOFF_DROP_ETHERTYPE] && of[CSUMOFF_DROP_TRUNCATED] &&
          of[CSUMOFF_DROP_FRAGMENT] && of[CSUMOFF_DROP_PROTOCOL]);
}
END_TEST

/* Longer than a size field can say: nothing of it is looked at. */
START_TEST(longer_than_a_ring_can_say)
{
    static const struct csumoff_netfront_slot slot = {BLANK | EXTRA, 0, 0};
    struct recipe recipe = {.ethernet = true, .version = 4, .proto = UDP, .payload = 65493};
    struct csumoff_netfront_slot blank = {BLANK, 0, 0};
    struct rng rng = rng_new(3);

    CHECK(guarded_new(&guard, 70000));
    CHECK_EQ(csumoff_netback_drops(guard.end, 65536, &slot), CSUMOFF_DROP_SIZE);
    CHECK_EQ(csumoff_netback_drops(guard.end, SIZE_MAX, &slot), CSUMOFF_DROP_SIZE);
    frame_build(&a, &recipe, &rng);
    CHECK_EQ(a.len, 65535);
    CHECK_EQ(csumoff_netback_drops(a.bytes, a.len, &blank), CSUMOFF_DROP_NONE);
    CHECK_EQ(csumoff_netback_drops_slots(a.bytes, &(uint16_t){65535}, 1, &blank),
             CSUMOFF_DROP_NONE);
}
END_TEST

START_TEST(each_drop_has_its_text)
{
    for (int i = 0; i <= CSUMOFF_DROP_SLOTS; i++) {
        CHECK(strcmp(csumoff_drop_text((enum csumoff_drop)i),
                     csumoff_drop_text((enum csumoff_drop)99)));
        for (int j = 0; j < i; j++)
            CHECK(strcmp(csumoff_drop_text((enum csumoff_drop)i),
                         csumoff_drop_text((enum csumoff_drop)j)) != 0);
    }
}
END_TEST

int main(void)
{
    const TTest *const negotiation[] = {one_key_at_a_time, other_keys, listed_is_what_is_asked_for,
                                        advertised, NULL};
    const TTest *const slots[] = {sizes_on_the_ring, cut_as_it_should_be,
                                  longer_than_a_ring_can_say, each_drop_has_its_text, NULL};
    Suite *suite = suite_create("backend");

    suite_add(suite, "negotiation", negotiation);
    suite_add(suite, "slots", slots);
    return suite_run(suite);
}
