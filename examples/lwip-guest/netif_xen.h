// SPDX-License-Identifier: MIT
/* A netif over the ring of examples/xen-netfront. All it knows of checksums is sums.h: offload.h
 * does the rest. */
#ifndef NETIF_XEN_H
#define NETIF_XEN_H

#include <lwip/netif.h>
#include <lwip/sys.h>
#include <stdbool.h>

#include "offload.h"

/* The first four are the caller's to fill in; netif->state points to it for as long as lwIP runs.
 */
struct netif_xen {
    struct offload *offload; /* connected */
    bool trust;              /* blank frames go to the stack, marked; else finished first */
    uint16_t mtu;
    uint8_t mac[6];

    struct netif *netif;
    sys_mutex_t lock; /* the ring takes one thread at a time; who wants to close it keeps this */
    uint8_t sent[RING_FRAME_MAX], received[RING_FRAME_MAX];
};

/* For netif_add(). Starts a thread that reads frames. */
err_t netif_xen_init(struct netif *netif);

#endif
