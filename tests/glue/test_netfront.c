// SPDX-License-Identifier: MIT
/*
 * What is negotiated, and Linux's backend rehearsed: what it drops, and why.
 */
#include "netfront_checks.h"

/* ---- Negotiation --------------------------------------------------------------------------- */

struct keys {
    struct csumoff_netfront_key keys[16];
    size_t count;
};

static const char *get(void *ctx, const char *key)
{
    const struct keys *keys = ctx;

    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->keys[i].key, key) == 0)
            return keys->keys[i].value;
    return NULL;
}

static bool caps_equal(const struct csumoff_netfront_caps *x, const struct csumoff_netfront_caps *y)
{
    return x->csum_ipv4 == y->csum_ipv4 && x->csum_ipv6 == y->csum_ipv6 &&
           x->gso_tcpv4 == y->gso_tcpv4 && x->gso_tcpv6 == y->gso_tcpv6 && x->sg == y->sg;
}

/* Each key alone with each value; the others absent. */
START_TEST(every_value_of_every_key)
{
    static const char *const names[] = {"feature-no-csum-offload", "feature-ipv6-csum-offload",
                                        "feature-gso-tcpv4", "feature-gso-tcpv6", "feature-sg"};
    static const struct {
        const char *value;
        bool on;
    } values[] = {
        {NULL, false},
        {"", false},
        {"0", false},
        {"00", false},
        {"1", true},
        {"01", true},
        {"2", true},
        {"10", true},
        {"65536", true},
        {"4294967296", true},
        {"18446744073709551616", true},
        {"00000000000000000000000000000000000001", true},
        {" 1", false},
        {"1 ", false},
        {"1x", false},
        {"x1", false},
        {"0x1", false},
        {"-1", false},
        {"+1", false},
        {"1\n", false},
        {"on", false},
        {"1.0", false},
        {"true", false},
        {"\xB2", false},
    };
    size_t k, v;

    for (k = 0; k < 5; k++) {
        for (v = 0; v < sizeof values / sizeof *values; v++) {
            struct keys keys = {{{names[k], values[v].value}}, 1};
            struct csumoff_netfront_caps caps, want = {.csum_ipv4 = true};

            memset(&caps, 0xA5, sizeof caps);
            bool *const members[] = {&want.csum_ipv4, &want.csum_ipv6, &want.gso_tcpv4,
                                     &want.gso_tcpv6, &want.sg};

            *members[k] = k == 0 ? !values[v].on : values[v].on;
            csumoff_netfront_read_caps(get, &keys, &caps);
            if (!caps_equal(&caps, &want))
                ck_abort_msg("%s = \"%s\"", names[k], values[v].value ? values[v].value : "(none)");
        }
    }
}
END_TEST

/* What one side advertises is what the other one reads; never more is written than there is room.
 */
START_TEST(advertised_is_read)
{
    for (unsigned bits = 0; bits < 32; bits++) {
        struct csumoff_netfront_caps mine = {bits & 1, bits & 2, bits & 4, bits & 8, bits & 16},
                                     read;
        struct keys keys;
        size_t count = csumoff_netfront_advertise(&mine, NULL, 0), max, i;

        CHECK(count <= CSUMOFF_NETFRONT_KEYS);
        for (max = 0; max <= 16; max++) {
            memset(&keys, 0, sizeof keys);
            CHECK_EQ(csumoff_netfront_advertise(&mine, keys.keys, max), count);
            for (i = 0; i < 16; i++)
                CHECK_EQ(keys.keys[i].key != NULL, i < count && i < max);
        }
        keys.count = count;
        csumoff_netfront_read_caps(get, &keys, &read);
        CHECK(caps_equal(&read, &mine));
        CHECK(get(&keys, "request-rx-copy") == NULL);
    }
}
END_TEST

/* What switches IPv4 off leaves IPv6 as it is, and the other way. */
START_TEST(ipv6_is_a_switch_of_its_own)
{
    const struct csumoff_netfront_caps v4 = {.csum_ipv4 = true}, v6 = {.csum_ipv6 = true};

    build(udp4, 1);
    seeded(&b, &a);
    send(&a, &b, &v4, NULL, CSUMOFF_OK, TX_BOTH);
    completed(&b, &a);
    send(&a, &b, &v6, NULL, CSUMOFF_OK, 0);
    build(udp6, 2);
    seeded(&b, &a);
    send(&a, &b, &v6, NULL, CSUMOFF_OK, TX_BOTH);
    completed(&b, &a);
    send(&a, &b, &v4, NULL, CSUMOFF_OK, 0);
}
END_TEST

