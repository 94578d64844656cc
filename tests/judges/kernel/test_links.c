// SPDX-License-Identifier: MIT
/* Seeds behind all links: what the kernel finishes is what the library finishes. */
#include "../../oracle/frames.h"
#include "emitted_checks.h"

static struct tap plain, offloading;
static struct packet again;
static struct frame frame;

/*
 * What stands between the Ethernet addresses and the IP header: C, S, N a VLAN tag (0x8100, 0x88A8,
 * 0x9100), m an MPLS label, M the last one, U that of a multicast stack of one, P a PPPoE session,
 * L LLC with SNAP.
 */
static const char *const links[] = {"",     "C",    "S",  "N",   "SC", "NC",   "NN",
                                    "CCCC", "SNCC", "M",  "U",   "mM", "mmmM", "CM",
                                    "SCmM", "P",    "CP", "SCP", "L",  "CL"};

static uint16_t type_of(char letter, unsigned version, size_t l3_len)
{
    switch (letter) {
    case 'C':
        return 0x8100;
    case 'S':
        return 0x88A8;
    case 'N':
        return 0x9100;
    case 'm':
    case 'M':
        return 0x8847;
    case 'U':
        return 0x8848;
    case 'P':
        return 0x8864;
    case 'L':
        return (uint16_t)(l3_len + 8);
    default:
        return version == 4 ? 0x0800 : 0x86DD;
    }
}

/* `frame`, an IP packet, behind an Ethernet header of that kind is in `sent`; returns where. */
static size_t put_behind(const char *link)
{
    static const uint8_t snap[] = {0xAA, 0xAA, 0x03, 0, 0, 0};
    unsigned version = frame.recipe.version;
    uint8_t *p = sent.bytes;
    const char *c;

    memcpy(p, (uint8_t[]){2, 0, 0, 0, 0, PEER + 1, 2, 0, 0, 0, 0, PEER}, 12);
    p += 12;
    store_wire16(p, type_of(*link, version, frame.len));
    p += 2;
    for (c = link; *c; c++)
        switch (*c) {
        case 'm':
        case 'M':
        case 'U':
            memcpy(p, (uint8_t[]){0x12, 0x34, (uint8_t)(*c == 'm' ? 0x50 : 0x51), 64}, 4);
            p += 4;
            break;
        case 'P':
            memcpy(p, (uint8_t[]){0x11, 0, 0, 7, 0, 0, 0, version == 4 ? 0x21 : 0x57}, 8);
            store_wire16(p + 4, (uint16_t)(frame.len + 2));
            p += 8;
            break;
        case 'L':
            memcpy(p, snap, sizeof snap);
            store_wire16(p + 6, type_of(c[1], version, frame.len));
            p += 8;
            break;
        default: /* a tag */
            store_wire16(p, (uint16_t)(0x2000 + 100 + (c - link)));
            store_wire16(p + 2, type_of(c[1], version, frame.len));
            p += 4;
        }
    memcpy(p, frame.bytes, frame.len);
    sent.len = (size_t)(p - sent.bytes) + frame.len;
    return (size_t)(p - sent.bytes);
}

static bool bridged_new(void)
{
    const struct tap *ports[3] = {&near, &plain, &offloading};

    machine_new();
    tap_new(&near, "near", 0, 1600);
    tap_new(&plain, "plain", 0, 1600);
    tap_new(&offloading, "offloading", TUN_F_CSUM, 1600);
    if (!bridge_new(ports, 3))
        return false;
    /* What is filtered has to be IP that makes sense (br_nf_pre_routing()). */
    (void)kernel_setting("bridge/bridge-nf-call-iptables", "0");
    (void)kernel_setting("bridge/bridge-nf-call-ip6tables", "0");
    return true;
}

static const struct {
    unsigned version, options;
    const char *chain;
} headers[] = {{4, 0, NULL}, {4, 12, NULL}, {6, 0, ""}, {6, 0, "hd"}, {6, 0, "r"}};
static const uint8_t seedable[] = {TCP, UDP};
static const size_t payloads[] = {0, 1, 33, 255, 1300};

/* A packet seeded by the library behind that link is in `sent`, and where it is in *at. */
static void seeded_behind(const char *link, size_t header, uint8_t proto, size_t payload,
                          struct csumoff_layout *at, struct rng *rng)
{
    struct recipe recipe = {.version = headers[header].version,
                            .options = headers[header].options,
                            .chain = headers[header].chain,
                            .proto = proto,
                            .payload = payload};
    size_t l3;

    frame_build(&frame, &recipe, rng);
    l3 = put_behind(link);
    CHECK_EQ(csumoff_seed(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET, at), CSUMOFF_OK);
    CHECK_EQ(at->l3_start, l3);
    CHECK_EQ(at->vlan_tags, strspn(link, "CSN"));
    CHECK_EQ(at->csum_start, l3 + frame.l4);
    CHECK_EQ(at->csum_offset, frame.csum_offset);
    CHECK_EQ(load_wire16(sent.bytes + at->csum_start + at->csum_offset), frame_seed(&frame));
    sent.hdr = (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                       .csum_start = (uint16_t)at->csum_start,
                                       .csum_offset = (uint16_t)at->csum_offset};
}

