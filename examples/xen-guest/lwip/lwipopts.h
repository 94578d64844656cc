// SPDX-License-Identifier: MIT
/* lwIP without threads in a domain of 8 MiB: sums by csumoff, or by nobody. */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#define NO_SYS               1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN         0
#define LWIP_SOCKET          0

#define LWIP_IPV6                     1
#define LWIP_IPV6_MLD                 0
#define LWIP_IPV6_AUTOCONFIG          0
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS 0

/* A UDP datagram in fragments would have no checksum: see CHECKSUM_GEN_UDP below. */
#define IP_FRAG         0
#define IP_REASSEMBLY   0
#define LWIP_IPV6_FRAG  0
#define LWIP_IPV6_REASS 0

/* The netif says what it leaves to the backend, and of each received packet whether it is checked.
 * An application's data are not summed while they are copied: the backend sums them. */
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1
#define LWIP_CHECKSUM_ON_COPY        0

#define MEM_ALIGNMENT    8
#define MEM_SIZE         (1 << 20) /* received frames are in it, of up to 64 KiB */
#define MEMP_NUM_PBUF    64
#define MEMP_NUM_UDP_PCB 4
#define MEMP_NUM_TCP_PCB 16
#define TCP_MSS          1460
#define TCP_WND          (32 * TCP_MSS)
#define TCP_SND_BUF      (32 * TCP_MSS)
#define TCP_SND_QUEUELEN 128
#define MEMP_NUM_TCP_SEG 256

/* Received frames are in no pool, whose size lwIP would compare with the window. */
#define PBUF_POOL_SIZE                 8
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1

/* What is sent while a neighbour is asked for. */
#define ARP_QUEUEING       1
#define ARP_QUEUE_LEN      64
#define MEMP_NUM_ARP_QUEUE 64
#define LWIP_ND6_QUEUEING  1
#define MEMP_NUM_ND6_QUEUE 64

/* Wrong checksums and what was sent again are counted. */
#define LWIP_STATS         1
#define LWIP_STATS_DISPLAY 0
#define MIB2_STATS         1

#include <csumoff_lwip.h>

#endif
