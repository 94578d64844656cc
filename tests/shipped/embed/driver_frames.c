// SPDX-License-Identifier: MIT
#include "driver_frames.h"

#include "../../oracle/reference.h"

void put16(uint8_t *to, size_t n)
{
    to[0] = (uint8_t)(n >> 8);
    to[1] = (uint8_t)n;
}

unsigned get16(const uint8_t *from)
{
    return from[0] * 256u + from[1];
}

void make(struct made *made, uint8_t version, uint8_t proto, bool tagged, size_t payload)
{
    const size_t header = proto == TCP ? 20 : proto == SCTP ? 12 : 8;
    uint8_t *l3, *l4;

    made->version = version;
    made->proto = proto;
    made->l3 = 14 + (tagged ? TAG : 0u);
    made->l4 = made->l3 + (version == 4 ? 20 : 40);
    made->len = made->l4 + header + payload;
    made->field = made->l4 + (proto == TCP ? 16 : proto == UDP ? 6 : proto == SCTP ? 8 : 2);
    for (size_t i = 0; i < made->len; i++)
        made->bytes[i] = (uint8_t)(i * 37 + payload * 11 + 1);
    l3 = made->bytes + made->l3;
    l4 = made->bytes + made->l4;
    if (tagged)
        put16(l3 - 2 - TAG, 0x8100);
    put16(l3 - 2, version == 4 ? 0x0800 : 0x86DD);
    l3[0] = version == 4 ? 0x45 : 0x60;
    if (version == 4) {
        put16(l3 + 2, made->len - made->l3);
        put16(l3 + 6, 0x4000);
        l3[9] = proto;
    } else {
        put16(l3 + 4, made->len - made->l4);
        l3[6] = proto;
    }
    if (proto == TCP)
        l4[12] = 5 << 4;
    if (proto == UDP)
        put16(l4 + 4, made->len - made->l4);
}

uint64_t pseudo_of(const struct made *made)
{
    const uint8_t *l3 = made->bytes + made->l3;
    const uint32_t len = (uint32_t)(made->len - made->l4);

    if (made->proto == ICMP)
        return 0;
    return made->version == 4 ? ref_pseudo4(l3 + 12, l3 + 16, made->proto, len)
                              : ref_pseudo6(l3 + 8, l3 + 24, made->proto, len);
}

bool is_seeded(const struct made *made)
{
    return get16(made->bytes + made->field) == ref_fold(pseudo_of(made));
}

bool is_complete(const struct made *made)
{
    const unsigned found = get16(made->bytes + made->field);
    const unsigned right = ref_transport(pseudo_of(made), made->bytes + made->l4,
                                         made->len - made->l4, made->field - made->l4);

    return found == right || (found == 0xFFFF && right == 0);
}

bool has_header(const struct made *made)
{
    const uint8_t *l3 = made->bytes + made->l3;

    return made->version != 4 || get16(l3 + 10) == ref_ipv4_header(l3, 20);
}

bool takes_seed(const struct made *made)
{
    return made->proto == TCP || made->proto == UDP;
}

uint8_t *insert(struct made *made, size_t pos, size_t count)
{
    uint8_t *at = made->bytes + pos;

    for (size_t i = made->len; i > pos; i--)
        made->bytes[i - 1 + count] = made->bytes[i - 1];
    for (size_t i = 0; i < count; i++)
        at[i] = 0;
    made->len += count;
    made->l3 += pos <= made->l3 ? count : 0;
    made->l4 += count;
    made->field += count;
    return at;
}

uint8_t *make_extended(struct made *made, uint8_t type, size_t count)
{
    uint8_t *header;

    make(made, 6, UDP, false, 100);
    header = insert(made, made->l4, count);
    header[0] = UDP;
    header[1] = (uint8_t)(count / 8 - 1);
    made->bytes[made->l3 + 6] = type;
    put16(made->bytes + made->l3 + 4, made->len - made->l3 - 40);
    return header;
}

void copy(struct made *to, const struct made *from)
{
    for (size_t i = 0; i < sizeof *from; i++)
        ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
}

bool same(const struct made *a, const struct made *b)
{
    size_t i = 0;

    while (i < a->len && a->bytes[i] == b->bytes[i])
        i++;
    return i == a->len;
}