/* ---- The backend rehearsed ----------------------------------------------------------------- */

/* A driver that says csum_blank where the backend finds no
 * checksum sends into nowhere; and what the backend does not look at, it does not mind. */
START_TEST(why_frames_vanish)
{
    static const struct {
        struct recipe recipe;
        size_t at; /* from L3: a byte to set */
        uint8_t value;
        enum csumoff_drop want;
    } rows[] = {
        {{.version = 4, .proto = TCP, .payload = 9}, 8, 64, CSUMOFF_DROP_NONE},
        {{.version = 4, .proto = UDP, .payload = 9}, 8, 64, CSUMOFF_DROP_NONE},
        {{.version = 6, .proto = TCP, .payload = 9}, 7, 64, CSUMOFF_DROP_NONE},
        {{.version = 6, .proto = UDP, .payload = 9}, 7, 64, CSUMOFF_DROP_NONE},
        {{.version = 4, .proto = TCP, .options = 40}, 8, 64, CSUMOFF_DROP_NONE},
        {{.version = 6, .proto = TCP, .chain = "hdraf"}, 7, 64, CSUMOFF_DROP_NONE},
        {{.version = 4, .proto = ICMP}, 8, 64, CSUMOFF_DROP_PROTOCOL},
        {{.version = 6, .proto = ICMPV6}, 7, 64, CSUMOFF_DROP_PROTOCOL},
        {{.version = 4, .proto = SCTP}, 8, 64, CSUMOFF_DROP_PROTOCOL},
        {{.version = 4, .proto = 50}, 8, 64, CSUMOFF_DROP_PROTOCOL},
        {{.version = 4, .proto = TCP}, 6, 0x20, CSUMOFF_DROP_FRAGMENT},
        {{.version = 4, .proto = TCP}, 6, 0x1F, CSUMOFF_DROP_FRAGMENT},
        {{.version = 4, .proto = TCP}, 7, 1, CSUMOFF_DROP_FRAGMENT},
        {{.version = 4, .proto = TCP}, 6, 0x80, CSUMOFF_DROP_NONE},
        {{.version = 6, .proto = TCP, .chain = "F"}, 7, 64, CSUMOFF_DROP_FRAGMENT},
        {{.version = 6, .proto = UDP, .chain = "hM"}, 7, 64, CSUMOFF_DROP_FRAGMENT},
        {{.version = 6, .proto = UDP, .chain = "F"}, 43, 0, CSUMOFF_DROP_NONE} /* atomic */,
        {{.version = 6, .proto = UDP, .chain = "f"}, 43, 6, CSUMOFF_DROP_NONE}, /* reserved bits */
        {{.version = 4, .proto = TCP, .vlans = 1}, 8, 64, CSUMOFF_DROP_ETHERTYPE},
        {{.version = 6, .proto = UDP, .vlans = 2}, 7, 64, CSUMOFF_DROP_ETHERTYPE},
        /* Not checked: version, IHL, total length, UDP's length. */
        {{.version = 4, .proto = UDP, .payload = 9}, 0, 0xF5, CSUMOFF_DROP_NONE},
        {{.version = 4, .proto = UDP, .payload = 9}, 0, 0x40, CSUMOFF_DROP_NONE},
        {{.version = 4, .proto = UDP, .payload = 9}, 2, 0xFF, CSUMOFF_DROP_NONE},
        {{.version = 4, .proto = UDP, .payload = 9}, 24, 0xFF, CSUMOFF_DROP_NONE},
        {{.version = 6, .proto = UDP, .payload = 9}, 0, 0, CSUMOFF_DROP_NONE},
        {{.version = 6, .proto = UDP, .payload = 9}, 4, 0xFF, CSUMOFF_DROP_NONE},
        /* IHL 15 with 20 bytes of header and 17 behind them. */
        {{.version = 4, .proto = UDP, .payload = 9}, 0, 0x4F, CSUMOFF_DROP_TRUNCATED},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        build(rows[i].recipe, 300 + i);
        a.bytes[a.l3 + rows[i].at] = rows[i].value;
        for (uint16_t flags = 0; flags < 4; flags++) {
            enum csumoff_drop got = verdict(a.len, flags, 0, 0);

            if (got != (flags & TX_BLANK ? rows[i].want : CSUMOFF_DROP_NONE))
                ck_abort_msg("row %zu, flags %u: %s", i, flags, csumoff_drop_text(got));
        }
    }
    build((struct recipe){.version = 4, .proto = TCP, .vlans = 6}, 399);
    CHECK_EQ(verdict(a.len, TX_BLANK, 0, 0), CSUMOFF_DROP_ETHERTYPE);
    send(&a, &a, &all, NULL, CSUMOFF_OK, 0);
    /* ARP, in which csum_blank has no place. */
    store_wire16(a.bytes + 12, 0x0806);
    CHECK_EQ(verdict(a.len, TX_BOTH, 0, 0), CSUMOFF_DROP_ETHERTYPE);
    CHECK_EQ(verdict(a.len, TX_VALIDATED, 0, 0), CSUMOFF_DROP_NONE);
}
END_TEST

