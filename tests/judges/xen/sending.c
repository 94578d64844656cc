// SPDX-License-Identifier: MIT
/* What goes out: by offload_send(), and by hand what must not. */
#include <csumoff_netfront.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../oracle/encapsulations.h"
#include "cases.h"
#include "vif.h"

enum {
    NOTHING = 0,
    BLANK = CSUMOFF_NETTXF_CSUM_BLANK,
    VALIDATED = CSUMOFF_NETTXF_DATA_VALIDATED,
    BOTH = BLANK | VALIDATED,
    GSO = CSUMOFF_NETTXF_EXTRA_INFO,
    WHOLE = 12,       /* where no checksum is: any place */
    SLOTS_FATAL = 22, /* of a frame, to Linux */
    SLOTS_DARED = 32
};

struct frame frame;
struct rng random_numbers;

static const uint8_t protos[] = {UDP, TCP};
static const unsigned versions[] = {4, 6};

static const char *name_of(uint8_t proto)
{
    return proto == UDP ? "UDP" : "TCP";
}

void build(const struct recipe *recipe)
{
    frame_build(&frame, recipe, &random_numbers);
    if (recipe->proto == TCP)
        frame.bytes[frame.l4 + 13] = 0x18; /* ACK, PSH */
}

void build_simple(unsigned version, uint8_t proto, size_t payload)
{
    const struct recipe recipe = {
        .ethernet = true, .version = version, .proto = proto, .payload = payload};

    build(&recipe);
}

void cut(struct iovec *pieces, unsigned count)
{
    size_t at = 0;

    for (unsigned i = 0; i < count; i++) {
        size_t after = count - 1 - i, left = frame.len - at;
        /* Slots are pages; none is empty. */
        size_t least = left > after * RING_SLOT_MAX ? left - after * RING_SLOT_MAX : 1;
        size_t header = i == 0 && least < 14 ? 14 : least; /* belongs into the first one */
        size_t most = left - after < RING_SLOT_MAX ? left - after : RING_SLOT_MAX;
        size_t len = after ? header + rng_below(&random_numbers, most - header + 1) : left;

        pieces[i] = (struct iovec){frame.bytes + at, len};
        at += len;
    }
}

void send_as(struct guest *guest, enum csumoff_tx want, unsigned count, uint16_t mss)
{
    struct iovec pieces[RING_PIECES];
    const struct csumoff_hint hint = {.want = want, .mss = mss};
    size_t payload = frame.recipe.payload;
    int status;

    frame_set_l3(&frame);
    frame_set_field(&frame, frame_complete(&frame));
    if (mss && payload > mss)
        row_expect_segments(frame.bytes, &frame, mss);
    else
        row_expect(frame.bytes, frame.bytes, frame.len, frame.l4 + frame.csum_offset);
    /* What isn't said to be there isn't there. */
    if (want == CSUMOFF_TX_COMPUTE)
        frame_set_field(&frame, (uint16_t)rng_u32(&random_numbers));
    if (want == CSUMOFF_TX_SEEDED)
        frame_set_field(&frame, frame_seed(&frame));
    if ((want == CSUMOFF_TX_COMPUTE || want == CSUMOFF_TX_SEEDED) && frame.recipe.version == 4)
        store_wire16(frame.bytes + frame.l3 + 10, (uint16_t)rng_u32(&random_numbers));
    cut(pieces, count);
    status = offload_send(&guest->offload, pieces, count, &hint);
    if (status)
        die("offload_send() returned %d for %s", status, recipe_text(&frame.recipe));
    row_drain();
}

void send_raw(struct guest *guest, const struct ring_slot *slot)
{
    struct iovec piece = {frame.bytes, frame.len};
    int status;

    while ((status = ring_send(guest->offload.ring, &piece, 1, slot)) == EAGAIN)
        ring_wait(guest->offload.ring, 100);
    if (status)
        die("ring_send() returned %d", status);
    row_drain();
}

/* The same, when the kernel's part is to finish it: `field` has what the guest says is a seed. */
static void send_blank(struct guest *guest, uint16_t flags, uint16_t field)
{
    const struct ring_slot slot = {flags, 0, 0};

    frame_set_l3(&frame);
    frame_set_field(&frame, frame_complete(&frame));
    row_expect(frame.bytes, frame.bytes, frame.len, frame.l4 + frame.csum_offset);
    frame_set_field(&frame, field);
    send_raw(guest, &slot);
}

