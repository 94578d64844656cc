/* SPDX-License-Identifier: MIT */
/* lwIP without an operating system, for a microcontroller with 16 KiB of memory. */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#define NO_SYS               1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN         0
#define LWIP_SOCKET          0

#define LWIP_IPV4     1
#define LWIP_IPV6     0
#define LWIP_ARP      1
#define LWIP_ICMP     1
#define LWIP_UDP      1
#define LWIP_TCP      1
#define IP_FRAG       0
#define IP_REASSEMBLY 0
#define LWIP_STATS    0

/* Two bytes before the Ethernet header put what follows it to an address that 4 divides. */
#define MEM_ALIGNMENT 4
#define ETH_PAD_SIZE  2

#define MEM_SIZE         4096
#define PBUF_POOL_SIZE   3
#define TCP_MSS          1460
#define TCP_WND          TCP_MSS
#define TCP_SND_BUF      (2 * TCP_MSS)
#define TCP_SND_QUEUELEN 6
#define MEMP_NUM_TCP_SEG 6
#define MEMP_NUM_TCP_PCB 2
#define MEMP_NUM_UDP_PCB 2
#define MEMP_NUM_PBUF    4
#define ARP_TABLE_SIZE   4

/* CSUMOFF: lwIP's sums by csumoff. Without it lwIP's own. */
#ifdef CSUMOFF
#define LWIP_CHECKSUM_ON_COPY 1
#include <csumoff_lwip.h>
#endif

#endif
