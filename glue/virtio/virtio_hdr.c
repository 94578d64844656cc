// SPDX-License-Identifier: MIT
/* The virtio-net header as it lies in memory. */
#include "../../include/csumoff_virtio.h"

static bool is_little(unsigned form)
{
    const uint16_t one = 1;

    return !(form & CSUMOFF_VIRTIO_NATIVE) || *(const uint8_t *)&one == 1;
}

static void put16(uint8_t *p, uint16_t v, bool little)
{
    p[little ? 0 : 1] = (uint8_t)v;
    p[little ? 1 : 0] = (uint8_t)(v >> 8);
}

static uint16_t get16(const uint8_t *p, bool little)
{
    return (uint16_t)(p[little ? 0 : 1] | p[little ? 1 : 0] << 8);
}

size_t csumoff_virtio_put(const struct csumoff_virtio_hdr *hdr, unsigned form, void *to)
{
    uint8_t *p = (uint8_t *)to;
    bool little = is_little(form);

    p[0] = hdr->flags;
    p[1] = hdr->gso_type;
    put16(p + 2, hdr->hdr_len, little);
    put16(p + 4, hdr->gso_size, little);
    put16(p + 6, hdr->csum_start, little);
    put16(p + 8, hdr->csum_offset, little);
    if (!(form & CSUMOFF_VIRTIO_12))
        return 10;
    put16(p + 10, hdr->num_buffers, little);
    return 12;
}

size_t csumoff_virtio_get(const void *from, unsigned form, struct csumoff_virtio_hdr *hdr)
{
    const uint8_t *p = (const uint8_t *)from;
    bool little = is_little(form), is_long = form & CSUMOFF_VIRTIO_12;

    hdr->flags = p[0];
    hdr->gso_type = p[1];
    hdr->hdr_len = get16(p + 2, little);
    hdr->gso_size = get16(p + 4, little);
    hdr->csum_start = get16(p + 6, little);
    hdr->csum_offset = get16(p + 8, little);
    hdr->num_buffers = is_long ? get16(p + 10, little) : 0;
    return is_long ? 12 : 10;
}
