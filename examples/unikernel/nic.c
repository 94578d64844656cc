// SPDX-License-Identifier: MIT
#include "nic.h"

#include "console.h"
#include "virtio.h"

#define FEATURE(bit) (UINT64_C(1) << (bit))

enum {
    NETWORK_CARD = 1, /* kind of device, section 5.1 */
    RECEIVE = 0,      /* queues */
    SEND = 1,
    F_CSUM = 0, /* features */
    F_GUEST_CSUM = 1,
    F_MAC = 5,
    F_HOST_TSO4 = 11,
    F_HOST_TSO6 = 12,
    F_HOST_ECN = 13,
    F_HOST_USO = 56
};

enum { /* protocols of IP */
    TCP = 6,
    UDP = 17
};

enum {
    /* VERSION_1: little endian, and num_buffers is there with or without VIRTIO_NET_F_MRG_RXBUF. */
    FORM = CSUMOFF_VIRTIO_LITTLE | CSUMOFF_VIRTIO_12,
    HEADER = 12,
    RECEIVED_MOST = 1514,        /* we take no super-frames (VIRTIO_NET_F_GUEST_TSO4 and its kin) */
    SENT_MOST = 14 + 40 + 65535, /* IPv6 counts its payload alone */
    RECEIVE_SLOTS = VIRTQ_MOST,
    SEND_SLOTS = 8
};

/* Header and frame side by side: one descriptor. */
struct receive_slot {
    uint8_t header[HEADER], frame[RECEIVED_MOST];
};
struct send_slot {
    uint8_t header[HEADER], frame[SENT_MOST];
};

struct nic nic;
static struct virtio device;
static struct virtq receive_queue, send_queue;
static struct receive_slot receive_slots[RECEIVE_SLOTS];
static struct send_slot send_slots[SEND_SLOTS];
static bool is_taken[SEND_SLOTS];

static void give_back(uint16_t slot)
{
    virtq_give(&receive_queue, slot, &receive_slots[slot], sizeof receive_slots[slot], true);
}

bool nic_start(void)
{
    uint64_t wanted = FEATURE(F_CSUM) | FEATURE(F_GUEST_CSUM) | FEATURE(F_MAC) |
                      FEATURE(F_HOST_TSO4) | FEATURE(F_HOST_TSO6) | FEATURE(F_HOST_ECN) |
                      FEATURE(F_HOST_USO);
    uint64_t has;

    if (!virtio_find(&device, NETWORK_CARD))
        return false;
    has = virtio_negotiate(&device, wanted);
    nic.caps = (struct csumoff_virtio_caps){.csum = has & FEATURE(F_CSUM),
                                            .tso4 = has & FEATURE(F_HOST_TSO4),
                                            .tso6 = has & FEATURE(F_HOST_TSO6),
                                            .ecn = has & FEATURE(F_HOST_ECN),
                                            .uso = has & FEATURE(F_HOST_USO)};
    nic.policy.guest_csum = has & FEATURE(F_GUEST_CSUM);
    for (unsigned i = 0; i < sizeof nic.mac; i++)
        nic.mac[i] = virtio_config8(&device, i);
    virtio_queue(&device, &receive_queue, RECEIVE, RECEIVE_SLOTS, true);
    virtio_queue(&device, &send_queue, SEND, SEND_SLOTS, false);
    virtio_go(&device);
    for (unsigned slot = 0; slot < RECEIVE_SLOTS; slot++)
        give_back((uint16_t)slot);
    return true;
}

/* ---- Receiving ------------------------------------------------------------------------------- */

