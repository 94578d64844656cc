// SPDX-License-Identifier: MIT
#include "slots.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xenevtchn.h>
#include <xengnttab.h>
#include <xenstore.h>

enum {
    STATE_SECONDS = 30
};

struct ring_place {
    char *device, *backend; /* directories in xenstore */
    char *key;              /* what ring_backend_key() gave */
    unsigned backend_domain;
    struct xs_handle *store;
    xengntshr_handle *grants;
    xenevtchn_handle *events;
    evtchn_port_t port;
};

/* ---- xenstore ------------------------------------------------------------------------------ */

/* The value of a key, to be freed; NULL: there is none. */
static char *read_key(const struct ring *ring, const char *directory, const char *key)
{
    char path[256];
    unsigned len;

    snprintf(path, sizeof path, "%s/%s", directory, key);
    return xs_read(ring->place->store, XBT_NULL, path, &len);
}

const char *ring_backend_key(void *ring, const char *key)
{
    struct ring_place *place = ((struct ring *)ring)->place;

    free(place->key);
    place->key = read_key(ring, place->backend, key);
    return place->key;
}

int ring_write_key(struct ring *ring, const char *key, const char *value)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", ring->place->device, key);
    return xs_write(ring->place->store, XBT_NULL, path, value, (unsigned)strlen(value)) ? 0 : errno;
}

static int write_number(struct ring *ring, const char *key, unsigned value)
{
    char text[16];

    snprintf(text, sizeof text, "%u", value);
    return ring_write_key(ring, key, text);
}

/* Waits until the backend's state is one of those of the mask. A watch would do it without the
 * naps; it happens once. */
static int wait_for(struct ring *ring, unsigned states)
{
    for (int tries = 0; tries < STATE_SECONDS * 100; tries++) {
        const char *state = ring_backend_key(ring, "state");

        if (state && states & 1u << strtoul(state, NULL, 10))
            return 0;
        usleep(10000);
    }
    return ETIMEDOUT;
}

/* ---- Coming and going ---------------------------------------------------------------------- */

int ring_open(struct ring **ring, const char *device)
{
    struct ring *r = calloc(1, sizeof *r);
    struct ring_place *place = calloc(1, sizeof *place);
    char *domain = NULL;
    int status = ENODEV;

    *ring = r;
    if (!r || !place) {
        free(r);
        free(place);
        *ring = NULL;
        return ENOMEM;
    }
    r->place = place;
    place->device = strdup(device);
    place->store = xs_open(0);
    place->grants = xengntshr_open(NULL, 0);
    place->events = xenevtchn_open(NULL, 0);
    if (place->device && place->store && place->grants && place->events) {
        place->backend = read_key(r, device, "backend");
        domain = read_key(r, device, "backend-id");
    }
    if (place->backend && domain) {
        place->backend_domain = (unsigned)strtoul(domain, NULL, 10);
        status = wait_for(r, 1u << XenbusStateInitWait);
    }
    free(domain);
    if (status) {
        ring_close(r);
        *ring = NULL;
    }
    return status;
}

static void *share(struct ring *ring, unsigned count, uint32_t *refs)
{
    return xengntshr_share_pages(ring->place->grants, ring->place->backend_domain, (int)count, refs,
                                 1);
}

static int share_rings(struct ring *ring)
{
    uint32_t tx_ref, rx_ref;
    netif_tx_sring_t *tx = share(ring, 1, &tx_ref);
    netif_rx_sring_t *rx = share(ring, 1, &rx_ref);
    int port = xenevtchn_bind_unbound_port(ring->place->events, ring->place->backend_domain);
    int status;

    /* ring_close() unshares what the rings point to. */
    ring->tx.sring = tx;
    ring->rx.sring = rx;
    ring->tx_pages = share(ring, TX_PAGES, ring->tx_refs);
    ring->rx_pages = share(ring, SLOTS, ring->rx_refs);
    if (!tx || !rx || !ring->tx_pages || !ring->rx_pages || port < 0)
        return ENOMEM;
    ring->place->port = (evtchn_port_t)port;
    ring_start(ring);
    status = write_number(ring, "tx-ring-ref", tx_ref);
    if (!status)
        status = write_number(ring, "rx-ring-ref", rx_ref);
    if (!status)
        status = write_number(ring, "event-channel", ring->place->port);
    return status;
}

int ring_connect(struct ring *ring)
{
    int status = share_rings(ring);

    if (!status)
        status = ring_write_key(ring, "request-rx-copy", "1"); /* the only way there still is */
    if (!status)
        status = ring_write_key(ring, "feature-rx-notify", "1"); /* push_rx() */
    if (!status)
        status = write_number(ring, "state", XenbusStateConnected);
    return status ? status : wait_for(ring, 1u << XenbusStateConnected);
}

void ring_close(struct ring *ring)
{
    struct ring_place *place = ring ? ring->place : NULL;

    if (!ring)
        return;
    if (ring->rx_pages && !write_number(ring, "state", XenbusStateClosing)) {
        /* The backend lets go of the pages on the way to Closed. */
        wait_for(ring, 1u << XenbusStateClosing | 1u << XenbusStateClosed);
        write_number(ring, "state", XenbusStateClosed);
        wait_for(ring, 1u << XenbusStateClosed);
    }
    if (ring->tx_pages)
        xengntshr_unshare(ring->place->grants, ring->tx_pages, TX_PAGES);
    if (ring->rx_pages)
        xengntshr_unshare(ring->place->grants, ring->rx_pages, SLOTS);
    if (ring->tx.sring)
        xengntshr_unshare(ring->place->grants, ring->tx.sring, 1);
    if (ring->rx.sring)
        xengntshr_unshare(ring->place->grants, ring->rx.sring, 1);
    if (ring->place->events)
        xenevtchn_close(ring->place->events);
    if (ring->place->grants)
        xengntshr_close(ring->place->grants);
    xs_close(ring->place->store);
    free(place->key);
    free(place->backend);
    free(place->device);
    free(place);
    free(ring);
}

/* ---- Events -------------------------------------------------------------------------------- */

void ring_notify(struct ring *ring)
{
    xenevtchn_notify(ring->place->events, ring->place->port);
}

int ring_wait(struct ring *ring, int ms)
{
    struct pollfd event = {.fd = xenevtchn_fd(ring->place->events), .events = POLLIN};
    int port;

    if (!ring_is_idle(ring))
        return 0;
    if (poll(&event, 1, ms) <= 0)
        return ETIMEDOUT;
    port = xenevtchn_pending(ring->place->events);
    if (port >= 0)
        xenevtchn_unmask(ring->place->events, (evtchn_port_t)port);
    return 0;
}

int ring_fd(const struct ring *ring)
{
    return xenevtchn_fd(ring->place->events);
}
