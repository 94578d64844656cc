// SPDX-License-Identifier: MIT
/* Sending: what xennet_start_xmit() does for an skb, for a stack that has none. */
#include "frame.h"

static bool takes_seed(const struct csumoff_layout *at)
{
    return at->l4_proto == PROTO_TCP || at->l4_proto == PROTO_UDP;
}

static void act(struct csumoff_tx *tx, enum csumoff_tx_action action, int flags)
{
    tx->action = action;
    tx->slot.flags = (uint16_t)flags;
}

/* Finishes at a place of the hint's, which may be `from` or behind it. */
static int finish_elsewhere(struct csumoff_tx *tx, const struct csumoff_tx_hint *hint, size_t from,
                            size_t end)
{
    if (end > tx->of.len || hint->csum_start < from || hint->csum_start > end ||
        hint->csum_offset > end - hint->csum_start ||
        end - hint->csum_start - hint->csum_offset < 2)
        return CSUMOFF_ERANGE;
    tx->csum_start = hint->csum_start;
    tx->csum_offset = hint->csum_offset;
    tx->end = end;
    act(tx, TX_FINISH, 0);
    return CSUMOFF_OK;
}

/* No checksum of its own that is known here. */
static int decide_other(struct csumoff_tx *tx, const struct csumoff_tx_hint *hint)
{
    const uint8_t *l3 = tx->of.bytes + tx->of.ip.l3;

    act(tx, TX_LEAVE, hint->state == CSUMOFF_UNNECESSARY ? CSUMOFF_NETTXF_DATA_VALIDATED : 0);
    /* There is a checksum, and nobody knows for which destination. */
    if (tx->of.status == CSUMOFF_ENOTSUP &&
        (hint->mss || hint->state == CSUMOFF_NONE || hint->state == CSUMOFF_PARTIAL))
        return CSUMOFF_ENOTSUP;
    /* The checksum of a packet inside, as of a tunnel. */
    if (hint->state == CSUMOFF_PARTIAL && tx->of.status == CSUMOFF_EPROTO && tx->of.ip.version &&
        hint->csum_start > tx->of.ip.l4)
        return finish_elsewhere(
            tx, hint, tx->of.ip.l4,
            tx->of.ip.l3 + (tx->of.ip.version == 4 ? (size_t)be16(l3 + IPV4_LENGTH)
                                                   : IPV6_HEADER + (size_t)be16(l3 + IPV6_LENGTH)));
    return CSUMOFF_OK;
}

