// SPDX-License-Identifier: MIT
#include "ring.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xenevtchn.h>
#include <xengnttab.h>
#include <xenstore.h>

#define xen_mb()  __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define xen_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define xen_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#include <xen/io/netif.h>
#include <xen/io/xenbus.h>
#pragma GCC diagnostic ignored "-Wsign-conversion" /* Xen's macros */

#ifndef RING_SLOTS_MOST /* of a frame; a test dares more */
#define RING_SLOTS_MOST RING_PIECES
#endif

enum {
    PAGE = RING_SLOT_MAX,
    SLOTS = 256,          /* of a ring of one page; a buffer for each */
    TX_PAGES = SLOTS + 1, /* and one to be filled while all slots are taken */
    STATE_SECONDS = 30
};

struct ring {
    char *device, *backend; /* directories in xenstore */
    char *key;              /* what ring_backend_key() gave */
    unsigned backend_domain;
    struct xs_handle *store;
    xengntshr_handle *grants;
    xenevtchn_handle *events;
    evtchn_port_t port;

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

/* ---- xenstore ------------------------------------------------------------------------------ */

/* The value of a key, to be freed; NULL: there is none. */
static char *read_key(const struct ring *ring, const char *directory, const char *key)
{
    char path[256];
    unsigned len;

    snprintf(path, sizeof path, "%s/%s", directory, key);
    return xs_read(ring->store, XBT_NULL, path, &len);
}

const char *ring_backend_key(void *ring, const char *key)
{
    struct ring *r = ring;

    free(r->key);
    r->key = read_key(r, r->backend, key);
    return r->key;
}

int ring_write_key(struct ring *ring, const char *key, const char *value)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", ring->device, key);
    return xs_write(ring->store, XBT_NULL, path, value, (unsigned)strlen(value)) ? 0 : errno;
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
    char *domain = NULL;
    int status = ENODEV;

    *ring = r;
    if (!r)
        return ENOMEM;
    r->device = strdup(device);
    r->store = xs_open(0);
    r->grants = xengntshr_open(NULL, 0);
    r->events = xenevtchn_open(NULL, 0);
    if (r->device && r->store && r->grants && r->events) {
        r->backend = read_key(r, device, "backend");
        domain = read_key(r, device, "backend-id");
    }
    if (r->backend && domain) {
        r->backend_domain = (unsigned)strtoul(domain, NULL, 10);
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
    return xengntshr_share_pages(ring->grants, ring->backend_domain, (int)count, refs, 1);
}

/* Gives the page of slot `at` of the receive ring to the backend. */
static void post_page(struct ring *ring, RING_IDX at)
{
    netif_rx_request_t *request = RING_GET_REQUEST(&ring->rx, at);

    request->id = (uint16_t)(at % SLOTS);
    request->gref = ring->rx_refs[at % SLOTS];
}

static void push_rx(struct ring *ring)
{
    int notify;

    RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&ring->rx, notify);
    if (notify)
        xenevtchn_notify(ring->events, ring->port);
}

static int share_rings(struct ring *ring)
{
    uint32_t tx_ref, rx_ref;
    netif_tx_sring_t *tx = share(ring, 1, &tx_ref);
    netif_rx_sring_t *rx = share(ring, 1, &rx_ref);
    int port = xenevtchn_bind_unbound_port(ring->events, ring->backend_domain);
    int status;

    /* ring_close() unshares what the rings point to. */
    ring->tx.sring = tx;
    ring->rx.sring = rx;
    ring->tx_pages = share(ring, TX_PAGES, ring->tx_refs);
    ring->rx_pages = share(ring, SLOTS, ring->rx_refs);
    if (!tx || !rx || !ring->tx_pages || !ring->rx_pages || port < 0)
        return ENOMEM;
    ring->port = (evtchn_port_t)port;
    SHARED_RING_INIT(tx);
    FRONT_RING_INIT(&ring->tx, tx, PAGE);
    for (unsigned i = 0; i < SLOTS; i++)
        ring->tx_free[ring->tx_free_count++] = (uint16_t)i;
    ring->tx_next = SLOTS;
    SHARED_RING_INIT(rx);
    FRONT_RING_INIT(&ring->rx, rx, PAGE);
    while (ring->rx.req_prod_pvt < SLOTS)
        post_page(ring, ring->rx.req_prod_pvt++);
    push_rx(ring); /* nobody listens yet; the backend looks when it connects */
    status = write_number(ring, "tx-ring-ref", tx_ref);
    if (!status)
        status = write_number(ring, "rx-ring-ref", rx_ref);
    if (!status)
        status = write_number(ring, "event-channel", ring->port);
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
    if (!ring)
        return;
    if (ring->rx_pages && !write_number(ring, "state", XenbusStateClosing)) {
        /* The backend lets go of the pages on the way to Closed. */
        wait_for(ring, 1u << XenbusStateClosing | 1u << XenbusStateClosed);
        write_number(ring, "state", XenbusStateClosed);
        wait_for(ring, 1u << XenbusStateClosed);
    }
    if (ring->tx_pages)
        xengntshr_unshare(ring->grants, ring->tx_pages, TX_PAGES);
    if (ring->rx_pages)
        xengntshr_unshare(ring->grants, ring->rx_pages, SLOTS);
    if (ring->tx.sring)
        xengntshr_unshare(ring->grants, ring->tx.sring, 1);
    if (ring->rx.sring)
        xengntshr_unshare(ring->grants, ring->rx.sring, 1);
    if (ring->events)
        xenevtchn_close(ring->events);
    if (ring->grants)
        xengntshr_close(ring->grants);
    xs_close(ring->store);
    free(ring->key);
    free(ring->backend);
    free(ring->device);
    free(ring);
}

