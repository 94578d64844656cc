// SPDX-License-Identifier: MIT
/* A netif over a TAP with virtio-net headers. All it knows of checksums is csumoff_virtio.h. */
#ifndef NETIF_TAP_H
#define NETIF_TAP_H

#include <csumoff_virtio.h>
#include <lwip/netif.h>

/* The first six are the caller's to fill in; netif->state points to it for as long as lwIP runs. */
struct netif_tap {
    int fd;                            /* IFF_TAP | IFF_NO_PI | IFF_VNET_HDR */
    unsigned form;                     /* of the header, enum csumoff_virtio_form */
    struct csumoff_virtio_caps device; /* what the TAP takes; seeds: always */
    bool trust;                        /* seeds go to the stack, marked; else finished first */
    uint16_t mtu;
    uint8_t mac[6];

    struct netif *netif;
    uint8_t sent[UINT16_MAX], received[UINT16_MAX + 1];
};

/* For netif_add(). Starts a thread that reads frames until the TAP fails. */
err_t netif_tap_init(struct netif *netif);

/* Makes a TAP of this name whose kernel may hand over seeds and TCP super-frames, headers in
 * CSUMOFF_VIRTIO_LITTLE; -1 and errno. */
int netif_tap_open(const char *name);

#endif
