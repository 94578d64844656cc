// SPDX-License-Identifier: MIT
/* Segmentation in software: tcp_gso_segment(), __udp_gso_segment(), inet_gso_segment() in Linux. */
#include "frame.h"

/* Writes the lengths of a frame of len bytes. */
static void set_lengths(const struct csumoff_segments *segments, uint8_t *frame, size_t len)
{
    uint8_t *l3 = frame + segments->l3_start, *l4 = frame + segments->l4_start;

    if (segments->ip_version == 4)
        store_be16(l3 + IPV4_LENGTH, len - segments->l3_start);
    else
        store_be16(l3 + IPV6_LENGTH, len - segments->l3_start - IPV6_HEADER);
    if (segments->l4_proto == PROTO_UDP)
        store_be16(l4 + UDP_LENGTH, len - segments->l4_start);
}

int csumoff_segment_begin(struct csumoff_segments *segments, const void *frame, size_t len,
                          uint16_t mss, bool is_seeded)
{
    const uint8_t *p = (const uint8_t *)frame;
    size_t header, payload;
    struct csumoff_layout at;
    struct csumoff_ip ip;
    int status = csumoff_locate(p, len, CSUMOFF_LINK_ETHERNET, &at);

    if (status)
        return status;
    if (at.l4_proto != PROTO_TCP && at.l4_proto != PROTO_UDP)
        return CSUMOFF_EPROTO;
    if (!at.payload_start)
        return CSUMOFF_EHDR;
    if (!mss)
        return CSUMOFF_ERANGE;
    header = at.payload_start - at.l4_start;
    csumoff_ip_walk(p, len, &ip);
    if (!is_plain(p, &at) || !ip.plain || at.payload_start > CSUMOFF_SEGMENT_HEADERS)
        return CSUMOFF_ENOTSUP;
    payload = at.l4_len - header;
    segments->header_len = at.payload_start;
    segments->count = payload ? (payload + mss - 1) / mss : 1;
    segments->len_max = segments->header_len + (payload < mss ? payload : mss);
    segments->payload = p + segments->header_len;
    segments->left = payload;
    segments->index = 0;
    segments->l3_start = at.l3_start;
    segments->l4_start = at.l4_start;
    segments->csum_offset = at.csum_offset;
    segments->mss = mss;
    segments->ip_version = at.ip_version;
    segments->l4_proto = at.l4_proto;
    segments->is_seeded = is_seeded;
    segments->seed = csumoff_seed_value_gso(&at);
    (void)csumoff_partial_copy(segments->headers, p, segments->header_len, 0);
    return CSUMOFF_OK;
}

/* Brings the copied headers up to date, with the seed in the L4 field. */
static void update_headers(const struct csumoff_segments *segments, uint8_t *out, size_t len)
{
    uint8_t *l3 = out + segments->l3_start, *l4 = out + segments->l4_start;
    size_t index = segments->index;
    csumoff_sum16 seed;
    uint8_t l4_len[2];

    set_lengths(segments, out, len);
    store_be16(l4_len, len - segments->l4_start);
    seed = (csumoff_sum16)~csumoff_fold(csumoff_add(segments->seed, csumoff_load16_(l4_len)));
    __builtin_memcpy(l4 + segments->csum_offset, &seed, sizeof seed);
    if (segments->ip_version == 4) {
        csumoff_sum16 check;

        store_be16(l3 + IPV4_ID, be16(l3 + IPV4_ID) + index);
        check = csumoff_ipv4_header(l3, segments->l4_start - segments->l3_start);
        __builtin_memcpy(l3 + IPV4_CHECK, &check, sizeof check);
    }
    if (segments->l4_proto == PROTO_TCP) {
        uint8_t *seq = l4 + TCP_SEQUENCE;
        uint32_t number = (uint32_t)be16(seq) << 16 | be16(seq + 2);

        number += (uint32_t)index * segments->mss;
        store_be16(seq, number >> 16);
        store_be16(seq + 2, number);
        if (index)
            l4[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
        if (index + 1 < segments->count)
            l4[TCP_FLAGS] &= (uint8_t) ~(TCP_PSH | TCP_FIN);
    }
}

int csumoff_segment_next(struct csumoff_segments *segments, void *out, size_t room, size_t *len)
{
    uint8_t *p = (uint8_t *)out;
    size_t header_len = segments->header_len;
    size_t payload = segments->left < segments->mss ? segments->left : segments->mss;
    csumoff_wsum sum;

    if (segments->index == segments->count) {
        *len = 0;
        return CSUMOFF_OK;
    }
    if (header_len + payload > room)
        return CSUMOFF_ERANGE;
    (void)csumoff_partial_copy(p, segments->headers, header_len, 0);
    update_headers(segments, p, header_len + payload);
    sum = csumoff_partial_copy(p + header_len, segments->payload, payload, 0);
    if (!segments->is_seeded) {
        uint8_t *l4 = p + segments->l4_start;
        csumoff_sum16 check =
            csumoff_fold(csumoff_partial(l4, header_len - segments->l4_start, sum));

        if (segments->l4_proto == PROTO_UDP)
            check = csumoff_udp_nonzero(check);
        __builtin_memcpy(l4 + segments->csum_offset, &check, sizeof check);
    }
    segments->payload += payload;
    segments->left -= payload;
    segments->index++;
    *len = header_len + payload;
    return CSUMOFF_OK;
}
