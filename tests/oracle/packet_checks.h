// SPDX-License-Identifier: MIT
/*
 * What the suites of packets share: a frame made by the oracle is put flush against an unreadable
 * page, the library is called, and what it says and writes is compared with the oracle's truth.
 * For one suite each: the frame and the pages are static.
 */
#ifndef CSUMOFF_TESTS_PACKET_CHECKS_H
#define CSUMOFF_TESTS_PACKET_CHECKS_H

#include <csumoff.h>
#include <string.h>

#include "packets.h"
#include "reference.h"
#include "suite.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct packet made;
static struct level *const top = &made.level[0];
static struct guarded page, other;
static struct rng rng;

static inline void setup(void)
{
    CHECK(guarded_new(&page, sizeof made.bytes) && guarded_new(&other, sizeof made.bytes));
    rng = rng_new(40);
}

/* The first `len` bytes of a frame, up to the unreadable page. */
static inline uint8_t *placed(const struct packet *f, size_t len)
{
    return memcpy(page.end - len, f->bytes, len);
}

static inline enum csumoff_link link_of(const struct packet *f)
{
    bool is_super = f->spec.level[0].is_zero_long;

    if (f->spec.level[0].ethernet)
        return is_super ? CSUMOFF_LINK_ETHERNET_SUPER : CSUMOFF_LINK_ETHERNET;
    return is_super ? CSUMOFF_LINK_IP_SUPER : CSUMOFF_LINK_IP;
}

static inline void copy_packet(struct packet *to, const struct packet *from)
{
    memcpy(to, from, offsetof(struct packet, bytes) + from->len);
}

/* Makes number i of the matrix. */
static inline void make(size_t i)
{
    struct packet_spec spec = spec_at(i);

    packet_build(&made, &spec, &rng);
}

/* Makes a frame by itself, the rest of its recipe as it may be. */
static inline void make_one(unsigned version, uint8_t proto, size_t payload, const char *chain)
{
    struct packet_spec spec = spec_plain(version, proto, payload, chain);

    packet_build(&made, &spec, &rng);
}

static inline void make_random(unsigned levels)
{
    struct packet_spec spec = spec_random(&rng, levels);

    packet_build(&made, &spec, &rng);
}

/* ---- Statuses ------------------------------------------------------------------------------ */

/* What locating a level has to return. */
static inline int status_of(const struct packet *f, unsigned level)
{
    switch (f->level[level].finding) {
    case FOUND:
        return CSUMOFF_OK;
    case NOT_WHOLE:
        return CSUMOFF_EFRAG;
    case NOT_RESOLVABLE:
        return CSUMOFF_ENOTSUP;
    default:
        return CSUMOFF_EPROTO;
    }
}

static inline void check_status(const char *function, const struct packet *f, size_t len,
                                int status, int want)
{
    if (status != want)
        ck_abort_msg("%s: %d, not %d: first %zu bytes of %zu: %s", function, status, want, len,
                     f->len, spec_text(&f->spec));
}

static inline void check_same(const char *function, const struct packet *want, const uint8_t *p,
                              size_t len)
{
    size_t i;

    if (memcmp(p, want->bytes, len) == 0)
        return;
    for (i = 0; p[i] == want->bytes[i];)
        i++;
    ck_abort_msg("%s: byte %zu is 0x%02X, not 0x%02X (L3 at %zu, L4 at %zu): %s", function, i, p[i],
                 want->bytes[i], want->level[0].l3, want->level[0].l4, spec_text(&want->spec));
}

/* ---- Layouts ------------------------------------------------------------------------------- */

/* Whether what is covered of a PIM Register beyond its header is a part of it may be said either
 * way. */
static inline bool is_register(const struct packet *f, unsigned level)
{
    return f->level[level].proto == PROTO_PIM && f->spec.level[level].flags == PIM_REGISTER;
}

/* Whether a layout says that there is no checksum, and nothing of where one would be. */
static inline bool has_no_checksum(const struct csumoff_layout *at)
{
    return at->csum_kind == CSUMOFF_NO_CHECKSUM && at->payload_start == 0 && at->l4_len == 0 &&
           at->csum_start == 0 && at->csum_offset == 0 && at->pseudo == 0;
}

