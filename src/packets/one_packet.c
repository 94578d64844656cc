// SPDX-License-Identifier: MIT
/* The test of one packet for csumoff_selftest(): seeds, finishes and judges it, on systems where no
 * test suite can run. */
#include "../wire.h"
#include "one_packet.h"

#if !defined(CSUMOFF_NO_SELFTEST)

/* A UDP datagram of odd length over IPv4. Both of its checksums are right. */
static const uint8_t right_packet[] = {0x45, 0x00, 0x00, 0x23, 0x00, 0x01, 0x00, 0x00, 0x40,
                                       0x11, 0xF6, 0xC5, 0xC0, 0x00, 0x02, 0x01, 0xC0, 0x00,
                                       0x02, 0x02, 0x04, 0xD2, 0x00, 0x07, 0x00, 0x0F, 0xC8,
                                       0xAB, 'c',  's',  'u',  'm',  'o',  'f',  'f'};
enum {
    LENGTH = sizeof right_packet,
    FIELD = IPV4_HEADER + UDP_CHECK,
    SEED = 0x8424 /* the sum of RFC 768's pseudo-header: addresses, protocol, length */
};

/* A copy of the packet, followed by a byte that must not change. */
struct packet {
    uint8_t bytes[LENGTH + 1];
};

static struct packet fresh(void)
{
    struct packet packet;

    (void)csumoff_partial_copy(packet.bytes, right_packet, LENGTH, 0);
    packet.bytes[LENGTH] = 0x5A;
    return packet;
}

static bool is_right(const struct packet *packet)
{
    bool right = packet->bytes[LENGTH] == 0x5A;

    for (size_t i = 0; i < LENGTH; i++)
        right &= packet->bytes[i] == right_packet[i];
    return right;
}

/* Changes the checksum field and seeds the packet. Returns whether seed and *layout are right. */
static bool seeds(struct packet *packet, struct csumoff_layout *layout)
{
    packet->bytes[FIELD] = 0x12;
    return csumoff_seed(packet->bytes, LENGTH, CSUMOFF_LINK_IP, layout) == CSUMOFF_OK &&
           layout->csum_start == IPV4_HEADER && layout->csum_offset == UDP_CHECK &&
           be16(packet->bytes + FIELD) == SEED;
}

static bool inspects(const struct packet *packet, enum csumoff_verdict l4)
{
    struct csumoff_report report;

    return csumoff_inspect(packet->bytes, LENGTH, CSUMOFF_LINK_IP, &report) == CSUMOFF_OK &&
           report.l3 == CSUMOFF_GOOD && report.l4 == l4;
}

bool csumoff_packets_hold_(void)
{
    struct packet whole = fresh(), pieces = fresh();
    /* The checksum field lies across two pieces, and two of the pieces begin at odd offsets. */
    const struct csumoff_iov iov[] = {{pieces.bytes, FIELD + 1},
                                      {pieces.bytes + FIELD + 1, 4},
                                      {pieces.bytes + FIELD + 5, LENGTH - FIELD - 5}};
    struct csumoff_layout layout;
    bool right = is_right(&whole) && inspects(&whole, CSUMOFF_GOOD);

    right = right && seeds(&whole, &layout) && inspects(&whole, CSUMOFF_SEEDED);
    right = right && csumoff_finish_at(whole.bytes, LENGTH, &layout) == CSUMOFF_OK;
    right = right && is_right(&whole) && seeds(&pieces, &layout);
    right = right && csumoff_finish_at_iov(iov, 3, &layout) == CSUMOFF_OK && is_right(&pieces);
    whole.bytes[LENGTH - 1] ^= 1;
    return right && inspects(&whole, CSUMOFF_BAD);
}

#endif
