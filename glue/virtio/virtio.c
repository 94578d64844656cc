// SPDX-License-Identifier: MIT
/* The virtio-net header: in memory, of what is sent, of what was received. */
#include "../../include/csumoff_virtio.h"
#include "../wire.h"

enum {
    UDP_SEGMENTS_MAX = 128, /* UDP_MAX_SEGMENTS in Linux */
    GSO_BY_FRAGS = 0xFFFF   /* Linux means something else by it */
};

/* ---- In memory ----------------------------------------------------------------------------- */

static bool is_little(unsigned form)
{
    const uint16_t one = 1;

    return !(form & CSUMOFF_VIRTIO_NATIVE) || *(const uint8_t *)&one == 1;
}

static void put16(uint8_t *p, uint16_t v, bool little)
{
    p[little ? 0 : 1] = (uint8_t)v;
    p[little ? 1 : 0] = (uint8_t)(v >> 8);
}

static uint16_t get16(const uint8_t *p, bool little)
{
    return (uint16_t)(p[little ? 0 : 1] | p[little ? 1 : 0] << 8);
}

size_t csumoff_virtio_put(const struct csumoff_virtio_hdr *hdr, unsigned form, void *to)
{
    uint8_t *p = (uint8_t *)to;
    bool little = is_little(form);

    p[0] = hdr->flags;
    p[1] = hdr->gso_type;
    put16(p + 2, hdr->hdr_len, little);
    put16(p + 4, hdr->gso_size, little);
    put16(p + 6, hdr->csum_start, little);
    put16(p + 8, hdr->csum_offset, little);
    if (!(form & CSUMOFF_VIRTIO_12))
        return 10;
    put16(p + 10, hdr->num_buffers, little);
    return 12;
}

size_t csumoff_virtio_get(const void *from, unsigned form, struct csumoff_virtio_hdr *hdr)
{
    const uint8_t *p = (const uint8_t *)from;
    bool little = is_little(form), is_long = form & CSUMOFF_VIRTIO_12;

    hdr->flags = p[0];
    hdr->gso_type = p[1];
    hdr->hdr_len = get16(p + 2, little);
    hdr->gso_size = get16(p + 4, little);
    hdr->csum_start = get16(p + 6, little);
    hdr->csum_offset = get16(p + 8, little);
    hdr->num_buffers = is_long ? get16(p + 10, little) : 0;
    return is_long ? 12 : 10;
}

/* ---- Sending ------------------------------------------------------------------------------- */

/* Fills in the GSO part, where the device takes such a frame. */
static int set_gso(const uint8_t *frame, const struct csumoff_layout *at,
                   const struct csumoff_virtio_caps *caps, uint16_t mss,
                   struct csumoff_virtio_hdr *hdr)
{
    bool is_tcp = at->l4_proto == PROTO_TCP, is_v4 = at->ip_version == 4;
    bool has_cwr = is_tcp && frame[at->l4_start + TCP_FLAGS] & TCP_CWR;

    if (is_tcp ? !(is_v4 ? caps->tso4 : caps->tso6) || (has_cwr && !caps->ecn)
               : at->l4_proto != PROTO_UDP || !caps->uso ||
                     at->l4_len - UDP_HEADER > (size_t)mss * UDP_SEGMENTS_MAX)
        return CSUMOFF_ENOTSUP;
    hdr->gso_type = (uint8_t)(!is_tcp ? CSUMOFF_VIRTIO_GSO_UDP_L4
                              : is_v4 ? CSUMOFF_VIRTIO_GSO_TCPV4
                                      : CSUMOFF_VIRTIO_GSO_TCPV6);
    if (has_cwr)
        hdr->gso_type |= CSUMOFF_VIRTIO_GSO_ECN;
    hdr->gso_size = mss;
    hdr->hdr_len = (uint16_t)at->payload_start;
    return CSUMOFF_OK;
}

/* A seed of the stack's stays at the place it names: told to the device, or finished up to end. */
static int keep_seed(uint8_t *frame, size_t end, bool told, size_t start, size_t offset,
                     struct csumoff_virtio_hdr *hdr)
{
    if (start > end || offset > end - start || end - start - offset < 2 || start > UINT16_MAX ||
        offset > UINT16_MAX)
        return CSUMOFF_ERANGE;
    if (!told)
        return csumoff_finish(frame, end, start, offset);
    hdr->flags = CSUMOFF_VIRTIO_NEEDS_CSUM;
    hdr->csum_start = (uint16_t)start;
    hdr->csum_offset = (uint16_t)offset;
    return CSUMOFF_OK;
}

