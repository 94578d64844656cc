// SPDX-License-Identifier: MIT
/* examples/xen-guest with lwIP as its network stack: echoes of datagrams and streams, to a kernel
 * on the wire and to domain 0's; and what becomes of them where offload is misused. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../oracle/frames.h"
#include "domains.h"
#include "wire.h"

enum {
    PORT_ECHO = 7,
    PORT_TRIAL = 20,
    STREAM = 300000,
    LONG_MS = 10000, /* for what must come: the machine may be busy with other things */
    SHORT_MS = 700,  /* for what must not */
    DATAGRAMS = 16
};

static const unsigned versions[] = {4, 6};
static const char *const peers[] = {"domain 0's kernel", "a kernel on the wire"};
static struct rng rng;

/* ---- Streams --------------------------------------------------------------------------------- */

/* How often the kernel sent a segment again. */
static unsigned sent_again(int fd)
{
    struct tcp_info info;
    socklen_t len = sizeof info;

    memset(&info, 0, sizeof info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        die("no TCP_INFO");
    return info.tcpi_total_retrans;
}

/* Sends, and takes in what comes back, until all is back or nothing comes any more. Returns how
 * many bytes came back as they were sent. */
static size_t stream(const struct domain *d, int fd)
{
    static uint8_t sent[STREAM], came[STREAM + 1];
    size_t gone = 0, have = 0;

    rng_fill(&rng, sent, sizeof sent);
    while (have < STREAM &&
           wire_wait(d, fd, (short)(POLLIN | (gone < STREAM ? POLLOUT : 0)), LONG_MS)) {
        ssize_t n = gone < STREAM ? send(fd, sent + gone, STREAM - gone, MSG_NOSIGNAL) : 0;

        if (n < 0 && errno != EAGAIN)
            break;
        gone += n > 0 ? (size_t)n : 0;
        n = recv(fd, came + have, sizeof came - have, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            break;
        have += n > 0 ? (size_t)n : 0;
    }
    return have <= STREAM && memcmp(sent, came, have) == 0 ? have : 0;
}

/* Whether all came back, and nothing was sent twice; `text` says more. */
static bool try_stream(const struct domain *d, bool on_wire, unsigned version, char text[96])
{
    int fd = wire_socket(d, on_wire, version, SOCK_STREAM, PORT_ECHO);
    size_t back;
    unsigned again;

    wire = (struct wire){0, 0, 0, 0, false};
    back = stream(d, fd);
    again = sent_again(fd);
    close(fd);
    if (on_wire)
        snprintf(text, 96, "%zu bytes there, %zu back; %u good, %u bad", wire.tcp_to, wire.tcp_from,
                 wire.good, wire.bad);
    else
        snprintf(text, 96, "%zu bytes, %u sent again", back, again);
    return back == STREAM && again == 0 && wire.bad == 0 &&
           (!on_wire || (wire.tcp_to == STREAM && wire.tcp_from == STREAM));
}

/* The kernel sends again after 200 ms, which may pass where the machine that emulates all this is
 * busy: hence the tries. lwIP waits longer, and what it sent again is counted over all of them. */
static void echo_stream(const struct domain *d, bool on_wire, unsigned version)
{
    char title[96], text[96];
    bool good = false;

    for (unsigned tries = 0; tries < 3 && !good; tries++)
        good = try_stream(d, on_wire, version, text);
    snprintf(title, sizeof title, "TCP echo to %s, IPv%u", peers[on_wire], version);
    row(d, good, title, "%s", text);
}

/* ---- Mistakes -------------------------------------------------------------------------------- */

/* How many of DATAGRAMS are answered. */
static unsigned echo_datagrams(const struct domain *d, bool on_wire, int ms)
{
    static uint8_t data[MTU];
    int fd = wire_socket(d, on_wire, 4, SOCK_DGRAM, PORT_ECHO);
    const size_t step = payload_most(4, UDP) / DATAGRAMS;
    unsigned back = 0;

    for (size_t i = 0; i < DATAGRAMS; i++)
        if (send(fd, data, i * step + 1, 0) < 0)
            die("a datagram cannot be sent");
    while (back < DATAGRAMS && wire_wait(d, fd, POLLIN, ms))
        back += recv(fd, data, sizeof data, 0) > 0;
    close(fd);
    return back;
}

/* Whether there is a connection, and a byte comes back by it. */
static bool connects(const struct domain *d, bool on_wire, int ms)
{
    int fd = wire_socket(d, on_wire, 4, SOCK_STREAM, PORT_ECHO);
    char byte = 'x';
    const bool is_back = wire_wait(d, fd, POLLOUT, ms) && send(fd, &byte, 1, MSG_NOSIGNAL) == 1 &&
                         wire_wait(d, fd, POLLIN, ms) && recv(fd, &byte, 1, 0) == 1;

    close(fd);
    return is_back;
}

/* Complete and wrong: for the guest to see. */
static void damaged(const struct domain *d)
{
    unsigned back;

    wire.damages = true;
    back = echo_datagrams(d, true, SHORT_MS);
    wire.damages = false;
    row(d, back == 0, "damaged on the wire", "UDP %u of %u", back, DATAGRAMS);
}

struct mistake {
    const char *title;
    enum misuse kind;
    bool is_blind;   /* takes what is unfinished for complete */
    bool reaches[2]; /* domain 0's kernel, the one on the wire */
    bool is_quick;   /* tried in any case */
};

static void make_mistake(const struct domain *d, const struct mistake *m)
{
    const uint8_t request[2] = {(uint8_t)m->kind, m->is_blind};
    char title[96];

    say(&sink_end, &d->end, 4, PORT_TRIAL, PORT_TRIAL, request, sizeof request);
    for (unsigned on_wire = 0; on_wire < 2; on_wire++) {
        const bool reaches = m->reaches[on_wire];
        const int ms = reaches ? LONG_MS : SHORT_MS;
        const unsigned back = echo_datagrams(d, on_wire, ms);
        const bool is_connected = connects(d, on_wire, ms);

        snprintf(title, sizeof title, "%s, %s", m->title, peers[on_wire]);
        row(d, back == (reaches ? DATAGRAMS : 0) && is_connected == reaches, title,
            "UDP %u of %u; TCP %s", back, DATAGRAMS, is_connected ? "connects" : "does not");
    }
}

static void mistakes(const struct domain *d)
{
    static const struct mistake all[] = {
        {"no mistake", RIGHT, false, {true, true}, false},
        {"WRONG: 0 in the field", ZERO_FIELD, false, {true, false}, true},
        {"WRONG: seed complemented", COMPLEMENTED, false, {true, false}, false},
        {"WRONG: seed without length", NO_LENGTH, false, {true, false}, false},
        {"WRONG: seed, and no flags", UNSAID, false, {false, false}, true},
        {"WRONG: seed, data_validated alone", CLAIMED, false, {true, false}, false},
        {"WRONG: complete, and csum_blank", WHOLE, false, {true, false}, false},
        {"WRONG: csum_blank ignored on receive", RIGHT, true, {false, true}, true},
        {"no mistake any more", RIGHT, false, {true, true}, true},
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].is_quick || !effort_quick())
            make_mistake(d, &all[i]);
}

/* ---- All of it ------------------------------------------------------------------------------- */

/* The guest counts what it sent again before it was asked for mistakes. */
static void farewell(struct domain *d)
{
    domain_end(d);
    row(d, domain_count(d, "retransmitted") == 0, "lwIP's own count: segments sent again", "%ld",
        domain_count(d, "retransmitted"));
    row(d, domain_count(d, "udp_trusted") > 0 && domain_count(d, "refused") == 0,
        "its own counts: datagrams taken unfinished; refused", "%ld; %ld",
        domain_count(d, "udp_trusted"), domain_count(d, "refused"));
}

void cases_lwip(struct domain *d)
{
    rng = rng_new(41);
    if (!domain_start(d, "", NULL, MTU)) {
        row(d, false, "it answers", "nothing");
        domain_destroy(d);
        return;
    }
    cases_echo(d);
    cases_kernel(d);
    for (unsigned i = 0; i < 4; i++)
        echo_stream(d, i / 2, versions[i % 2]);
    damaged(d);
    mistakes(d);
    farewell(d);
}
