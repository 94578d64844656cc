// SPDX-License-Identifier: MIT
/* A frame in pieces: its headers are gathered, its sums are taken where its bytes are. */
#include "frame.h"

static void gather(const struct csumoff_iov *iov, size_t count, struct csumoff_head *head)
{
    head->len = 0;
    for (size_t i = 0; i < count && head->len < HEAD_MAX; i++) {
        size_t room = HEAD_MAX - head->len, len = iov[i].len < room ? iov[i].len : room;

        (void)csumoff_partial_copy(head->bytes + head->len, iov[i].base, len, 0);
        head->len += len;
    }
}

int csumoff_head_locate(const struct csumoff_iov *iov, size_t count, struct csumoff_head *head,
                        struct csumoff_view *view)
{
    view->len = 0;
    for (size_t i = 0; i < count; view->len += iov[i++].len)
        if (iov[i].len > FRAME_MAX - view->len)
            return CSUMOFF_ERANGE;
    gather(iov, count, head);
    view->bytes = head->bytes;
    csumoff_ip_walk(head->bytes, head->len, &view->ip);
    view->status =
        csumoff_locate_head(head->bytes, head->len, view->len, CSUMOFF_LINK_ETHERNET, &view->at);
    return view->status == CSUMOFF_EHEAD ? CSUMOFF_ENOTSUP : CSUMOFF_OK;
}

/* Writes a checksum, each of its bytes into the piece that holds it. */
static void store(const struct csumoff_iov *iov, size_t count, size_t at, csumoff_sum16 check)
{
    uint8_t bytes[2];

    __builtin_memcpy(bytes, &check, sizeof bytes);
    for (size_t i = 0, start = 0; i < count; start += iov[i++].len)
        for (size_t byte = 0; byte < 2; byte++)
            if (at + byte >= start && at + byte - start < iov[i].len)
                ((uint8_t *)iov[i].base)[at + byte - start] = bytes[byte];
}

int csumoff_pieces_finish(const struct csumoff_iov *iov, size_t count, size_t csum_start,
                          size_t csum_offset, size_t end)
{
    csumoff_wsum sum = 0;
    int status = csumoff_partial_iov(iov, count, csum_start, end - csum_start, &sum);

    if (status == CSUMOFF_OK)
        store(iov, count, csum_start + csum_offset, csumoff_udp_nonzero(csumoff_fold(sum)));
    return status;
}

void csumoff_pieces_header(const struct csumoff_iov *iov, size_t count,
                           const struct csumoff_view *view)
{
    size_t l3 = csumoff_ipv4_start(view);
    const uint8_t *iph = view->bytes + l3;

    if (l3)
        store(iov, count, l3 + IPV4_CHECK, csumoff_ipv4_header(iph, (size_t)(iph[0] & 15) * 4));
}

bool csumoff_pieces_clean(const struct csumoff_iov *iov, size_t count, size_t from, size_t len)
{
    csumoff_wsum sum = 0;

    return csumoff_partial_iov(iov, count, from, len - from, &sum) == CSUMOFF_OK && sum == 0;
}
