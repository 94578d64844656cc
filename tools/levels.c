// SPDX-License-Identifier: MIT
#include "levels.h"

#include "header.h"
#include "inside.h"
#include "print.h"
#include "tunnels.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- Finding them -------------------------------------------------------------------------- */

/* Judges the IPv4 header alone. */
static void judge_header(struct level *level, const uint8_t *head, size_t have)
{
    struct csumoff_layout header = level->layout;

    header.csum_kind = CSUMOFF_NO_CHECKSUM;
    if (header.ip_version == 4)
        header.l4_start = header.l3_start + (head[header.l3_start] & 15) * 4u;
    header.end = header.l4_start;
    if (!header.ip_version || csumoff_inspect_at(head, have, &header, &level->report))
        memset(&level->report, 0, sizeof level->report);
}

/* Returns whether the field holds a checksum; 0 means none in UDP. */
static bool is_checksum(const struct csumoff_layout *at, const uint8_t *head, size_t have)
{
    size_t field = (size_t)at->csum_start + at->csum_offset;

    return at->csum_kind != CSUMOFF_NO_CHECKSUM &&
           (at->l4_proto != IPPROTO_UDP || field + 2 > have || be16(head + field));
}

static void judge(struct level *level, const uint8_t *head, size_t have)
{
    if (level->layout.csum_kind == CSUMOFF_NO_CHECKSUM) {
        judge_header(level, head, have);
    } else if (tunnels_inspect(head, have, &level->layout, &level->report)) {
        level->status = CSUMOFF_EHEAD;
        level->is_sealed = is_checksum(&level->layout, head, have);
        judge_header(level, head, have);
    }
}

static void add_level(struct levels *levels, const struct csumoff_layout *at, int status,
                      const uint8_t *head, size_t have)
{
    struct level *level = &levels->of[levels->count++];

    level->status = status;
    level->layout = *at;
    level->is_sealed = false;
    judge(level, head, have);
}

/* Adds the packet inside the innermost one, which tunnels_locate() left out. Returns whether there
 * is one. */
static bool add_inside(struct levels *levels, const uint8_t *head, size_t have, size_t len,
                       enum csumoff_link link)
{
    struct level *around = &levels->of[levels->count - 1];
    struct csumoff_layout at;
    int status;

    if (levels->count == LEVELS_MOST || around->status == CSUMOFF_EFRAG ||
        !inside_locate(head, have, len, link, &around->layout, &status, &at))
        return false;
    if (around->status == CSUMOFF_EPROTO)
        around->status = CSUMOFF_OK; /* a tunnel without a checksum of its own */
    add_level(levels, &at, status, head, have);
    return true;
}

void levels_read(struct levels *levels, const uint8_t *head, size_t have, size_t len,
                 enum csumoff_link link)
{
    struct csumoff_layout at[LEVELS_MOST];
    size_t count;
    int status = tunnels_locate(head, have, len, link, at, &count);

    if (status != CSUMOFF_OK) {
        count = 1;
        status = header_locate(head, have, len, link, status, at);
    }
    levels->count = 0;
    for (size_t i = 0; i < count; i++)
        add_level(levels, &at[i], status, head, have);
    while (add_inside(levels, head, have, len, link))
        ;
}

void levels_read_packet(struct levels *levels, const struct packet *p)
{
    enum csumoff_link link =
        p->link == CSUMOFF_LINK_IP ? CSUMOFF_LINK_IP_SUPER : CSUMOFF_LINK_ETHERNET_SUPER;
    size_t have = p->header->caplen - p->start;
    size_t len = p->is_snapped ? p->header->len - p->start : have;

    if (p->status != CSUMOFF_OK) {
        memset(&levels->of[0], 0, sizeof levels->of[0]);
        levels->count = 1;
        levels->of[0].status = p->status;
    } else {
        levels_read(levels, p->bytes + p->start, have, len, link);
    }
    /* There may have been more than the file says. */
    if (levels->of[0].status == CSUMOFF_ETRUNC && (p->is_snapped || p->is_at_snaplen))
        levels->of[0].status = CSUMOFF_EHEAD;
}

/* ---- Finishing them ------------------------------------------------------------------------ */

/* Makes an ordinary seed of a seed without the length, as if the length had been 0 before. */
static void add_length(uint8_t *field, const struct csumoff_layout *layout)
{
    const uint8_t none[4] = {0};
    const uint8_t length[4] = {(uint8_t)(layout->l4_len >> 24), (uint8_t)(layout->l4_len >> 16),
                               (uint8_t)(layout->l4_len >> 8), (uint8_t)layout->l4_len};
    const struct csumoff_adjust how = {
        .state = CSUMOFF_PARTIAL,
        .l4_proto = layout->l4_proto,
        .ip_version = layout->ip_version,
        .is_pseudo_header = true,
        .from = none,
        .from_len = sizeof none,
        .to = length,
        .to_len = sizeof length,
    };
    csumoff_sum16 seed;

    memcpy(&seed, field, sizeof seed);
    csumoff_adjust_l4(&seed, &how);
    memcpy(field, &seed, sizeof seed);
}

