// SPDX-License-Identifier: MIT
/* Times of pcapng, in ticks of any length. */
#ifndef TICKS_H
#define TICKS_H

#include "record.h"

enum {
    TICKS_MICRO = 6, /* the resolution of an interface without that option */
    TICKS_NANO = 9
};

/* Sets a record's time to `ticks`, in nanoseconds rounded down. A time whose seconds do not fit in
 * 64 bits becomes the nearest one that does. */
void ticks_set(struct record *record, const struct interface *interface, uint64_t ticks);

#endif
