// SPDX-License-Identifier: MIT
/* Segments frames in software, as tcp_gso_segment(), __udp_gso_segment() and inet_gso_segment() in
 * Linux do. */
#include "../../include/csumoff_glue.h"
#include "../wire.h"

/* Returns whether an IPv6 packet has a jumbo option (RFC 2675). The header with such an option is
 * always the first one. `head` has more bytes than those up to l4_start. */
static bool has_jumbo_option(const uint8_t *head, const struct csumoff_layout *layout)
{
    enum {
        PAD1 = 0,
        JUMBO = 0xC2
    };
    const uint8_t *options = head + layout->l3_start + IPV6_HEADER;
    size_t len;

    if (layout->ip_version != 6 || head[layout->l3_start + 6] != PROTO_HOPOPTS ||
        be16(head + layout->l3_start + IPV6_LENGTH))
        return false;
    len = ((size_t)options[1] + 1) * 8;
    if (len > layout->l4_start - layout->l3_start - IPV6_HEADER)
        return true; /* the frame has changed since it was located */
    for (size_t i = 2; i < len; i += options[i] == PAD1 ? 1 : (size_t)options[i + 1] + 2)
        if (options[i] == JUMBO)
            return true;
    return false;
}

/* Begins the segmentation of a frame in pieces. Writes nothing to *segments on error. */
static int begin(struct csumoff_segments *segments, const struct csumoff_iov *iov, size_t count,
                 enum csumoff_link link, uint16_t mss, bool is_seeded)
{
    uint8_t head[CSUMOFF_SEGMENT_HEADERS];
    csumoff_wsum unused = 0;
    struct csumoff_layout layout;
    size_t header_len, payload, longest;
    int status = csumoff_locate_iov(iov, count, link, &layout);

    if (status)
        return status;
    if (layout.l4_proto != PROTO_TCP && layout.l4_proto != PROTO_UDP)
        return CSUMOFF_EPROTO;
    if (!layout.payload_start)
        return CSUMOFF_EHDR;
    if (!mss)
        return CSUMOFF_ERANGE;
    header_len = layout.payload_start;
    if (header_len > sizeof head)
        return CSUMOFF_ENOTSUP;
    status = csumoff_partial_copy_iov(head, iov, count, 0, header_len, &unused);
    if (status)
        return status;
    if (!has_repeatable_headers(head, &layout) || has_jumbo_option(head, &layout))
        return CSUMOFF_ENOTSUP;
    payload = layout.l4_start + layout.l4_len - header_len;
    /* A tunnel's datagram is not divided: each part would hold only a part of the inner packet. */
    if (layout.l4_proto == PROTO_UDP && payload > mss &&
        is_tunnel_port(be16(head + layout.l4_start + UDP_DPORT)))
        return CSUMOFF_ENOTSUP;
    longest = header_len + (payload < mss ? payload : mss);
    if (longest - layout.l3_start > (layout.ip_version == 4 ? 65535 : 65535 + IPV6_HEADER))
        return CSUMOFF_ERANGE;
    segments->count = payload ? (payload + mss - 1) / mss : 1;
    segments->len_max = longest;
    segments->iov = iov;
    segments->iov_count = count;
    segments->iov_skip = header_len;
    segments->left = payload;
    segments->index = 0;
    segments->header_len = header_len;
    segments->l3_start = layout.l3_start;
    segments->l4_start = layout.l4_start;
    segments->csum_offset = layout.csum_offset;
    segments->mss = mss;
    segments->ip_version = layout.ip_version;
    segments->l4_proto = layout.l4_proto;
    segments->is_seeded = is_seeded;
    segments->pseudo = layout.pseudo;
    (void)csumoff_partial_copy(segments->headers, head, header_len, 0);
    return CSUMOFF_OK;
}

int csumoff_segment_begin(struct csumoff_segments *segments, const void *frame, size_t len,
                          enum csumoff_link link, uint16_t mss, bool is_seeded)
{
    const struct csumoff_iov whole = {(void *)(uintptr_t)frame, len};
    int status = begin(segments, &whole, 1, link, mss, is_seeded);

    if (status)
        return status;
    segments->whole.base = whole.base;
    segments->whole.len = len;
    segments->iov = NULL; /* so that a copy of *segments refers to its own piece */
    return CSUMOFF_OK;
}

int csumoff_segment_begin_iov(struct csumoff_segments *segments, const struct csumoff_iov *iov,
                              size_t count, enum csumoff_link link, uint16_t mss, bool is_seeded)
{
    int status = begin(segments, iov, count, link, mss, is_seeded);

    if (status)
        return status;
    segments->whole.base = NULL;
    segments->whole.len = 0;
    return CSUMOFF_OK;
}

/* Returns how many bytes of payload the next segment has. */
static size_t next_payload(const struct csumoff_segments *segments)
{
    return segments->left < segments->mss ? segments->left : segments->mss;
}