/* ---- What a guest may send ----------------------------------------------------------------- */

static void states(struct guest *guest)
{
    static const struct {
        const char *text;
        enum csumoff_tx want;
        int flags;
    } ways[] = {
        {"no checksum made yet", CSUMOFF_TX_COMPUTE, BOTH},
        {"the stack's own seed", CSUMOFF_TX_SEEDED, BOTH},
        {"complete and verified", CSUMOFF_TX_VERIFIED, VALIDATED},
        {"complete, somebody else's", CSUMOFF_TX_AS_IS, NOTHING},
    };

    for (size_t v = 0; v < 2; v++)
        for (size_t p = 0; p < 2; p++) {
            for (size_t w = 0; w < 4; w++) {
                row_begin(guest->offload.ring, GOOD, ways[w].flags, "%s over IPv%u, %s",
                          name_of(protos[p]), versions[v], ways[w].text);
                for (size_t payload = 0; payload <= 80; payload++) {
                    build_simple(versions[v], protos[p], payload);
                    send_as(guest, ways[w].want, 1, 0);
                }
                row_end();
            }
            row_begin(guest->offload.ring, GOOD, BLANK, "%s over IPv%u, csum_blank alone",
                      name_of(protos[p]), versions[v]);
            for (size_t payload = 0; payload <= 9; payload++) {
                build_simple(versions[v], protos[p], payload);
                send_blank(guest, BLANK, frame_seed(&frame));
            }
            row_end();
        }
}

static void headers(struct guest *guest)
{
    static const char *const chains[] = {"h", "d", "r", "a", "f", "hd", "hrfad"};
    struct recipe recipe = {.ethernet = true};

    for (size_t p = 0; p < 2; p++) {
        recipe.proto = protos[p];
        recipe.version = 4;
        recipe.chain = NULL;
        row_begin(guest->offload.ring, GOOD, BOTH, "%s, 4 to 40 bytes of IPv4 options",
                  name_of(protos[p]));
        for (recipe.options = 4; recipe.options <= 40; recipe.options += 4)
            for (recipe.payload = 0; recipe.payload < 4; recipe.payload++) {
                build(&recipe);
                send_as(guest, CSUMOFF_TX_COMPUTE, 1, 0);
            }
        row_end();
        recipe.version = 6;
        recipe.options = 0;
        row_begin(guest->offload.ring, GOOD, BOTH, "%s, IPv6 extension headers",
                  name_of(protos[p]));
        for (size_t c = 0; c < sizeof chains / sizeof *chains; c++)
            for (recipe.payload = 0; recipe.payload < 8; recipe.payload++) {
                recipe.chain = chains[c];
                build(&recipe);
                send_as(guest, CSUMOFF_TX_COMPUTE, 1, 0);
            }
        row_end();
    }
}

static void sizes(struct guest *guest)
{
    for (size_t v = 0; v < 2; v++)
        for (size_t p = 0; p < 2; p++) {
            row_begin(guest->offload.ring, GOOD, BOTH,
                      "%s over IPv%u in 2 to 18 slots, cut anywhere", name_of(protos[p]),
                      versions[v]);
            for (unsigned pieces = 2; pieces <= RING_PIECES; pieces++) {
                build_simple(versions[v], protos[p], 200 + rng_below(&random_numbers, 1200));
                send_as(guest, CSUMOFF_TX_COMPUTE, pieces, 0);
                build_simple(versions[v], protos[p],
                             pieces * 3000 + rng_below(&random_numbers, 500));
                send_as(guest, CSUMOFF_TX_SEEDED, pieces, 0);
            }
            row_end();
        }
}