/* ---- Sending ------------------------------------------------------------------------------- */

/* Takes back the pages of the frames that the backend has answered. */
static void reclaim(struct ring *ring)
{
    RING_IDX end = ring->tx.sring->rsp_prod;

    xen_rmb();
    for (; ring->tx.rsp_cons != end; ring->tx.rsp_cons++) {
        netif_tx_response_t response;

        RING_COPY_RESPONSE(&ring->tx, ring->tx.rsp_cons, &response);
        if (response.status == NETIF_RSP_NULL || response.id >= TX_PAGES)
            continue; /* an extra slot has no page */
        if (response.status != NETIF_RSP_OKAY)
            ring->tx_errors++;
        if (ring->tx_free_count < TX_PAGES)
            ring->tx_free[ring->tx_free_count++] = response.id;
    }
}

static size_t slots_of(size_t len)
{
    return (len + PAGE - 1) / PAGE;
}

void *ring_page(struct ring *ring)
{
    return ring->tx_pages + (size_t)ring->tx_next * PAGE;
}

/* Copies up to a page to a slot, unless it is there; returns how much. */
static size_t put_slot(struct ring *ring, const void *data, size_t len, uint16_t flags)
{
    netif_tx_request_t *request = RING_GET_REQUEST(&ring->tx, ring->tx.req_prod_pvt++);
    const uint16_t id = ring->tx_next;

    len = len < PAGE ? len : PAGE;
    if (data != ring_page(ring))
        memcpy(ring_page(ring), data, len);
    ring->tx_next = ring->tx_free[--ring->tx_free_count];
    request->gref = ring->tx_refs[id];
    request->offset = 0;
    request->flags = flags;
    request->id = id;
    request->size = (uint16_t)len;
    return len;
}

static void put_gso_slot(struct ring *ring, const struct ring_slot *slot)
{
    struct netif_extra_info *extra =
        (struct netif_extra_info *)RING_GET_REQUEST(&ring->tx, ring->tx.req_prod_pvt++);

    memset(extra, 0, sizeof *extra);
    extra->type = XEN_NETIF_EXTRA_TYPE_GSO;
    extra->u.gso.size = slot->gso_size;
    extra->u.gso.type = slot->gso_type;
}

static void push_tx(struct ring *ring)
{
    int notify;

    RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&ring->tx, notify);
    if (notify)
        xenevtchn_notify(ring->events, ring->port);
}

int ring_send(struct ring *ring, const struct iovec *pieces, size_t count,
              const struct ring_slot *slot)
{
    netif_tx_request_t *first = RING_GET_REQUEST(&ring->tx, ring->tx.req_prod_pvt);
    bool has_extra = slot->flags & NETTXF_extra_info;
    size_t slots = 0, total = 0, left;

    for (size_t i = 0; i < count; i++) {
        slots += slots_of(pieces[i].iov_len);
        total += pieces[i].iov_len;
    }
    if (slots == 0 || slots > RING_SLOTS_MOST || total > RING_FRAME_MAX)
        return EINVAL;
    reclaim(ring);
    if (RING_FREE_REQUESTS(&ring->tx) < slots + has_extra || ring->tx_free_count < slots)
        return EAGAIN;
    left = slots;
    for (size_t i = 0; i < count; i++) {
        for (size_t done = 0; done < pieces[i].iov_len; left--) {
            uint16_t flags =
                (uint16_t)((left == slots ? slot->flags : 0) | (left > 1 ? NETTXF_more_data : 0));

            done += put_slot(ring, (uint8_t *)pieces[i].iov_base + done, pieces[i].iov_len - done,
                             flags);
            if (left == slots && has_extra)
                put_gso_slot(ring, slot);
        }
    }
    first->size = (uint16_t)total; /* the first slot tells the length of all */
    if (!ring->tx_held)
        push_tx(ring);
    return 0;
}