/* Copies member by member: for a whole structure clang may call memcpy(). */
static void copy_hdr(struct csumoff_virtio_hdr *to, const struct csumoff_virtio_hdr *from)
{
    to->flags = from->flags;
    to->gso_type = from->gso_type;
    to->hdr_len = from->hdr_len;
    to->gso_size = from->gso_size;
    to->csum_start = from->csum_start;
    to->csum_offset = from->csum_offset;
    to->num_buffers = from->num_buffers;
}

int csumoff_virtio_tx(void *frame, size_t len, const struct csumoff_virtio_caps *caps,
                      const struct csumoff_tx_hint *hint, struct csumoff_virtio_hdr *hdr)
{
    static const struct csumoff_tx_hint no_hint = {CSUMOFF_NONE, 0, 0, 0};
    uint8_t *p = (uint8_t *)frame;
    struct csumoff_virtio_hdr out;
    struct csumoff_layout at;
    bool has_seed, takes_seed, is_clean, is_gso = false, is_elsewhere;
    size_t covered;
    int status;

    out.flags = out.gso_type = 0;
    out.hdr_len = out.gso_size = out.csum_start = out.csum_offset = out.num_buffers = 0;
    if (!hint)
        hint = &no_hint;
    if (len < ETHERNET_HEADER)
        return CSUMOFF_ETRUNC;
    status = csumoff_locate(p, len, CSUMOFF_LINK_ETHERNET, &at);
    if (status == CSUMOFF_ETRUNC || status == CSUMOFF_EHDR) {
        if (hint->state != CSUMOFF_UNNECESSARY || hint->mss)
            return status;
        copy_hdr(hdr, &out);
        return CSUMOFF_OK;
    }
    has_seed = hint->state == CSUMOFF_PARTIAL;
    if (status) {
        /* Another protocol, with a packet inside, or a seed that only the stack understands;
         * fragments have none. */
        bool is_unresolved = status == CSUMOFF_ENOTSUP;
        bool is_kept = has_seed && hint->csum_start &&
                       (status == CSUMOFF_EPROTO || (is_unresolved && caps->csum));

        if (is_unresolved && (hint->mss || hint->state == CSUMOFF_NONE || (has_seed && !is_kept)))
            return status;
        status = is_kept ? keep_seed(p, len, caps->csum, hint->csum_start, hint->csum_offset, &out)
                         : CSUMOFF_OK;
        if (status == CSUMOFF_OK)
            copy_hdr(hdr, &out);
        return status;
    }

    takes_seed = at.l4_proto == PROTO_TCP || at.l4_proto == PROTO_UDP;
    is_elsewhere = has_seed && hint->csum_start &&
                   (hint->csum_start != at.csum_start || hint->csum_offset != at.csum_offset);
    if (is_elsewhere && at.csum_kind != CSUMOFF_INTERNET)
        return CSUMOFF_ENOTSUP;
    /* A seed isn't 0: the protocol's number is in it. What a CRC's field holds does not matter. */
    if (!is_elsewhere && (at.csum_kind != CSUMOFF_INTERNET ||
                          (at.pseudo && csumoff_load16_(p + at.csum_start + at.csum_offset) == 0)))
        has_seed = false;
    covered = is_elsewhere ? at.end : at.csum_start + at.l4_len;
    is_clean = csumoff_partial(p + covered, len - covered, 0) == 0;
    if (is_elsewhere && hint->csum_start < at.l4_start)
        return CSUMOFF_ERANGE;
    if (hint->mss) {
        ptrdiff_t payload = payload_len(&at);

        if (payload < 0)
            return CSUMOFF_EHDR;
        is_gso = payload > (ptrdiff_t)hint->mss;
    }
    if (is_gso) {
        if (!caps->csum || is_elsewhere || len != at.end || covered != at.end || !is_plain(p, &at))
            return CSUMOFF_ENOTSUP;
        status = set_gso(p, &at, caps, hint->mss, &out);
        if (status)
            return status;
    }
    if (!is_gso && hint->state == CSUMOFF_UNNECESSARY) {
        copy_hdr(hdr, &out);
        return CSUMOFF_OK;
    }
    if (!is_gso && hint->state == CSUMOFF_COMPLETE) {
        status = CSUMOFF_OK;
    } else if (has_seed) {
        status =
            keep_seed(p, covered, caps->csum && is_clean && (is_elsewhere || is_internet_l4(&at)),
                      is_elsewhere ? hint->csum_start : at.csum_start,
                      is_elsewhere ? hint->csum_offset : at.csum_offset, &out);
    } else if (takes_seed && caps->csum && is_clean) {
        status = keep_seed(p, covered, true, at.csum_start, at.csum_offset, &out);
        if (status == CSUMOFF_OK)
            status = csumoff_seed_at(p, len, &at);
    } else {
        status = csumoff_fill_at(p, len, &at);
    }
    if (status)
        return status;
    if (at.ip_version == 4)
        status = csumoff_ipv4_header_set(p + at.l3_start, len - at.l3_start);
    copy_hdr(hdr, &out);
    return status;
}

