// SPDX-License-Identifier: MIT
#include "flow.h"

#include <stdio.h>

enum {
    AH = 51
};

const char *const protocol_words[PROTOCOLS] = {
    [PROTOCOL_TCP] = "TCP",       [PROTOCOL_UDP] = "UDP",   [PROTOCOL_ICMP] = "ICMP",
    [PROTOCOL_ICMPV6] = "ICMPv6", [PROTOCOL_SCTP] = "SCTP", [PROTOCOL_OTHER] = "other",
    [PROTOCOL_NOT_IP] = "not IP",
};

static const struct ip_protocol {
    unsigned l4_proto;
    enum protocol protocol;
    const char *name;
    bool has_ports;
} ip_protocols[] = {
    {6, PROTOCOL_TCP, "TCP", true},          {17, PROTOCOL_UDP, "UDP", true},
    {1, PROTOCOL_ICMP, "ICMP", false},       {58, PROTOCOL_ICMPV6, "ICMPv6", false},
    {132, PROTOCOL_SCTP, "SCTP", true},      {2, PROTOCOL_OTHER, "IGMP", false},
    {47, PROTOCOL_OTHER, "GRE", false},      {50, PROTOCOL_OTHER, "ESP", false},
    {AH, PROTOCOL_OTHER, "AH", false},       {89, PROTOCOL_OTHER, "OSPF", false},
    {136, PROTOCOL_OTHER, "UDP-Lite", true}, {33, PROTOCOL_OTHER, "DCCP", true},
    {103, PROTOCOL_OTHER, "PIM", false},     {112, PROTOCOL_OTHER, "VRRP", false},
    {88, PROTOCOL_OTHER, "EIGRP", false},    {46, PROTOCOL_OTHER, "RSVP", false},
};

static const struct {
    unsigned ethertype;
    const char *name;
} ethertypes[] = {
    {0x0806, "ARP"}, {0x8847, "MPLS"}, {0x8864, "PPPoE"}, {0x888E, "EAPOL"}, {0x88CC, "LLDP"},
};

/* Walks the extension headers. Returns the offset of the L4 header, or 0 if the packet does not
 * show it. */
static size_t skip_extensions(struct flow *f, const uint8_t *ip, size_t len)
{
    size_t at = 40;
    unsigned next = ip[6];
    bool is_later = false;

    while (!is_later && at + 8 <= len) {
        size_t size;

        if (next == 0 || next == 43 || next == 60)
            size = ((size_t)ip[at + 1] + 1) * 8;
        else if (next == AH)
            size = ((size_t)ip[at + 1] + 2) * 4;
        else if (next == 44)
            size = 8;
        else
            break;
        is_later = next == 44 && be16(ip + at + 2) >> 3;
        next = ip[at];
        at += size;
    }
    f->l4_proto = next;
    return is_later ? 0 : at;
}

/* Walks authentication headers, too. Returns the offset of the L4 header, or 0 if the packet does
 * not show it. */
static size_t read_ipv4(struct flow *f, const uint8_t *ip, size_t len)
{
    size_t at = (size_t)(ip[0] & 15) * 4;

    f->source = ip + 12;
    f->ip_version = 4;
    f->l4_proto = ip[9];
    if (at < 20 || be16(ip + 6) & 0x1FFF)
        return 0;
    while (f->l4_proto == AH && at + 8 <= len) {
        f->l4_proto = ip[at];
        at += ((size_t)ip[at + 1] + 2) * 4;
    }
    return at;
}

static size_t read_ipv6(struct flow *f, const uint8_t *ip, size_t len)
{
    f->source = ip + 8;
    f->ip_version = 6;
    return skip_extensions(f, ip, len);
}

static const struct ip_protocol *ip_protocol_find(unsigned l4_proto)
{
    for (size_t i = 0; i < sizeof ip_protocols / sizeof *ip_protocols; i++)
        if (ip_protocols[i].l4_proto == l4_proto)
            return &ip_protocols[i];
    return NULL;
}

void flow_read(struct flow *f, const struct packet *p)
{
    const uint8_t *ip = p->bytes + p->l3;
    size_t len = p->header->caplen > p->l3 ? p->header->caplen - p->l3 : 0;
    bool is_ip = p->ethertype == ETHERTYPE_IPV4 || p->ethertype == ETHERTYPE_IPV6;
    const struct ip_protocol *known;
    size_t l4;

    f->protocol = is_ip ? PROTOCOL_OTHER : PROTOCOL_NOT_IP;
    f->ethertype = p->ethertype;
    f->ip_version = 0;
    f->has_ports = false;
    if (p->ethertype == ETHERTYPE_IPV4 && len >= 20)
        l4 = read_ipv4(f, ip, len);
    else if (p->ethertype == ETHERTYPE_IPV6 && len >= 40)
        l4 = read_ipv6(f, ip, len);
    else
        return;
    known = ip_protocol_find(f->l4_proto);
    if (!known)
        return;
    f->protocol = known->protocol;
    if (known->has_ports && l4 && l4 + 4 <= len) {
        f->has_ports = true;
        f->from_port = be16(ip + l4);
        f->to_port = be16(ip + l4 + 2);
    }
}

/* ---- Texts -------------------------------------------------------------------------------- */

static void format_name(struct flow *f)
{
    const struct ip_protocol *known = f->ip_version ? ip_protocol_find(f->l4_proto) : NULL;
    const char *name = NULL;

    if (known)
        name = known->name;
    else if (f->ethertype == ETHERTYPE_IPV4)
        name = "IPv4";
    else if (f->ethertype == ETHERTYPE_IPV6)
        name = "IPv6";
    for (size_t i = 0; i < sizeof ethertypes / sizeof *ethertypes && !name; i++)
        if (ethertypes[i].ethertype == f->ethertype)
            name = ethertypes[i].name;
    /* A value below 0x0600 is a length (IEEE 802.3). 0: the link type has no EtherTypes. */
    if (!name && f->ethertype >= 0x0600)
        snprintf(f->name, sizeof f->name, "type 0x%04x", f->ethertype & 0xFFFF);
    else
        snprintf(f->name, sizeof f->name, "%s", name ? name : f->ethertype ? "802.3" : "unknown");
}

void flow_format(struct flow *f)
{
    format_name(f);
    if (f->ip_version) {
        address_format(f->from, f->ip_version, f->source);
        address_format(f->to, f->ip_version, f->source + (f->ip_version == 4 ? 4 : 16));
    }
}
