// SPDX-License-Identifier: MIT
/* The packets of a frame, outermost first: each of them may be the tunnel of the next one. */
#include "parse.h"

/* The levels of a frame, one after the other. */
struct levels {
    struct csumoff_parse parse;
    struct csumoff_layout layout;
    int status; /* of this level: CSUMOFF_OK, CSUMOFF_EPROTO (no checksum), or the end */
};

static void first_level(struct levels *levels, const uint8_t *head, size_t have, size_t len,
                        enum csumoff_link link)
{
    csumoff_parse_begin_(&levels->parse, head, have, len, link, &levels->layout);
    levels->status = csumoff_locate_so_far_(head, have, len, link, &levels->layout);
}

static bool is_level(const struct levels *levels)
{
    return levels->status == CSUMOFF_OK || levels->status == CSUMOFF_EPROTO;
}

/* Goes on to the packet inside. Returns whether there is another level; levels->status is
 * CSUMOFF_EHEAD where that is not known. */
static bool next_level(struct levels *levels)
{
    size_t pos;
    uint32_t next;

    if (!is_level(levels) || !levels->layout.ip_version)
        return false;
    levels->status = csumoff_enter_tunnel_(&levels->parse, &pos, &next);
    if (!levels->status) /* whatever it is, it has a first byte */
        levels->status = csumoff_need_(&levels->parse, pos, 1);
    if (levels->status)
        return false;
    levels->status = csumoff_parse_(&levels->parse, pos, next);
    return is_level(levels);
}

int csumoff_locate_all_head(const void *head, size_t have, size_t len, enum csumoff_link link,
                            struct csumoff_layout *layouts, size_t max, size_t *count)
{
    const uint8_t *p = (const uint8_t *)head;
    struct levels levels;
    size_t found = 0, level = 0;
    /* Whether the levels have to be gone through again to be listed. A head may turn out to be too
     * short at any of them, before which nothing is written. */
    bool again = have < len;
    int outermost;

    first_level(&levels, p, have, len, link);
    outermost = levels.status;
    do { /* a level without a checksum is listed once a level inside it has one */
        if (levels.status == CSUMOFF_OK) {
            if (level < max && have == len)
                layouts[level] = levels.layout;
            found = level + 1;
        } else {
            again = true;
        }
        level++;
    } while ((!found || found < max) && next_level(&levels));
    if (levels.status == CSUMOFF_EHEAD)
        return CSUMOFF_EHEAD;
    if (!found)
        return outermost;
    if (found > max)
        found = max;
    if (again && found) {
        first_level(&levels, p, have, len, link);
        level = 0;
        do
            layouts[level++] = levels.layout;
        while (level < found && next_level(&levels));
        found = level; /* fewer, should the frame have changed meanwhile */
    }
    *count = found;
    return CSUMOFF_OK;
}

int csumoff_locate_all(const void *frame, size_t len, enum csumoff_link link,
                       struct csumoff_layout *layouts, size_t max, size_t *count)
{
    return csumoff_locate_all_head(frame, len, len, link, layouts, max, count);
}
