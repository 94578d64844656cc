// SPDX-License-Identifier: MIT
/* Tunnels over UDP at ports that the user names, besides those that the library knows. */
#ifndef TUNNELS_H
#define TUNNELS_H

#include "levels.h"

enum {
    TUNNELS_MOST = 16
};

/* Whether tunnels_add() has added a port. */
extern bool tunnels_are_given;

/*
 * Adds a port given as NAME=PORT, "vxlan=4788", for the rest of the program. Returns false after a
 * complaint: there is no such tunnel or port, the port is another tunnel's, or there are too many.
 */
bool tunnels_add(const char *name_and_port);

/* Returns whether a packet may be a tunnel that tunnels_locate() goes into, by its protocol and, if
 * it is UDP, its port. */
bool tunnels_may_be(const uint8_t *head, size_t have, const struct csumoff_layout *layout);

/* Locates packets as csumoff_locate_all_head() does, also inside the tunnels that were added. */
int tunnels_locate_more(const uint8_t *head, size_t have, size_t len, enum csumoff_link link,
                        struct csumoff_layout layouts[LEVELS_MOST], size_t *count);

static inline int tunnels_locate(const uint8_t *head, size_t have, size_t len,
                                 enum csumoff_link link, struct csumoff_layout layouts[LEVELS_MOST],
                                 size_t *count)
{
    return tunnels_are_given
               ? tunnels_locate_more(head, have, len, link, layouts, count)
               : csumoff_locate_all_head(head, have, len, link, layouts, LEVELS_MOST, count);
}

/* Judges a packet as csumoff_inspect_at() does. UDP without a checksum over IPv6 is ABSENT at a
 * port that was added, too (RFC 6935). */
int tunnels_inspect(const uint8_t *head, size_t have, const struct csumoff_layout *layout,
                    struct csumoff_report *report);

#endif
