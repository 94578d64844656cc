/* SPDX-License-Identifier: MIT */
/* A netif over a LAN9118 or LAN9220, as Arm's MPS2 boards have one. */
#ifndef LAN9118_H
#define LAN9118_H

#include <lwip/netif.h>
#include <stdint.h>

/* An init function of lwIP's, for netif_add(). */
err_t lan9118_init(struct netif *netif);

/* Hands the frames that have come to netif->input(). */
void lan9118_poll(struct netif *netif);

/* Ticks between netif->input() and the last frame that was sent since. */
uint32_t lan9118_ticks(void);

#endif
