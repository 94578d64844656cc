// SPDX-License-Identifier: MIT
#include "wifi.h"

#include "capture.h"
#include "link_headers.h"

/* IEEE 802.11. Only data frames with a whole, unencrypted packet are read. `is_padded` says that
 * the receiver has padded the header to a multiple of 4. */
bool wifi_read(struct packet *p, size_t len, bool is_padded)
{
    const uint8_t *at = p->bytes + p->l3;
    size_t size = 24;
    bool is_qos;

    if (p->l3 + 2 > len)
        return false;
    is_qos = at[0] & 0x80;
    /* The frame has no data, or encrypted ones, or is of another version. */
    if ((at[0] & 0x4F) != 0x08 || at[1] & 0x40)
        return true;
    size += (at[1] & 3) == 3 ? 6 : 0;
    if (p->l3 + size + (is_qos ? 2 : 0) > len)
        return false;
    /* A fragment, or several packets in one. */
    if (at[1] & 0x04 || at[22] & 0x0F || (is_qos && at[size] & 0x80))
        return true;
    size += is_qos ? 2u + (at[1] & 0x80 ? 4u : 0u) : 0u;
    p->l3 += is_padded ? (size + 3) & ~(size_t)3 : size;
    return link_read_snap(p, len, 0);
}

/* Radiotap: a length, words that say which fields follow, and the fields, of which the time and the
 * flags are read. */
bool wifi_read_radiotap(struct packet *p, size_t len)
{
    const uint8_t *at = p->bytes + p->l3;
    size_t size = le16(at + 2), flags = 4;
    uint32_t present = le32(at + 4);

    if (size < 8 || p->l3 + size > len)
        return false;
    while (flags + 4 <= size && le32(at + flags) >> 31)
        flags += 4;
    flags += 4;
    if (present & 1)
        flags = ((flags + 7) & ~(size_t)7) + 8;
    p->l3 += size;
    return wifi_read(p, len, present & 2 && flags < size && at[flags] & 0x20);
}

/* Skips a header of `size` bytes, which must be at least `least`. */
static bool pass(struct packet *p, size_t len, uint32_t size, uint32_t least)
{
    if (size < least || size > len - p->l3)
        return false;
    p->l3 += size;
    return wifi_read(p, len, false);
}

bool wifi_read_avs(struct packet *p, size_t len)
{
    return pass(p, len, be32(p->bytes + p->l3 + 4), 8);
}

bool wifi_read_prism(struct packet *p, size_t len)
{
    enum {
        AVS = 0x80211,   /* and then a version */
        LONGEST = 0xFFFF /* because a small number is a large one in the other byte order */
    };
    const uint8_t *at = p->bytes + p->l3;
    uint32_t size = le32(at + 4);

    if (be32(at) >> 12 == AVS)
        return wifi_read_avs(p, len);
    return pass(p, len, size <= LONGEST ? size : be32(at + 4), 24);
}
