// SPDX-License-Identifier: MIT
/* Frames whose checksum the backend does not find: behind tags, labels and sessions, in tunnels.
 * Their senders know where it is. */
#include <csumoff_netfront.h>
#include <stdio.h>
#include <string.h>

#include "../../oracle/encapsulations.h"
#include "cases.h"

enum {
    NOTHING = 0,
    VALIDATED = CSUMOFF_NETTXF_DATA_VALIDATED,
    BOTH = CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED,
    SCTP_FIELD = 8,
    WHOLE = 12 /* where no checksum of 16 bits is: any place */
};

static const unsigned versions[] = {4, 6};

static void build_in(const struct encapsulation *e, unsigned version, uint8_t proto, size_t payload)
{
    build_simple(version, proto, payload);
    frame_encapsulate(&frame, e);
}

static int send_in_pieces(struct guest *guest, unsigned count, const struct csumoff_hint *hint)
{
    struct iovec pieces[RING_PIECES];
    int status;

    cut(pieces, count);
    status = offload_send(&guest->offload, pieces, count, hint);
    row_drain();
    return status;
}

static struct csumoff_hint hint_at(enum csumoff_tx want, size_t csum_offset, uint16_t mss)
{
    return (struct csumoff_hint){.want = want,
                                 .csum_start = (uint32_t)frame.l4,
                                 .csum_offset = (uint32_t)csum_offset,
                                 .mss = mss};
}

/* ---- Seeds --------------------------------------------------------------------------------- */

static void one_seed(struct guest *guest, const struct encapsulation *e, unsigned version,
                     uint8_t proto, size_t payload, enum csumoff_tx want)
{
    struct csumoff_hint hint;
    int status;

    build_in(e, version, proto, payload);
    row_expect(frame.bytes, frame.bytes, frame.len, frame.l4 + frame.csum_offset);
    frame_set_field(&frame, want == CSUMOFF_TX_SEEDED ? frame_seed(&frame)
                                                      : (uint16_t)rng_u32(&random_numbers));
    frame_spoil_outside(&frame, e, want == CSUMOFF_TX_COMPUTE, &random_numbers);
    hint = hint_at(want, frame.csum_offset, 0);
    status = send_in_pieces(guest, 1 + (unsigned)payload % 4, &hint);
    if (status)
        die("offload_send() returned %d: %s, %s", status, e->name, recipe_text(&frame.recipe));
}

static void seeds(struct guest *guest, const struct encapsulation *e)
{
    for (int computed = 0; computed < (e->is_found ? 2 : 1); computed++) {
        row_begin(guest->offload.ring, GOOD, NOTHING, "%s: %s: finished here", e->name,
                  computed ? "nothing, and where" : "a seed, and where");
        for (size_t v = 0; v < 2; v++)
            for (size_t payload = 0; payload < 40; payload++) {
                const enum csumoff_tx want = computed ? CSUMOFF_TX_COMPUTE : CSUMOFF_TX_SEEDED;

                one_seed(guest, e, versions[v], UDP, payload, want);
                one_seed(guest, e, versions[v], TCP, payload, want);
            }
        row_end();
    }
}

/* What became of the frame while its checksum was to be made at a place that nobody knows. */
static void nothing_known(struct guest *guest, const struct encapsulation *e)
{
    char title[128];
    struct csumoff_hint hint;
    int status;

    build_in(e, 4, TCP, 40);
    hint = hint_at(CSUMOFF_TX_COMPUTE, frame.csum_offset, 0);
    status = send_in_pieces(guest, 2, &hint);
    snprintf(title, sizeof title, "%s: nothing, and where", e->name);
    row_other(status == CSUMOFF_ENOTSUP, title, "-", "-", csumoff_strerror(status));
}

static void wrong_seeds(struct guest *guest, const struct encapsulation *e)
{
    static const struct {
        const char *text;
        enum fate fate;
        struct ring_slot slot;
    } ways[] = {{"no flags", BAD, {NOTHING, 0, 0}}, {"csum_blank", DROPPED, {BOTH, 0, 0}}};

    /* The backend finishes a tunnel's outer UDP, whatever is inside. */
    for (size_t w = 0; w < (is_vxlan(e) ? 1 : 2); w++) {
        row_begin(guest->offload.ring, ways[w].fate, ways[w].slot.flags, "WRONG: %s: a seed, %s",
                  e->name, ways[w].text);
        for (size_t v = 0; v < 2; v++) {
            build_in(e, versions[v], UDP, 40);
            row_expect(frame.bytes, frame.bytes, frame.len, frame.l4 + frame.csum_offset);
            frame_set_field(&frame, frame_seed(&frame));
            send_raw(guest, &ways[w].slot);
        }
        row_end();
    }
}

