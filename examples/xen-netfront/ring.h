// SPDX-License-Identifier: MIT
/*
 * The two rings of a Xen network frontend in user space: xenstore, grants, event channel, slots. It
 * carries frames and knows nothing of what is in them; offload.h does.
 *
 * Functions return 0 or a positive errno value. One thread at a time for each ring; any number of
 * rings in a process.
 */
#ifndef RING_H
#define RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum {
    RING_FRAME_MAX = 65535, /* the first slot's size has 16 bits */
    RING_SLOT_MAX = 4096,   /* a page of Xen's, whatever the guest's own */
    RING_PIECES = 18        /* slots of a frame that every backend takes; XEN_NETIF_NR_SLOTS_MIN */
};

struct ring;

/* What goes with a frame: flags of its first slot, and the GSO slot where they have extra_info. */
struct ring_slot {
    uint16_t flags;
    uint8_t gso_type;
    uint16_t gso_size;
};

/* A frame as it came: pieces of shared pages, which the backend may still write to. */
struct ring_frame {
    struct iovec pieces[RING_PIECES];
    size_t count, len;
    struct ring_slot slot;
};

/*
 * Takes the vif whose xenstore directory is `device` ("device/vif/0"; from another domain's point
 * of view with its path before it), and waits until the backend has written its keys (InitWait).
 */
int ring_open(struct ring **ring, const char *device);

/* The backend's value of a key, valid until the next call; NULL: there is none. `ring`: a ring. */
const char *ring_backend_key(void *ring, const char *key);

/* Writes a key of the frontend's own directory. */
int ring_write_key(struct ring *ring, const char *key, const char *value);

/* Shares rings and pages, and waits until the backend is connected, too. */
int ring_connect(struct ring *ring);

/* The page that the next slot will have, RING_SLOT_MAX bytes: a piece that is made there need not
 * be copied by ring_send(). It is never full: the same one until it was sent. */
void *ring_page(struct ring *ring);

/*
 * Copies a frame to the transmit ring. A piece takes a slot, and one for each further page it
 * fills. EAGAIN: the ring is full; EINVAL: more than RING_PIECES slots, RING_FRAME_MAX bytes, none.
 */
int ring_send(struct ring *ring, const struct iovec *pieces, size_t count,
              const struct ring_slot *slot);

/* While held, frames gather on the ring: the backend hears of all at once, in ring_wait() or when
 * this is over. */
void ring_hold(struct ring *ring, bool hold);

/* The next frame of the receive ring, until ring_release(); false: none is there. */
bool ring_receive(struct ring *ring, struct ring_frame *frame);
void ring_release(struct ring *ring);

/* Sleeps until the backend has done something, or for `ms`: ETIMEDOUT. */
int ring_wait(struct ring *ring, int ms);

/* Readable when the backend has done something; for poll() over several rings, then ring_wait(). */
int ring_fd(const struct ring *ring);

/* Frames on the transmit ring that the backend has not answered yet, in slots. */
unsigned ring_in_flight(struct ring *ring);

/* Answers that were not OKAY. An OKAY says that the backend took a frame, not that it went out. */
unsigned ring_errors(const struct ring *ring);

/* Leaves the backend, and frees all; NULL is fine. */
void ring_close(struct ring *ring);

#endif
