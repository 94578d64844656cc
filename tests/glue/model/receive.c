// SPDX-License-Identifier: MIT
/* Receives frames, and completes them. */
#include "trial.h"

/* ---- Receiving ------------------------------------------------------------------------------- */

void check_rx(const struct csumoff_rx *rx, const struct csumoff_rx *want)
{
    if (!same_rx(rx, want))
        wrong("state %d at %u + %u, GSO %u of %u, no_seed %d; not %d at %u + %u, %u of %u, %d",
              rx->state, rx->csum_start, rx->csum_offset, rx->gso_type, rx->gso_size, rx->no_seed,
              want->state, want->csum_start, want->csum_offset, want->gso_type, want->gso_size,
              want->no_seed);
}

bool receive_netfront(const struct csumoff_netfront_slot *slot, struct csumoff_rx *rx)
{
    struct csumoff_netfront_rx_item item;
    struct csumoff_iov iov[PIECES];
    struct csumoff_rx want, untouched;
    unsigned may = expect_slot(&truth, slot, &want);
    const size_t form = rng_below(&rng, 3);
    size_t count;
    int status;

    call.what = "received by netfront";
    call.slot = *slot;
    memset(&untouched, UNTOUCHED, sizeof untouched);
    *rx = untouched;
    if (form == 1) {
        count = cut_pieces(given.bytes, given.len, iov);
        status = csumoff_netfront_rx_iov(iov, count, slot, rx);
        may |= is_far() ? MAY_ENOTSUP : 0;
    } else if (form == 2) {
        item.frame = placed(given.bytes, given.len);
        item.len = given.len;
        item.slot = *slot;
        item.rx = untouched;
        count = csumoff_netfront_rx_burst(&item, 1);
        status = item.status;
        *rx = item.rx;
        if (count != (status == CSUMOFF_OK))
            wrong("the count of a burst");
    } else {
        status = csumoff_netfront_rx(placed(given.bytes, given.len), given.len, slot, rx);
    }
    check_status(status, may);
    if (status == CSUMOFF_OK)
        check_rx(rx, &want);
    else if (!same_bytes(rx, &untouched, sizeof *rx))
        wrong("a state on error");
    return status == CSUMOFF_OK;
}

bool receive_virtio(const struct csumoff_virtio_hdr *hdr,
                    const struct csumoff_virtio_policy *policy, struct csumoff_rx *rx)
{
    struct csumoff_virtio_rx_item item;
    struct csumoff_iov iov[PIECES];
    struct csumoff_rx want, untouched;
    unsigned may = expect_hdr(&truth, hdr, policy, &want);
    const size_t form = rng_below(&rng, 3);
    size_t count;
    int status;

    call.what = "received by virtio";
    call.hdr = *hdr;
    memset(&untouched, UNTOUCHED, sizeof untouched);
    *rx = untouched;
    if (form == 1) {
        count = cut_pieces(given.bytes, given.len, iov);
        status = csumoff_virtio_rx_iov(iov, count, link_of_frame, hdr, policy, rx);
        may |= is_far() ? MAY_ENOTSUP : 0;
    } else if (form == 2) {
        item.frame = placed(given.bytes, given.len);
        item.len = given.len;
        item.hdr = *hdr;
        item.rx = untouched;
        count = csumoff_virtio_rx_burst(&item, 1, link_of_frame, policy);
        status = item.status;
        *rx = item.rx;
        if (count != (status == CSUMOFF_OK))
            wrong("the count of a burst");
    } else {
        status = csumoff_virtio_rx(placed(given.bytes, given.len), given.len, link_of_frame, hdr,
                                   policy, rx);
    }
    check_status(status, may);
    if (status == CSUMOFF_OK)
        check_rx(rx, &want);
    else if (!same_bytes(rx, &untouched, sizeof *rx))
        wrong("a state on error");
    return status == CSUMOFF_OK;
}

/* A segment size for the frame, and whether it is one for TCP. */
static bool is_tcp_super(void)
{
    return truth.outer == OUTER_LOCATED && given.level[0].proto == PROTO_TCP &&
           model_is_repeatable(&given) && model_payload(&given, 0) > 0;
}

static uint16_t any_size(void)
{
    const long payload = model_payload(&given, 0);

    return (uint16_t)(1 + (size_t)payload / 8 + rng_below(&rng, (size_t)payload));
}

struct csumoff_netfront_slot any_slot(void)
{
    struct csumoff_netfront_slot slot = {0, 0, 0};

