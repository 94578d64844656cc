// SPDX-License-Identifier: MIT
/* ../unikernel/nic.h over a Xen ring. What is said of checksums is said by ../xen-netfront's
 * offload.c. */
#include "card.h"
#include "console.h"
#include "memory.h"
#include "offload.h"
#include "packets.h"
#include "put.h"
#include "store.h"

#include <errno.h>

enum {
    SENT_MOST = ETHERNET_HEADER + IPV6_HEADER + 65535
};

struct nic nic;
static struct offload offload;
static enum misuse misuse;

static uint8_t digit_of(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static bool read_mac(void)
{
    char text[STORE_VALUE];

    if (!store_read("device/vif/0/mac", text))
        return false;
    for (unsigned i = 0; i < sizeof nic.mac; i++) /* "02:00:00:00:00:02" */
        nic.mac[i] = (uint8_t)(digit_of(text[3 * i]) << 4 | digit_of(text[3 * i + 1]));
    return true;
}

bool nic_start(void)
{
    static const struct csumoff_netfront_caps everything = {true, true, true, true, true};
    struct ring *ring;

    return !ring_open(&ring, "device/vif/0") && read_mac() &&
           !offload_connect(&offload, ring, &everything);
}

void nic_wait(int ms)
{
    ring_wait(offload.ring, ms);
}

/* ---- Receiving ------------------------------------------------------------------------------- */

const uint8_t *nic_receive(size_t *len, struct csumoff_rx *rx)
{
    static uint8_t frame[RING_FRAME_MAX];

    while (offload_receive(&offload, frame, sizeof frame, nic.finishes, len, rx))
        nic.counts.refused++;
    nic.counts.merged += *len > RING_SLOT_MAX;
    return *len ? frame : NULL;
}

/* ---- Sending --------------------------------------------------------------------------------- */

uint8_t *nic_buffer(void)
{
    static uint8_t frame[SENT_MOST]; /* ring pages take a copy at once */

    return frame;
}

void nic_misuse(enum misuse kind)
{
    misuse = kind;
}

static uint16_t wrong(uint16_t field, size_t len, enum misuse kind)
{
    uint32_t sum;

    switch (kind) {
    case COMPLEMENTED:
        return (uint16_t)~field;
    case ZERO:
        return 0;
    case NO_LENGTH:
        sum = (uint32_t)field + (uint16_t)~len;
        return (uint16_t)(sum + (sum >> 16));
    default:
        return field;
    }
}

/* As offload_send() would, but for the mistake. CSUMOFF_EPROTO: there is nothing to be spoilt.
 * ICMPv6 stays right: without neighbours nothing would be sent at all. */
static int send_wrong(uint8_t *frame, size_t len, const struct csumoff_hint *hint, enum misuse kind)
{
    const struct iovec piece = {frame, len};
    struct csumoff_netfront_slot slot;
    struct csumoff_layout at;
    uint8_t *field;
    int status = csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &at);

    if (status || (at.l4_proto != UDP && at.l4_proto != TCP))
        return CSUMOFF_EPROTO;
    status = csumoff_netfront_tx(frame, len, &offload.theirs, hint, &slot);
    if (!status && (kind == FINISHED || kind == WHOLE))
        status = csumoff_fill(frame, len, CSUMOFF_LINK_ETHERNET);
    if (status)
        return status;
    field = frame + at.csum_start + at.csum_offset;
    put16(field, wrong(get16(field), at.l4_len, kind));
    if (kind == FINISHED)
        slot = (struct csumoff_netfront_slot){CSUMOFF_NETTXF_DATA_VALIDATED, 0, 0};
    else if (kind == UNSAID || kind == CLAIMED)
        slot.flags = kind == UNSAID ? 0 : CSUMOFF_NETTXF_DATA_VALIDATED;
    return put_frame(offload.ring, offload.theirs.sg, &piece, 1,
                     &(const struct ring_slot){slot.flags, slot.gso_type, slot.gso_size});
}

void nic_pass(uint8_t *frame, size_t len, const struct csumoff_hint *hint)
{
    const struct iovec piece = {frame, len};
    const enum misuse kind = nic.spoils ? COMPLEMENTED : misuse;
    int status = CSUMOFF_EPROTO;

    if (kind != RIGHT)
        status = send_wrong(frame, len, hint, kind);
    if (status == CSUMOFF_EPROTO)
        status = offload_send(&offload, &piece, 1, hint);
    if (status == ETIMEDOUT)
        panic("the backend is gone");
    nic.counts.refused += status != 0;
    nic.counts.sent_seeded = offload.counts.seeded;
    nic.counts.sent_complete = offload.counts.complete;
    nic.counts.sent_gso = offload.counts.gso;
    nic.counts.cut = offload.counts.cut;
}

void nic_send(uint8_t *frame, size_t len, uint16_t mss)
{
    const struct csumoff_hint hint = {.want = CSUMOFF_TX_COMPUTE, .mss = mss};

    nic_pass(frame, len, &hint);
}