int csumoff_tx_decide(struct csumoff_tx *tx, const struct csumoff_netfront_caps *caps,
                      const struct csumoff_tx_hint *hint)
{
    static const struct csumoff_tx_hint no_hint = {CSUMOFF_NONE, 0, 0, 0};
    const int blank = CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED;
    const struct csumoff_layout *at = &tx->of.at;
    bool is_v4 = at->ip_version == 4, has_seed, taken;
    csumoff_sum16 field;

    if (!hint)
        hint = &no_hint;
    tx->slot.gso_type = 0;
    tx->slot.gso_size = 0;
    tx->csum_start = tx->csum_offset = tx->end = 0;
    if (tx->of.len < ETHERNET_HEADER)
        return CSUMOFF_ETRUNC;
    if (tx->of.status == CSUMOFF_ETRUNC || tx->of.status == CSUMOFF_EHDR) {
        if (hint->state != CSUMOFF_UNNECESSARY || hint->mss)
            return tx->of.status;
        act(tx, TX_LEAVE, CSUMOFF_NETTXF_DATA_VALIDATED);
        return CSUMOFF_OK;
    }
    if (tx->of.status)
        return decide_other(tx, hint);

    tx->csum_start = at->csum_start;
    tx->csum_offset = at->csum_offset;
    tx->end = at->csum_start + at->l4_len;
    field = csumoff_field(&tx->of);
    /* A seed isn't 0: the protocol's number is in it. What a CRC's field holds does not matter. */
    has_seed = hint->state == CSUMOFF_PARTIAL && at->csum_kind == CSUMOFF_INTERNET &&
               !(at->pseudo && field == 0);
    taken = takes_seed(at) && !tx->of.ip.drop && !tx->of.ip.vlan_tags && tx->clean &&
            (is_v4 ? caps->csum_ipv4 : caps->csum_ipv6);
    if (hint->state == CSUMOFF_PARTIAL && hint->csum_start &&
        (hint->csum_start != at->csum_start || hint->csum_offset != at->csum_offset)) {
        if ((hint->mss && payload_len(at) > (ptrdiff_t)hint->mss) || /* segments of a tunnel */
            at->csum_kind != CSUMOFF_INTERNET)
            return CSUMOFF_ENOTSUP;
        return finish_elsewhere(tx, hint, at->l4_start, at->end);
    }
    if (hint->mss) {
        ptrdiff_t payload = payload_len(at);

        if (payload < 0)
            return CSUMOFF_EHDR;
        if (payload > (ptrdiff_t)hint->mss) {
            /* Segments are cut from all bytes of the frame: none may stand behind the packet. */
            if (!taken || at->l4_proto != PROTO_TCP || !tx->of.ip.plain || tx->of.len != at->end ||
                !(is_v4 ? caps->gso_tcpv4 : caps->gso_tcpv6) || !caps->sg)
                return CSUMOFF_ENOTSUP;
            act(tx, has_seed ? TX_HEADER : TX_SEED, blank | CSUMOFF_NETTXF_EXTRA_INFO);
            tx->slot.gso_type = is_v4 ? CSUMOFF_NETIF_GSO_TYPE_TCPV4 : CSUMOFF_NETIF_GSO_TYPE_TCPV6;
            tx->slot.gso_size = hint->mss;
            return CSUMOFF_OK;
        }
    }
    if (hint->state == CSUMOFF_UNNECESSARY)
        act(tx, TX_LEAVE, CSUMOFF_NETTXF_DATA_VALIDATED);
    else if (hint->state == CSUMOFF_COMPLETE)
        act(tx, TX_HEADER, 0);
    else if (taken)
        act(tx, has_seed ? TX_HEADER : TX_SEED, blank);
    else
        act(tx, has_seed ? TX_FINISH : TX_FILL, 0);
    return CSUMOFF_OK;
}

int csumoff_netfront_tx(void *frame, size_t len, const struct csumoff_netfront_caps *caps,
                        const struct csumoff_tx_hint *hint, struct csumoff_netfront_slot *slot)
{
    uint8_t *p = (uint8_t *)frame;
    struct csumoff_tx tx;
    int status;

    if (len > FRAME_MAX)
        return CSUMOFF_ERANGE;
    tx.of.bytes = p;
    tx.of.len = len;
    csumoff_ip_walk(p, len, &tx.of.ip);
    tx.of.status = csumoff_locate(p, len, CSUMOFF_LINK_ETHERNET, &tx.of.at);
    if (tx.of.status == CSUMOFF_OK) {
        size_t end = (size_t)tx.of.at.csum_start + tx.of.at.l4_len;

        tx.clean = csumoff_partial(p + end, len - end, 0) == 0;
    }
    status = csumoff_tx_decide(&tx, caps, hint);
    if (status)
        return status;
    switch (tx.action) {
    case TX_SEED: /* and the IPv4 header, as the next one */
        status = csumoff_seed_at(p, len, &tx.of.at);
        break;
    case TX_FILL:
        status = csumoff_fill_at(p, len, &tx.of.at);
        break;
    case TX_FINISH:
        status = csumoff_finish(p, tx.end, tx.csum_start, tx.csum_offset);
        /* fallthrough */
    case TX_HEADER:
        if (csumoff_ipv4_start(&tx.of))
            status = csumoff_ipv4_header_set(p + csumoff_ipv4_start(&tx.of),
                                             len - csumoff_ipv4_start(&tx.of));
        break;
    case TX_LEAVE:
        break;
    }
    *slot = tx.slot;
    return status;
}
