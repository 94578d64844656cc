// SPDX-License-Identifier: MIT
/* Frames that were received: sent on, or taken from one device's words to the other's. */
#include "trial.h"

static const struct csumoff_virtio_policy believed = {true, true};

/* ---- Sending on ------------------------------------------------------------------------------ */

static bool is_wrong(const struct packet *p)
{
    return packet_field(p, 0) % 0xFFFF != packet_complete(p, 0) % 0xFFFF;
}

/* Rewrites an address, a port or the TTL of the outermost packet, as a router does. */
static void nat(const struct csumoff_rx *rx)
{
    struct level *l = &given.level[0];
    const bool is_own = rx->state == CSUMOFF_PARTIAL && rx->csum_start == l->l4;
    const size_t size = l->version == 4 ? 4 : 16;
    struct csumoff_layout at;
    uint8_t bytes[16], *p;
    size_t where, n;
    bool was_wrong, had_none;
    int status;

    if (csumoff_locate(given.bytes, given.len, link_of_frame, &at))
        return;
    was_wrong = !l->is_crc32c && is_wrong(&given);
    had_none = packet_field(&given, 0) == 0;
    rng_fill(&rng, bytes, sizeof bytes);
    switch (rng_below(&rng, 4)) {
    case 0:
        where = l->daddr - size;
        n = size;
        if (l->home)
            return;
        break;
    case 1:
        where = l->daddr;
        n = size;
        if (l->route_end != l->daddr)
            return;
        break;
    case 2:
        where = l->l4 + 2;
        n = 2;
        if ((l->proto != PROTO_TCP && l->proto != PROTO_UDP) ||
            is_tunnel_port(load_wire16(bytes)) || given.levels > 1)
            return;
        break;
    default:
        where = l->l3 + (l->version == 4 ? 8 : 7);
        n = 1;
        break;
    }
    p = placed(given.bytes, given.len);
    status = csumoff_rewrite(p, given.len, &at, csumoff_state_of(rx, &at), where, bytes, n);
    if (status) {
        check_bytes(p, given.bytes, given.len, "rewriting refused");
        return;
    }
    memcpy(ideal.bytes + where, bytes, n);
    if (where == l->daddr) {
        packet_set_pseudo(&ideal, 0, NULL, bytes);
        packet_set_pseudo(&given, 0, NULL, bytes);
    } else if (n == size && where < l->daddr) {
        packet_set_pseudo(&ideal, 0, bytes, NULL);
        packet_set_pseudo(&given, 0, bytes, NULL);
    }
    packet_set_l3(&ideal, 0);
    if (!is_zero[0])
        packet_set_complete(&ideal, 0);
    memcpy(given.bytes, p, given.len);
    if (had_none && is_udp(0) && packet_field(&given, 0) != 0)
        wrong("a UDP checksum that was not there");
    if (!is_own && !l->is_crc32c && !is_zero[0] && was_wrong != is_wrong(&given) &&
        packet_field(&given, 0) != 0)
        wrong("rewritten, a wrong checksum became right or the reverse");
}

void check_sent_on(bool to_xen)
{
    const struct device d = any_device(to_xen);
    const bool from_xen = chance(2);
    struct csumoff_layout at;
    struct csumoff_hint hint;
    struct csumoff_rx rx;
    struct wish w;
    bool is_received;

    make(from_xen || to_xen);
    if (from_xen) {
        const struct csumoff_netfront_slot slot = any_slot();

        if (chance(6))
            damage();
        is_received = receive_netfront(&slot, &rx);
    } else {
        const struct csumoff_virtio_hdr hdr = any_hdr();
        const struct csumoff_virtio_policy policy = {!chance(16), !chance(4)};

        if (chance(6))
            damage();
        is_received = receive_virtio(&hdr, &policy, &rx);
    }
    if (!is_received)
        return;
    if (rx.state != CSUMOFF_PARTIAL) /* whatever is wrong has to stay so */
        copy_packet(&ideal, &given), is_sound = true;
    if (truth.outer == OUTER_LOCATED && chance(4)) {
        is_sound &= rx.state == CSUMOFF_PARTIAL;
        nat(&rx);
    }
    w.want = rx.state == CSUMOFF_UNNECESSARY ? WANT_VERIFIED
             : rx.state != CSUMOFF_PARTIAL   ? WANT_AS_IS
             : rx.no_seed                    ? WANT_COMPUTE
                                             : WANT_SEEDED;
    w.start = rx.csum_start;
    w.offset = rx.csum_offset;
    w.mss = rx.gso_size;
    hint = csumoff_forward(&rx);
    if (hint.layout)
        wrong("a layout from nowhere");
    hint.layout = any_layout(&at);
    if (truth.outer == OUTER_BROKEN)
        hint.layout = NULL;
    check_send(&d, &hint, &w);
}

/* ---- From one device's words to the other's -------------------------------------------------- */

void check_bridged(void)
{
    const struct device *const backend =
        &(struct device){true, true, true, true, true, false, false};
    struct csumoff_netfront_slot slot;
    struct csumoff_virtio_hdr hdr;
    struct csumoff_rx before, after;
    struct order order = {0};
    const uint8_t *p;
    int status;

    make(true);
    if (chance(2)) {
        slot = any_slot();
        if (!receive_netfront(&slot, &before))
            return;
        p = placed(given.bytes, given.len);
        status = csumoff_virtio_from_xen(p, given.len, CSUMOFF_XEN_RX, &slot, &hdr);
        if (status == CSUMOFF_OK) {
            expect_hdr(&truth, &hdr, &believed, &after);
            check_rx(&after, &before);
        } else if (before.state != CSUMOFF_PARTIAL) {
            wrong("refused: %s", csumoff_strerror(status));
        }
    } else {
        hdr = any_hdr();
        if (!receive_virtio(&hdr, &believed, &before))
            return;
        p = placed(given.bytes, given.len);
        status = csumoff_xen_from_virtio(p, given.len, &hdr, CSUMOFF_XEN_TX, &slot);
        if (status == CSUMOFF_OK) {
            if (read_slot(&slot, before.state == CSUMOFF_UNNECESSARY, &order) ||
                order.is_finish != (before.state == CSUMOFF_PARTIAL) ||
                order.gso != before.gso_type || order.size != before.gso_size)
                wrong("flags %u, GSO %u of %u", slot.flags, slot.gso_type, slot.gso_size);
            memcpy(out, given.bytes, given.len);
            /* Both sides sum to the end of the frame: what follows the packet is the sender's
             * mistake, which is not made good on the way. */
            if (order.is_finish && is_sound && !before.no_seed &&
                model_is_clean(&given, given.level[0].l4 + given.level[0].l4_len))
                arrive(backend, &order, out);
            else if (device_takes(backend, &given, out, given.len, &order))
                wrong("dropped by the backend");
        } else if (before.state != CSUMOFF_PARTIAL && !before.gso_type) {
            wrong("refused: %s", csumoff_strerror(status));
        }
    }
    check_bytes(p, given.bytes, given.len, "only to be read");
}
