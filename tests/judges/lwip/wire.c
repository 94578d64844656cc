// SPDX-License-Identifier: MIT
#include "wire.h"

#include <csumoff.h>
#include <linux/virtio_net.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>

struct wire wires[2];

static struct wire *wire_of(int fd)
{
    return &wires[wires[1].fd == fd];
}

static void count_frame(struct wire_way *way, const struct virtio_net_hdr *hdr, size_t len)
{
    atomic_fetch_add(&way->frames, 1);
    atomic_fetch_add(&way->bytes, len);
    if (hdr->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
        atomic_fetch_add(&way->seeded, 1);
    if (hdr->gso_type)
        atomic_fetch_add(&way->super, 1);
    if (len > atomic_load(&way->longest)) /* one thread a way */
        atomic_store(&way->longest, len);
}

/* One seed in 65536 is the complete checksum, too: to ignore its flag proves nothing. */
static bool good(const uint8_t *frame, size_t len)
{
    struct csumoff_report report;

    return csumoff_inspect(frame, len, CSUMOFF_LINK_ETHERNET, &report) == CSUMOFF_OK &&
           report.l4 == CSUMOFF_GOOD;
}

static bool damage(uint8_t *frame, size_t len)
{
    struct csumoff_layout at;

    if (csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &at) != CSUMOFF_OK || at.csum_offset == 2)
        return false;
    frame[at.end - 1] ^= 0x10;
    return true;
}

ssize_t wire_readv(int fd, const struct iovec *parts, int count)
{
    struct wire *wire = wire_of(fd);
    uint8_t *frame = (uint8_t *)parts[1].iov_base;
    ssize_t got = readv(fd, parts, count);
    struct virtio_net_hdr hdr;
    size_t len;

    if (got <= (ssize_t)sizeof hdr)
        return got;
    len = (size_t)got - sizeof hdr;
    memcpy(&hdr, parts[0].iov_base, sizeof hdr);
    count_frame(&wire->in, &hdr, len);
    if (hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM && atomic_load(&wire->flags_ignored)) {
        if (good(frame, len))
            return 0;
        memset(parts[0].iov_base, 0, sizeof hdr);
        atomic_fetch_add(&wire->spoiled, 1);
    }
    if (hdr.flags == 0 && atomic_load(&wire->damaged) && damage(frame, len))
        atomic_fetch_add(&wire->spoiled, 1);
    return got;
}

ssize_t wire_writev(int fd, const struct iovec *parts, int count)
{
    struct wire *wire = wire_of(fd);
    uint8_t *frame = (uint8_t *)parts[1].iov_base;
    struct virtio_net_hdr hdr;

    memcpy(&hdr, parts[0].iov_base, sizeof hdr);
    count_frame(&wire->out, &hdr, parts[1].iov_len);
    if (hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM && atomic_load(&wire->seeds_spoiled)) {
        frame[hdr.csum_start + hdr.csum_offset] ^= 0x20;
        atomic_fetch_add(&wire->spoiled, 1);
    }
    return writev(fd, parts, count);
}