/* Judges a level again after something inside it was written. Returns whether its checksum had
 * become wrong and was computed again. */
static bool follow(struct level *level, uint8_t *head, size_t have)
{
    struct csumoff_report now;
    csumoff_sum16 sum;

    if (level->status || level->layout.csum_kind == CSUMOFF_NO_CHECKSUM ||
        tunnels_inspect(head, have, &level->layout, &now))
        return false;
    if (level->report.l4 != CSUMOFF_GOOD) {
        level->report = now;
    } else if (now.l4 != CSUMOFF_GOOD) {
        sum = (csumoff_sum16)now.l4_expected; /* no tunnel has a CRC32c */
        memcpy(head + level->layout.csum_start + level->layout.csum_offset, &sum, sizeof sum);
        return true;
    }
    return false;
}

/* Returns whether the IPv4 header of packet i may be written: it has one, and every checksum around
 * it that would become wrong can be computed again. */
static bool may_write_header(const struct levels *levels, size_t i)
{
    if (levels->of[i].layout.ip_version != 4)
        return false;
    for (size_t around = 0; around < i; around++)
        if (levels->of[around].is_sealed)
            return false;
    return true;
}

static bool set_header(const struct level *level, uint8_t *head, size_t have)
{
    size_t l3 = level->layout.l3_start;

    return csumoff_ipv4_header_set(head + l3, have - l3) == CSUMOFF_OK;
}

/* Finishes an L4 checksum over the bytes that it covers, without padding of the link layer. */
static bool finish_seed(const struct level *level, uint8_t *head, size_t have)
{
    const struct csumoff_layout *at = &level->layout;

    if (level->report.l4 == CSUMOFF_SEEDED_GSO)
        add_length(head + at->csum_start + at->csum_offset, at);
    else if (level->report.l4 != CSUMOFF_SEEDED)
        return false;
    return csumoff_finish_at(head, have, at) == CSUMOFF_OK;
}

bool levels_finish(struct levels *levels, uint8_t *head, size_t have)
{
    bool is_written = false;

    for (size_t left = levels->count; left > 0; left--) {
        const size_t i = left - 1;
        struct level *level = &levels->of[i];
        bool is_new = is_written && follow(level, head, have);

        is_new = finish_seed(level, head, have) || is_new;
        if (level->report.l3 == CSUMOFF_BLANK && may_write_header(levels, i))
            is_new = set_header(level, head, have) || is_new;
        is_written = is_written || is_new;
    }
    return is_written;
}

static bool is_unfinished(const struct csumoff_report *r)
{
    return r->l4 == CSUMOFF_SEEDED || r->l4 == CSUMOFF_SEEDED_GSO || r->l3 == CSUMOFF_BLANK;
}

void levels_foresee(struct levels *levels, const uint8_t *head, size_t have)
{
    bool is_needed = false, is_inside = false;
    uint8_t *copy;

    /* What is right or absent remains so. */
    for (size_t left = levels->count; left > 0; left--) {
        const size_t i = left - 1;
        const struct csumoff_report *r = &levels->of[i].report;

        is_needed = is_needed || (is_inside && r->l4 != CSUMOFF_GOOD && r->l4 != CSUMOFF_ABSENT &&
                                  r->l4 != CSUMOFF_UNCHECKED);
        is_inside = is_inside || is_unfinished(r);
    }
    if (!is_needed)
        return;
    copy = malloc(have);
    if (!copy)
        exit(complain("%s", strerror(errno)));
    memcpy(copy, head, have);
    levels_finish(levels, copy, have);
    free(copy);
}

bool levels_fill(const struct levels *levels, uint8_t *head, size_t have)
{
    bool is_whole = true;

    for (size_t left = levels->count; left > 0; left--) {
        const size_t i = left - 1;
        const struct level *level = &levels->of[i];

        if (level->status == CSUMOFF_OK && level->layout.end <= have) {
            is_whole = csumoff_fill_at(head, have, &level->layout) == CSUMOFF_OK && is_whole;
            continue;
        }
        is_whole = is_whole && level->status == CSUMOFF_OK;
        if (may_write_header(levels, i))
            set_header(level, head, have);
    }
    return is_whole;
}