/* `sent` into the bridge; the port that can't finish gives `came`, the one that can `again`. */
static void across_the_bridge(const char *what)
{
    int error = tap_write(&near, &sent);

    if (error)
        ck_abort_msg("%s: refused: %s", what, strerror(error));
    if (!tap_read(&plain, &came, WAIT_MS) || !tap_read(&offloading, &again, WAIT_MS))
        ck_abort_msg("%s: never came out", what);
    CHECK_EQ(came.hdr.flags, 0);
    CHECK_EQ(came.len, sent.len);
    CHECK_EQ(again.len, sent.len);
}

/* The port that can finish has got the seed, and where it is, tags counted; behind MPLS only where
 * the kernel thinks that it can (netif_skb_features(), mpls_features). */
static void judge_offloading(const char *link, const struct csumoff_layout *at)
{
    if (again.hdr.flags == 0 && strpbrk(link, "mMU")) {
        CHECK(memcmp(again.bytes, came.bytes, sent.len) == 0);
        return;
    }
    if (again.hdr.flags != VIRTIO_NET_HDR_F_NEEDS_CSUM)
        ck_abort_msg("link \"%s\": finished for a port that can", link);
    CHECK_EQ(again.hdr.csum_start, at->csum_start);
    CHECK_EQ(again.hdr.csum_offset, at->csum_offset);
    CHECK(memcmp(again.bytes, sent.bytes, sent.len) == 0);
    CHECK(inspect(again.bytes, again.len).l4 == CSUMOFF_SEEDED ||
          frame_complete(&frame) == frame_seed(&frame));
}

START_TEST(finished_behind_every_link)
{
    struct rng rng = rng_new(71);
    size_t i, h, p, n, count = 0;
    uint16_t check;

    if (!bridged_new()) {
        kernel_lacks("finished_behind_every_link", "no bridges in this kernel");
        return;
    }
    for (i = 0; i < COUNT(links); i++)
        for (h = 0; h < COUNT(headers); h++)
            for (p = 0; p < COUNT(seedable); p++)
                for (n = 0; n < COUNT(payloads); n++) {
                    struct csumoff_layout at;

                    seeded_behind(links[i], h, seedable[p], payloads[n], &at, &rng);
                    across_the_bridge(links[i]);
                    memcpy(ours, sent.bytes, sent.len);
                    CHECK_EQ(csumoff_finish_at(ours, sent.len, &at), CSUMOFF_OK);
                    check_kernels_bytes(links[i], ours, came.bytes, sent.len);
                    CHECK_EQ(inspect(came.bytes, came.len).l4, CSUMOFF_GOOD);
                    CHECK_EQ(csumoff_verify(came.bytes, came.len, CSUMOFF_LINK_ETHERNET),
                             CSUMOFF_OK);
                    check = frame_complete(&frame); /* 0 becomes 0xFFFF (skb_checksum_help()) */
                    CHECK_EQ(load_wire16(came.bytes + at.csum_start + at.csum_offset),
                             check ? check : 0xFFFF);
                    judge_offloading(links[i], &at);
                    count++;
                }
    said("packets that the kernel finished behind tags, labels, sessions and SNAP", count);
}
END_TEST

/* Control. */
START_TEST(wrong_seeds_stay_wrong)
{
    struct rng rng = rng_new(72);
    size_t i, h, p, count = 0;

    if (!bridged_new()) {
        kernel_lacks("wrong_seeds_stay_wrong", "no bridges in this kernel");
        return;
    }
    for (i = 0; i < COUNT(links); i++)
        for (h = 0; h < COUNT(headers); h++)
            for (p = 0; p < COUNT(seedable); p++) {
                struct csumoff_layout at;
                uint8_t *field;

                seeded_behind(links[i], h, seedable[p], 100 + i, &at, &rng);
                field = sent.bytes + at.csum_start + at.csum_offset;
                store_wire16(field, load_wire16(field) ^ (uint16_t)(1u << rng_below(&rng, 16)));
                if (load_wire16(field) % 0xFFFF == frame_seed(&frame) % 0xFFFF)
                    continue;
                across_the_bridge(links[i]);
                memcpy(ours, sent.bytes, sent.len);
                CHECK_EQ(csumoff_finish_at(ours, sent.len, &at), CSUMOFF_OK);
                check_kernels_bytes(links[i], ours, came.bytes, sent.len);
                CHECK_EQ(inspect(came.bytes, came.len).l4, CSUMOFF_BAD);
                CHECK_EQ(csumoff_verify(came.bytes, came.len, CSUMOFF_LINK_ETHERNET),
                         CSUMOFF_ECSUM);
                count++;
            }
    ck_assert_uint_ge(count, COUNT(links) * COUNT(headers) * COUNT(seedable) - 4);
}
END_TEST

int main(void)
{
    const TTest *const linked[] = {finished_behind_every_link, wrong_seeds_stay_wrong, NULL};
    const char *why = kernel_missing();
    Suite *suite = suite_create("kernel_links");

    if (why)
        return kernel_skipped(why);
    suite_add(suite, "links", linked);
    return suite_run(suite);
}
