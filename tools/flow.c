// SPDX-License-Identifier: MIT
#include "flow.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

static const struct {
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
};

static const struct {
    unsigned ethertype;
    const char *name;
} ethertypes[] = {
    {0x0806, "ARP"}, {0x8847, "MPLS"}, {0x8864, "PPPoE"}, {0x888E, "EAPOL"}, {0x88CC, "LLDP"},
};

static void set_name(struct flow *f, const char *name)
{
    snprintf(f->name, sizeof f->name, "%s", name);
}

static void name_not_ip(struct flow *f, unsigned ethertype)
{
    f->protocol = PROTOCOL_NOT_IP;
    for (size_t i = 0; i < sizeof ethertypes / sizeof *ethertypes; i++) {
        if (ethertypes[i].ethertype == ethertype) {
            set_name(f, ethertypes[i].name);
            return;
        }
    }
    /* Below 0x0600 it is a length (IEEE 802.3); 0: the link type has no EtherTypes. */
    if (ethertype >= 0x0600)
        snprintf(f->name, sizeof f->name, "type 0x%04x", ethertype & 0xFFFF);
    else
        set_name(f, ethertype ? "802.3" : "unknown");
}

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
    inet_ntop(AF_INET, ip + 12, f->from, sizeof f->from);
    inet_ntop(AF_INET, ip + 16, f->to, sizeof f->to);
    f->ip_version = 4;
    f->l4_proto = ip[9];
    return (ip[0] & 15) < 5 || be16(ip + 6) & 0x1FFF ? 0 : (size_t)(ip[0] & 15) * 4;
}

static size_t read_ipv6(struct flow *f, const uint8_t *ip, size_t len)
{
    inet_ntop(AF_INET6, ip + 8, f->from, sizeof f->from);
    inet_ntop(AF_INET6, ip + 24, f->to, sizeof f->to);
    f->ip_version = 6;
    return skip_extensions(f, ip, len);
}

void flow_read(struct flow *f, const struct packet *p)
{
    const uint8_t *ip = p->bytes + p->l3;
    size_t len = p->header->caplen > p->l3 ? p->header->caplen - p->l3 : 0;
    size_t l4;

    memset(f, 0, sizeof *f);
    if (p->ethertype == ETHERTYPE_IPV4 && len >= 20) {
        l4 = read_ipv4(f, ip);
    } else if (p->ethertype == ETHERTYPE_IPV6 && len >= 40) {
        l4 = read_ipv6(f, ip, len);
    } else {
        name_not_ip(f, p->ethertype);
        if (p->ethertype == ETHERTYPE_IPV4 || p->ethertype == ETHERTYPE_IPV6) {
            f->protocol = PROTOCOL_OTHER;
            set_name(f, p->ethertype == ETHERTYPE_IPV4 ? "IPv4" : "IPv6");
        }
        return;
    }
    f->protocol = PROTOCOL_OTHER;
    set_name(f, f->ip_version == 4 ? "IPv4" : "IPv6");
    for (size_t i = 0; i < sizeof ip_protocols / sizeof *ip_protocols; i++) {
        if (ip_protocols[i].l4_proto != f->l4_proto)
            continue;
        f->protocol = ip_protocols[i].protocol;
        set_name(f, ip_protocols[i].name);
        f->has_ports = ip_protocols[i].has_ports && l4 && l4 + 4 <= len;
    }
    if (f->has_ports) {
        f->from_port = be16(ip + l4);
        f->to_port = be16(ip + l4 + 2);
    }
}

static void print_end(const struct flow *f, const char *address, unsigned port)
{
    if (!f->has_ports)
        fputs(address, stdout);
    else
        printf(f->ip_version == 6 ? "[%s]:%u" : "%s:%u", address, port);
}

void flow_print(const struct flow *f, const struct packet *p)
{
    fputs(f->name, stdout);
    if (f->ip_version) {
        putchar(' ');
        print_end(f, f->from, f->from_port);
        fputs(" > ", stdout);
        print_end(f, f->to, f->to_port);
    }
    for (unsigned i = 0; i < p->vlans; i++)
        printf(i ? ".%u" : " vlan %u", (unsigned)p->vlan[i]);
}