/* ---- Receiving ----------------------------------------------------------------------------- */

/* What a gso_type stands for. */
struct gso {
    uint8_t type, proto, ip_version; /* ip_version 0: either */
    uint8_t header, csum_offset;
};

static const struct gso gsos[] = {
    {CSUMOFF_VIRTIO_GSO_TCPV4, PROTO_TCP, 4, TCP_HEADER, 16},
    {CSUMOFF_VIRTIO_GSO_TCPV6, PROTO_TCP, 6, TCP_HEADER, 16},
    {CSUMOFF_VIRTIO_GSO_UDP, PROTO_UDP, 0, UDP_HEADER, 6},
    {CSUMOFF_VIRTIO_GSO_UDP_L4, PROTO_UDP, 0, UDP_HEADER, 6},
};

static const struct gso *find_gso(uint8_t gso_type)
{
    for (size_t i = 0; i < sizeof gsos / sizeof *gsos; i++)
        if (gsos[i].type == (gso_type & ~CSUMOFF_VIRTIO_GSO_ECN))
            return &gsos[i];
    return NULL;
}

/* The GSO part of the header against the frame. */
static int check_gso(const void *frame, size_t len, const struct csumoff_virtio_hdr *hdr,
                     const struct gso *gso)
{
    bool has_start = hdr->flags & CSUMOFF_VIRTIO_NEEDS_CSUM;
    struct csumoff_layout at;
    int status = csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &at);

    if (status == CSUMOFF_ETRUNC || status == CSUMOFF_ENOTSUP)
        return status;
    if (status || !is_plain((const uint8_t *)frame, &at) || at.l4_proto != gso->proto ||
        (gso->ip_version && gso->ip_version != at.ip_version) || hdr->gso_size == 0 ||
        hdr->gso_size == GSO_BY_FRAGS ||
        (hdr->gso_type & CSUMOFF_VIRTIO_GSO_ECN && gso->proto != PROTO_TCP))
        return CSUMOFF_EHDR;
    if (!has_start)
        return hdr->flags & CSUMOFF_VIRTIO_RSC_INFO && gso->proto == PROTO_TCP ? CSUMOFF_OK
                                                                               : CSUMOFF_EHDR;
    if (hdr->csum_start != at.csum_start || hdr->csum_offset != gso->csum_offset ||
        (gso->type == CSUMOFF_VIRTIO_GSO_UDP_L4 &&
         len - at.l4_start - UDP_HEADER > (size_t)hdr->gso_size * UDP_SEGMENTS_MAX))
        return CSUMOFF_EHDR;
    return CSUMOFF_OK;
}

int csumoff_virtio_rx(const void *frame, size_t len, const struct csumoff_virtio_hdr *hdr,
                      const struct csumoff_virtio_policy *policy, struct csumoff_virtio_rx *rx)
{
    bool is_partial = hdr->flags & CSUMOFF_VIRTIO_NEEDS_CSUM;
    const struct gso *gso = find_gso(hdr->gso_type);
    size_t needed = (size_t)hdr->csum_offset + 2;
    struct csumoff_virtio_rx found;

    if (hdr->gso_type && !gso)
        return CSUMOFF_ENOTSUP;
    found.state = CSUMOFF_NONE;
    found.csum_start = found.csum_offset = 0;
    found.gso_type = 0;
    found.gso_size = 0;
    if (is_partial) {
        if (!policy->guest_csum)
            return CSUMOFF_ENOTSUP;
        if (hdr->flags & CSUMOFF_VIRTIO_RSC_INFO)
            return CSUMOFF_EHDR;
        if (gso && gso->header > needed)
            needed = gso->header;
        if (hdr->csum_start + needed > len)
            return CSUMOFF_ERANGE;
        found.state = CSUMOFF_PARTIAL;
        found.csum_start = hdr->csum_start;
        found.csum_offset = hdr->csum_offset;
    } else if (hdr->flags & CSUMOFF_VIRTIO_DATA_VALID && policy->data_valid) {
        found.state = CSUMOFF_UNNECESSARY;
    }
    if (gso) {
        int status = check_gso(frame, len, hdr, gso);

        if (status)
            return status;
        found.gso_type = hdr->gso_type;
        found.gso_size = hdr->gso_size;
    }
    *rx = found;
    return CSUMOFF_OK;
}
