// SPDX-License-Identifier: MIT
/*
 * Converts between Xen's slots and virtio-net's headers without losing a checksum's state.
 *
 * The rules at the beginning of csumoff.h hold for these functions as well. Every frame begins with
 * an Ethernet header.
 */
#ifndef CSUMOFF_XEN_VIRTIO_H
#define CSUMOFF_XEN_VIRTIO_H

#include "csumoff_netfront.h"
#include "csumoff_virtio.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which direction a slot belongs to. The bits of csum_blank and data_validated are swapped between
 * the two. */
enum csumoff_xen_side {
    CSUMOFF_XEN_TX, /* from the guest: flags are CSUMOFF_NETTXF_* */
    CSUMOFF_XEN_RX  /* to the guest: flags are CSUMOFF_NETRXF_* */
};

/*
 * Makes the virtio-net header that says of a frame what its Xen slot says. csum_blank becomes
 * NEEDS_CSUM. data_validated alone becomes DATA_VALID, which only a device may set: a driver that
 * sends the frame to a device must clear it.
 *
 *   frame, len   the whole frame, which is only read
 *   side         which direction the slot belongs to
 *   slot         what the slot says
 *   hdr          receives the header
 *
 * Returns CSUMOFF_OK, an error of csumoff_netfront_rx(), or
 *   CSUMOFF_EHDR      the slot has GSO without csum_blank, so that the field holds no seed;
 *                     csumoff_seed() writes one;
 *   CSUMOFF_ENOTSUP   the slot has csum_blank, and the frame is neither TCP nor UDP nor ICMP,
 *                     csum_start would be over 65535, or gso_size is 65535, which virtio-net does
 *                     not allow.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_virtio_from_xen(const void *frame, size_t len,
                                                           enum csumoff_xen_side side,
                                                           const struct csumoff_netfront_slot *slot,
                                                           struct csumoff_virtio_hdr *hdr);

/*
 * Makes the Xen slot that says of a frame what its virtio-net header says.
 *
 *   frame, len   the whole frame, which is only read
 *   hdr          the header, all of which is believed
 *   side         which direction the slot is to belong to
 *   slot         receives what the slot has to say
 *
 * Returns CSUMOFF_OK, an error of csumoff_virtio_rx(), or
 *   CSUMOFF_ENOTSUP   Xen cannot express this: a checksum other than the frame's own, one behind
 *                     VLAN tags, one of ICMP, a UDP super-frame (USO), a coalesced frame without a
 *                     seed, or any frame that Linux's backend would drop (see
 *                     csumoff_netback_drops()). csumoff_netfront_tx() with the hint of
 *                     csumoff_forward() finishes such a frame.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_xen_from_virtio(const void *frame, size_t len,
                                                           const struct csumoff_virtio_hdr *hdr,
                                                           enum csumoff_xen_side side,
                                                           struct csumoff_netfront_slot *slot);

#ifdef __cplusplus
}
#endif

#endif
