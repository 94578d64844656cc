// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../oracle/frames.h"
#include "domains.h"

enum {
    PORT_ECHO = 7,
    PORT_CHARGEN = 19,
    PORT_TRIAL = 20,
    PORT_TRIAL_FROM = 22,
    PORT_MINE = 4000,
    BURST = 32
};

const struct end sink_end = {.host = 200, .mac = {2, 0, 0, 0, 0xFA, 1}};

static const unsigned versions[] = {4, 6};

size_t payload_most(unsigned version, uint8_t proto)
{
    return MTU - (version == 4 ? 20u : 40u) - (proto == UDP ? 8u : 20u);
}

/* ---- Trial ----------------------------------------------------------------------------------- */

/* What came, by protocol and length. */
struct lengths {
    uint8_t seen[2][MTU];
    unsigned good, bad, strange;
    unsigned lucky; /* of the good: the mistake that was asked for is none for this one */
};

static uint8_t trial_byte(uint8_t proto, size_t i)
{
    return (uint8_t)(proto == UDP ? i * 7 + (i >> 8) : ' ' + i % 95);
}

static bool is_lucky(const struct packet *p, enum misuse how)
{
    return ((how == UNSAID || how == CLAIMED || how == WHOLE) && stands(p->bytes, p->len, SEED)) ||
           ((how == ZERO_FIELD || how == COMPLEMENTED) && stands(p->bytes, p->len, SEEDLESS));
}

static void note(struct lengths *l, const struct heard *h, enum misuse how)
{
    bool is_strange = h->payload_len > payload_most(h->version, h->proto) ||
                      l->seen[h->proto == TCP][h->payload_len]++;

    for (size_t i = 0; i < h->payload_len && !is_strange; i++)
        is_strange = h->payload[i] != trial_byte(h->proto, i);
    l->strange += is_strange;
    l->good += h->is_good && !is_strange;
    l->bad += !h->is_good && !is_strange;
    l->lucky += h->is_good && !is_strange && is_lucky(&h->packet, how);
}

/* Takes a trial's frames in until the datagram comes that ends it. */
static void take_trial(const struct end *to, struct lengths *l, enum misuse how)
{
    static struct heard h;

    memset(l, 0, sizeof *l);
    while (hear(to, &h, silence_ms) && h.from_port != PORT_TRIAL)
        if (h.from_port == PORT_TRIAL_FROM)
            note(l, &h, how);
}

/* How many lengths there are, every `step`th from 0 on. */
static size_t lengths_of(unsigned version, uint8_t proto, size_t step)
{
    return payload_most(version, proto) / step + 1;
}

static void ask_trial(struct domain *d, unsigned version, enum misuse how, uint8_t step,
                      const char *title)
{
    static struct lengths l;
    const size_t all = lengths_of(version, UDP, step) + lengths_of(version, TCP, step);
    const uint8_t request[2] = {(uint8_t)how, step};
    char text[96];

    say(&sink_end, &d->end, version, PORT_MINE, PORT_TRIAL, request, sizeof request);
    take_trial(&sink_end, &l, how);
    snprintf(text, sizeof text, "%s, UDP and TCP over IPv%u", title, version);
    row(d, l.good == (how == RIGHT ? all : l.lucky) && l.good + l.bad == all && l.strange == 0,
        text, "%u good, %u bad, %u neither", l.good, l.bad, l.strange);
}

void cases_trial(struct domain *d)
{
    for (size_t v = 0; v < 2; v++)
        ask_trial(d, versions[v], RIGHT, 1, "every length");
}

void cases_misuse(struct domain *d)
{
    static const char *const titles[] = {NULL,
                                         "WRONG: seed complemented",
                                         "WRONG: 0 in the field",
                                         "WRONG: seed without length",
                                         "WRONG: seed, and no flags",
                                         "WRONG: seed, data_validated alone",
                                         "WRONG: complete, and csum_blank"};
    const uint8_t step = (uint8_t)effort(9, 99);

    for (enum misuse how = COMPLEMENTED; how <= WHOLE; how++)
        for (size_t v = 0; v < 2; v++)
            ask_trial(d, versions[v], how, step, titles[how]);
}

/* What the domain sends to its own MAC address is for somebody behind it: the bridge returns it,
 * and the domain sends it on to the sink. */
void cases_loop(struct domain *d)
{
    static struct lengths l;
    const struct end behind = {.host = RIG_BEHIND, .mac = {2, 0, 0, 0, 0, d->end.mac[5]}};
    char text[64];

    rig_hairpin(d->device, true);
    for (size_t v = 0; v < 2; v++)
        for (enum misuse how = RIGHT; how <= FINISHED; how += FINISHED) {
            const uint8_t request[2] = {(uint8_t)how, (uint8_t)effort(5, 9)};
            const size_t all =
                lengths_of(versions[v], UDP, request[1]) + lengths_of(versions[v], TCP, request[1]);

            say(&behind, &d->end, versions[v], PORT_MINE, PORT_TRIAL, request, sizeof request);
            take_trial(&sink_end, &l, RIGHT);
            snprintf(text, sizeof text, "to itself, %s, and routed, IPv%u",
                     how == RIGHT ? "unfinished" : "verified", versions[v]);
            row(d, l.good == all && l.bad == 0 && l.strange == 0, text,
                "%u good, %u bad, %u neither", l.good, l.bad, l.strange);
        }
    rig_hairpin(d->device, false);
}