static void odd_ones(struct guest *guest)
{
    const uint8_t icmp[] = {ICMP, ICMPV6};
    struct recipe recipe = {.ethernet = true, .proto = UDP, .payload = 64};

    for (size_t v = 0; v < 2; v++) {
        struct ring *ring = guest->offload.ring;

        recipe.version = versions[v];
        row_begin(ring, GOOD, BOTH, "UDP over IPv%u that sums to 0: 0xFFFF", versions[v]);
        for (recipe.payload = 2; recipe.payload < 34; recipe.payload++) {
            build(&recipe);
            frame_force(&frame, 0);
            send_as(guest, CSUMOFF_TX_COMPUTE, 1, 0);
        }
        row_end();

        recipe.padding = 6;
        row_begin(ring, GOOD, BOTH, "UDP over IPv%u, zeros behind it", versions[v]);
        build(&recipe);
        send_as(guest, CSUMOFF_TX_COMPUTE, 1, 0);
        row_end();

        row_begin(ring, GOOD, NOTHING, "UDP over IPv%u, non-zero bytes behind it: finished here",
                  versions[v]);
        build(&recipe);
        frame.bytes[frame.len - 1] = 0xA5;
        send_as(guest, CSUMOFF_TX_COMPUTE, 1, 0);
        row_end();
        recipe.padding = 0;

        row_begin(ring, GOOD, NOTHING, "%s: finished here", v ? "ICMPv6" : "ICMP");
        build_simple(versions[v], icmp[v], 57);
        send_as(guest, CSUMOFF_TX_COMPUTE, 1, 0);
        row_end();

        for (size_t p = 0; p < 2; p++) {
            row_begin(ring, GOOD, NOTHING, "%s over IPv%u, 1 to 4 VLAN tags: finished here",
                      name_of(protos[p]), versions[v]);
            recipe.proto = protos[p];
            for (recipe.vlans = 1; recipe.vlans <= 4; recipe.vlans++) {
                build(&recipe);
                send_as(guest, CSUMOFF_TX_COMPUTE, 1, 0);
            }
            row_end();
            recipe.vlans = 0;
            recipe.proto = UDP;
        }
    }
}

/* A frame without a checksum of its own, which has to arrive as it is. */
static void send_untouched(struct guest *guest)
{
    const struct iovec piece = {frame.bytes, frame.len};
    int status;

    row_expect(frame.bytes, frame.bytes, frame.len, WHOLE);
    status = offload_send(&guest->offload, &piece, 1, NULL);
    if (status)
        die("offload_send() returned %d", status);
    row_end();
}

static void build_arp(void)
{
    static const uint8_t arp[] = {8, 6, 0, 1, 8, 0, 6, 4, 0, 1};

    build_simple(4, UDP, 6);
    memcpy(frame.bytes + 12, arp, sizeof arp);
    frame.len = 42;
}

static void build_fragment(unsigned version, bool is_first)
{
    const struct recipe recipe = {.ethernet = true,
                                  .version = version,
                                  .chain = version == 4 ? NULL
                                           : is_first   ? "M"
                                                        : "F",
                                  .proto = UDP,
                                  .payload = 40};

    build(&recipe);
    if (version == 4)
        store_wire16(frame.bytes + frame.l3 + 6, is_first ? 0x2000 : 0x0005);
    frame_set_l3(&frame);
}

static void no_checksum(struct guest *guest)
{
    struct ring *ring = guest->offload.ring;
    const struct csumoff_hint verified = {.want = CSUMOFF_TX_VERIFIED};
    const struct iovec *piece = &(const struct iovec){frame.bytes, 8 + 34 + 30};

    row_begin(ring, GOOD, VALIDATED, "UDP over IPv4 without a checksum: stays so");
    build_simple(4, UDP, 30);
    frame_set_l3(&frame);
    frame_set_field(&frame, 0);
    row_expect(frame.bytes, frame.bytes, frame.len, WHOLE);
    if (frame.len != piece->iov_len || offload_send(&guest->offload, piece, 1, &verified))
        die("UDP without a checksum");
    row_end();

    row_begin(ring, GOOD, NOTHING, "ARP");
    build_arp();
    send_untouched(guest);
    for (size_t v = 0; v < 2; v++)
        for (int first = 1; first >= 0; first--) {
            row_begin(ring, GOOD, NOTHING, "IPv%u fragment, %s", versions[v],
                      first ? "the first" : "a later one");
            build_fragment(versions[v], first);
            send_untouched(guest);
        }
}