/* But for padding, which nobody sets. */
static inline bool is_same_layout(const struct csumoff_layout *a, const struct csumoff_layout *b)
{
    return a->l3_start == b->l3_start && a->l4_start == b->l4_start &&
           a->payload_start == b->payload_start && a->end == b->end && a->l4_len == b->l4_len &&
           a->csum_start == b->csum_start && a->csum_offset == b->csum_offset &&
           a->pseudo == b->pseudo && a->ip_version == b->ip_version && a->l4_proto == b->l4_proto &&
           a->vlan_tags == b->vlan_tags && a->csum_kind == b->csum_kind;
}

/* All that a layout says of a level with a checksum. */
static inline bool is_layout(const struct packet *f, unsigned level,
                             const struct csumoff_layout *at)
{
    const struct level *l = &f->level[level];

    if (at->l3_start != l->l3 || at->l4_start != l->l4 || at->end != l->end ||
        at->ip_version != l->version || at->l4_proto != l->proto || at->vlan_tags != l->tags)
        return false;
    if (l->finding == FOUND_TUNNEL)
        return has_no_checksum(at);
    if (at->l4_len != l->l4_len || at->csum_start != l->l4 || at->csum_offset != l->csum_offset ||
        (at->payload_start != l->payload && !is_register(f, level)) ||
        at->csum_kind != (l->is_crc32c ? CSUMOFF_CRC32C : CSUMOFF_INTERNET))
        return false;
    /* OSPFv2 passes over its authentication through `pseudo`: any sum but the seed's. */
    if (l->skip_len)
        return true;
    if (!l->has_pseudo)
        return at->pseudo == 0;
    return at->pseudo != 0 && wire_sum(at->pseudo) % 0xFFFF == l->pseudo % 0xFFFF;
}

static inline void check_layout(const struct packet *f, unsigned level,
                                const struct csumoff_layout *at)
{
    const struct level *l = &f->level[level];

    if (!is_layout(f, level, at))
        ck_abort_msg("layout of level %u: L3 %u (%zu), L4 %u (%zu), payload %u (%zu), end %u (%zu),"
                     " l4_len %u (%zu), csum %u + %u (%zu), kind %u, pseudo 0x%llX (0x%llX), IPv%u,"
                     " protocol %u (%u), %u tags (%u): %s",
                     level, at->l3_start, l->l3, at->l4_start, l->l4, at->payload_start, l->payload,
                     at->end, l->end, at->l4_len, l->l4_len, at->csum_start, at->csum_offset,
                     l->csum_offset, at->csum_kind,
                     (unsigned long long)wire_sum(at->pseudo) % 0xFFFF,
                     (unsigned long long)l->pseudo % 0xFFFF, at->ip_version, at->l4_proto, l->proto,
                     at->vlan_tags, l->tags, spec_text(&f->spec));
}

/* Fills an output with what no function writes. */
static inline void *spoil(void *what, size_t len)
{
    return memset(what, 0xA5, len);
}

static inline bool is_spoilt(const void *what, size_t len)
{
    const uint8_t *p = what;

    while (len && *p == 0xA5)
        p++, len--;
    return len == 0;
}

/* ---- Verdicts ------------------------------------------------------------------------------ */

static inline bool is_same_sum(uint16_t a, uint16_t b)
{
    return a % 0xFFFF == b % 0xFFFF;
}

static inline enum csumoff_verdict l3_verdict(const struct packet *f, unsigned level)
{
    const uint8_t *l3 = f->bytes + f->level[level].l3;
    uint16_t found = load_wire16(l3 + 10);

    if (f->level[level].version == 6)
        return CSUMOFF_ABSENT;
    if (is_same_sum(found, ref_ipv4_header(l3, packet_l3_len(f, level))))
        return CSUMOFF_GOOD;
    return found ? CSUMOFF_BAD : CSUMOFF_BLANK;
}