/* Cut at each byte: the headers have to be there, no more. */
START_TEST(accepted_when_the_headers_are_there)
{
    static const struct recipe *const recipes[] = {&tcp4, &tcp6, &udp4, &udp6};

    for (size_t i = 0; i < 4; i++) {
        size_t needed;

        build(*recipes[i], 400 + i);
        needed = a.l4 + (a.recipe.proto == TCP ? 20 : 8);
        for (size_t len = 0; len <= a.len; len++) {
            CHECK_EQ(verdict(len, TX_BLANK, 0, 0), len < 14       ? CSUMOFF_DROP_RUNT
                                                   : len < needed ? CSUMOFF_DROP_TRUNCATED
                                                                  : CSUMOFF_DROP_NONE);
            CHECK_EQ(verdict(len, 0, 0, 0), len < 14 ? CSUMOFF_DROP_RUNT : CSUMOFF_DROP_NONE);
        }
    }
    /* The IP header tells the protocol once it is there. */
    for (size_t i = 0; i < 2; i++) {
        build(i ? icmp6 : icmp4, 404 + i);
        CHECK_EQ(verdict(a.l4 - 1, TX_BLANK, 0, 0), CSUMOFF_DROP_TRUNCATED);
        CHECK_EQ(verdict(a.l4, TX_BLANK, 0, 0), CSUMOFF_DROP_PROTOCOL);
    }
}
END_TEST

/* The walk goes on while it is no further than right behind the payload. */
START_TEST(chains_and_the_payload_length)
{
    struct recipe recipe = {.version = 6, .proto = UDP, .payload = 20, .chain = "f"};

    build(recipe, 410);
    for (uint16_t len = 0; len < 40; len++) {
        store_wire16(a.bytes + a.l3 + 4, len);
        CHECK_EQ(verdict(a.len, TX_BLANK, 0, 0), len < 8 ? CSUMOFF_DROP_CHAIN : CSUMOFF_DROP_NONE);
    }
    recipe.chain = "";
    build(recipe, 411);
    store_wire16(a.bytes + a.l3 + 4, 0);
    CHECK_EQ(verdict(a.len, TX_BLANK, 0, 0), CSUMOFF_DROP_NONE);
}
END_TEST

/* Every GSO slot there could be. */
START_TEST(gso_slots)
{
    struct recipe recipe = tcp4;

    recipe.payload = 3000;
    build(recipe, 420);
    for (unsigned type = 0; type < 256; type++) {
        bool known = type == 1 || type == 2;

        CHECK_EQ(verdict(a.len, TX_BOTH | TX_EXTRA, (uint8_t)type, 1000),
                 known ? CSUMOFF_DROP_NONE : CSUMOFF_DROP_GSO_TYPE);
        CHECK_EQ(verdict(a.len, TX_BOTH | TX_EXTRA, (uint8_t)type, 0), CSUMOFF_DROP_GSO_SIZE);
        CHECK_EQ(verdict(a.len, TX_BOTH, (uint8_t)type, 0), CSUMOFF_DROP_NONE);
        /* Without csum_blank: repaired, where the checksum is found. */
        CHECK_EQ(verdict(a.len, TX_EXTRA, (uint8_t)type, 1000),
                 known ? CSUMOFF_DROP_NONE : CSUMOFF_DROP_GSO_TYPE);
    }
    build(icmp4, 421);
    CHECK_EQ(verdict(a.len, TX_EXTRA, 1, 1000), CSUMOFF_DROP_PROTOCOL);
}
END_TEST