/* The backend knows no CRC32c, so it is made before. */
static void crc32c(struct guest *guest)
{
    for (size_t v = 0; v < 2; v++) {
        const struct iovec piece = {frame.bytes, 14 + (versions[v] == 4 ? 20 : 40) + 12 + 40};

        row_begin(guest->offload.ring, GOOD, NOTHING, "SCTP over IPv%u: its CRC32c is made",
                  versions[v]);
        build_simple(versions[v], SCTP, 40);
        frame_set_l3(&frame);
        frame_set_crc32c(&frame);
        row_expect(frame.bytes, frame.bytes, frame.len, WHOLE);
        memset(frame.bytes + frame.l4 + 8, 0xA5, 4);
        if (frame.len != piece.iov_len || offload_send(&guest->offload, &piece, 1, NULL))
            die("SCTP");
        row_end();
    }
}

static void super_frames(struct guest *guest)
{
    static const struct {
        size_t payload;
        uint16_t mss;
    } all[] = {{1461, 1460}, {2920, 1460}, {65000, 1460}, {30001, 1460}, {9000, 536}, {3001, 8}};

    for (size_t v = 0; v < 2; v++)
        for (int seeded = 0; seeded < 2; seeded++) {
            row_begin(guest->offload.ring, GOOD, BOTH | GSO, "GSO, TCP over IPv%u, %s", versions[v],
                      seeded ? "the stack's own seed" : "no checksum made yet");
            for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
                build_simple(versions[v], TCP, all[i].payload);
                send_as(guest, seeded ? CSUMOFF_TX_SEEDED : CSUMOFF_TX_COMPUTE,
                        i % 2 ? RING_PIECES : 17, all[i].mss);
            }
            row_end();
        }
}

/* New checksums would be right whatever became of the payload: only what was verified is cut. */
static void complete_super_frames(struct guest *guest)
{
    const struct csumoff_hint as_is = {.want = CSUMOFF_TX_AS_IS, .mss = 1460};
    struct iovec piece = {frame.bytes, 0};
    int status;

    for (size_t v = 0; v < 2; v++) {
        row_begin(guest->offload.ring, GOOD, BOTH,
                  "TCP over IPv%u beyond mss, complete and verified: cut here", versions[v]);
        build_simple(versions[v], TCP, 5000);
        send_as(guest, CSUMOFF_TX_VERIFIED, 3, 1460);
        row_end();
    }
    build_simple(4, TCP, 5000);
    frame_set_l3(&frame);
    frame_set_field(&frame, frame_complete(&frame));
    piece.iov_len = frame.len;
    status = offload_send(&guest->offload, &piece, 1, &as_is);
    row_other(status == CSUMOFF_ENOTSUP, "TCP over IPv4 beyond mss, complete, somebody else's", "-",
              "-", csumoff_strerror(status));
}

/* ---- What it must not ---------------------------------------------------------------------- */

static void wrong_seeds(struct guest *guest)
{
    struct ring *ring = guest->offload.ring;

    for (size_t v = 0; v < 2; v++)
        for (size_t p = 0; p < 2; p++)
            for (int complemented = 0; complemented < 2; complemented++) {
                row_begin(ring, BAD, BOTH, "WRONG: %s over IPv%u, %s", name_of(protos[p]),
                          versions[v], complemented ? "the seed complemented" : "0 for a seed");
                for (size_t payload = 0; payload < 10; payload++) {
                    uint16_t seed;

                    build_simple(versions[v], protos[p], payload);
                    seed = (uint16_t)~frame_seed(&frame);
                    send_blank(guest, BOTH, complemented ? seed : 0);
                }
                row_end();
            }
    row_begin(ring, BAD, BOTH, "WRONG: csum_blank, non-zero bytes behind the packet");
    build(&(const struct recipe){.ethernet = true, .version = 4, .proto = UDP, .padding = 6});
    frame.bytes[frame.len - 1] = 0xA5;
    send_blank(guest, BOTH, frame_seed(&frame));
    row_end();
}

