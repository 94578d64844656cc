// SPDX-License-Identifier: MIT
#include "frames.h"

#include <stdio.h>
#include <string.h>

#include "reference.h"

static size_t header_len(uint8_t proto)
{
    return proto == TCP ? 20 : proto == SCTP ? 12 : 8;
}

/* Appends an extension header that `letter` stands for; `next` is where its number goes. */
static size_t extend(struct frame *f, size_t at, char letter, size_t *next, struct rng *rng)
{
    static const struct {
        char letter;
        uint8_t number;
    } kinds[] = {{'h', 0}, {'d', 60}, {'r', 43}, {'a', 51}, {'f', 44}, {'F', 44}, {'M', 44}};
    uint8_t *p = f->bytes + at;
    size_t len = 8 * (1 + rng_below(rng, 3)), i;

    for (i = 0; kinds[i].letter != letter;)
        i++;
    f->bytes[*next] = kinds[i].number;
    *next = at;
    switch (letter) {
    case 'a': /* in units of 4 bytes, two of them not counted */
        len = 24;
        p[1] = 4;
        break;
    case 'f':
    case 'F':
    case 'M':
        len = 8;
        p[1] = 0;
        store_wire16(p + 2, letter == 'f' ? 0 : letter == 'F' ? 0x0008 : 0x0001);
        break;
    default: /* in units of 8 bytes, the first not counted */
        p[1] = (uint8_t)(len / 8 - 1);
        if (letter == 'r') {
            store_wire16(p + 2, 0x0400); /* segments, none left */
        } else {
            p[2] = 1; /* PadN: no option that has a meaning */
            p[3] = (uint8_t)(len - 4);
        }
    }
    return at + len;
}

void frame_build(struct frame *f, const struct recipe *recipe, struct rng *rng)
{
    const struct recipe *r = &f->recipe;
    size_t at = 0, next, i;
    const char *c;

    f->recipe = *recipe;
    rng_fill(rng, f->bytes, 400 + r->payload + r->slack + r->padding);
    if (r->ethernet) {
        at = 12;
        for (i = r->vlans; i > 0; i--, at += 4)
            store_wire16(f->bytes + at, i % 2 ? 0x8100 : 0x88A8);
        store_wire16(f->bytes + at, r->version == 4 ? 0x0800 : 0x86DD);
        at += 2;
    }
    f->l3 = at;
    if (r->version == 4) {
        next = at + 9;
        f->bytes[at] = (uint8_t)(0x45 + r->options / 4);
        store_wire16(f->bytes + at + 6, 0x4000);   /* don't fragment */
        memset(f->bytes + at + 20, 1, r->options); /* no operation */
        at += 20 + r->options;
    } else {
        next = at + 6;
        f->bytes[at] = (uint8_t)(0x60 | f->bytes[at] % 16);
        at += 40;
        for (c = r->chain ? r->chain : ""; *c; c++)
            at = extend(f, at, *c, &next, rng);
    }
    f->bytes[next] = r->proto;
    f->l4 = at;
    f->l4_len = header_len(r->proto) + r->payload;
    if (r->proto == TCP)
        f->bytes[at + 12] = 0x50;
    if (r->proto == UDP)
        store_wire16(f->bytes + at + 4, (uint16_t)f->l4_len);
    f->csum_offset = r->proto == TCP ? 16 : r->proto == UDP ? 6 : r->proto == SCTP ? 8 : 2;
    at += f->l4_len;
    memset(f->bytes + at, 0, r->slack + r->padding);
    f->end = at + r->slack;
    f->len = f->end + r->padding;
    if (r->version == 4)
        store_wire16(f->bytes + f->l3 + 2, (uint16_t)(f->end - f->l3));
    else
        store_wire16(f->bytes + f->l3 + 4, (uint16_t)(f->end - f->l3 - 40));
}

uint64_t frame_pseudo(const struct frame *f, uint32_t l4_len)
{
    const uint8_t *l3 = f->bytes + f->l3;

    if (f->recipe.version == 6)
        return ref_pseudo6(l3 + 8, l3 + 24, f->recipe.proto, l4_len);
    return f->recipe.proto == ICMP ? 0 : ref_pseudo4(l3 + 12, l3 + 16, f->recipe.proto, l4_len);
}

