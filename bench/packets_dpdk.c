// SPDX-License-Identifier: MIT
/* The functions that an application over DPDK calls for each packet. */
#include "packets.h"
#include <stdlib.h>
#include <string.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_net.h>
#include <rte_tcp.h>

void *dpdk_mbufs(const struct packets *packets)
{
    void *p = NULL;
    struct rte_mbuf *mbufs;

    if (posix_memalign(&p, 4096, PACKETS * sizeof *mbufs))
        return NULL;
    mbufs = (struct rte_mbuf *)memset(p, 0, PACKETS * sizeof *mbufs);
    for (size_t i = 0; i < PACKETS; i++) {
        mbufs[i].buf_addr = packets->frames + i * packets->stride;
        mbufs[i].data_len = (uint16_t)packets->head;
        mbufs[i].pkt_len = (uint32_t)packets->len;
        mbufs[i].nb_segs = 1;
    }
    return p;
}

static inline uint64_t locate(const struct rte_mbuf *mbuf)
{
    struct rte_net_hdr_lens lens;
    uint32_t type =
        rte_net_get_ptype(mbuf, &lens, RTE_PTYPE_L2_MASK | RTE_PTYPE_L3_MASK | RTE_PTYPE_L4_MASK);

    return type & RTE_PTYPE_L4_MASK ? (uint64_t)lens.l2_len + lens.l3_len + lens.l4_len : 0;
}

uint64_t dpdk_locate(const struct packets *packets, size_t calls)
{
    const struct rte_mbuf *mbufs = (const struct rte_mbuf *)packets->mbufs;

    PACKETS_LOOP(packets, calls, locate(mbufs + (i & (PACKETS - 1))));
}

static inline struct rte_ipv4_hdr *ip_of(uint8_t *frame)
{
    return (struct rte_ipv4_hdr *)(void *)(frame + 14);
}

static inline struct rte_tcp_hdr *tcp_of(uint8_t *frame)
{
    return (struct rte_tcp_hdr *)(void *)(frame + 34);
}

/* Returns how many of the two checksums are right. */
uint64_t dpdk_inspect(const struct packets *packets, size_t calls)
{
    PACKETS_LOOP(packets, calls,
                 (uint64_t)(rte_ipv4_cksum(ip_of(frame)) == 0) +
                     (uint64_t)(rte_ipv4_udptcp_cksum_verify(ip_of(frame), tcp_of(frame)) == 0));
}

static inline uint64_t seed(struct rte_ipv4_hdr *ip, struct rte_tcp_hdr *tcp)
{
    ip->hdr_checksum = 0;
    ip->hdr_checksum = rte_ipv4_cksum(ip);
    tcp->cksum = rte_ipv4_phdr_cksum(ip, 0);
    return 1;
}

uint64_t dpdk_seed(const struct packets *packets, size_t calls)
{
    PACKETS_LOOP(packets, calls, seed(ip_of(frame), tcp_of(frame)));
}

static inline uint64_t fill(struct rte_ipv4_hdr *ip, struct rte_tcp_hdr *tcp)
{
    ip->hdr_checksum = 0;
    ip->hdr_checksum = rte_ipv4_cksum(ip);
    tcp->cksum = 0;
    tcp->cksum = rte_ipv4_udptcp_cksum(ip, tcp);
    return 1;
}

uint64_t dpdk_fill(const struct packets *packets, size_t calls)
{
    PACKETS_LOOP(packets, calls, fill(ip_of(frame), tcp_of(frame)));
}
