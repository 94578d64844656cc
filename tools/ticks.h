// SPDX-License-Identifier: MIT
/* Times of pcapng: ticks of any length. */
#ifndef TICKS_H
#define TICKS_H

#include "record.h"

enum {
    TICKS_MICRO = 6, /* the resolution of an interface that tells none */
    TICKS_NANO = 9
};

/* Sets a record's time to that of `ticks`, down to nanoseconds. A time that has no place in 64 bits
 * of seconds becomes the nearest one that has. */
void ticks_set(struct record *record, const struct interface *interface, uint64_t ticks);

#endif
