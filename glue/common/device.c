// SPDX-License-Identifier: MIT
/* Decides whether a device can finish a frame's checksum or segment the frame. */
#include "device.h"

enum {
    PLACE_LEAST = IPV4_HEADER, /* Linux drops frames with a smaller csum_start */
    PLACE_MOST = 0xFFFF        /* csum_start has 16 bits */
};

/* Returns 1 if only zeros follow the bytes that the checksum covers, 0 if not, or a negative
 * status. A device sums to the end of the frame, so other bytes there would be included. */
static int has_clean_trailer(const struct csumoff_frame_ *frame, size_t end)
{
    csumoff_wsum sum = 0;

    if (end == frame->len)
        return 1;
    if (!csumoff_frame_is_complete(frame))
        return CSUMOFF_ENOTSUP;
    if (!frame->pieces)
        sum = csumoff_partial(frame->head + end, frame->len - end, 0);
    else if (frame->pieces->sum(frame->iov, frame->count, end, frame->len - end, &sum))
        return 0;
    return sum == 0;
}

int csumoff_device_takes_own_(const struct csumoff_device_ *device,
                              const struct csumoff_frame_ *frame,
                              const struct csumoff_layout *layout, bool has_seed)
{
    const bool is_tcp_udp = layout->l4_proto == PROTO_TCP || layout->l4_proto == PROTO_UDP;

    if (!(layout->ip_version == 4 ? device->csum_ipv4 : device->csum_ipv6) ||
        layout->csum_kind != CSUMOFF_INTERNET || layout->csum_start > PLACE_MOST)
        return 0;
    if (device->finds ? !is_tcp_udp || !device->finds(frame->head, frame->have, layout)
                      : !is_tcp_udp && !(has_seed && is_internet_l4(layout)))
        return 0;
    return has_clean_trailer(frame, (size_t)layout->csum_start + layout->l4_len);
}

bool csumoff_device_takes_elsewhere_(const struct csumoff_device_ *device,
                                     const struct csumoff_frame_ *frame,
                                     const struct csumoff_layout *layout)
{
    if (CSUMOFF_IS_PLAIN || device->finds || !device->csum_ipv4 ||
        layout->csum_start < PLACE_LEAST || layout->csum_start > PLACE_MOST)
        return false;
    return has_clean_trailer(frame, (size_t)layout->csum_start + layout->l4_len) == 1;
}

enum csumoff_gso csumoff_device_gso_(const struct csumoff_device_ *device,
                                     const struct csumoff_frame_ *frame,
                                     const struct csumoff_layout *layout, uint16_t mss)
{
    if (frame->len != layout->end || (size_t)layout->csum_start + layout->l4_len != layout->end ||
        !is_segmentable(frame->head, layout))
        return CSUMOFF_GSO_NONE;
    if (layout->l4_proto == PROTO_TCP) {
        if (frame->head[layout->l4_start + TCP_FLAGS] & TCP_CWR && !device->ecn)
            return CSUMOFF_GSO_NONE;
        if (layout->ip_version == 4)
            return device->tcpv4 ? CSUMOFF_GSO_TCPV4 : CSUMOFF_GSO_NONE;
        return device->tcpv6 ? CSUMOFF_GSO_TCPV6 : CSUMOFF_GSO_NONE;
    }
    if (layout->l4_proto != PROTO_UDP || !device->udp_l4 ||
        (size_t)payload_len(layout) > (size_t)mss * UDP_SEGMENTS_MAX)
        return CSUMOFF_GSO_NONE;
    /* Datagrams cut from a tunnel's would each hold a part of a packet, be it one that cannot be
     * located. */
    return is_tunnel_port(be16(frame->head + layout->l4_start + UDP_DPORT)) ? CSUMOFF_GSO_NONE
                                                                            : CSUMOFF_GSO_UDP_L4;
}