static void wrong_gso(struct guest *guest)
{
    for (size_t v = 0; v < 2; v++) {
        struct ring_slot slot = {BOTH | GSO, (uint8_t)(v + 1), 1000};

        row_begin(guest->offload.ring, BAD, slot.flags, "WRONG: GSO over IPv%u, length-less seed",
                  versions[v]);
        build_simple(versions[v], TCP, 20000);
        frame_set_l3(&frame);
        row_expect_segments(frame.bytes, &frame, slot.gso_size);
        frame_set_field(&frame, frame_seed_gso(&frame));
        send_raw(guest, &slot);
        row_end();

        slot.flags = VALIDATED | GSO;
        row_begin(guest->offload.ring, GOOD, slot.flags,
                  "WRONG: GSO over IPv%u without csum_blank: Linux repairs it", versions[v]);
        build_simple(versions[v], TCP, 20000);
        frame_set_l3(&frame);
        row_expect_segments(frame.bytes, &frame, slot.gso_size);
        frame_set_field(&frame, 0x1234);
        send_raw(guest, &slot);
        row_end();
    }
}

static void dropped(struct guest *guest, const char *title)
{
    const struct ring_slot slot = {BOTH, 0, 0};

    row_begin(guest->offload.ring, DROPPED, BOTH, "WRONG: csum_blank on %s", title);
    row_expect_any(frame.bytes, frame.len);
    send_raw(guest, &slot);
    row_end();
}

static void wrong_blanks(struct guest *guest)
{
    struct recipe recipe = {.ethernet = true, .version = 4, .proto = UDP, .payload = 40};

    build_arp();
    dropped(guest, "ARP");
    for (size_t v = 0; v < 2; v++) {
        static const char *const tagged[] = {"a VLAN-tagged IPv4 frame",
                                             "a VLAN-tagged IPv6 frame"};
        static const char *const fragments[] = {"an IPv4 fragment", "an IPv6 fragment"};

        recipe.version = versions[v];
        recipe.vlans = 1;
        build(&recipe);
        frame_set_l3(&frame);
        dropped(guest, tagged[v]);
        recipe.vlans = 0;
        for (int first = 0; first < 2; first++) {
            build_fragment(versions[v], first);
            dropped(guest, fragments[v]);
        }
    }
    build_simple(4, ICMP, 40);
    frame_set_l3(&frame);
    dropped(guest, "ICMP");
    build_simple(6, ICMPV6, 40);
    dropped(guest, "ICMPv6");
    build_simple(4, SCTP, 40);
    frame_set_l3(&frame);
    dropped(guest, "SCTP");
    build_simple(4, TCP, 0);
    frame_set_l3(&frame);
    frame.len -= 1;
    dropped(guest, "TCP with a byte of its header missing");
    build_simple(6, UDP, 0);
    frame.len -= 1;
    dropped(guest, "UDP with a byte of its header missing");
    build_simple(4, UDP, 0);
    frame.len = 14 + 19;
    dropped(guest, "IPv4 with a byte of its header missing");
    build(&(const struct recipe){
        .ethernet = true, .version = 6, .chain = "d", .proto = UDP, .payload = 9});
    frame.bytes[frame.l3 + 5] = 0;
    frame.bytes[frame.l3 + 4] = 0;
    frame.bytes[frame.l3 + 41] = 3;
    dropped(guest, "IPv6 options beyond the payload length");
}

void cases_sending(struct guest *guest)
{
    states(guest);
    headers(guest);
    sizes(guest);
    odd_ones(guest);
    no_checksum(guest);
    crc32c(guest);
    super_frames(guest);
    complete_super_frames(guest);
    wrong_seeds(guest);
    wrong_gso(guest);
    wrong_blanks(guest);
}

/* ---- Features that the backend doesn't take ------------------------------------------------ */

