// SPDX-License-Identifier: MIT
#include "slots.h"

#include <errno.h>
#include <string.h>

#ifndef RING_SLOTS_MOST /* of a frame; a test dares more */
#define RING_SLOTS_MOST RING_PIECES
#endif

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
        ring_notify(ring);
}

void ring_start(struct ring *ring)
{
    SHARED_RING_INIT(ring->tx.sring);
    FRONT_RING_INIT(&ring->tx, ring->tx.sring, PAGE);
    for (unsigned i = 0; i + 1 < TX_PAGES; i++)
        ring->tx_free[ring->tx_free_count++] = (uint16_t)i;
    ring->tx_next = TX_PAGES - 1;
    SHARED_RING_INIT(ring->rx.sring);
    FRONT_RING_INIT(&ring->rx, ring->rx.sring, PAGE);
    while (ring->rx.req_prod_pvt < SLOTS)
        post_page(ring, ring->rx.req_prod_pvt++);
    push_rx(ring); /* nobody listens yet; the backend looks when it connects */
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
        ring_notify(ring);
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

bool ring_is_idle(struct ring *ring)
{
    const RING_IDX answered = ring->tx.rsp_cons;
    int tx_work, rx_work;

    push_tx(ring);
    reclaim(ring);
    if (ring->tx.rsp_cons != answered)
        return false;
    /* They ask for an event, and look once more. */
    RING_FINAL_CHECK_FOR_RESPONSES(&ring->tx, tx_work);
    RING_FINAL_CHECK_FOR_RESPONSES(&ring->rx, rx_work);
    return !tx_work && !rx_work;
}
