// SPDX-License-Identifier: MIT
#include "flow.h"

#include "print.h"

#include <string.h>

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
    {51, PROTOCOL_OTHER, "AH", false},       {89, PROTOCOL_OTHER, "OSPF", false},
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

/* Walks the extension headers; returns where the L4 header is, 0 where there is none to be seen. */
static size_t skip_extensions(struct flow *f, const uint8_t *ip, size_t len)
{
    size_t at = 40;
    unsigned next = ip[6];
    bool is_later = false;

    while (!is_later && at + 8 <= len) {
        size_t size;

        if (next == 0 || next == 43 || next == 60)
            size = ((size_t)ip[at + 1] + 1) * 8;
        else if (next == 51)
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

static size_t read_ipv4(struct flow *f, const uint8_t *ip)
{
    f->source = ip + 12;
    f->ip_version = 4;
    f->l4_proto = ip[9];
    return (ip[0] & 15) < 5 || be16(ip + 6) & 0x1FFF ? 0 : (size_t)(ip[0] & 15) * 4;
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
        l4 = read_ipv4(f, ip);
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
    /* Below 0x0600 it is a length (IEEE 802.3); 0: the link type has no EtherTypes. */
    if (!name && f->ethertype >= 0x0600)
        snprintf(f->name, sizeof f->name, "type 0x%04x", f->ethertype & 0xFFFF);
    else
        snprintf(f->name, sizeof f->name, "%s", name ? name : f->ethertype ? "802.3" : "unknown");
}

static char *format_decimal(char *to, unsigned byte)
{
    if (byte >= 100)
        *to++ = (char)('0' + byte / 100);
    if (byte >= 10)
        *to++ = (char)('0' + byte / 10 % 10);
    *to++ = (char)('0' + byte % 10);
    return to;
}

static char *format_ipv4(char *to, const uint8_t *address)
{
    for (int i = 0; i < 4; i++) {
        to = format_decimal(to, address[i]);
        *to++ = '.';
    }
    *--to = '\0';
    return to;
}

static char *format_hex(char *to, unsigned group)
{
    int shift = group >= 0x1000 ? 12 : group >= 0x100 ? 8 : group >= 0x10 ? 4 : 0;

    for (; shift >= 0; shift -= 4)
        *to++ = "0123456789abcdef"[group >> shift & 15];
    return to;
}

/*
 * Writes an IPv6 address as RFC 5952 and inet_ntop() do: the first of the longest runs of zero
 * groups becomes "::" if it has two or more, and an address in which an IPv4 one is embedded
 * (::192.0.2.1, ::ffff:192.0.2.1) ends in that one.
 */
static void format_ipv6(char *to, const uint8_t *address)
{
    int start = 8, end = 8, run = 0;
    int groups = 8; /* written in hexadecimal, or as part of the run */

    for (int i = 0; i < 8; i++) {
        run = be16(address + 2 * i) ? 0 : run + 1;
        if (run >= 2 && run > end - start) {
            start = i + 1 - run;
            end = i + 1;
        }
    }
    if (start == 0 && (end == 6 || (end == 5 && be16(address + 10) == 0xFFFF)))
        groups = 6;
    for (int i = 0; i < groups; i++) {
        if (i == start) {
            *to++ = ':';
            i = end - 1;
            continue;
        }
        if (i > 0)
            *to++ = ':';
        to = format_hex(to, be16(address + 2 * i));
    }
    if (groups == 6 || (end == 8 && start < 8))
        *to++ = ':';
    if (groups == 6)
        to = format_ipv4(to, address + 12);
    *to = '\0';
}

void flow_address(char text[INET6_ADDRSTRLEN], unsigned ip_version, const uint8_t *address)
{
    if (ip_version == 4)
        format_ipv4(text, address);
    else
        format_ipv6(text, address);
}

void flow_format(struct flow *f)
{
    format_name(f);
    if (f->ip_version) {
        flow_address(f->from, f->ip_version, f->source);
        flow_address(f->to, f->ip_version, f->source + (f->ip_version == 4 ? 4 : 16));
    }
}

/* ---- Rows --------------------------------------------------------------------------------- */

enum {
    SHORTEST = 4 /* an address is left with */
};

static int digits(unsigned number)
{
    int count = 1;

    for (; number >= 10; number /= 10)
        count++;
    return count;
}

/* Returns how many columns all but the addresses takes. */
static int frame_width(const struct flow *f, const struct packet *p)
{
    int width = (int)strlen(f->name);

    if (f->ip_version)
        width += (int)strlen("  > ");
    if (f->ip_version && f->has_ports)
        width += 2 + digits(f->from_port) + digits(f->to_port) + (f->ip_version == 4 ? 0 : 4);
    for (unsigned i = 0; i < p->vlans; i++)
        width += (i ? 1 : (int)strlen(" vlan ")) + digits(p->vlan[i]);
    return width;
}

/* Takes the beginning of an address away, so that `room` columns hold it. */
static void shorten(char *text, int room)
{
    int len = (int)strlen(text);

    if (len <= room)
        return;
    memmove(text + 1, text + len - (room - 1), (size_t)room);
    *text = '~';
}

/* Makes the addresses fit what a line of the terminal leaves, or the next one. */
static void fit(struct flow *f, const struct packet *p)
{
    int from = (int)strlen(f->from), to = (int)strlen(f->to), frame = frame_width(f, p), room;

    print_fit(frame + (from < SHORTEST ? from : SHORTEST) + (to < SHORTEST ? to : SHORTEST));
    room = print_room() - frame;
    if (from + to <= room)
        return;
    room = room < 2 * SHORTEST ? 2 * SHORTEST : room;
    if (from <= room / 2)
        shorten(f->to, room - from);
    else if (to <= room / 2)
        shorten(f->from, room - to);
    else {
        shorten(f->from, room - room / 2);
        shorten(f->to, room / 2);
    }
}

void flow_print(const struct flow *flow, const struct packet *p)
{
    struct flow shortened;
    const struct flow *f = flow;

    if (print_room() >= 0) {
        shortened = *flow;
        if (flow->ip_version)
            fit(&shortened, p);
        else
            print_fit(frame_width(flow, p));
        f = &shortened;
    }
    if (!f->ip_version)
        print("%s", f->name);
    else if (!f->has_ports)
        print("%s %s > %s", f->name, f->from, f->to);
    else if (f->ip_version == 4)
        print("%s %s:%u > %s:%u", f->name, f->from, f->from_port, f->to, f->to_port);
    else
        print("%s [%s]:%u > [%s]:%u", f->name, f->from, f->from_port, f->to, f->to_port);
    for (unsigned i = 0; i < p->vlans; i++)
        print("%s%u", i ? "." : " vlan ", (unsigned)p->vlan[i]);
}
