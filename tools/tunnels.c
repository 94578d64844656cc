// SPDX-License-Identifier: MIT
#include "tunnels.h"

#include "number.h"
#include "print.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum {
    UDP_DPORT = 2,
    HEAD_USUAL = 1024 /* the headers of ordinary frames end before */
};

/* The tunnels of csumoff_locate_all(). The first port of each is the one it is known by. */
static const struct known {
    const char *name;
    uint16_t port;
} known[] = {
    {"vxlan", 4789}, {"vxlan", 8472}, {"vxlan-gpe", 4790}, {"geneve", 6081},
    {"gtp-u", 2152}, {"mpls", 6635},  {"lisp", 4341},      {"gue", 6080},
};

#define KNOWN (sizeof known / sizeof *known)

static struct added {
    uint16_t port, like; /* `port` is treated as the library treats port `like` */
} added[TUNNELS_MOST];
static size_t count_added;

bool tunnels_are_given;

/* ---- Adding them --------------------------------------------------------------------------- */

static const struct known *find_name(const char *name, size_t len)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (strncmp(known[i].name, name, len) == 0 && known[i].name[len] == '\0')
            return &known[i];
    return NULL;
}

static const struct known *find_port(unsigned long port)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (known[i].port == port)
            return &known[i];
    return NULL;
}

static struct added *find_added(unsigned port)
{
    for (size_t i = 0; i < count_added; i++)
        if (added[i].port == port)
            return &added[i];
    return NULL;
}

bool tunnels_add(const char *pair)
{
    const char *equals = strchr(pair, '=');
    const struct known *tunnel = equals ? find_name(pair, (size_t)(equals - pair)) : NULL;
    unsigned long port = tunnel ? number_read(equals + 1, 0xFFFF) : 0;
    const struct known *there = find_port(port);
    struct added *again = find_added((unsigned)port);

    if (!port) {
        complain("--tunnel is NAME=PORT, not '%s'; NAME is vxlan, vxlan-gpe, geneve, gtp-u, mpls, "
                 "lisp or gue",
                 pair);
        return false;
    }
    if (there && there->name == tunnel->name)
        return true; /* known anyway */
    if (there || (again && again->like != tunnel->port)) {
        complain("--tunnel %s: port %lu is another tunnel's", pair, port);
        return false;
    }
    if (again)
        return true;
    if (count_added == TUNNELS_MOST) {
        complain("--tunnel may be given up to %d times", TUNNELS_MOST);
        return false;
    }
    added[count_added++] = (struct added){(uint16_t)port, tunnel->port};
    tunnels_are_given = true;
    return true;
}

/* ---- Going into them ----------------------------------------------------------------------- */

/* Returns the port at which the library knows this kind of tunnel, or 0 if the port was not
 * added. */
static uint16_t known_port(const uint8_t *head, size_t have, const struct csumoff_layout *at)
{
    size_t port = (size_t)at->l4_start + UDP_DPORT;
    const struct added *tunnel;

    if (at->l4_proto != IPPROTO_UDP || at->csum_kind != CSUMOFF_INTERNET || port + 2 > have)
        return 0;
    tunnel = find_added(be16(head + port));
    return tunnel ? tunnel->like : 0;
}

bool tunnels_may_be(const uint8_t *head, size_t have, const struct csumoff_layout *at)
{
    size_t port = (size_t)at->l4_start + UDP_DPORT;

    switch (at->l4_proto) {
    case IPPROTO_IPIP:
    case IPPROTO_IPV6:
    case IPPROTO_GRE:
        return true;
    case IPPROTO_UDP:
        return at->csum_kind == CSUMOFF_INTERNET && port + 2 <= have &&
               (find_port(be16(head + port)) || find_added(be16(head + port)));
    default:
        return false;
    }
}

/* Locates the packets inside the innermost of *count packets as long as that is a tunnel that was
 * added. A copy of the bytes is located in which the tunnel's port is replaced by one that the
 * library knows; no sum is computed over it. Returns CSUMOFF_OK, or the status of the packet that
 * was not located. */
static int enter(uint8_t *copy, size_t have, size_t len, enum csumoff_link link,
                 struct csumoff_layout *layouts, size_t *count)
{
    struct csumoff_layout more[LEVELS_MOST];
    size_t found;
    uint16_t port;

    while (*count < LEVELS_MOST && (port = known_port(copy, have, &layouts[*count - 1])) != 0) {
        uint8_t *field = copy + layouts[*count - 1].l4_start + UDP_DPORT;
        int status;

        field[0] = (uint8_t)(port >> 8);
        field[1] = (uint8_t)port;
        status = csumoff_locate_all_head(copy, have, len, link, more, LEVELS_MOST, &found);
        if (status != CSUMOFF_OK || found <= *count)
            return status;
        memcpy(layouts, more, found * sizeof *more);
        *count = found;
    }
    return CSUMOFF_OK;
}

int tunnels_locate_more(const uint8_t *head, size_t have, size_t len, enum csumoff_link link,
                        struct csumoff_layout layouts[LEVELS_MOST], size_t *count)
{
    int status = csumoff_locate_all_head(head, have, len, link, layouts, LEVELS_MOST, count);
    uint8_t usual[HEAD_USUAL], *all;
    size_t outer;

    if (status != CSUMOFF_OK || !known_port(head, have, &layouts[*count - 1]))
        return status;
    outer = *count;
    if (have <= sizeof usual) {
        memcpy(usual, head, have);
        (void)enter(usual, have, len, link, layouts, count);
        return CSUMOFF_OK;
    }
    memcpy(usual, head, sizeof usual);
    if (enter(usual, sizeof usual, len, link, layouts, count) != CSUMOFF_EHEAD)
        return CSUMOFF_OK;
    all = malloc(have);
    if (!all)
        exit(complain("%s", strerror(errno)));
    memcpy(all, head, have);
    *count = outer;
    (void)enter(all, have, len, link, layouts, count);
    free(all);
    return CSUMOFF_OK;
}

int tunnels_inspect(const uint8_t *head, size_t have, const struct csumoff_layout *at,
                    struct csumoff_report *report)
{
    int status = csumoff_inspect_at(head, have, at, report);

    if (status == CSUMOFF_OK && tunnels_are_given && report->l4 == CSUMOFF_BAD &&
        report->l4_found == 0 && known_port(head, have, at))
        report->l4 = CSUMOFF_ABSENT;
    return status;
}
