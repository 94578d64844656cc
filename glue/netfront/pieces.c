// SPDX-License-Identifier: MIT
/*
 * A frame in pieces. Its headers are gathered and made the beginning of a shorter packet, of which
 * csumoff knows everything but the length; sums then go over the pieces.
 */
#include "frame.h"

static void gather(const struct csumoff_iov_mut *iov, size_t count, struct csumoff_head *head)
{
    head->len = 0;
    head->seed = 0;
    for (size_t i = 0; i < count && head->len < HEAD_MAX; i++) {
        size_t room = HEAD_MAX - head->len, len = iov[i].len < room ? iov[i].len : room;

        if (len)
            (void)csumoff_partial_copy(head->bytes + head->len, iov[i].base, len, 0);
        head->len += len;
    }
}

void csumoff_pieces_store(const struct csumoff_iov_mut *iov, size_t count, size_t at,
                          csumoff_sum16 check)
{
    uint8_t bytes[2];

    __builtin_memcpy(bytes, &check, sizeof bytes);
    for (size_t i = 0, start = 0; i < count; start += iov[i++].len)
        for (size_t byte = 0; byte < 2; byte++)
            if (at + byte >= start && at + byte - start < iov[i].len)
                ((uint8_t *)iov[i].base)[at + byte - start] = bytes[byte];
}

csumoff_wsum csumoff_pieces_sum(const struct csumoff_iov_mut *iov, size_t count, size_t from,
                                size_t to)
{
    csumoff_wsum sum = 0;

    for (size_t i = 0, start = 0; i < count; start += iov[i++].len) {
        size_t first = from > start ? from : start, end = start + iov[i].len;

        if (first < (to < end ? to : end))
            sum = csumoff_block_add(sum,
                                    csumoff_partial((const uint8_t *)iov[i].base + (first - start),
                                                    (to < end ? to : end) - first, 0),
                                    first - from);
    }
    return sum;
}

/* The pseudo-header's part of the checksum of a packet that is all there: what is left of its sum
 * when all is right. */
static csumoff_sum16 seed_of(uint8_t *frame, size_t len, const struct csumoff_layout *at)
{
    uint8_t *field = frame + at->csum_start + at->csum_offset;
    csumoff_sum16 seed, held = csumoff_load16_(field);

    /* It can't fail: the packet has been located. */
    if (csumoff_fill(frame, len, CSUMOFF_LINK_ETHERNET))
        return 0;
    seed = csumoff_fold(csumoff_partial(frame + at->csum_start, at->l4_len, 0));
    if (at->l4_proto != PROTO_ICMP)
        seed = csumoff_udp_nonzero(seed); /* it is the sum of something */
    __builtin_memcpy(field, &held, sizeof held);
    return seed;
}

/* Brings the seed from one L4 length to that of the whole frame. */
static void set_length(struct csumoff_head *head, const struct csumoff_layout *at, size_t from_len)
{
    const uint8_t from[2] = {(uint8_t)(from_len >> 8), (uint8_t)from_len};
    const uint8_t to[2] = {(uint8_t)(at->l4_len >> 8), (uint8_t)at->l4_len};
    const struct csumoff_adjust how = {
        CSUMOFF_PARTIAL, at->l4_proto, at->ip_version, true, from, to, sizeof to};

    csumoff_adjust_l4(&head->seed, &how);
}

/*
 * Locates by the head alone: makes it a packet that ends where it does, and takes that back.
 * Returns an error where the headers do not end in it.
 */
static int locate(struct csumoff_head *head, struct csumoff_view *view)
{
    struct csumoff_layout *at = &view->at;
    const struct csumoff_ip *ip = &view->ip;
    uint8_t *p = head->bytes, *length = NULL, *udp_length = NULL;
    size_t fixed = 0, end = 0, l4_len = 0, udp_len = 0;

    csumoff_ip_walk(p, head->len, &view->ip);
    if (head->len < view->len && ip->version) {
        length = p + ip->l3 + (ip->version == 4 ? IPV4_LENGTH : IPV6_LENGTH);
        fixed = ip->l3 + (ip->version == 4 ? 0 : IPV6_HEADER);
        end = fixed + be16(length);
    }
    if (length && end > head->len && end <= view->len) {
        if (ip->drop != CSUMOFF_DROP_FRAGMENT && ip->l4 + TCP_HEADER > head->len)
            return CSUMOFF_ENOTSUP;
        store_be16(length, head->len - fixed);
        if ((ip->drop == CSUMOFF_DROP_NONE || ip->drop == CSUMOFF_DROP_FAR) &&
            ip->proto == PROTO_UDP)
            udp_len = be16(udp_length = p + ip->l4 + UDP_LENGTH);
        if (udp_length && udp_len > head->len - ip->l4 && udp_len <= end - ip->l4)
            store_be16(udp_length, head->len - ip->l4);
    } else {
        end = 0; /* nothing to take back */
    }
    view->status = csumoff_locate(p, head->len, CSUMOFF_LINK_ETHERNET, at);
    if (view->status == CSUMOFF_OK) {
        head->seed = seed_of(p, head->len, at);
        l4_len = at->l4_len;
    }
    if (!end)
        return CSUMOFF_OK;
    store_be16(length, end - fixed);
    if (udp_length)
        store_be16(udp_length, udp_len);
    if (view->status == CSUMOFF_OK) {
        at->end = end;
        at->l4_len = udp_length ? udp_len : end - at->l4_start;
        set_length(head, at, l4_len);
    }
    return CSUMOFF_OK;
}

int csumoff_head_locate(const struct csumoff_iov_mut *iov, size_t count, struct csumoff_head *head,
                        struct csumoff_view *view)
{
    view->len = 0;
    for (size_t i = 0; i < count; view->len += iov[i++].len)
        if (iov[i].len > FRAME_MAX - view->len)
            return CSUMOFF_ERANGE;
    gather(iov, count, head);
    view->bytes = head->bytes;
    return locate(head, view);
}

void csumoff_pieces_finish(const struct csumoff_iov_mut *iov, size_t count, size_t csum_start,
                           size_t csum_offset, size_t end)
{
    csumoff_wsum sum = csumoff_pieces_sum(iov, count, csum_start, end);

    csumoff_pieces_store(iov, count, csum_start + csum_offset,
                         csumoff_udp_nonzero(csumoff_fold(sum)));
}

void csumoff_pieces_fill(const struct csumoff_iov_mut *iov, size_t count,
                         const struct csumoff_head *head, const struct csumoff_view *view)
{
    size_t start = view->at.csum_start, field = start + view->at.csum_offset;
    csumoff_wsum sum = csumoff_pieces_sum(iov, count, start, field);
    csumoff_sum16 check;

    sum = csumoff_add(sum, csumoff_pieces_sum(iov, count, field + 2, start + view->at.l4_len));
    check = csumoff_fold(csumoff_add(sum, head->seed));
    csumoff_pieces_store(iov, count, field,
                         view->at.l4_proto == PROTO_UDP ? csumoff_udp_nonzero(check) : check);
}

void csumoff_pieces_header(const struct csumoff_iov_mut *iov, size_t count,
                           const struct csumoff_view *view)
{
    const uint8_t *l3 = view->bytes + view->ip.l3;

    if (view->ip.version == 4)
        csumoff_pieces_store(iov, count, view->ip.l3 + IPV4_CHECK,
                             csumoff_ipv4_header(l3, (size_t)(l3[0] & 15) * 4));
}