void cases_switches(struct guest *guest)
{
    static const struct {
        const char *text;
        struct switched keys[2];
        int flags[2];     /* of a datagram over IPv4, IPv6 */
        int gso_flags[2]; /* of a super-frame; where it is cut here, of the segments */
    } all[] = {
        {"feature-no-csum-offload = 1",
         {{"feature-no-csum-offload", "1"}},
         {NOTHING, BOTH},
         {VALIDATED, BOTH | GSO}},
        {"feature-ipv6-csum-offload = 0",
         {{"feature-ipv6-csum-offload", "0"}},
         {BOTH, NOTHING},
         {BOTH | GSO, VALIDATED}},
        {"feature-ipv6-csum-offload = yes, which is no number",
         {{"feature-ipv6-csum-offload", "yes"}},
         {BOTH, NOTHING},
         {BOTH | GSO, VALIDATED}},
        {"feature-gso-tcpv4 = 0", {{"feature-gso-tcpv4", "0"}}, {BOTH, BOTH}, {BOTH, BOTH | GSO}},
        {"feature-gso-tcpv6 = 0", {{"feature-gso-tcpv6", "0"}}, {BOTH, BOTH}, {BOTH | GSO, BOTH}},
        {"feature-sg = 0", {{"feature-sg", "0"}}, {BOTH, BOTH}, {BOTH, BOTH}},
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        guest_close(guest);
        guest_connect(guest, &everything, all[i].keys);
        for (size_t v = 0; v < 2; v++) {
            row_begin(guest->offload.ring, GOOD, all[i].flags[v], "%s: UDP and TCP over IPv%u",
                      all[i].text, versions[v]);
            for (size_t payload = 0; payload < 40; payload++)
                for (size_t p = 0; p < 2; p++) {
                    build_simple(versions[v], protos[p], payload);
                    send_as(guest, payload % 2 ? CSUMOFF_TX_SEEDED : CSUMOFF_TX_COMPUTE,
                            1 + (unsigned)payload % 3, 0);
                }
            row_end();
            row_begin(guest->offload.ring, GOOD, all[i].gso_flags[v], "%s: super-frames over IPv%u",
                      all[i].text, versions[v]);
            for (size_t payload = 1000; payload < 60000; payload = payload * 3 + 1) {
                build_simple(versions[v], TCP, payload);
                send_as(guest, CSUMOFF_TX_COMPUTE, 1, 900);
            }
            row_end();
        }
    }
    guest_close(guest);
    guest_connect(guest, &everything, NULL);
}

/* ---- Many ---------------------------------------------------------------------------------- */

static bool chance(size_t one_of)
{
    return rng_below(&random_numbers, one_of) == 0;
}

static struct recipe random_recipe(void)
{
    static const char *const chains[] = {"", "h", "d", "r", "a", "f", "hd", "hrfad"};
    const size_t sizes[] = {8, 100, 1400};
    struct recipe r = {.ethernet = true, .proto = protos[rng_below(&random_numbers, 2)]};

    r.version = versions[rng_below(&random_numbers, 2)];
    if (r.version == 4 && chance(4))
        r.options = 4 * (unsigned)rng_below(&random_numbers, 11);
    if (r.version == 6)
        r.chain = chains[chance(3) ? rng_below(&random_numbers, 8) : 0];
    r.payload = rng_below(&random_numbers, sizes[rng_below(&random_numbers, 3)]);
    if (chance(10))
        r.vlans = 1 + (unsigned)rng_below(&random_numbers, 2);
    if (chance(10))
        r.padding = rng_below(&random_numbers, 20);
    if (chance(20))
        r.proto = r.version == 4 ? ICMP : ICMPV6;
    return r;
}

static void random_frames(struct guest *guest)
{
    static const enum csumoff_tx any[] = {CSUMOFF_TX_COMPUTE, CSUMOFF_TX_COMPUTE, CSUMOFF_TX_SEEDED,
                                          CSUMOFF_TX_AS_IS, CSUMOFF_TX_VERIFIED};
    const size_t count = effort(20000, 5000);
    unsigned in_flight_most = 0;
    char text[64];

    row_begin(guest->offload.ring, GOOD, ANY_FLAGS, "random frames, the ring kept full");
    ring_hold(guest->offload.ring, true);
    for (size_t i = 0; i < count; i++) {
        struct recipe recipe = random_recipe();
        enum csumoff_tx want = any[rng_below(&random_numbers, 5)];
        unsigned in_flight;

        build(&recipe);
        send_as(guest, want, chance(4) ? 1 + (unsigned)rng_below(&random_numbers, 18) : 1, 0);
        in_flight = ring_in_flight(guest->offload.ring);
        if (in_flight > in_flight_most)
            in_flight_most = in_flight;
    }
    ring_hold(guest->offload.ring, false);
    row_end();
    snprintf(text, sizeof text, "up to %u slots of 256", in_flight_most);
    row_other(in_flight_most > 200, "random frames: in flight at a time", "-", "-", text);
}

