// SPDX-License-Identifier: MIT
/* The place of ../xen-netfront/slots.c's rings: pages of a domain's own, its xenstore, its event
 * channel. The pages are granted once and for all, and frames are copied to and from them. */
#include "slots.h"

#include <errno.h>

#include "store.h"
#include "xen.h"

enum {
    NAP_MS = 10,
    STATE_SECONDS = 30
};

struct ring_place {
    char device[STORE_PATH], backend[STORE_VALUE]; /* directories in xenstore */
    char value[STORE_VALUE];                       /* what ring_backend_key() gave */
    evtchn_port_t port;
};

#define PAGES(name, count)                                                                         \
    static uint8_t name[count][PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)))
PAGES(tx_ring, 1);
PAGES(rx_ring, 1);
PAGES(tx_pages, TX_PAGES);
PAGES(rx_pages, SLOTS);

static struct ring_place place;
static struct ring ring0; /* the one that there is */

/* ---- xenstore -------------------------------------------------------------------------------- */

const char *ring_backend_key(void *ring, const char *key)
{
    struct ring_place *at = ((struct ring *)ring)->place;
    char path[STORE_PATH];

    store_path(path, at->backend, key);
    return store_read(path, at->value) ? at->value : NULL;
}

int ring_write_key(struct ring *ring, const char *key, const char *value)
{
    char path[STORE_PATH];

    store_path(path, ring->place->device, key);
    return store_write(path, value) ? 0 : EINVAL;
}

static int write_number(struct ring *ring, const char *key, unsigned value)
{
    char text[12], *digit = text + sizeof text - 1;

    *digit = 0;
    do
        *--digit = (char)('0' + value % 10);
    while (value /= 10);
    return ring_write_key(ring, key, digit);
}

/* A watch would do it without the naps; it happens once. */
static int wait_for(struct ring *ring, enum xenbus_state state)
{
    for (unsigned tries = 0; tries < STATE_SECONDS * 1000 / NAP_MS; tries++) {
        const char *now = ring_backend_key(ring, "state");

        if (now && now[0] == '0' + (char)state && !now[1])
            return 0;
        xen_wait(xen.store_port, NAP_MS);
    }
    return ETIMEDOUT;
}

/* ---- Coming ---------------------------------------------------------------------------------- */

int ring_open(struct ring **ring, const char *device)
{
    char path[STORE_PATH];
    size_t len = 0;

    *ring = NULL;
    for (; device[len] && len + 1 < sizeof place.device; len++)
        place.device[len] = device[len];
    place.device[len] = 0;
    store_path(path, device, "backend");
    if (!store_read(path, place.backend))
        return ENODEV;
    ring0.place = &place;
    *ring = &ring0;
    return wait_for(&ring0, XenbusStateInitWait);
}

/* The backend reads what is sent, and writes what is received. */
static void grant_pages(struct ring *ring)
{
    ring->tx_pages = *tx_pages;
    ring->rx_pages = *rx_pages;
    for (unsigned i = 0; i < TX_PAGES; i++)
        ring->tx_refs[i] = xen_grant(tx_pages[i], true);
    for (unsigned i = 0; i < SLOTS; i++)
        ring->rx_refs[i] = xen_grant(rx_pages[i], false);
}

int ring_connect(struct ring *ring)
{
    int status;

    ring->tx.sring = (netif_tx_sring_t *)(void *)tx_ring;
    ring->rx.sring = (netif_rx_sring_t *)(void *)rx_ring;
    ring->place->port = xen_port();
    grant_pages(ring);
    ring_start(ring);
    status = write_number(ring, "tx-ring-ref", xen_grant(tx_ring, false));
    if (!status)
        status = write_number(ring, "rx-ring-ref", xen_grant(rx_ring, false));
    if (!status)
        status = write_number(ring, "event-channel", ring->place->port);
    if (!status)
        status = ring_write_key(ring, "request-rx-copy", "1"); /* the only way there still is */
    if (!status)
        status = ring_write_key(ring, "feature-rx-notify", "1");
    if (!status)
        status = write_number(ring, "state", XenbusStateConnected);
    return status ? status : wait_for(ring, XenbusStateConnected);
}

/* ---- Events ---------------------------------------------------------------------------------- */

void ring_notify(struct ring *ring)
{
    xen_notify(ring->place->port);
}

int ring_wait(struct ring *ring, int ms)
{
    if (!ring_is_idle(ring) || xen_wait(ring->place->port, (unsigned)ms))
        return 0;
    return ETIMEDOUT;
}