uint8_t *nic_receive(size_t *len, struct csumoff_virtio_rx *rx)
{
    static uint16_t slot = RECEIVE_SLOTS; /* whose frame the caller has */
    struct csumoff_virtio_hdr header;

    for (;;) {
        if (slot < RECEIVE_SLOTS)
            give_back(slot);
        slot = RECEIVE_SLOTS;
        virtio_acknowledge(&device);
        if (!virtq_take(&receive_queue, &slot, len))
            return NULL;
        if (*len >= HEADER && *len <= sizeof receive_slots[slot]) {
            uint8_t *frame = receive_slots[slot].frame;

            *len -= HEADER;
            csumoff_virtio_get(receive_slots[slot].header, FORM, &header);
            if (csumoff_virtio_rx(frame, *len, &header, &nic.policy, rx) == CSUMOFF_OK)
                return frame;
        }
        nic.counts.refused++;
    }
}

/* ---- Sending --------------------------------------------------------------------------------- */

static unsigned free_slot(void)
{
    uint16_t done;
    size_t len;

    for (;;) {
        while (virtq_take(&send_queue, &done, &len))
            is_taken[done] = false;
        for (unsigned slot = 0; slot < SEND_SLOTS; slot++)
            if (!is_taken[slot])
                return slot;
        __builtin_ia32_pause();
    }
}

uint8_t *nic_buffer(void)
{
    return send_slots[free_slot()].frame;
}

/* The checksum field, seed or not, becomes its complement. ICMPv6 stays right: without neighbours
 * nothing would be sent at all. */
static void spoil(uint8_t *frame, size_t len)
{
    struct csumoff_layout at;

    if (csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &at) != CSUMOFF_OK ||
        (at.l4_proto != UDP && at.l4_proto != TCP))
        return;
    frame[at.csum_start + at.csum_offset] ^= 0xFF;
    frame[at.csum_start + at.csum_offset + 1] ^= 0xFF;
}

/* One frame to the device; false: it doesn't take such a super-frame. */
static bool submit(struct send_slot *slot, size_t len, const struct csumoff_tx_hint *hint)
{
    uint16_t id = (uint16_t)(slot - send_slots);
    struct csumoff_virtio_hdr header;
    int status = csumoff_virtio_tx(slot->frame, len, &nic.caps, hint, &header);

    if (status == CSUMOFF_ENOTSUP)
        return false;
    if (status)
        panic(csumoff_strerror(status));
    if (nic.spoils)
        spoil(slot->frame, len);
    nic.counts.sent_seeded += header.flags & CSUMOFF_VIRTIO_NEEDS_CSUM;
    nic.counts.sent_complete += !(header.flags & CSUMOFF_VIRTIO_NEEDS_CSUM);
    nic.counts.sent_gso += header.gso_type != CSUMOFF_VIRTIO_GSO_NONE;
    csumoff_virtio_put(&header, FORM, slot->header);
    is_taken[id] = true;
    virtq_give(&send_queue, id, slot, HEADER + len, false);
    return true;
}

/* What a device without TSO leaves to the guest. */
static void cut(struct send_slot *slot, size_t len, uint16_t mss)
{
    /* Each segment comes with a seed, or complete, as the device wants it. */
    const struct csumoff_tx_hint done = {.state =
                                             nic.caps.csum ? CSUMOFF_PARTIAL : CSUMOFF_UNNECESSARY};
    struct csumoff_segments segments;
    int status = csumoff_segment_begin(&segments, slot->frame, len, mss, nic.caps.csum);

    is_taken[slot - send_slots] = true; /* until all of it is copied */
    nic.counts.cut++;
    while (status == CSUMOFF_OK) {
        struct send_slot *to = &send_slots[free_slot()];

        status = csumoff_segment_next(&segments, to->frame, sizeof to->frame, &len);
        if (status || len == 0 || !submit(to, len, &done))
            break;
    }
    if (status)
        panic(csumoff_strerror(status));
    is_taken[slot - send_slots] = false;
}

void nic_send(uint8_t *frame, size_t len, uint16_t mss)
{
    struct send_slot *slot = &send_slots[(size_t)(frame - send_slots[0].frame) / sizeof *slot];
    const struct csumoff_tx_hint hint = {.state = CSUMOFF_NONE, .mss = mss};

    if (!submit(slot, len, &hint))
        cut(slot, len, mss);
}
