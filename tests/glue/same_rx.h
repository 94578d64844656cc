// SPDX-License-Identifier: MIT
/* Whether two frames were received in the same way. */
#ifndef CSUMOFF_TESTS_SAME_RX_H
#define CSUMOFF_TESTS_SAME_RX_H

#include <csumoff_glue.h>

static inline bool same_rx(const struct csumoff_rx *a, const struct csumoff_rx *b)
{
    return a->state == b->state && a->csum_start == b->csum_start &&
           a->csum_offset == b->csum_offset && a->gso_type == b->gso_type &&
           a->gso_size == b->gso_size && a->no_seed == b->no_seed;
}

#endif