/* Writes the lengths in the IP header and in the UDP header of a segment of len bytes. */
static void set_lengths(const struct csumoff_segments *segments, uint8_t *out, size_t len)
{
    uint8_t *l3 = out + segments->l3_start, *l4 = out + segments->l4_start;

    if (segments->ip_version == 4)
        store_be16(l3 + IPV4_LENGTH, len - segments->l3_start);
    else
        store_be16(l3 + IPV6_LENGTH, len - segments->l3_start - IPV6_HEADER);
    if (segments->l4_proto == PROTO_UDP)
        store_be16(l4 + UDP_LENGTH, len - segments->l4_start);
}

/* Adds the segment's offset to the sequence number and clears the flags of other segments: CWR
 * stays in the first one only, PSH and FIN stay in the last one only. */
static void set_tcp(const struct csumoff_segments *segments, uint8_t *l4)
{
    uint8_t *seq = l4 + TCP_SEQUENCE;
    uint32_t number = (uint32_t)be16(seq) << 16 | be16(seq + 2);

    number += (uint32_t)segments->index * segments->mss;
    store_be16(seq, number >> 16);
    store_be16(seq + 2, number);
    if (segments->index)
        l4[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
    if (segments->index + 1 < segments->count)
        l4[TCP_FLAGS] &= (uint8_t) ~(TCP_PSH | TCP_FIN);
}

/* Writes the headers of the next segment, which has len bytes, with the seed in the L4 field. */
static void write_headers(const struct csumoff_segments *segments, uint8_t *out, size_t len)
{
    uint8_t *l3 = out + segments->l3_start, *l4 = out + segments->l4_start;
    uint32_t l4_len = csumoff_net32_((uint32_t)(len - segments->l4_start));
    csumoff_sum16 seed = (csumoff_sum16)~csumoff_fold(csumoff_add(segments->pseudo, l4_len));

    (void)csumoff_partial_copy(out, segments->headers, segments->header_len, 0);
    set_lengths(segments, out, len);
    store16(l4 + segments->csum_offset, seed);
    if (segments->ip_version == 4) {
        csumoff_sum16 check;

        store_be16(l3 + IPV4_ID, be16(l3 + IPV4_ID) + segments->index);
        check = csumoff_ipv4_header(l3, segments->l4_start - segments->l3_start);
        store16(l3 + IPV4_CHECK, check);
    }
    if (segments->l4_proto == PROTO_TCP)
        set_tcp(segments, l4);
}

/* Advances to the next segment, after one with `payload` bytes of payload. */
static void advance(struct csumoff_segments *segments, size_t payload)
{
    segments->left -= payload;
    segments->index++;
    segments->iov_skip += payload;
    if (!segments->iov)
        return;
    while (segments->iov_count && segments->iov_skip >= segments->iov->len) {
        segments->iov_skip -= segments->iov->len;
        segments->iov++;
        segments->iov_count--;
    }
}

int csumoff_segment_next(struct csumoff_segments *segments, void *out, size_t room, size_t *len)
{
    uint8_t *p = (uint8_t *)out;
    size_t header_len = segments->header_len, payload = next_payload(segments);
    csumoff_wsum sum = 0;

    if (segments->index == segments->count) {
        *len = 0;
        return CSUMOFF_OK;
    }
    if (header_len + payload > room)
        return CSUMOFF_ERANGE;
    if (segments->iov) {
        int status = csumoff_partial_copy_iov(p + header_len, segments->iov, segments->iov_count,
                                              segments->iov_skip, payload, &sum);

        if (status)
            return status;
    } else {
        const uint8_t *frame = (const uint8_t *)segments->whole.base;

        sum = csumoff_partial_copy(p + header_len, frame + segments->iov_skip, payload, 0);
    }
    write_headers(segments, p, header_len + payload);
    if (!segments->is_seeded) {
        /* The length of the L4 header is even, so the payload's sum is added without a shift. */
        uint8_t *l4 = p + segments->l4_start;
        csumoff_sum16 check =
            csumoff_fold(csumoff_partial(l4, header_len - segments->l4_start, sum));

        if (segments->l4_proto == PROTO_UDP)
            check = csumoff_udp_nonzero(check);
        store16(l4 + segments->csum_offset, check);
    }
    advance(segments, payload);
    *len = header_len + payload;
    return CSUMOFF_OK;
}

int csumoff_segment_next_head(struct csumoff_segments *segments, void *head, size_t room,
                              size_t *head_len, size_t *at, size_t *payload_len)
{
    size_t header_len = segments->header_len, payload = next_payload(segments);

    if (!segments->is_seeded)
        return CSUMOFF_ENOTSUP;
    if (segments->index == segments->count) {
        *head_len = *at = *payload_len = 0;
        return CSUMOFF_OK;
    }
    if (header_len > room)
        return CSUMOFF_ERANGE;
    write_headers(segments, (uint8_t *)head, header_len + payload);
    *head_len = header_len;
    *at = header_len + segments->index * segments->mss;
    *payload_len = payload;
    advance(segments, payload);
    return CSUMOFF_OK;
}
