// SPDX-License-Identifier: MIT
#include "sums.h"

#include <csumoff_lwip.h>
#include <lwip/inet_chksum.h>
#include <lwip/ip.h>
#include <lwip/nd6.h>
#include <lwip/prot/ip.h>

struct sums_counts sums_counts;

/* lwIP's headers declare this nowhere, and the next not where a macro stands for it. */
u16_t lwip_standard_chksum(const void *data, int len);
u16_t lwip_chksum_copy(void *dst, const void *src, u16_t len);

u16_t lwip_standard_chksum(const void *data, int len)
{
    atomic_fetch_add(&sums_counts.summed, 1);
    return csumoff_lwip_chksum(data, len);
}

/* Called by the application's thread, when nobody knows which netif it will be. */
u16_t lwip_chksum_copy(void *dst, const void *src, u16_t len)
{
    atomic_fetch_add(&sums_counts.copied, 1);
    return csumoff_lwip_chksum_copy(dst, src, len);
}

/*
 * Whether a packet that is sent reaches the linkoutput of a netif that makes checksums, in one
 * piece. Not so what is cut into fragments, or looped back to where it will be checked.
 */
static bool left_to_netif(const struct pbuf *p, u8_t proto, const ip_addr_t *src,
                          const ip_addr_t *dest)
{
    struct netif *out;

    if ((proto != IP_PROTO_TCP && proto != IP_PROTO_UDP) || ip_addr_ismulticast(dest))
        return false;
    out = ip_route(src, dest);
    if (!out || !(out->flags & NETIF_FLAG_SUMS))
        return false;
    if (IP_IS_V6(dest))
        return IP6_HLEN + p->tot_len <= nd6_get_destination_mtu(ip_2_ip6(dest), out) &&
               netif_get_ip6_addr_match(out, ip_2_ip6(dest)) < 0;
    return IP_HLEN + p->tot_len <= out->mtu && !ip4_addr_isloopback(ip_2_ip4(dest)) &&
           !ip4_addr_cmp(ip_2_ip4(dest), netif_ip4_addr(out));
}

/* The checksum over the pseudo-header and the first `len` bytes of the chain. */
static u16_t pseudo(const struct pbuf *p, u8_t proto, u16_t proto_len, size_t len,
                    const ip_addr_t *src, const ip_addr_t *dest)
{
    csumoff_wsum sum = 0;
    size_t at, piece;

    for (at = 0; p && at < len; p = p->next, at += piece) {
        piece = LWIP_MIN(p->len, len - at);
        sum = csumoff_block_add(sum, csumoff_partial(p->payload, piece, 0), at);
    }
    return IP_IS_V6(dest) ? csumoff_tcpudp_ipv6(ip_2_ip6(src)->addr, ip_2_ip6(dest)->addr, proto,
                                                proto_len, sum)
                          : csumoff_tcpudp_ipv4(&ip_2_ip4(src)->addr, &ip_2_ip4(dest)->addr, proto,
                                                proto_len, sum);
}

/*
 * The same function checks what was received, to get 0, and makes what is sent; only a check is
 * given the very addresses of the packet under way. Either way the packet is now the stack's own,
 * and may be sent in the same pbuf: the netif's marks go.
 */
u16_t ip_chksum_pseudo_partial(struct pbuf *p, u8_t proto, u16_t proto_len, u16_t chksum_len,
                               const ip_addr_t *src, const ip_addr_t *dest)
{
    bool is_check = src == ip_current_src_addr(), is_seeded = p->flags & PBUF_FLAG_SEEDED;
    u16_t check;

    p->flags &= (u8_t) ~(PBUF_FLAG_SEEDED | PBUF_FLAG_AS_IT_CAME);
    if (is_check && is_seeded) {
        atomic_fetch_add(&sums_counts.spared, 1);
        return 0;
    }
    if (!is_check && left_to_netif(p, proto, src, dest)) {
        atomic_fetch_add(&sums_counts.left, 1);
        return 0;
    }
    check = pseudo(p, proto, proto_len, chksum_len, src, dest);
    atomic_fetch_add(is_check ? &sums_counts.checked : &sums_counts.made, 1);
    if (is_check && check)
        atomic_fetch_add(&sums_counts.wrong, 1);
    return check;
}

u16_t ip_chksum_pseudo(struct pbuf *p, u8_t proto, u16_t proto_len, const ip_addr_t *src,
                       const ip_addr_t *dest)
{
    return ip_chksum_pseudo_partial(p, proto, proto_len, p->tot_len, src, dest);
}