/* Damage behind the addresses, which the sink tells frames by. */
static void damage(void)
{
    size_t last = frame.l4 + 20 < frame.len ? frame.l4 + 20 : frame.len;

    if (chance(2))
        frame.len = 14 + rng_below(&random_numbers, last - 14 + 1);
    for (size_t i = rng_below(&random_numbers, 3); i > 0; i--)
        frame.bytes[12 + rng_below(&random_numbers, last - 12)] ^=
            (uint8_t)(1u << rng_below(&random_numbers, 8));
    if (chance(8))
        frame.bytes[frame.l3] = (uint8_t)rng_u32(&random_numbers); /* version, IHL */
    if (chance(8))
        store_wire16(frame.bytes + frame.l3 + (frame.recipe.version == 4 ? 6 : 4),
                     (uint16_t)rng_below(&random_numbers, 200)); /* fragments; the payload */
    if (chance(8) && frame.recipe.version == 6)
        frame.bytes[frame.l3 + 41] = (uint8_t)rng_below(&random_numbers, 64); /* a chain's length */
}

static void damaged_frames(struct guest *guest)
{
    static const char *const chains[] = {"",  "h", "d",  "r",   "a",   "f",
                                         "F", "M", "hd", "ddd", "raf", "hrfad"};

    const size_t count = effort(5000, 2000);

    row_begin(guest->offload.ring, EITHER, ANY_FLAGS, "damaged frames under csum_blank");
    for (size_t i = 0; i < count; i++) {
        const struct ring_slot slot = {chance(4) ? BLANK : BOTH, 0, 0};
        struct recipe recipe = random_recipe();

        if (recipe.version == 6)
            recipe.chain = chains[rng_below(&random_numbers, 12)];
        if (chance(10))
            recipe.proto = SCTP;
        build(&recipe);
        damage();
        row_expect_any(frame.bytes, frame.len);
        send_raw(guest, &slot);
    }
    row_end();
}

void cases_many(struct guest *guest)
{
    random_frames(guest);
    damaged_frames(guest);
}

/* ---- What costs the interface -------------------------------------------------------------- */

/* Sends the frame, unnumbered, in slots of these sizes, the last of which takes what is left. */
static void send_slots(struct guest *guest, const size_t *sizes, size_t count)
{
    const struct ring_slot slot = {NOTHING, 0, 0};
    struct iovec pieces[SLOTS_DARED];
    size_t at = 0;

    for (size_t i = 0; i < count; at += pieces[i++].iov_len)
        pieces[i] = (struct iovec){frame.bytes + at, i + 1 < count ? sizes[i] : frame.len - at};
    if (ring_send(guest->offload.ring, pieces, count, &slot))
        die("ring_send() failed");
}

/* The same, and waits for the answer; whether it was OKAY. */
static bool is_answered_okay(struct guest *guest, const size_t *sizes, size_t count)
{
    struct ring *ring = guest->offload.ring;
    unsigned errors = ring_errors(ring);

    send_slots(guest, sizes, count);
    for (int tries = 0; ring_in_flight(ring); tries++)
        if (ring_wait(ring, 1000) && tries > 60)
            die("no answer");
    return ring_errors(ring) == errors;
}

/* What csumoff says of the frame in such slots. */
static enum csumoff_drop foretold(const size_t *sizes, size_t count)
{
    const struct csumoff_netfront_slot slot = {NOTHING, 0, 0};
    uint16_t on_ring[SLOTS_DARED] = {(uint16_t)frame.len};

    for (size_t i = 0, at = 0, size; i < count; i++, at += size) {
        size = i + 1 < count ? sizes[i] : frame.len - at;
        if (i)
            on_ring[i] = (uint16_t)size;
    }
    return csumoff_netback_drops_slots(frame.bytes, on_ring, count, &slot);
}

static const char *drop_text(enum csumoff_drop why)
{
    static char text[96];

    snprintf(text, sizeof text, "%s%s", why ? "dropped: " : "", csumoff_drop_text(why));
    return text;
}