/* ---- SCTP ---------------------------------------------------------------------------------- */

static void crc32c(struct guest *guest, const struct encapsulation *e)
{
    row_begin(guest->offload.ring, GOOD, NOTHING, "%s: SCTP: its CRC32c is made", e->name);
    for (size_t v = 0; v < 2; v++)
        for (size_t payload = 0; payload < 40; payload++) {
            struct csumoff_hint hint;
            int status;

            build_in(e, versions[v], SCTP, payload);
            row_expect(frame.bytes, frame.bytes, frame.len, WHOLE);
            for (size_t i = 0; i < 4; i++)
                frame.bytes[frame.l4 + SCTP_FIELD + i] = (uint8_t)rng_u32(&random_numbers);
            frame_spoil_outside(&frame, e, true, &random_numbers);
            hint = hint_at(payload % 2 ? CSUMOFF_TX_SEEDED : CSUMOFF_TX_COMPUTE, SCTP_FIELD, 0);
            status = send_in_pieces(guest, 1 + (unsigned)payload % 4, &hint);
            if (status)
                die("offload_send() returned %d: SCTP, %s", status, e->name);
        }
    row_end();
}

static void wrong_crc32c(struct guest *guest)
{
    const struct ring_slot slot = {NOTHING, 0, 0};
    const struct encapsulation *e = &encapsulations[0];

    row_begin(guest->offload.ring, BAD, NOTHING, "WRONG: %s: SCTP: half of its CRC32c", e->name);
    build_in(e, 4, SCTP, 40);
    row_expect(frame.bytes, frame.bytes, frame.len, frame.l4 + SCTP_FIELD);
    frame.bytes[frame.l4 + SCTP_FIELD] ^= 1;
    send_raw(guest, &slot);
    row_end();
}

/* ---- A limit on segments ------------------------------------------------------------------- */

/* csumoff_netfront_tx() obeys it or refuses, and leaves what it refuses alone. */
static int refusal(const struct guest *guest, const struct csumoff_hint *hint)
{
    static struct frame before;
    const struct csumoff_netfront_slot untouched = {0x5A5A, 0x5A, 0x5A5A};
    struct csumoff_netfront_slot slot = untouched;
    int status;

    before = frame;
    status = csumoff_netfront_tx(frame.bytes, frame.len, &guest->offload.theirs, hint, &slot);
    if (memcmp(before.bytes, frame.bytes, frame.len) != 0 || slot.flags != untouched.flags)
        die("refused, and changed");
    return status;
}

static void limits(struct guest *guest, const struct encapsulation *e)
{
    enum {
        PAYLOAD = 5000,
        MSS = 900
    };

    for (size_t v = 0; v < 2; v++) {
        struct csumoff_hint hint;
        char title[128];
        int status, sent;

        /* A SNAP frame can't be longer than 1,500 bytes. */
        build_in(e, versions[v], TCP, e->kind == SNAP ? 1000 : PAYLOAD);
        hint = hint_at(CSUMOFF_TX_SEEDED, frame.csum_offset, MSS);
        if (e->is_cut) {
            row_begin(guest->offload.ring, GOOD, VALIDATED,
                      "%s: TCP over IPv%u beyond mss: cut here", e->name, versions[v]);
            row_expect_segments(frame.bytes, &frame, MSS);
        }
        frame_set_field(&frame, frame_seed(&frame));
        status = refusal(guest, &hint);
        sent = send_in_pieces(guest, 3, &hint);
        if (e->is_cut) {
            if (status != CSUMOFF_ENOTSUP || sent)
                die("not refused, or not cut: %s", e->name);
            row_end();
            continue;
        }
        snprintf(title, sizeof title, "%s: TCP over IPv%u beyond mss", e->name, versions[v]);
        row_other(status == CSUMOFF_ENOTSUP && sent < 0, title, "-", "-", csumoff_strerror(status));
    }
}

void cases_encapsulated(struct guest *guest)
{
    for (size_t i = 0; i < encapsulation_count; i++) {
        const struct encapsulation *e = &encapsulations[i];

        seeds(guest, e);
        if (!e->is_found)
            nothing_known(guest, e);
        wrong_seeds(guest, e);
        if (e->is_found)
            crc32c(guest, e);
        limits(guest, e);
    }
    wrong_crc32c(guest);
}