/* The report of a level as it has to be, its expected checksum the oracle's. */
static inline void check_one_report(const struct packet *f, unsigned level,
                                    const struct csumoff_report *report, enum csumoff_verdict l4)
{
    const struct level *l = &f->level[level];
    uint16_t l3_right = 0, l3_found = 0;
    uint32_t l4_found = 0, l4_right = 0;
    enum csumoff_verdict l3 = l3_verdict(f, level);

    if (l->version == 4) {
        l3_right = memory16(ref_ipv4_header(f->bytes + l->l3, packet_l3_len(f, level)));
        l3_found = memory16(load_wire16(f->bytes + l->l3 + 10));
    }
    if (l4 != CSUMOFF_UNCHECKED && l->is_crc32c) {
        uint32_t crc = packet_crc32c(f, level);
        const uint8_t stored[4] = {(uint8_t)crc, (uint8_t)(crc >> 8), (uint8_t)(crc >> 16),
                                   (uint8_t)(crc >> 24)};

        memcpy(&l4_found, f->bytes + l->l4 + 8, 4);
        memcpy(&l4_right, stored, 4);
    } else if (l4 != CSUMOFF_UNCHECKED) {
        l4_found = memory16(packet_field(f, level));
        l4_right = memory16(packet_complete(f, level));
    }
    if (report->l3 != l3 || report->l3_found != l3_found || report->l3_expected != l3_right)
        ck_abort_msg("L3 verdict %d, not %d; found 0x%04X, not 0x%04X, expected 0x%04X, not "
                     "0x%04X (memory order): %s",
                     (int)report->l3, (int)l3, report->l3_found, l3_found, report->l3_expected,
                     l3_right, spec_text(&f->spec));
    if (report->l4 != l4 || report->l4_found != l4_found || report->l4_expected != l4_right)
        ck_abort_msg("L4 verdict %d, not %d; found 0x%X, not 0x%X, expected 0x%X, not 0x%X (memory "
                     "order; seed 0x%04X): %s",
                     (int)report->l4, (int)l4, report->l4_found, l4_found, report->l4_expected,
                     l4_right, memory16(packet_seed(f, level)), spec_text(&f->spec));
}

/* The verdict that an Internet checksum's field has to get. */
static inline enum csumoff_verdict l4_verdict(const struct packet *f, unsigned level)
{
    const struct level *l = &f->level[level];
    uint16_t field = packet_field(f, level);

    if (field == 0 && l->proto == PROTO_UDP)
        return l->version == 4 || is_tunnel_port(load_wire16(f->bytes + l->l4 + 2)) ? CSUMOFF_ABSENT
                                                                                    : CSUMOFF_BAD;
    if (field == 0 && l->proto == PROTO_UDPLITE) /* RFC 3828, section 3.1: never */
        return CSUMOFF_BAD;
    if (is_same_sum(field, packet_complete(f, level)))
        return CSUMOFF_GOOD;
    if (l->proto != PROTO_TCP && l->proto != PROTO_UDP)
        return CSUMOFF_BAD;
    return is_same_sum(field, packet_seed(f, level))       ? CSUMOFF_SEEDED
           : is_same_sum(field, packet_seed_gso(f, level)) ? CSUMOFF_SEEDED_GSO
                                                           : CSUMOFF_BAD;
}

/* What csumoff_verify() has to make of a report. */
static inline int status_of_report(const struct csumoff_report *report)
{
    return report->l3 == CSUMOFF_BAD || report->l3 == CSUMOFF_BLANK || report->l4 == CSUMOFF_BAD ||
                   report->l4 == CSUMOFF_SEEDED || report->l4 == CSUMOFF_SEEDED_GSO
               ? CSUMOFF_ECSUM
               : CSUMOFF_OK;
}

/* Judges the outermost packet in each way there is. */
static inline void check_report(const struct packet *f, const uint8_t *p, size_t len,
                                enum csumoff_verdict l4)
{
    struct csumoff_report report;
    struct csumoff_layout layout;

    spoil(&report, sizeof report);
    check_status("inspect", f, len, csumoff_inspect(p, len, link_of(f), &report), CSUMOFF_OK);
    check_one_report(f, 0, &report, l4);
    check_status("verify", f, len, csumoff_verify(p, len, link_of(f)),
                 f->level[0].finding == NOT_RESOLVABLE ? CSUMOFF_ENOTSUP
                                                       : status_of_report(&report));
    if (csumoff_locate(p, len, link_of(f), &layout) != CSUMOFF_OK)
        return;
    spoil(&report, sizeof report);
    check_status("inspect_at", f, len, csumoff_inspect_at(p, len, &layout, &report), CSUMOFF_OK);
    check_one_report(f, 0, &report, l4);
}

static inline int rank(enum csumoff_verdict verdict)
{
    return verdict == CSUMOFF_GOOD || verdict == CSUMOFF_ABSENT ? 0
           : verdict == CSUMOFF_SEEDED                          ? 1
           : verdict == CSUMOFF_SEEDED_GSO                      ? 2
                                                                : 3;
}

/* The same for the frame made, on its way along a route that ends at `dst`: for UDP over IPv4 the
 * next hop's verdict counts where it goes before. */