    copy_packet(&ideal, &given);
    switch (rng_below(&rng, 4)) {
    case 0:
        is_sound = false;
        slot.flags = (uint16_t)rng_below(&rng, 16);
        slot.gso_type = chance(3) ? (uint8_t)rng_below(&rng, 4) : 0;
        slot.gso_size = (uint16_t)(chance(4) ? 0 : 1 + rng_below(&rng, 1500));
        if (truth.outer == OUTER_LOCATED && chance(2))
            packet_set_field(&given, 0, (uint16_t)(chance(2) ? 0 : rng_u32(&rng)));
        /* What is complete, or was never to be completed, has to arrive as it is. */
        is_sound = !(slot.flags & CSUMOFF_NETRXF_CSUM_BLANK) && !slot.gso_type;
        copy_packet(&ideal, &given);
        return slot;
    case 1:
        slot.flags = chance(2) ? CSUMOFF_NETRXF_DATA_VALIDATED : 0;
        if (chance(4)) /* another extra slot, which says nothing of segments */
            slot.flags |= CSUMOFF_NETRXF_EXTRA_INFO;
        return slot;
    default:
        break;
    }
    if (truth.outer != OUTER_LOCATED)
        return slot;
    slot.flags =
        (uint16_t)(CSUMOFF_NETRXF_CSUM_BLANK | (chance(3) ? 0 : CSUMOFF_NETRXF_DATA_VALIDATED));
    if (is_tcp_super() && chance(2)) {
        slot.gso_type = given.level[0].version == 4 ? 1 : 2;
        slot.gso_size = any_size();
        slot.flags |= CSUMOFF_NETRXF_EXTRA_INFO;
        if (chance(3)) { /* to be repaired */
            slot.flags &= (uint16_t)~CSUMOFF_NETRXF_CSUM_BLANK;
            is_sound = leave(0, false);
            return slot;
        }
    }
    is_sound = leave(0, true);
    if (chance(8) && given.level[0].has_pseudo)
        packet_set_field(&given, 0, 0);
    return slot;
}

struct csumoff_virtio_hdr any_hdr(void)
{
    static const uint8_t types[] = {0, 1, 3, 4, 5, 0x81, 0x84, 0x85, 0x80, 2, 0x21, 0x44, 0x61};
    struct csumoff_virtio_hdr hdr = {0, 0, 0, 0, 0, 0, 0};
    int level = any_level();
    uint32_t start, offset;

    copy_packet(&ideal, &given);
    hdr.hdr_len = (uint16_t)rng_u32(&rng);
    switch (rng_below(&rng, 4)) {
    case 0:
        any_place(&start, &offset);
        hdr.flags = (uint8_t)rng_below(&rng, chance(8) ? 16 : 8);
        hdr.csum_start = (uint16_t)start;
        hdr.csum_offset = (uint16_t)offset;
        if (chance(6))
            hdr.csum_start = (uint16_t)rng_u32(&rng);
        hdr.gso_type = chance(2) ? 0 : types[rng_below(&rng, 13)];
        hdr.gso_size = (uint16_t)(chance(4) ? 0xFFFF * rng_below(&rng, 2) : rng_below(&rng, 1500));
        if (level >= 0 && chance(2))
            packet_set_field(&given, (unsigned)level, (uint16_t)(chance(2) ? 0 : rng_u32(&rng)));
        is_sound = !(hdr.flags & CSUMOFF_VIRTIO_NEEDS_CSUM);
        copy_packet(&ideal, &given);
        return hdr;
    case 1:
        hdr.flags = chance(2) ? CSUMOFF_VIRTIO_DATA_VALID : 0;
        if (is_tcp_super() && chance(2)) { /* coalesced by the device */
            hdr.flags |= CSUMOFF_VIRTIO_RSC_INFO;
            hdr.gso_type = given.level[0].version == 4 ? 1 : 4;
            hdr.gso_size = any_size();
        }
        return hdr;
    default:
        break;
    }
    if (level < 0)
        return hdr;
    is_sound = leave((unsigned)level, true);
    hdr.flags = CSUMOFF_VIRTIO_NEEDS_CSUM;
    hdr.csum_start = (uint16_t)given.level[level].l4;
    hdr.csum_offset = (uint16_t)given.level[level].csum_offset;
    is_sound &= given.level[level].l4 <= 0xFFFF;
    if (level > 0 && is_zero[level - 1] && chance(2) && given.level[level].proto == PROTO_TCP &&
        model_payload(&given, (unsigned)level) > 0) {
        hdr.gso_type = (uint8_t)((given.level[level].version == 4 ? 1 : 4) |
                                 (given.level[level - 1].version == 4 ? 0x20 : 0x40));
        hdr.gso_size = (uint16_t)(1 + rng_below(&rng, 1500));
    } else if (level == 0 && chance(2) && is_tcp_super()) {
        hdr.gso_type = given.level[0].version == 4 ? 1 : 4;
        hdr.gso_size = any_size();
    } else if (level == 0 && chance(4) && given.level[0].proto == PROTO_UDP && given.levels == 1 &&
               model_is_repeatable(&given) && model_payload(&given, 0) > 0 &&
               given.len == given.level[0].end) {
        hdr.gso_type = 5;
        hdr.gso_size = any_size();
    }
    if (chance(8) && given.level[level].has_pseudo)
        packet_set_field(&given, (unsigned)level, 0);
    return hdr;
}