void ring_hold(struct ring *ring, bool hold)
{
    ring->tx_held = hold;
    if (!hold)
        push_tx(ring);
}

unsigned ring_in_flight(struct ring *ring)
{
    reclaim(ring);
    return ring->tx.req_prod_pvt - ring->tx.rsp_cons;
}

unsigned ring_errors(const struct ring *ring)
{
    return ring->tx_errors;
}

/* ---- Receiving ----------------------------------------------------------------------------- */

/* Reads the extra slots at *at; false where they aren't all there yet. */
static bool take_extras(struct ring *ring, RING_IDX *at, RING_IDX end, struct ring_slot *slot)
{
    struct netif_extra_info extra;

    do {
        if (*at == end)
            return false;
        memcpy(&extra, RING_GET_RESPONSE(&ring->rx, (*at)++), sizeof extra);
        if (extra.type == XEN_NETIF_EXTRA_TYPE_GSO) {
            slot->gso_type = extra.u.gso.type;
            slot->gso_size = extra.u.gso.size;
        }
    } while (extra.flags & XEN_NETIF_EXTRA_FLAG_MORE);
    return true;
}

/* Reads the slots of one frame; whether they were all there. Without pieces: it was unusable. */
static bool take_frame(struct ring *ring, RING_IDX end, struct ring_frame *frame)
{
    bool is_usable = true;
    netif_rx_response_t response;

    frame->count = frame->len = 0;
    frame->slot = (struct ring_slot){0, 0, 0};
    ring->rx_taken = ring->rx.rsp_cons;
    do {
        RING_IDX at = ring->rx_taken;
        size_t len;

        if (at == end)
            return false;
        RING_COPY_RESPONSE(&ring->rx, ring->rx_taken++, &response);
        if (at == ring->rx.rsp_cons) {
            frame->slot.flags = response.flags;
            if (response.flags & NETRXF_extra_info &&
                !take_extras(ring, &ring->rx_taken, end, &frame->slot))
                return false;
        }
        len = response.status > 0 ? (size_t)response.status : 0;
        is_usable = is_usable && len && response.offset < PAGE &&
                    len <= (size_t)PAGE - response.offset && frame->count < RING_PIECES &&
                    frame->len + len <= RING_FRAME_MAX;
        if (is_usable) {
            frame->pieces[frame->count++] =
                (struct iovec){ring->rx_pages + at % SLOTS * PAGE + response.offset, len};
            frame->len += len;
        }
    } while (response.flags & NETRXF_more_data);
    if (!is_usable)
        frame->count = 0;
    return true;
}

bool ring_receive(struct ring *ring, struct ring_frame *frame)
{
    RING_IDX end = ring->rx.sring->rsp_prod;

    xen_rmb();
    while (take_frame(ring, end, frame)) {
        if (frame->count)
            return true;
        ring_release(ring);
    }
    return false;
}

void ring_release(struct ring *ring)
{
    for (; ring->rx.rsp_cons != ring->rx_taken; ring->rx.rsp_cons++)
        post_page(ring, ring->rx.req_prod_pvt++);
    push_rx(ring);
}

/* ---- Waiting ------------------------------------------------------------------------------- */

int ring_wait(struct ring *ring, int ms)
{
    struct pollfd event = {.fd = xenevtchn_fd(ring->events), .events = POLLIN};
    const RING_IDX answered = ring->tx.rsp_cons;
    int tx_work, rx_work, port;

    push_tx(ring);
    reclaim(ring);
    if (ring->tx.rsp_cons != answered)
        return 0;
    /* They ask for an event, and look once more. */
    RING_FINAL_CHECK_FOR_RESPONSES(&ring->tx, tx_work);
    RING_FINAL_CHECK_FOR_RESPONSES(&ring->rx, rx_work);
    if (tx_work || rx_work)
        return 0;
    if (poll(&event, 1, ms) <= 0)
        return ETIMEDOUT;
    port = xenevtchn_pending(ring->events);
    if (port >= 0)
        xenevtchn_unmask(ring->events, (evtchn_port_t)port);
    return 0;
}

int ring_fd(const struct ring *ring)
{
    return xenevtchn_fd(ring->events);
}
