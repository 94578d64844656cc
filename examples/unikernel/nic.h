// SPDX-License-Identifier: MIT
/*
 * The network card: frames in, frames out, and what is said of their checksums. nic.c has
 * virtio-net, by csumoff_virtio.h; ../xen-guest/nic.c Xen's netfront. What a device offers of
 * offloads is taken.
 */
#ifndef NIC_H
#define NIC_H

#include <csumoff_glue.h>

struct nic {
    uint8_t mac[6];
    bool finishes; /* completes what comes with a seed, to be checked; believes no DATA_VALID */
    bool spoils;   /* sends wrong checksums and seeds, to see them noticed */
    struct {
        uint64_t sent_seeded, sent_complete; /* of the frames sent: with NEEDS_CSUM, without */
        uint64_t sent_gso;                   /* of the seeded: super-frames */
        uint64_t cut;                        /* super-frames that the device doesn't take */
        uint64_t merged;                     /* received, in several buffers */
        uint64_t refused;                    /* received with a header that makes no sense */
    } counts;
};

extern struct nic nic;

/* False where there is no card. */
bool nic_start(void);

/*
 * The next frame received, what is to be believed of it, and its length; NULL: none yet, cpu_wait()
 * ends when one comes. It is the driver's again with the next call.
 */
const uint8_t *nic_receive(size_t *len, struct csumoff_rx *rx);

/* Room for a frame of any length that IP knows; waits until there is some. */
uint8_t *nic_buffer(void);

/*
 * Sends the frame that was written there, its checksum fields yet to be filled in. mss > 0: TCP
 * payload beyond it goes in as many frames as it takes.
 */
void nic_send(uint8_t *frame, size_t len, uint16_t mss);

#endif
