// SPDX-License-Identifier: MIT
#include "straight.h"
#include "straight_parts.h"

static void describe(const uint8_t *frame, uint32_t total, struct csumoff_layout *layout)
{
    uint32_t tcp_header = (uint32_t)frame[L4 + 12] >> 4 << 2, l4_len = total - 20;

    layout->l3_start = L3;
    layout->l4_start = L4;
    layout->payload_start = tcp_header >= 20 && tcp_header <= l4_len ? L4 + tcp_header : 0;
    layout->end = L3 + total;
    layout->l4_len = l4_len;
    layout->csum_start = L4;
    layout->csum_offset = L4_CHECK - L4;
    layout->pseudo = pseudo(frame, 0);
    layout->ip_version = 4;
    layout->l4_proto = TCP;
    layout->vlan_tags = 0;
    layout->csum_kind = CSUMOFF_INTERNET;
}

int straight_locate(const uint8_t *frame, size_t len, struct csumoff_layout *layout)
{
    int total = check(frame, len);

    if (total < 0)
        return total;
    describe(frame, (uint32_t)total, layout);
    return CSUMOFF_OK;
}

/* Returns whether two checksums are the same sum: 0x0000 and 0xFFFF are. */
static bool is_same(uint32_t a, uint32_t b)
{
    return a == b || ((a ^ b) == 0xFFFF && (a == 0 || b == 0));
}

int straight_inspect(const uint8_t *frame, size_t len, struct csumoff_report *report)
{
    int total = check(frame, len);
    uint32_t l4_len;
    csumoff_wsum phdr, sum;
    csumoff_sum16 found, expected;

    if (total < 0)
        return total;
    l4_len = (uint32_t)total - 20;

    found = load(frame + L3_CHECK);
    expected = csumoff_ipv4_header(frame + L3, 20);
    report->l3_found = found;
    report->l3_expected = expected;
    report->l3 = is_same(found, expected) ? CSUMOFF_GOOD : found ? CSUMOFF_BAD : CSUMOFF_BLANK;

    phdr = pseudo(frame, l4_len);
    sum = csumoff_partial(frame + L4, l4_len, phdr);
    found = load(frame + L4_CHECK);
    expected = csumoff_fold(csumoff_sub(sum, found));
    report->l4_found = found;
    report->l4_expected = expected;
    if (is_same(found, expected))
        report->l4 = CSUMOFF_GOOD;
    else if (is_same(found, (csumoff_sum16)~csumoff_fold(phdr)))
        report->l4 = CSUMOFF_SEEDED;
    else if (is_same(found, (csumoff_sum16)~csumoff_fold(pseudo(frame, 0))))
        report->l4 = CSUMOFF_SEEDED_GSO;
    else
        report->l4 = CSUMOFF_BAD;
    return CSUMOFF_OK;
}

int straight_seed(uint8_t *frame, size_t len, struct csumoff_layout *layout)
{
    int total = check(frame, len);

    if (total < 0)
        return total;
    if (!is_padding(frame, L3 + (size_t)total, len))
        return CSUMOFF_ETRAILER;
    if (layout)
        describe(frame, (uint32_t)total, layout);
    put_seed(frame, csumoff_seed_ipv4(frame + SADDR, frame + DADDR, TCP, (uint32_t)total - 20));
    return CSUMOFF_OK;
}

int straight_seed_at(uint8_t *frame, size_t len, const struct csumoff_layout *layout)
{
    if (!fits(len, layout))
        return CSUMOFF_ERANGE;
    if (!is_padding(frame, layout->end, len))
        return CSUMOFF_ETRAILER;
    put_seed(frame, csumoff_seed_value(layout));
    return CSUMOFF_OK;
}

int straight_fill(uint8_t *frame, size_t len)
{
    int total = check(frame, len);
    uint32_t l4_len;
    csumoff_wsum sum;

    if (total < 0)
        return total;
    l4_len = (uint32_t)total - 20;
    sum = csumoff_partial(frame + L4, l4_len, pseudo(frame, l4_len));
    sum = csumoff_sub(sum, load(frame + L4_CHECK));
    store(frame + L3_CHECK, csumoff_ipv4_header(frame + L3, 20));
    store(frame + L4_CHECK, csumoff_fold(sum));
    return CSUMOFF_OK;
}

int straight_rewrite(uint8_t *frame, size_t len, struct csumoff_layout *layout, const void *saddr)
{
    uint32_t from, to;
    csumoff_sum16 l3, l4;

    if (!fits(len, layout))
        return CSUMOFF_ERANGE;
    memcpy(&from, frame + SADDR, sizeof from);
    memcpy(&to, saddr, sizeof to);
    l3 = load(frame + L3_CHECK);
    l4 = load(frame + L4_CHECK);
    if (l3) { /* a blank one stays blank, and no wrong one becomes blank */
        const csumoff_sum16 found = l3;

        csumoff_adjust32(&l3, from, to);
        if (!l3 && csumoff_ipv4_header(frame + L3, 20) != found)
            l3 = 0xFFFF;
    }
    csumoff_adjust32(&l4, from, to);
    memcpy(frame + SADDR, &to, sizeof to);
    store(frame + L3_CHECK, l3);
    store(frame + L4_CHECK, l4);
    layout->pseudo = csumoff_add(csumoff_sub(layout->pseudo, from), to);
    return CSUMOFF_OK;
}
