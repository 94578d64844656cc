// SPDX-License-Identifier: MIT
/* DPDK's inline checksums, by the flags this file is built with: PEER names the result. */
#include "peers.h"
#include <rte_ip.h>

void PEER(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, rte_raw_cksum(data, len));
}

#if defined(PEER_IPV4)
void PEER_IPV4(const struct work *work, size_t calls)
{
    PEER_LOOP(work, calls, rte_ipv4_cksum((const struct rte_ipv4_hdr *)(const void *)data));
}
#endif
