// SPDX-License-Identifier: MIT
/* A frame onto the ring, whatever the ring and the backend are like. */
#ifndef PUT_H
#define PUT_H

#include "ring.h"

/* Waits where the ring is full. `sg`: whether the backend takes frames of several slots; for one
 * that doesn't the pieces are joined. EMSGSIZE: they don't fit in a slot; ETIMEDOUT: the backend is
 * gone; errors of ring_send(). */
int put_frame(struct ring *ring, bool sg, const struct iovec *pieces, size_t count,
              const struct ring_slot *slot);

#endif
