// SPDX-License-Identifier: MIT
#include <string.h>

#include "packets.h"
#include "reference.h"

static uint64_t sum_of_skipped(const struct packet *p, const struct level *l)
{
    return ref_sum(p->bytes + l->l4 + l->skip, l->skip_len);
}

static uint16_t complete_with(const struct packet *p, unsigned level, uint64_t pseudo)
{
    const struct level *l = &p->level[level];
    uint64_t sum =
        0xFFFFu -
        ref_transport(l->has_pseudo ? pseudo + (l->pseudo_len >> 16) + (l->pseudo_len & 0xFFFF) : 0,
                      p->bytes + l->l4, l->l4_len, l->csum_offset);
    uint16_t check;

    if (l->skip_len) /* taken out again; what is left is zero only if all the rest is */
        sum += 0xFFFFu - ref_fold(sum_of_skipped(p, l));
    check = ref_checksum(sum);
    return check == 0 && (l->proto == PROTO_UDP || l->proto == PROTO_UDPLITE) ? 0xFFFF : check;
}

uint16_t packet_complete(const struct packet *p, unsigned level)
{
    return complete_with(p, level, p->level[level].pseudo);
}

uint16_t packet_complete_next_hop(const struct packet *p, unsigned level)
{
    const struct level *l = &p->level[level];

    return complete_with(p, level, ref_pseudo4(l->src, p->bytes + l->daddr, l->proto, 0));
}

uint32_t packet_crc32c(const struct packet *p, unsigned level)
{
    const struct level *l = &p->level[level];
    static const uint8_t zeros[4];
    uint32_t crc = ref_crc32c(0, p->bytes + l->l4, 8);

    crc = ref_crc32c(crc, zeros, 4);
    return ref_crc32c(crc, p->bytes + l->l4 + 12, l->l4_len - 12);
}

uint16_t packet_seed(const struct packet *p, unsigned level)
{
    const struct level *l = &p->level[level];

    return l->has_pseudo ? ref_fold(l->pseudo + (l->pseudo_len >> 16) + (l->pseudo_len & 0xFFFF))
                         : 0;
}

uint16_t packet_seed_gso(const struct packet *p, unsigned level)
{
    return ref_fold(p->level[level].pseudo);
}

uint16_t packet_field(const struct packet *p, unsigned level)
{
    return load_wire16(p->bytes + p->level[level].l4 + p->level[level].csum_offset);
}

void packet_set_field(struct packet *p, unsigned level, uint16_t wire)
{
    store_wire16(p->bytes + p->level[level].l4 + p->level[level].csum_offset, wire);
}

void packet_set_pseudo(struct packet *p, unsigned level, const uint8_t *src, const uint8_t *dst)
{
    struct level *l = &p->level[level];
    size_t size = l->version == 4 ? 4 : 16;

    if (src)
        memcpy(l->src, src, size);
    if (dst)
        memcpy(l->dst, dst, size);
    if (l->has_pseudo)
        l->pseudo = l->version == 4 ? ref_pseudo4(l->src, l->dst, l->proto, 0)
                                    : ref_pseudo6(l->src, l->dst, l->proto, 0);
}

void packet_force(struct packet *p, unsigned level, uint16_t check)
{
    uint8_t *word = p->bytes + p->level[level].l4 + p->level[level].fixed;
    uint64_t rest;

    store_wire16(word, 0);
    rest = 0xFFFFu - packet_complete(p, level);
    /* word + rest has to be the complement of check */
    store_wire16(word, ref_fold((0xFFFFu - check) + (uint64_t)(0xFFFF - ref_fold(rest))));
}

size_t packet_l3_len(const struct packet *p, unsigned level)
{
    return 20u + p->spec.level[level].options;
}

void packet_set_l3(struct packet *p, unsigned level)
{
    uint8_t *l3 = p->bytes + p->level[level].l3;

    if (p->level[level].version == 4)
        store_wire16(l3 + 10, ref_ipv4_header(l3, packet_l3_len(p, level)));
}

void packet_set_complete(struct packet *p, unsigned level)
{
    const struct level *l = &p->level[level];
    uint8_t *field = p->bytes + l->l4 + l->csum_offset;
    uint32_t crc;
    int i;

    if (l->finding != FOUND)
        return;
    if (!l->is_crc32c) {
        store_wire16(field, packet_complete(p, level));
        return;
    }
    crc = packet_crc32c(p, level);
    for (i = 0; i < 4; i++)
        field[i] = (uint8_t)(crc >> 8 * i);
}

void packet_seal(struct packet *p)
{
    unsigned i;

    for (i = p->levels; i-- > 0;) {
        packet_set_l3(p, i);
        packet_set_complete(p, i);
    }
}