/* ---- Echo ------------------------------------------------------------------------------------ */

void cases_echo(struct domain *d)
{
    static uint8_t payload[MTU];
    static struct heard h;
    char text[64];

    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)rand(); // NOLINT: any byte will do
    for (size_t v = 0; v < 2; v++) {
        const size_t most = payload_most(versions[v], UDP);
        size_t back = 0, good = 0, step = effort(1, 29);

        for (size_t len = 0; len <= most;) {
            size_t sent = 0;

            for (; sent < BURST && len <= most; sent++, len += step)
                say(&sink_end, &d->end, versions[v], (uint16_t)(PORT_MINE + len), PORT_ECHO,
                    payload, len);
            for (; sent && hear(&sink_end, &h, silence_ms); sent--) {
                back++;
                good += h.is_good && h.to_port == PORT_MINE + h.payload_len &&
                        memcmp(h.payload, payload, h.payload_len) == 0;
            }
        }
        snprintf(text, sizeof text, "UDP echo over IPv%u, 0 to %zu bytes", versions[v], most);
        row(d, good == most / step + 1 && back == good, text, "%zu good, %zu bad", good,
            back - good);
    }
}

/* ---- Super-frames ---------------------------------------------------------------------------- */

static void super_frame(struct domain *d, unsigned version, uint16_t len, uint16_t mss,
                        size_t *good, size_t *bad)
{
    const uint8_t request[4] = {(uint8_t)(len >> 8), (uint8_t)len, (uint8_t)(mss >> 8),
                                (uint8_t)mss};
    static struct heard h;
    size_t at = 0;

    say(&sink_end, &d->end, version, PORT_MINE, PORT_CHARGEN, request, sizeof request);
    while (at < len && hear(&sink_end, &h, silence_ms)) {
        bool is_good = h.is_good && h.proto == TCP && h.sequence == at &&
                       h.payload_len == (len - at < mss ? len - at : mss) &&
                       (h.tcp_flags & 8) == (at + h.payload_len == len ? 8 : 0); /* PSH */

        for (size_t i = 0; i < h.payload_len; i++)
            is_good = is_good && h.payload[i] == ' ' + (at + i) % 95;
        at += h.payload_len;
        *good += is_good;
        *bad += !is_good;
    }
}

void cases_super(struct domain *d)
{
    static const uint16_t all[][2] = {{1461, 1460}, {2920, 1460}, {65000, 1440}, {30001, 1400},
                                      {9000, 536},  {3001, 100},  {4096, 1000},  {61440, 1360}};
    char text[64];

    for (size_t v = 0; v < 2; v++) {
        size_t good = 0, bad = 0, segments = 0;

        for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
            const uint16_t most = (uint16_t)payload_most(versions[v], TCP);
            const uint16_t mss = all[i][1] < most ? all[i][1] : most;

            segments += (all[i][0] + mss - 1u) / mss;
            super_frame(d, versions[v], all[i][0], mss, &good, &bad);
        }
        snprintf(text, sizeof text, "super-frames, TCP over IPv%u", versions[v]);
        row(d, good == segments && bad == 0, text, "%zu segments good, %zu bad", good, bad);
    }
}

/* ---- Two that face each other ---------------------------------------------------------------- */

/* One is asked for a trial in the name of the other, at whose echo port it arrives. The bridge
 * shows the sink all of it. */
static void face(struct domain *one, struct domain *two, unsigned version)
{
    static struct lengths there, back;
    static struct heard h;
    const uint8_t request[2] = {RIGHT, (uint8_t)effort(5, 9)};
    const size_t udp = lengths_of(version, UDP, request[1]),
                 tcp = lengths_of(version, TCP, request[1]);
    char text[96];

    memset(&there, 0, sizeof there);
    memset(&back, 0, sizeof back);
    say(&two->end, &one->end, version, PORT_ECHO, PORT_TRIAL, request, sizeof request);
    while (hear(NULL, &h, silence_ms)) {
        if (h.from_port == PORT_TRIAL_FROM)
            note(&there, &h, RIGHT);
        else if (h.to_port == PORT_TRIAL_FROM)
            note(&back, &h, RIGHT);
        else if (h.from_port == PORT_ECHO && h.to_port == PORT_TRIAL && there.good)
            break;
    }
    snprintf(text, sizeof text, "to a %s domain, IPv%u", two->kind, version);
    row(one, there.good == udp + tcp && there.bad == 0 && there.strange == 0, text,
        "%u good, %u bad, %u neither", there.good, there.bad, there.strange);
    snprintf(text, sizeof text, "and its echoes, IPv%u", version);
    row(one, back.good == udp && back.bad == 0 && back.strange == 0, text,
        "%u good, %u bad, %u neither", back.good, back.bad, back.strange);
}

void cases_facing(struct domain *one, struct domain *two)
{
    for (size_t v = 0; v < 2; v++) {
        face(one, two, versions[v]);
        face(two, one, versions[v]);
    }
}
