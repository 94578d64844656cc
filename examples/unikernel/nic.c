// SPDX-License-Identifier: MIT
#include "nic.h"

#include <csumoff_virtio.h>

#include "console.h"
#include "memory.h"
#include "packets.h"
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
    F_MRG_RXBUF = 15,
    F_HOST_USO = 56
};

enum {
    /* VERSION_1: little endian, and num_buffers is there with or without VIRTIO_NET_F_MRG_RXBUF. */
    FORM = CSUMOFF_VIRTIO_LITTLE | CSUMOFF_VIRTIO_12,
    HEADER = 12,
    RECEIVED_MOST = 1514,        /* in a buffer; longer frames take several, if the device can */
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
static struct csumoff_virtio_caps caps;     /* what the device finishes and cuts for us */
static struct csumoff_virtio_policy policy; /* what we believe of it */
static bool is_mergeable;                   /* a frame may take several receive_slots */

static void give_back(uint16_t slot)
{
    virtq_give(&receive_queue, slot, &receive_slots[slot], sizeof receive_slots[slot], true);
}

bool nic_start(void)
{
    uint64_t wanted = FEATURE(F_CSUM) | FEATURE(F_GUEST_CSUM) | FEATURE(F_MAC) |
                      FEATURE(F_HOST_TSO4) | FEATURE(F_HOST_TSO6) | FEATURE(F_HOST_ECN) |
                      FEATURE(F_HOST_USO) | FEATURE(F_MRG_RXBUF);
    uint64_t has;

    if (!virtio_find(&device, NETWORK_CARD))
        return false;
    has = virtio_negotiate(&device, wanted);
    caps = (struct csumoff_virtio_caps){.csum = has & FEATURE(F_CSUM),
                                        .tso4 = has & FEATURE(F_HOST_TSO4),
                                        .tso6 = has & FEATURE(F_HOST_TSO6),
                                        .ecn = has & FEATURE(F_HOST_ECN),
                                        .uso = has & FEATURE(F_HOST_USO)};
    is_mergeable = has & FEATURE(F_MRG_RXBUF);
    policy = (struct csumoff_virtio_policy){.guest_csum = has & FEATURE(F_GUEST_CSUM),
                                            .data_valid = !nic.finishes};
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

/* What the header says, and what is made of it. */
static int accept(const struct csumoff_iov *pieces, size_t count,
                  const struct csumoff_virtio_hdr *header, struct csumoff_rx *rx)
{
    int status = csumoff_virtio_rx_iov(pieces, count, CSUMOFF_LINK_ETHERNET, header, &policy, rx);

    /* A field without a seed is nothing to be trusted. */
    if (status == CSUMOFF_OK && (nic.finishes || rx->no_seed))
        status =
            csumoff_virtio_rx_finish_iov(pieces, count, CSUMOFF_LINK_ETHERNET, header, &policy);
    return status;
}

/* The buffers of a frame, and the pieces of it that are in them. */
static struct received {
    struct csumoff_iov pieces[RECEIVE_SLOTS];
    uint16_t slots[RECEIVE_SLOTS];
    size_t count, len;
} received;

/* Takes the next buffer that the device has filled. The header is in the first one of a frame. */
static bool take_buffer(void)
{
    struct received *r = &received;
    const size_t header = r->count ? 0 : HEADER;
    uint16_t slot;
    size_t len;

    if (!virtq_take(&receive_queue, &slot, &len))
        return false;
    r->slots[r->count] = slot;
    if (len < header || len > sizeof receive_slots[slot])
        len = header;
    r->pieces[r->count++] = (struct csumoff_iov){receive_slots[slot].header + header, len - header};
    r->len += len - header;
    return true;
}

/* The pieces side by side: where they are, if it is one, else in a copy. */
static const uint8_t *joined(void)
{
    static uint8_t copy[RECEIVE_SLOTS * sizeof *receive_slots];
    uint8_t *to = copy;

    if (received.count == 1)
        return received.pieces->base;
    for (size_t i = 0; i < received.count; to += received.pieces[i++].len)
        memcpy(to, received.pieces[i].base, received.pieces[i].len);
    return copy;
}

const uint8_t *nic_receive(size_t *len, struct csumoff_rx *rx)
{
    struct csumoff_virtio_hdr header;

    for (;;) {
        while (received.count) /* the caller is done with it */
            give_back(received.slots[--received.count]);
        received.len = 0;
        virtio_acknowledge(&device);
        if (!take_buffer())
            return NULL;
        csumoff_virtio_get(receive_slots[received.slots[0]].header, FORM, &header);
        while (is_mergeable && received.count < header.num_buffers &&
               received.count < RECEIVE_SLOTS)
            if (!take_buffer())
                __builtin_ia32_pause();
        if (received.len && accept(received.pieces, received.count, &header, rx) == CSUMOFF_OK) {
            nic.counts.merged += received.count > 1;
            *len = received.len;
            return joined();
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
static bool submit(struct send_slot *slot, size_t len, const struct csumoff_hint *hint)
{
    uint16_t id = (uint16_t)(slot - send_slots);
    struct csumoff_virtio_hdr header;
    int status = csumoff_virtio_tx(slot->frame, len, CSUMOFF_LINK_ETHERNET, &caps, hint, &header);

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
    const struct csumoff_hint done = {.want = caps.csum ? CSUMOFF_TX_SEEDED : CSUMOFF_TX_VERIFIED};
    struct csumoff_segments segments;
    int status =
        csumoff_segment_begin(&segments, slot->frame, len, CSUMOFF_LINK_ETHERNET, mss, caps.csum);

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
    const struct csumoff_hint hint = {.want = CSUMOFF_TX_COMPUTE, .mss = mss};

    if (!submit(slot, len, &hint))
        cut(slot, len, mss);
}
