// SPDX-License-Identifier: MIT
/* What every example runs: a UDP packet is seeded, finished and judged. 0: it is right. */
#include <csumoff.h>

int packet_is_wrong(void);
int packet_is_wrong(void)
{
    static uint8_t packet[] = {0x45, 0,  0, 35, 0,   0,   0x40, 0,   64,   17,   0,  0,
                               192,  0,  2, 1,  192, 0,   2,    2,   0x12, 0x34, 0,  53,
                               0,    15, 0, 0,  'c', 's', 'u',  'm', 'o',  'f',  'f'};
    struct csumoff_layout at;

    return csumoff_seed(packet, sizeof packet, CSUMOFF_LINK_IP, &at) ||
           csumoff_finish(packet, sizeof packet, at.csum_start, at.csum_offset) ||
           csumoff_verify(packet, sizeof packet, CSUMOFF_LINK_IP) || csumoff_selftest();
}