static inline void check_routed_report(const uint8_t *dst)
{
    enum csumoff_verdict end, hop;

    packet_set_pseudo(&made, 0, NULL, made.bytes + top->daddr);
    hop = l4_verdict(&made, 0);
    packet_set_pseudo(&made, 0, NULL, dst);
    end = l4_verdict(&made, 0);
    if (top->version == 4 && top->proto == PROTO_UDP && rank(hop) < rank(end)) {
        end = hop;
        packet_set_pseudo(&made, 0, NULL, made.bytes + top->daddr);
    }
    check_report(&made, placed(&made, made.len), made.len, end);
    packet_set_pseudo(&made, 0, NULL, dst);
}

/* ---- What must be refused ------------------------------------------------------------------ */

/* Looks for the IP header of a frame that locating refuses with `refused`: where that is for lack
 * of a checksum, there may be one, and the layout says nothing but where. */
static inline void check_refused_l3(const struct packet *f, const uint8_t *p, size_t len,
                                    int refused)
{
    struct csumoff_layout layout;
    int status;

    spoil(&layout, sizeof layout);
    status = csumoff_locate_l3(p, len, len, link_of(f), &layout);
    if (refused == CSUMOFF_EFRAG || refused == CSUMOFF_ENOTSUP ||
        (refused == CSUMOFF_EPROTO && status == CSUMOFF_OK)) {
        check_status("locate_l3", f, len, status, CSUMOFF_OK);
        CHECK(has_no_checksum(&layout) && layout.ip_version == p[layout.l3_start] >> 4);
        CHECK(layout.l3_start < layout.l4_start && layout.l4_start <= layout.end &&
              layout.end <= len);
        return;
    }
    check_status("locate_l3", f, len, status, refused);
    CHECK(is_spoilt(&layout, sizeof layout));
}

/*
 * Calls everything that looks for headers. It must end in `want`, or in `other_want` as well, and
 * write nothing; csumoff_inspect() likewise, unless inspect_want says that it has a verdict.
 */
static inline void check_refused(const struct packet *f, size_t len, int want, int other_want,
                                 int inspect_want)
{
    struct csumoff_layout layout, many[3];
    struct csumoff_report report;
    struct csumoff_iov iov;
    uint8_t *p = placed(f, len);
    size_t count = 77;
    int status;

    spoil(&layout, sizeof layout);
    spoil(many, sizeof many);
    spoil(&report, sizeof report);
    iov.base = p;
    iov.len = len;
    status = csumoff_locate(p, len, link_of(f), &layout);
    check_status("locate", f, len, status, status == other_want ? other_want : want);
    want = status;
    check_status("locate_head", f, len, csumoff_locate_head(p, len, len, link_of(f), &layout),
                 want);
    check_status("locate_iov", f, len, csumoff_locate_iov(&iov, 1, link_of(f), &layout), want);
    check_refused_l3(f, p, len, want);
    check_status("seed", f, len, csumoff_seed(p, len, link_of(f), &layout), want);
    check_status("fill", f, len, csumoff_fill(p, len, link_of(f)), want);
    status = csumoff_inspect(p, len, link_of(f), &report);
    check_status("inspect", f, len, status, inspect_want == CSUMOFF_OK ? CSUMOFF_OK : want);
    status = csumoff_verify(p, len, link_of(f));
    if (want == CSUMOFF_ENOTSUP || inspect_want != CSUMOFF_OK)
        check_status("verify", f, len, status, want);
    else
        check_status("verify", f, len, status, status_of_report(&report));
    /* A tunnel without a checksum of its own is found by what is inside. */
    status = csumoff_locate_all(p, len, link_of(f), many, 3, &count);
    if (status != CSUMOFF_OK || want != CSUMOFF_EPROTO) {
        check_status("locate_all", f, len, status, want);
        CHECK(count == 77 && is_spoilt(many, sizeof many));
    }
    check_same("refused", f, p, len);
    CHECK(is_spoilt(&layout, sizeof layout));
    if (inspect_want != CSUMOFF_OK)
        CHECK(is_spoilt(&report, sizeof report));
}

/* What finishing leaves, by the oracle. */
static inline void ref_finish(struct packet *f, size_t start, size_t offset)
{
    uint16_t check = ref_checksum(ref_sum(f->bytes + start, f->len - start));

    store_wire16(f->bytes + start + offset, check ? check : 0xFFFF);
}

static inline void add(Suite *suite, const char *name, const TTest *const *tests)
{
    TCase *group = suite_group(suite, name);

    tcase_add_checked_fixture(group, setup, NULL);
    for (; *tests; tests++)
        tcase_add_test(group, *tests);
}

#endif