/* ---- Completing ------------------------------------------------------------------------------ */

static void check_completed(int status, const struct csumoff_rx *rx, unsigned may)
{
    struct plan plan = {0};

    if (may == MAY_OK && rx->state == CSUMOFF_PARTIAL)
        may = model_complete(&truth, rx->csum_start, rx->csum_offset, rx->no_seed, &plan);
    if (is_far())
        may |= MAY_ENOTSUP;
    check_status(status, may);
    if (status == CSUMOFF_OK)
        model_apply(&truth, &plan);
    check_bytes(out, given.bytes, given.len, status ? "on error" : "completed");
    if (status == CSUMOFF_OK && is_sound) {
        forgive_zeros(out);
        check_bytes(out, ideal.bytes, given.len, "completed, by the oracle");
    }
}

void check_finished_netfront(void)
{
    struct csumoff_netfront_rx_item item;
    struct csumoff_netfront_slot slot;
    struct csumoff_iov iov[PIECES];
    struct csumoff_rx rx;
    size_t count;
    unsigned may;
    uint8_t *p;
    int status;

    make(true);
    slot = any_slot();
    if (chance(6))
        damage();
    may = expect_slot(&truth, &slot, &rx);
    call.what = "finished by netfront";
    call.slot = slot;
    switch (rng_below(&rng, 4)) {
    case 0:
        count = cut_pieces(given.bytes, given.len, iov);
        status = csumoff_netfront_rx_finish_iov(iov, count, &slot);
        gather_pieces(iov, count);
        break;
    case 1:
        memset(out, UNTOUCHED, given.len);
        p = placed(given.bytes, given.len);
        status = csumoff_netfront_rx_finish_copy(out, p, given.len, &slot);
        check_bytes(p, given.bytes, given.len, "the source of a copy");
        if (status) {
            for (count = 0; count < given.len; count++)
                if (out[count] != UNTOUCHED)
                    wrong("a copy is begun on error");
            memcpy(out, given.bytes, given.len);
        }
        break;
    case 2:
        memset(&item, UNTOUCHED, sizeof item);
        item.frame = placed(given.bytes, given.len);
        item.len = given.len;
        item.slot = slot;
        (void)csumoff_netfront_rx_finish_burst(&item, 1);
        status = item.status;
        memcpy(out, item.frame, given.len);
        break;
    default:
        p = placed(given.bytes, given.len);
        status = csumoff_netfront_rx_finish(p, given.len, &slot);
        memcpy(out, p, given.len);
        break;
    }
    check_completed(status, &rx, may);
}

void check_finished_virtio(void)
{
    const struct csumoff_virtio_policy policy = {!chance(16), !chance(4)};
    struct csumoff_virtio_rx_item item;
    struct csumoff_virtio_hdr hdr;
    struct csumoff_iov iov[PIECES];
    struct csumoff_rx rx;
    size_t count;
    unsigned may;
    uint8_t *p;
    int status;

    make(false);
    hdr = any_hdr();
    if (chance(6))
        damage();
    may = expect_hdr(&truth, &hdr, &policy, &rx);
    call.what = "finished by virtio";
    call.hdr = hdr;
    switch (rng_below(&rng, 3)) {
    case 0:
        count = cut_pieces(given.bytes, given.len, iov);
        status = csumoff_virtio_rx_finish_iov(iov, count, link_of_frame, &hdr, &policy);
        gather_pieces(iov, count);
        break;
    case 1:
        memset(&item, UNTOUCHED, sizeof item);
        item.frame = placed(given.bytes, given.len);
        item.len = given.len;
        item.hdr = hdr;
        (void)csumoff_virtio_rx_finish_burst(&item, 1, link_of_frame, &policy);
        status = item.status;
        memcpy(out, item.frame, given.len);
        break;
    default:
        p = placed(given.bytes, given.len);
        status = csumoff_virtio_rx_finish(p, given.len, link_of_frame, &hdr, &policy);
        memcpy(out, p, given.len);
        break;
    }
    check_completed(status, &rx, may);
}
