// SPDX-License-Identifier: MIT
/*
 * Between Xen's slots and virtio-net's headers, without losing a state. Frames begin with an
 * Ethernet header and are only read. What csumoff.h says of all its functions holds here, too.
 */
#ifndef CSUMOFF_XEN_VIRTIO_H
#define CSUMOFF_XEN_VIRTIO_H

#include "csumoff_netfront.h"
#include "csumoff_virtio.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whose flags a slot has: their checksum bits are swapped. */
enum csumoff_xen_side {
    CSUMOFF_XEN_TX, /* CSUMOFF_NETTXF_*: from the guest */
    CSUMOFF_XEN_RX  /* CSUMOFF_NETRXF_*: to the guest */
};

/*
 * Makes the virtio header that says what the slot of a frame says.
 *
 *   frame, len   the whole frame
 *   side         whose flags the slot has
 *   slot         what Xen says
 *   hdr          receives what virtio says
 *
 * csum_blank becomes NEEDS_CSUM. data_validated alone becomes DATA_VALID, which is for who receives
 * the frame: a driver that sends to a device must clear it.
 *
 * Returns CSUMOFF_OK, an error of csumoff_netfront_rx(), CSUMOFF_EHDR: GSO without csum_blank,
 * which holds no seed (csumoff_seed() makes one); or CSUMOFF_ENOTSUP: csum_blank of neither TCP nor
 * UDP nor ICMP; a csum_start over 65535; or a gso_size of 65535, which virtio-net does not allow.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_virtio_from_xen(const void *frame, size_t len,
                                                           enum csumoff_xen_side side,
                                                           const struct csumoff_netfront_slot *slot,
                                                           struct csumoff_virtio_hdr *hdr);

/*
 * Makes the slot that says what the virtio header of a frame says.
 *
 *   frame, len   the whole frame
 *   hdr          what virtio says; all of it is believed
 *   side         whose flags the slot is to have
 *   slot         receives what Xen says
 *
 * Returns CSUMOFF_OK, an error of csumoff_virtio_rx(), or CSUMOFF_ENOTSUP. Xen cannot express: a
 * checksum other than the frame's own; one behind VLAN tags; ICMP; USO; any frame that
 * csumoff_netback_drops() names a reason for. csumoff_netfront_tx() with the wish of
 * csumoff_forward() finishes such a frame.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_xen_from_virtio(const void *frame, size_t len,
                                                           const struct csumoff_virtio_hdr *hdr,
                                                           enum csumoff_xen_side side,
                                                           struct csumoff_netfront_slot *slot);

#ifdef __cplusplus
}
#endif

#endif
