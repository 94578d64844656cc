// SPDX-License-Identifier: MIT
#include "encapsulations.h"

#include <string.h>

#include "reference.h"

enum {
    TYPE_AT = 12,
    IPV4_HEADER = 20,
    UDP_HEADER = 8,
    SCTP_FIELD = 8,
    GRE = 47
};

const struct encapsulation encapsulations[] = {
    {"QinQ", TYPE, true, true, 8, {0x88, 0xA8, 0, 100, 0x81, 0, 0, 10}},
    {"a tag of 0x9100", TYPE, true, false, 4, {0x91, 0, 0, 5}},
    {"five tags", TYPE, false, false, 20, {0x81, 0, 0,    1, 0x81, 0, 0,    2, 0x81, 0,
                                           0,    3, 0x81, 0, 0,    4, 0x81, 0, 0,    5}},
    {"an MPLS label", NO_TYPE, true, false, 6, {0x88, 0x47, 0, 1, 1, 64}},
    {"three MPLS labels",
     NO_TYPE,
     true,
     false,
     14,
     {0x88, 0x48, 0, 1, 0, 64, 0, 2, 0, 64, 0, 3, 1, 64}},
    {"PPPoE", PPP, true, false, 8, {0x88, 0x64, 0x11, 0, 0x12, 0x34}},
    {"LLC and SNAP", SNAP, true, false, 8, {0, 0, 0xAA, 0xAA, 3}},
    {"an EtherType nobody knows", NO_TYPE, false, false, 4, {0x88, 0xB5, 7, 7}},
    {"IP in IPv4", PLAIN_IP, true, false, 2 + IPV4_HEADER, {8, 0}},
    {"GRE", IN_GRE, true, false, 2 + IPV4_HEADER + 4, {8, 0}},
    {"VXLAN without an outer checksum",
     IN_VXLAN,
     true,
     false,
     2 + IPV4_HEADER + UDP_HEADER + 8 + 14,
     {8, 0}},
    {"VXLAN", IN_VXLAN_SUM, true, false, 2 + IPV4_HEADER + UDP_HEADER + 8 + 14, {8, 0}},
};

const size_t encapsulation_count = sizeof encapsulations / sizeof *encapsulations;

void frame_set_crc32c(struct frame *f)
{
    uint8_t *field = f->bytes + f->l4 + SCTP_FIELD;
    uint32_t crc;
    size_t i;

    /* It is computed with its field zero, and its lowest byte comes first. */
    memset(field, 0, 4);
    crc = ref_crc32c(0, f->bytes + f->l4, f->l4_len);
    for (i = 0; i < 4; i++)
        field[i] = (uint8_t)(crc >> 8 * i);
}

/* Writes a tunnel's headers around the packet; the checksum of its UDP is right for what the frame
 * holds now. */
static void set_outside(struct frame *f, const struct encapsulation *e, bool is_v4)
{
    uint8_t *l3 = f->bytes + ENCAPSULATION_OUTER_AT, *l4 = l3 + IPV4_HEADER;
    const size_t l4_len = f->len - ENCAPSULATION_OUTER_AT - IPV4_HEADER;
    static const uint8_t addresses[] = {192, 0, 2, 1, 198, 51, 100, 2};
    uint16_t check;

    memset(l3, 0, IPV4_HEADER);
    l3[0] = 0x45;
    store_wire16(l3 + 2, (uint16_t)(f->len - ENCAPSULATION_OUTER_AT));
    l3[8] = 64;
    l3[9] = is_vxlan(e) ? UDP : e->kind == IN_GRE ? GRE : is_v4 ? 4 : 41;
    memcpy(l3 + 12, addresses, sizeof addresses);
    store_wire16(l3 + 10, ref_ipv4_header(l3, IPV4_HEADER));
    if (e->kind == IN_GRE) {
        memset(l4, 0, 2);
        store_wire16(l4 + 2, is_v4 ? 0x0800 : 0x86DD);
    } else if (is_vxlan(e)) {
        memset(l4, 0, UDP_HEADER + 8 + 12);
        store_wire16(l4, 50000);
        store_wire16(l4 + 2, 4789);
        store_wire16(l4 + 4, (uint16_t)l4_len);
        l4[UDP_HEADER] = 8; /* the identifier is valid */
        l4[UDP_HEADER + 6] = 42;
        store_wire16(l4 + UDP_HEADER + 8 + 12, is_v4 ? 0x0800 : 0x86DD);
    }
    if (e->kind == IN_VXLAN_SUM) {
        check = ref_transport(ref_pseudo4(l3 + 12, l3 + 16, UDP, (uint32_t)l4_len), l4, l4_len, 6);
        store_wire16(l4 + 6, check ? check : 0xFFFF);
    }
}

void frame_encapsulate(struct frame *f, const struct encapsulation *e)
{
    const bool is_v4 = f->recipe.version == 4,
               has_type = e->kind == TYPE || e->kind == SNAP || e->kind == PPP;
    const size_t grown = e->len + (has_type ? 2 : 0) - 2;
    uint8_t *type;

    memmove(f->bytes + TYPE_AT + 2 + grown, f->bytes + TYPE_AT + 2, f->len - TYPE_AT - 2);
    f->l3 += grown;
    f->l4 += grown;
    f->end += grown;
    f->len += grown;
    memcpy(f->bytes + TYPE_AT, e->bytes, is_tunnel(e) ? 2 : e->len);
    type = f->bytes + f->l3 - 2;
    if (e->kind == TYPE || e->kind == SNAP)
        store_wire16(type, is_v4 ? 0x0800 : 0x86DD);
    if (e->kind == SNAP)
        store_wire16(f->bytes + TYPE_AT, (uint16_t)(f->len - TYPE_AT - 2));
    if (e->kind == PPP) {
        store_wire16(type - 2, (uint16_t)(f->len - f->l3 + 2));
        store_wire16(type, is_v4 ? 0x0021 : 0x0057);
    }
    frame_set_l3(f);
    if (f->recipe.proto == SCTP)
        frame_set_crc32c(f);
    else
        frame_set_field(f, frame_complete(f));
    if (is_tunnel(e))
        set_outside(f, e, is_v4);
}

void frame_spoil_outside(struct frame *f, const struct encapsulation *e, bool all, struct rng *rng)
{
    uint8_t *outside = f->bytes + ENCAPSULATION_OUTER_AT;

    if (is_tunnel(e))
        store_wire16(outside + 10, (uint16_t)rng_u32(rng));
    else if (e->is_found && f->recipe.version == 4)
        store_wire16(f->bytes + f->l3 + 10, (uint16_t)rng_u32(rng));
    if (all && e->kind == IN_VXLAN_SUM)
        store_wire16(outside + IPV4_HEADER + 6, 1 + (uint16_t)rng_below(rng, 0xFFFF));
}
