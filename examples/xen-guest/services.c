// SPDX-License-Identifier: MIT
#include "services.h"

#include "card.h"
#include "console.h"
#include "memory.h"
#include "net.h"

enum {
    PORT_TRIAL = 20,
    PORT_ROUTE = 21,
    PORT_FROM = 22, /* of a trial: an echo of it is no request for another */
    BURST = 32,     /* between which what has come is looked at */
    PAUSE_MS = 1,   /* for the backend, where both share a processor */
    WAIT_MS = 1000,
    MTU = 1500
};

/* ---- Trial ----------------------------------------------------------------------------------- */

static struct {
    bool is_on;
    enum misuse kind;
    struct peer to;
    uint16_t port;
    uint8_t proto;
    unsigned step, len, count;
} trial;

static void begin_trial(const struct peer *to, uint16_t port, enum misuse kind, unsigned step)
{
    trial.is_on = true;
    trial.kind = kind;
    trial.to = *to;
    trial.port = port;
    trial.proto = UDP;
    trial.step = step ? step : 1;
    trial.len = trial.count = 0;
}

static void end_trial(void)
{
    uint8_t end[3] = {0xFF}; /* no misuse's number, should it be echoed */

    put16(end + 1, (uint16_t)trial.count);
    send_udp(&trial.to, PORT_TRIAL, trial.port, end, sizeof end);
    print_count("trial", trial.count);
    trial.is_on = false;
}

static void send_next(void)
{
    static uint8_t payload[MTU];
    const unsigned ip = trial.to.ip_version == 4 ? IPV4_HEADER : IPV6_HEADER;
    const bool is_udp = trial.proto == UDP;
    const unsigned most = MTU - ip - (is_udp ? UDP_HEADER : TCP_HEADER);

    for (unsigned i = 0; i < sizeof payload && !trial.count; i++)
        payload[i] = (uint8_t)(i * 7 + (i >> 8));
    nic_misuse(trial.kind);
    if (is_udp)
        send_udp(&trial.to, PORT_FROM, trial.port, payload, trial.len);
    else
        send_tcp(&trial.to, PORT_FROM, trial.port, (uint16_t)trial.len, 0);
    nic_misuse(RIGHT);
    trial.count++;
    trial.len += trial.step;
    if (trial.len <= most)
        return;
    trial.len = 0;
    if (is_udp)
        trial.proto = TCP;
    else
        end_trial();
}

unsigned services_work(void)
{
    for (unsigned i = 0; i < BURST && trial.is_on; i++)
        send_next();
    return trial.is_on ? PAUSE_MS : WAIT_MS;
}

/* ---- Routing --------------------------------------------------------------------------------- */

static bool is_ours(const uint8_t *ip, unsigned version)
{
    return version == 4 ? memcmp(ip + 16, net.ipv4, 4) == 0 : memcmp(ip + 24, net.ipv6, 16) == 0;
}

static struct {
    bool is_known, forgets;
    uint8_t mac[6];
} next_hop;

/* One hop less. The IPv4 header's checksum is brought up to date and not made anew, so that a
 * damaged header stays damaged. */
static bool take_hop(uint8_t *ip, unsigned version)
{
    uint8_t *hops = ip + (version == 4 ? 8 : 7); /* the low or the high byte of a word */
    csumoff_sum16 check;
    uint16_t before, after;

    if (*hops <= 1)
        return false;
    memcpy(&before, ip + 8, 2);
    --*hops;
    memcpy(&after, ip + 8, 2);
    if (version == 6)
        return true;
    memcpy(&check, ip + 10, 2);
    csumoff_adjust16(&check, before, after);
    memcpy(ip + 10, &check, 2);
    return true;
}

bool services_route(const uint8_t *frame, size_t len, const struct csumoff_rx *rx)
{
    const struct csumoff_hint as_it_came = {.want = CSUMOFF_TX_AS_IS};
    const struct csumoff_hint hint = next_hop.forgets ? as_it_came : csumoff_forward(rx);
    struct csumoff_layout at;
    uint8_t *copy;

    if (!next_hop.is_known || len < ETHERNET_HEADER || memcmp(frame, nic.mac, 6) != 0 ||
        csumoff_locate(frame, len, CSUMOFF_LINK_ETHERNET, &at) != CSUMOFF_OK ||
        is_ours(frame + at.l3_start, at.ip_version))
        return false;
    copy = nic_buffer();
    memcpy(copy, frame, len);
    memcpy(copy, next_hop.mac, 6);
    memcpy(copy + 6, nic.mac, 6);
    if (take_hop(copy + at.l3_start, at.ip_version))
        nic_pass(copy, len, &hint);
    return true;
}

/* ---- The ports ------------------------------------------------------------------------------- */

void services_input(const struct peer *from, uint16_t from_port, uint16_t port, const uint8_t *data,
                    size_t len)
{
    const uint8_t how = len ? data[0] : 0;

    if (port == PORT_TRIAL && how <= FINISHED) {
        begin_trial(from, from_port, (enum misuse)how, len > 1 ? data[1] : 1);
    } else if (port == PORT_ROUTE) {
        next_hop.is_known = true;
        next_hop.forgets = how;
        memcpy(next_hop.mac, from->mac, 6);
        send_udp(from, PORT_ROUTE, from_port, data, len);
    }
}
