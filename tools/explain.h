// SPDX-License-Identifier: MIT
/* The checksums of one packet, explained. */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "judge.h"

/* One packet of a frame. Its offsets count from the first captured byte, as csum_start does. */
struct explained {
    const struct packet *packet;
    const struct judged *judged;
    size_t i;
    struct csumoff_layout at;
    struct flow flow;
    const uint8_t *finished; /* the frame with the checksums of the packets inside finished */
    bool is_all;
    bool is_told; /* the purpose of a seed was explained */
};

void explain_header(const struct explained *explained);
void explain_l4(struct explained *explained);

#endif
