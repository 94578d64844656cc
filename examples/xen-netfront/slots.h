// SPDX-License-Identifier: MIT
/*
 * The slots of the two rings, wherever their pages come from. What differs from place to place (a
 * process, ./ring.c; a domain of its own, ../xen-guest/ring.c) opens, connects and waits; this is
 * the rest of ring.h.
 */
#ifndef SLOTS_H
#define SLOTS_H

#include "ring.h"

#ifndef xen_mb
#define xen_mb()  __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define xen_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define xen_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#endif
#include <xen/io/netif.h>
#include <xen/io/xenbus.h>
#pragma GCC diagnostic ignored "-Wsign-conversion" /* Xen's macros */

#ifndef RING_TX_PAGES /* a page for each slot, and one to be filled while all slots are taken */
#define RING_TX_PAGES 257
#endif

enum {
    PAGE = RING_SLOT_MAX,
    SLOTS = 256, /* of a ring of one page; a buffer for each */
    TX_PAGES = RING_TX_PAGES
};

struct ring {
    struct ring_place *place; /* of whoever opened it */

    netif_tx_front_ring_t tx;
    uint8_t *tx_pages;
    uint32_t tx_refs[TX_PAGES];
    uint16_t tx_free[TX_PAGES]; /* numbers of pages: the first tx_free_count are to be had */
    unsigned tx_free_count, tx_errors;
    uint16_t tx_next; /* ring_page()'s, which is not among them */
    bool tx_held;

    netif_rx_front_ring_t rx;
    uint8_t *rx_pages; /* slot i of the endless ring has page i % SLOTS */
    uint32_t rx_refs[SLOTS];
    RING_IDX rx_taken; /* how far ring_receive() has read */
};

/* Wakes the backend. The place has it. */
void ring_notify(struct ring *ring);

/* Begins with empty rings, whose pages and references are in place, and posts all buffers. */
void ring_start(struct ring *ring);

/* Passes on what is held; whether there is nothing to do until the next event, which is asked for.
 */
bool ring_is_idle(struct ring *ring);

#endif