START_TEST(each_drop_has_its_text)
{
    for (int i = 0; i <= CSUMOFF_DROP_PROTOCOL; i++)
        for (int j = 0; j < i; j++)
            CHECK(strcmp(csumoff_drop_text((enum csumoff_drop)i),
                         csumoff_drop_text((enum csumoff_drop)j)) != 0);
    CHECK(csumoff_drop_text((enum csumoff_drop)99) != NULL);
    CHECK(csumoff_drop_text((enum csumoff_drop) - 1) != NULL);
}
END_TEST

/* Damaged at random: nothing is read or written outside, errors change nothing, whatever is sent is
 * accepted, and pieces end as the whole does. */
START_TEST(random_damage)
{
    struct rng rng = rng_new(430);

    for (size_t round = 0; round < effort(60000, 6000); round++) {
        struct recipe recipe = recipe_at(rng_below(&rng, recipe_count()));
        struct csumoff_netfront_slot slot = {0, 0, 0}, iov_slot = {0, 0, 0};
        struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, 0, NULL};
        struct csumoff_iov *iov;
        struct csumoff_rx rx = {.state = CSUMOFF_NONE};
        size_t count;
        uint8_t *p;
        int status, iov_status;

        recipe.ethernet = true;
        recipe.payload = rng_below(&rng, 700);
        frame_build(&a, &recipe, &rng);
        for (size_t i = rng_below(&rng, 5); i; i--)
            a.bytes[12 + rng_below(&rng, 60)] = (uint8_t)rng_u32(&rng);
        if (rng_below(&rng, 4) == 0)
            a.len = rng_below(&rng, a.len + 1);
        hint.want = (enum csumoff_tx)rng_below(&rng, 4);
        hint.csum_start = (uint32_t)(rng_below(&rng, 2) * rng_below(&rng, 90));
        hint.csum_offset = (uint32_t)rng_below(&rng, 20);
        hint.mss = (uint16_t)(rng_below(&rng, 2) * rng_below(&rng, 600));
        p = placed(&a, a.len);
        status = csumoff_netfront_tx(p, a.len, &all, &hint, &slot);
        if (status)
            check_same(&a, p, a.len);
        else
            check_accepted(p, a.len, &slot);
        memcpy(b.bytes, p, a.len);
        b.recipe = recipe;
        p = placed(&a, a.len);
        iov = cut(&rng, p, a.len, &count);
        iov_status = csumoff_netfront_tx_iov(iov, count, &all, &hint, &iov_slot);
        join(iov, count, p);
        if (iov_status == CSUMOFF_ENOTSUP && a.len > 512) { /* headers longer than is gathered */
            check_same(&a, p, a.len);
        } else {
            CHECK_EQ(iov_status, status);
            check_same(&b, p, a.len);
            CHECK_EQ(slot.flags, iov_slot.flags);
        }
        p = placed(&a, a.len);
        if (receive(p, a.len, (uint16_t)rng_below(&rng, 16), (uint8_t)rng_below(&rng, 4), 1000,
                    &rx) == CSUMOFF_OK &&
            rx.state == CSUMOFF_PARTIAL)
            CHECK(rx.csum_start + rx.csum_offset + 2 <= a.len);
        check_same(&a, p, a.len);
        (void)!receive_finish(p, a.len, (uint16_t)rng_below(&rng, 16), (uint8_t)rng_below(&rng, 3));
    }
}
END_TEST

int main(void)
{
    const TTest *const negotiation[] = {every_value_of_every_key, advertised_is_read,
                                        ipv6_is_a_switch_of_its_own, NULL};
    const TTest *const backend[] = {why_frames_vanish,
                                    accepted_when_the_headers_are_there,
                                    chains_and_the_payload_length,
                                    gso_slots,
                                    each_drop_has_its_text,
                                    random_damage,
                                    NULL};
    Suite *suite = suite_create("netfront");

    suite_add(suite, "negotiation", negotiation);
    suite_add(suite, "backend", backend);
    return suite_run(suite);
}
