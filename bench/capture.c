// SPDX-License-Identifier: MIT
/*
 * Writes a capture of mixed traffic, as an access link sees it, to measure commands on.
 *
 * usage: csumoff-bench-capture FILE MEGABYTES
 *
 * One packet in 25 was left to a network card, one in 50 has a VXLAN tunnel around it, one in 100
 * is ARP or a fragment, one in 1,000 has a wrong checksum.
 */
#include "frames.h"

#include "csumoff.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FRAME_MOST = 1514,
    UNDERLAY = 50, /* Ethernet, IPv4, UDP, VXLAN */
    ROOM = UNDERLAY + FRAME_MOST,
    BUFFER = 1 << 20
};

struct record {
    uint32_t seconds, microseconds, captured, length;
};

/* Returns a length. Seven of ten packets are little more than headers, and one is full, as in most
 * captures. */
static size_t random_length(void)
{
    uint32_t of_ten = random_below(10);

    if (of_ten < 7)
        return 74 + random_below(40);
    return of_ten < 9 ? 120 + random_below(700) : FRAME_MOST;
}

/* Sets random addresses of 256 hosts, and random ports. */
static void address(uint8_t *frame, const struct kind *kind)
{
    bool is_ipv4 = frame[kind->l3_start] >> 4 == 4;
    uint8_t *l4 = frame + kind->l3_start + (is_ipv4 ? 20 : 40);
    uint8_t *addresses = l4 - (is_ipv4 ? 8 : 32);

    memset(addresses, 0, is_ipv4 ? 8 : 32);
    addresses[0] = addresses[is_ipv4 ? 4 : 16] = is_ipv4 ? 10 : 0xFD;
    addresses[is_ipv4 ? 3 : 15] = (uint8_t)random_below(256);
    addresses[is_ipv4 ? 7 : 31] = (uint8_t)random_below(256);
    l4[0] |= 0x80; /* no tunnel's port */
    l4[2] |= 0x80;
}

static void set_header(uint8_t *frame)
{
    if (csumoff_ipv4_header_set(frame + 14, 20))
        fail("csumoff-bench-capture", "a header that can't be made");
}

/* Puts a frame into VXLAN over UDP without a checksum. Returns the new length. */
static size_t tunnel(uint8_t *frame, size_t len)
{
    uint8_t *udp = frame + 34, *vxlan = udp + 8;
    size_t udp_len = len + 16;

    memmove(frame + UNDERLAY, frame, len);
    make_frame(frame, UNDERLAY, &udp_ipv4);
    address(frame, &udp_ipv4);
    frame[16] = (uint8_t)((udp_len + 20) >> 8);
    frame[17] = (uint8_t)(udp_len + 20);
    udp[2] = 4789 >> 8;
    udp[3] = 4789 & 0xFF;
    udp[4] = (uint8_t)(udp_len >> 8);
    udp[5] = (uint8_t)udp_len;
    udp[6] = udp[7] = 0;
    memset(vxlan, 0, 8);
    vxlan[0] = 0x08;
    set_header(frame);
    return len + UNDERLAY;
}

/* Makes a frame the first fragment of something longer. */
static void fragment(uint8_t *frame)
{
    frame[20] = 0x20;
    set_header(frame);
}

static size_t make_packet(uint8_t *frame)
{
    static const struct kind *const kinds[] = {&tcp_ipv4, &tcp_ipv4, &tcp_ipv4,      &tcp_ipv4,
                                               &udp_ipv4, &tcp_ipv6, &tcp_ipv4_vlan, &udp_ipv6};
    const struct kind *kind = kinds[random_below(sizeof kinds / sizeof *kinds)];
    size_t len = random_length();
    uint32_t luck = random_below(1000);
    struct csumoff_layout layout;
    int status;

    make_frame(frame, len, kind);
    address(frame, kind);
    if (luck < 40)
        status = csumoff_seed(frame, len, CSUMOFF_LINK_ETHERNET, &layout);
    else
        status = csumoff_fill(frame, len, CSUMOFF_LINK_ETHERNET);
    if (status)
        fail("csumoff-bench-capture", "a checksum that can't be made");
    if (luck >= 40 && luck < 60 && len + UNDERLAY <= FRAME_MOST)
        len = tunnel(frame, len);
    else if (luck == 60)
        frame[len - 1] ^= 1;
    else if (luck > 60 && luck < 66)
        frame[13] = 0x06; /* ARP */
    else if (luck >= 66 && luck < 70 && kind == &tcp_ipv4)
        fragment(frame);
    return len;
}

int main(int argc, char **argv)
{
    static const struct {
        uint32_t magic;
        uint16_t major, minor;
        uint32_t zone, accuracy, snaplen, link;
    } header = {0xA1B2C3D4, 2, 4, 0, 0, 262144, 1};
    uint64_t size = argc == 3 ? strtoull(argv[2], NULL, 10) << 20 : 0, written = sizeof header;
    FILE *file = size ? fopen(argv[1], "wb") : NULL;
    struct record record = {.seconds = 1700000000};
    uint8_t frame[ROOM];

    if (!file)
        fail(argc == 3 ? argv[1] : "usage: csumoff-bench-capture FILE MEGABYTES", "not written");
    setvbuf(file, NULL, _IOFBF, BUFFER);
    fwrite(&header, sizeof header, 1, file);
    while (written < size) {
        size_t len = make_packet(frame);

        record.microseconds += 3;
        record.seconds += record.microseconds / 1000000;
        record.microseconds %= 1000000;
        record.captured = record.length = (uint32_t)len;
        fwrite(&record, sizeof record, 1, file);
        fwrite(frame, len, 1, file);
        written += sizeof record + len;
    }
    if (ferror(file) || fclose(file))
        fail(argv[1], "not written");
    return 0;
}