static void short_frames(struct guest *guest)
{
    const size_t first[] = {13, 14};
    enum csumoff_drop why;
    bool okay;

    for (size_t i = 0; i < 2; i++) {
        build_simple(4, TCP, 100);
        why = foretold(&first[i], 2);
        okay = is_answered_okay(guest, &first[i], 2);
        row_other(i ? okay && !why : !okay && why == CSUMOFF_DROP_RUNT,
                  i ? "a first slot of 14 bytes" : "WRONG: a first slot of 13 bytes", "none",
                  drop_text(why), okay ? "answer: OKAY" : "answer: ERROR");
    }
    frame.len = 13;
    why = foretold(first, 1);
    okay = is_answered_okay(guest, first, 1);
    row_other(why == CSUMOFF_DROP_RUNT && !okay, "WRONG: a frame of 13 bytes", "none",
              drop_text(why), okay ? "answer: OKAY" : "answer: ERROR");
}

/* The protocol promises 18 slots. Linux takes one more, answers a few beyond with an error, and
 * takes a guest for malicious from FATAL on. */
static void many_slots(struct guest *guest)
{
    size_t sizes[SLOTS_DARED];

    for (size_t i = 0; i < SLOTS_DARED; i++)
        sizes[i] = 30;
    build_simple(4, UDP, 1000);
    for (size_t count = 17; count < SLOTS_FATAL; count++) {
        const enum csumoff_drop why = foretold(sizes, count);
        const bool okay = is_answered_okay(guest, sizes, count);
        char title[64];

        snprintf(title, sizeof title, "%s%zu slots", count > RING_PIECES ? "WRONG: " : "", count);
        row_other(okay == (count <= RING_PIECES + 1) &&
                      why == (count <= RING_PIECES ? CSUMOFF_DROP_NONE : CSUMOFF_DROP_SLOTS),
                  title, "none", drop_text(why), okay ? "answer: OKAY" : "answer: ERROR");
    }
}

/* The backend takes the carrier away, and never looks at the ring again. */
static bool is_dead(const struct guest *guest)
{
    char device[16];

    snprintf(device, sizeof device, "vif0.%u", guest->handle);
    for (int tries = 0; rig_number(device, "carrier") == 1 && tries < 3000; tries++)
        usleep(10000);
    return rig_number(device, "carrier") != 1;
}

void cases_fatal(struct guest *guest)
{
    static const struct {
        const char *title;
        struct ring_slot slot;
        enum csumoff_drop why;
    } all[] = {
        {"GSO with a segment size of 0", {BOTH | GSO, 1, 0}, CSUMOFF_DROP_GSO_SIZE},
        {"GSO of type 3", {BOTH | GSO, 3, 1000}, CSUMOFF_DROP_GSO_TYPE},
    };

    size_t sizes[SLOTS_DARED];
    enum csumoff_drop why;
    bool dead;

    short_frames(guest);
    many_slots(guest);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const struct csumoff_netfront_slot slot = {all[i].slot.flags, all[i].slot.gso_type,
                                                   all[i].slot.gso_size};
        struct iovec piece = {frame.bytes, 0};
        char title[64];

        build_simple(4, TCP, 3000);
        piece.iov_len = frame.len;
        why = csumoff_netback_drops(frame.bytes, frame.len, &slot);
        if (ring_send(guest->offload.ring, &piece, 1, &all[i].slot))
            die("%s", all[i].title);
        dead = is_dead(guest);
        snprintf(title, sizeof title, "WRONG: %s", all[i].title);
        row_other(why == all[i].why && dead, title, "blank validated gso", drop_text(why),
                  dead ? "the vif is dead" : "the vif lives");
        guest_close(guest);
        guest_connect(guest, &everything, NULL);
    }
    build_simple(4, UDP, 1000);
    for (size_t i = 0; i < SLOTS_DARED; i++)
        sizes[i] = 30;
    why = foretold(sizes, SLOTS_FATAL);
    send_slots(guest, sizes, SLOTS_FATAL);
    dead = is_dead(guest);
    row_other(why == CSUMOFF_DROP_SLOTS && dead, "WRONG: 22 slots", "none", drop_text(why),
              dead ? "the vif is dead" : "the vif lives");
    guest_close(guest);
    guest_connect(guest, &everything, NULL);
}
