// SPDX-License-Identifier: MIT
/* For a guest that asks where the sink's hosts are (ARP, RFC 826; neighbour discovery, RFC 4861)
 * before it answers them. */
#include "domain.h"

#include <string.h>

#include "../../oracle/frames.h"
#include "../../oracle/reference.h"

enum {
    ETHERNET = 14,
    IPV6 = 40,
    SOLICITATION = 135,
    ADVERTISEMENT = 136,
    ADVERTISEMENT_LEN = 32
};

static const struct end *ends[256];

void neighbour_known(const struct end *end)
{
    ends[end->host] = end;
}

/* Who has this address, if it is somebody of the sink's. */
static const struct end *owner_of(unsigned version, const uint8_t *address)
{
    const size_t size = version == 4 ? 4 : 16;
    uint8_t own[16];

    rig_address((int)version, address[size - 1], own);
    return memcmp(own, address, size) == 0 ? ends[address[size - 1]] : NULL;
}

static void answer(struct packet *p, const struct end *from)
{
    memcpy(p->bytes, p->bytes + 6, 6);
    memcpy(p->bytes + 6, from->mac, 6);
    memset(&p->hdr, 0, sizeof p->hdr);
    if (!sink_write(p))
        die("the sink takes no packet");
}

static bool answer_arp(struct packet *p)
{
    uint8_t *arp = p->bytes + ETHERNET, asked[4];
    const struct end *owner = owner_of(4, arp + 24);

    if (load_wire16(arp + 6) != 1 || !owner)
        return false;
    store_wire16(arp + 6, 2);
    memcpy(asked, arp + 24, 4);
    memcpy(arp + 18, arp + 8, 10); /* the sender becomes the target */
    memcpy(arp + 8, owner->mac, 6);
    memcpy(arp + 14, asked, 4);
    answer(p, owner);
    return true;
}

static bool answer_solicitation(struct packet *p)
{
    uint8_t *ip = p->bytes + ETHERNET, *icmp = ip + IPV6;
    const struct end *owner = owner_of(6, icmp + 8);
    uint64_t pseudo;

    if (ip[6] != ICMPV6 || icmp[0] != SOLICITATION || !owner)
        return false;
    store_wire16(ip + 4, ADVERTISEMENT_LEN);
    memcpy(ip + 24, ip + 8, 16);
    memcpy(ip + 8, icmp + 8, 16);
    icmp[0] = ADVERTISEMENT;
    icmp[4] = 0x60; /* solicited, override */
    icmp[24] = 2;   /* the target's link-layer address, in units of 8 bytes */
    icmp[25] = 1;
    memcpy(icmp + 26, owner->mac, 6);
    pseudo = ref_pseudo6(ip + 8, ip + 24, ICMPV6, ADVERTISEMENT_LEN);
    store_wire16(icmp + 2, ref_transport(pseudo, icmp, ADVERTISEMENT_LEN, 2));
    p->len = ETHERNET + IPV6 + ADVERTISEMENT_LEN;
    answer(p, owner);
    return true;
}

bool neighbour_answer(struct packet *p)
{
    switch (load_wire16(p->bytes + 12)) {
    case 0x0806:
        return p->len >= ETHERNET + 28 && answer_arp(p);
    case 0x86DD:
        return p->len >= ETHERNET + IPV6 + 24 && answer_solicitation(p);
    default:
        return false;
    }
}