uint16_t frame_complete(const struct frame *f)
{
    uint16_t check = ref_transport(frame_pseudo(f, (uint32_t)f->l4_len), f->bytes + f->l4,
                                   f->l4_len, f->csum_offset);

    return check == 0 && f->recipe.proto == UDP ? 0xFFFF : check;
}

uint16_t frame_seed(const struct frame *f)
{
    return ref_fold(frame_pseudo(f, (uint32_t)f->l4_len));
}

uint16_t frame_seed_gso(const struct frame *f)
{
    return ref_fold(frame_pseudo(f, 0));
}

uint16_t frame_field(const struct frame *f)
{
    return load_wire16(f->bytes + f->l4 + f->csum_offset);
}

void frame_set_field(struct frame *f, uint16_t wire)
{
    store_wire16(f->bytes + f->l4 + f->csum_offset, wire);
}

void frame_set_l3(struct frame *f)
{
    uint8_t *l3 = f->bytes + f->l3;

    if (f->recipe.version == 4)
        store_wire16(l3 + 10, ref_ipv4_header(l3, 20 + f->recipe.options));
}

void frame_force(struct frame *f, uint16_t check)
{
    uint8_t *word = f->bytes + f->l4 + header_len(f->recipe.proto);
    uint64_t rest;

    store_wire16(word, 0);
    rest = 0xFFFFu - frame_complete(f);
    /* word + rest has to be the complement of check */
    store_wire16(word, ref_fold((0xFFFFu - check) + (uint64_t)(0xFFFF - ref_fold(rest))));
}

static const struct {
    bool ethernet;
    unsigned vlans;
} links[] = {{true, 0}, {true, 1}, {true, 2}, {true, 3}, {true, 4}, {false, 0}};

static const struct {
    unsigned version, options;
    const char *chain;
} headers[] = {
    {4, 0, NULL}, {4, 4, NULL}, {4, 40, NULL}, {6, 0, ""},   {6, 0, "h"},     {6, 0, "d"},
    {6, 0, "r"},  {6, 0, "a"},  {6, 0, "f"},   {6, 0, "hd"}, {6, 0, "hrfad"},
};

static const uint8_t protos[] = {TCP, UDP, ICMP};
static const size_t payloads[] = {0, 1, 2, 7, 64, 95};
static const size_t paddings[] = {0, 1, 6};

#define COUNT(array) (sizeof(array) / sizeof *(array))

size_t recipe_count(void)
{
    return COUNT(links) * COUNT(headers) * COUNT(protos) * COUNT(payloads) * COUNT(paddings);
}

struct recipe recipe_at(size_t i)
{
    struct recipe r = {0};

    r.padding = paddings[i % COUNT(paddings)];
    i /= COUNT(paddings);
    r.payload = payloads[i % COUNT(payloads)];
    i /= COUNT(payloads);
    r.proto = protos[i % COUNT(protos)];
    i /= COUNT(protos);
    r.version = headers[i % COUNT(headers)].version;
    r.options = headers[i % COUNT(headers)].options;
    r.chain = headers[i % COUNT(headers)].chain;
    i /= COUNT(headers);
    r.ethernet = links[i].ethernet;
    r.vlans = links[i].vlans;
    if (r.proto == ICMP && r.version == 6)
        r.proto = ICMPV6;
    /* Some datagrams end before their IP packet does. */
    if (r.proto == UDP && r.padding == 6)
        r.slack = r.payload % 4;
    return r;
}

const char *recipe_text(const struct recipe *r)
{
    static char text[200];

    snprintf(text, sizeof text,
             "%s, %u VLAN tags, IPv%u with %u bytes of options, extension headers \"%s\", "
             "protocol %u, payload %zu, slack %zu, padding %zu",
             r->ethernet ? "Ethernet" : "IP", r->vlans, r->version, r->options,
             r->chain ? r->chain : "", r->proto, r->payload, r->slack, r->padding);
    return text;
}
