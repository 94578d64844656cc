// SPDX-License-Identifier: MIT
/*
 * A guest that runs lwIP, with csumoff for its sums and in its netif, and the running kernel as its
 * peer: what the kernel leaves unfinished, what the guest leaves unfinished, and what either drops.
 * lwIP can't be stopped, so each test ends its process: done().
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kernel/kernel.h"
#include "../../oracle/suite.h"
#include "guest.h"
#include "netif_tap.h"
#include "peer.h"
#include "sums.h"
#include "wire.h"

#include <lwip/sockets.h>
#include <lwip/tcpip.h>
#include <lwip/udp.h>

enum {
    NET_BEYOND = 2,
    PORT_REFLECT = 8
};

static struct tap taps[2];
static struct netif netifs[2];
static struct netif_tap states[2];
static const char *program;

/* ---- The rig -----------------------------------------------------------------------------------
 */

struct plan {
    unsigned offloads; /* of the TAP: what the kernel may hand over */
    bool trust;        /* struct netif_tap */
    bool seeds;        /* the guest leaves checksums to the kernel */
    bool is_finished;  /* ... which finishes them before it looks at them */
};

static void attach(int i, const struct plan *plan, int net)
{
    static const char *const v4[] = {"10.0.1.2", "10.0.2.2"};
    static const char *const v6[] = {"2001:db8:1::2", "2001:db8:2::2"};

    wires[i].fd = taps[i].fd;
    states[i] = (struct netif_tap){.fd = taps[i].fd,
                                   .form = CSUMOFF_VIRTIO_NATIVE,
                                   .device = {.csum = plan->seeds},
                                   .trust = plan->trust,
                                   .mtu = MTU,
                                   .mac = {2, 0, 0, 0, 0, (uint8_t)(GUEST + 16 * i)}};
    CHECK(guest_attach(&netifs[i], netif_tap_init, &states[i], v4[net - 1], v6[net - 1]));
}

/* The guest, and the kernel as its peer: this process is in the kernel's namespace. */
static void start(const struct plan *plan)
{
    const struct tap *peer = &taps[0];

    rng = rng_new(81);
    machine_new();
    tap_new(&taps[0], "guest", plan->offloads, MTU);
    if (plan->is_finished) {
        peer = finisher_new(&taps[0], plan->offloads);
    }
    tap_neighbours(peer);
    tap_address(peer, NET, KERNEL);
    guest_start();
    attach(0, plan, NET);
    CHECK(guest_echo(PORT));
}

/* ---- What was counted --------------------------------------------------------------------------
 */

static void nobody_complained(void)
{
    CHECK_EQ(kernel_errors(), 0);
    CHECK_EQ(sums_counts.wrong, 0);
}

static void print_way(const char *what, const struct wire_way *way)
{
    printf("%s %zu frames (%zu bytes, %zu seeded, %zu super-frames, longest %zu)", what,
           atomic_load(&way->frames), atomic_load(&way->bytes), atomic_load(&way->seeded),
           atomic_load(&way->super), atomic_load(&way->longest));
}

__attribute__((noreturn)) static void done(const char *what)
{
    int i;

    printf("# %s:", what);
    for (i = 0; i < 2 && wires[i].fd; i++) {
        print_way(" the guest got", &wires[i].in);
        print_way(", sent", &wires[i].out);
        printf(";");
    }
    printf(" it checked %zu packets, %zu were wrong, %zu spared; made %zu checksums, left %zu\n",
           atomic_load(&sums_counts.checked), atomic_load(&sums_counts.wrong),
           atomic_load(&sums_counts.spared), atomic_load(&sums_counts.made),
           atomic_load(&sums_counts.left));
    fflush(stdout);
    _exit(EXIT_SUCCESS);
}

/* ---- Receiving ---------------------------------------------------------------------------------
 */

/* As a netif does that knows nothing of virtio-net's flags. Nothing gets through, until the flags
 * are looked at: then what was wrong all the time is right. */
START_TEST(unfinished_is_dropped)
{
    const struct plan plan = {.offloads = TUN_F_CSUM};
    int udp[2], tcp[2], i, k;
    size_t sent = 0;
    uint8_t byte;

    start(&plan);
    wires[0].flags_ignored = true;
    for (i = 0; i < 2; i++) {
        udp[i] = client(versions[i], SOCK_DGRAM, PORT);
        for (k = 0; k < 100; k++, sent++) {
            uint8_t data[100];

            rng_fill(&rng, data, sizeof data);
            CHECK_EQ(send(udp[i], data, (size_t)k, 0), k);
            wait_for("unfinished datagrams found wrong", &sums_counts.wrong, sent + 1);
        }
    }
    for (i = 0; i < 2; i++)
        tcp[i] = client(versions[i], SOCK_STREAM, PORT);
    wait_for("unfinished SYNs found wrong", &sums_counts.wrong, sent + 2);
    for (i = 0; i < 2; i++) {
        CHECK(recv(udp[i], &byte, 1, 0) < 0 && errno == EAGAIN);
        CHECK(!is_ready(tcp[i], POLLOUT, 0));
    }
    wires[0].flags_ignored = false;
    for (i = 0; i < 2; i++) {
        echo_datagram(udp[i], 1400);
        wait_connected(tcp[i]);
        stream(tcp[i], tcp[i], 100000);
    }
    CHECK_EQ(sums_counts.wrong, wires[0].spoiled);
    CHECK_EQ(kernel_errors(), 0);
    done("unfinished_is_dropped");
}
END_TEST

/* Finished, then checked by lwIP as any other; or marked, and spared. */
static void received(bool trust, const char *what)
{
    const struct plan plan = {.offloads = TUN_F_CSUM, .trust = trust};
    size_t count;

    start(&plan);
    count = echo_datagrams_of_a_frame(PORT);
    ck_assert_uint_ge(wires[0].in.seeded, count);
    ck_assert_uint_ge(trust ? sums_counts.spared : sums_counts.checked, count);
    CHECK_EQ(wires[0].in.seeded, trust ? sums_counts.spared : sums_counts.checked);
    echo_streams();
    CHECK_EQ(trust ? sums_counts.checked < 10 : sums_counts.spared == 0, true);
    ck_assert_uint_ge(wires[0].out.bytes, 2 * effort(STREAM, STREAM / 20));
    CHECK_EQ(wires[0].out.seeded, 0);
    CHECK_EQ(sums_counts.left, 0);
    nobody_complained();
    done(what);
}

START_TEST(finished_first)
{
    received(false, "finished_first");
}
END_TEST

START_TEST(trusted)
{
    received(true, "trusted");
}
END_TEST

/* TCP of many segments in one frame, finished as one or trusted as one. */
static void super_frames(bool trust, const char *what)
{
    const struct plan plan = {.offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6,
                              .trust = trust,
                              .seeds = true,
                              .is_finished = true};
    size_t of_v4;

    start(&plan);
    echo_stream(4);
    of_v4 = wires[0].in.super;
    echo_stream(6);
    ck_assert_uint_gt(of_v4, effort(20, 2));
    ck_assert_uint_gt(wires[0].in.super, of_v4 + effort(20, 2));
    ck_assert_uint_gt(wires[0].in.longest, 3 * MTU);
    ck_assert_uint_ge(trust ? sums_counts.spared : sums_counts.checked, wires[0].in.super);
    nobody_complained();
    done(what);
}

START_TEST(super_frames_finished)
{
    super_frames(false, "super_frames_finished");
}
END_TEST

START_TEST(super_frames_trusted)
{
    super_frames(true, "super_frames_trusted");
}
END_TEST

/* ---- Sending -----------------------------------------------------------------------------------
 */

/* The kernel delivers any seed, so a finisher stands in between as well; without it there is what a
 * guest meets first. */
static void sent_with_seeds(bool is_finished, const char *what)
{
    const struct plan plan = {
        .offloads = TUN_F_CSUM, .trust = true, .seeds = true, .is_finished = is_finished};
    size_t count;

    start(&plan);
    count = echo_datagrams_of_a_frame(PORT);
    CHECK_EQ(wires[0].out.seeded, count);
    CHECK_EQ(sums_counts.left, count);
    echo_streams();
    ck_assert_uint_ge(wires[0].out.seeded, count + 2 * effort(STREAM, STREAM / 20) / MTU);
    CHECK_EQ(sums_counts.made, 0);
    nobody_complained();
    done(what);
}

START_TEST(seeds_are_delivered)
{
    sent_with_seeds(false, "seeds_are_delivered");
}
END_TEST

START_TEST(seeds_are_finished)
{
    sent_with_seeds(true, "seeds_are_finished");
}
END_TEST

/* And this is why the finisher's word counts. */
START_TEST(wrong_seeds_are_counted)
{
    const struct plan plan = {
        .offloads = TUN_F_CSUM, .trust = true, .seeds = true, .is_finished = true};
    int udp[2], tcp[2], i, k;
    size_t sent = 0;

    start(&plan);
    wires[0].seeds_spoiled = true;
    for (i = 0; i < 2; i++) {
        udp[i] = client(versions[i], SOCK_DGRAM, PORT);
        for (k = 0; k < 100; k++, sent++) {
            uint8_t data[100];

            rng_fill(&rng, data, sizeof data);
            CHECK_EQ(send(udp[i], data, (size_t)k, 0), k);
            wait_for("datagrams with wrong seeds", &wires[0].spoiled, sent + 1);
        }
    }
    for (i = 0; i < 2; i++)
        tcp[i] = client(versions[i], SOCK_STREAM, PORT);
    wait_for("SYNs with wrong seeds", &wires[0].spoiled, sent + 2);
    wait_for_errors(udp, sent + 2);
    for (i = 0; i < 2; i++)
        CHECK(!is_ready(tcp[i], POLLOUT, 0));

    wires[0].seeds_spoiled = false;
    for (i = 0; i < 2; i++) {
        echo_datagram(udp[i], 1400);
        wait_connected(tcp[i]);
        stream(tcp[i], tcp[i], 100000);
    }
    CHECK_EQ(kernel_errors(), wires[0].spoiled);
    CHECK_EQ(sums_counts.wrong, 0);
    done("wrong_seeds_are_counted");
}
END_TEST

/* Nobody finishes a fragment: lwIP sums what it will cut, and checks what it has put together. */
START_TEST(fragments_are_summed)
{
    const struct plan plan = {
        .offloads = TUN_F_CSUM, .trust = true, .seeds = true, .is_finished = true};
    size_t count = 0, i;

    start(&plan);
    for (i = 0; i < 2; i++)
        count += echo_datagrams(versions[i], PORT, MTU - 27, 9000, effort(97, 997));
    CHECK_EQ(wires[0].in.seeded + wires[0].out.seeded, 0);
    CHECK_EQ(sums_counts.made, count);
    CHECK_EQ(sums_counts.checked, count);
    ck_assert_uint_ge(wires[0].out.frames, 2 * count);
    nobody_complained();
    done("fragments_are_summed");
}
END_TEST

/* What the guest sends to itself meets no netif's linkoutput, but lwIP's checks. */
START_TEST(to_itself)
{
    static uint8_t sent[20000], came[sizeof sent];
    static const struct timeval patience = {.tv_sec = WAIT_MS / 1000};
    const struct plan plan = {.offloads = TUN_F_CSUM, .seeds = true};
    size_t i, have, lengths[] = {0, 1, 33, 1472, 9000};
    union socket_address self;
    socklen_t len;
    ssize_t n;
    int fd, k;

    start(&plan);
    for (i = 0; i < 2; i++) {
        int family = versions[i] == 4 ? AF_INET : AF_INET6;

        len = socket_address(&self, versions[i], NET, GUEST, PORT);
        fd = lwip_socket(family, SOCK_DGRAM, 0);
        CHECK_EQ(lwip_setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
        for (k = 0; k < 5; k++) {
            rng_fill(&rng, sent, lengths[k]);
            CHECK_EQ(lwip_sendto(fd, sent, lengths[k], 0, &self.any, len), lengths[k]);
            CHECK_EQ(lwip_recv(fd, came, sizeof came, 0), lengths[k]);
            CHECK(same_bytes(came, sent, lengths[k]));
        }
        lwip_close(fd);
        fd = lwip_socket(family, SOCK_STREAM, 0);
        CHECK_EQ(lwip_connect(fd, &self.any, len), 0);
        rng_fill(&rng, sent, sizeof sent);
        CHECK_EQ(lwip_send(fd, sent, sizeof sent, 0), sizeof sent);
        for (have = 0; have < sizeof sent; have += (size_t)n) {
            n = lwip_recv(fd, came + have, sizeof came - have, 0);
            CHECK(n > 0);
        }
        CHECK(same_bytes(came, sent, sizeof sent));
        lwip_close(fd);
    }
    CHECK_EQ(wires[0].in.seeded + wires[0].out.seeded + sums_counts.left, 0);
    nobody_complained();
    done("to_itself");
}
END_TEST

/* Sends a datagram back in the very pbuf that it came in. */
static void reflect(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                    u16_t port)
{
    (void)arg;
    udp_sendto(pcb, p, from, port);
    pbuf_free(p);
}

/* The netif's marks must not stick to it, be the checksum a seed, complete or none at all. */
START_TEST(sent_back_in_the_same_buffer)
{
    const struct plan plan = {
        .offloads = TUN_F_CSUM, .trust = true, .seeds = true, .is_finished = true};
    int fd, on = 1, k;
    struct udp_pcb *pcb;
    size_t count;

    start(&plan);
    LOCK_TCPIP_CORE();
    pcb = udp_new_ip_type(IPADDR_TYPE_ANY);
    CHECK(pcb && udp_bind(pcb, IP_ANY_TYPE, PORT_REFLECT) == ERR_OK);
    udp_recv(pcb, reflect, NULL);
    UNLOCK_TCPIP_CORE();
    count = echo_datagrams_of_a_frame(PORT_REFLECT);
    CHECK_EQ(sums_counts.spared, count);
    fd = client(4, SOCK_DGRAM, PORT_REFLECT);
    CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_NO_CHECK, &on, sizeof on), 0);
    for (k = 0; k < 100; k++)
        echo_datagram(fd, (size_t)k);
    CHECK_EQ(sums_counts.spared, count);
    CHECK_EQ(wires[0].out.seeded, count + 100);
    nobody_complained();
    done("sent_back_in_the_same_buffer");
}
END_TEST

/* ---- Routing -----------------------------------------------------------------------------------
 */

/* To network `to` through the guest's address in network `via`. */
static void route(const struct tap *tap, int via, int to)
{
    struct rtentry v4 = {.rt_flags = RTF_UP | RTF_GATEWAY};
    struct in6_rtmsg v6 = {.rtmsg_flags = RTF_UP | RTF_GATEWAY,
                           .rtmsg_dst_len = 64,
                           .rtmsg_metric = 1,
                           .rtmsg_ifindex = (int)if_nametoindex(tap->name)};
    int fd4 = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
        fd6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    union socket_address mask = {.v4 = {.sin_family = AF_INET,
                                        .sin_addr.s_addr = htonl(0xFFFFFF00)}},
                         net, gateway;

    socket_address(&net, 4, to, 0, 0);
    socket_address(&gateway, 4, via, GUEST, 0);
    v4.rt_dst = net.any;
    v4.rt_genmask = mask.any;
    v4.rt_gateway = gateway.any;
    address_bytes(6, to, 0, (uint8_t *)&v6.rtmsg_dst);
    address_bytes(6, via, GUEST, (uint8_t *)&v6.rtmsg_gateway);
    if (ioctl(fd4, SIOCADDRT, &v4) != 0 || ioctl(fd6, SIOCADDRT, &v6) != 0)
        ck_abort_msg("cannot add a route: %s", strerror(errno));
    close(fd4);
    close(fd6);
}

/* What there is of sockets on either side of the guest. */
struct ends {
    int udp[2], listener[2], client[2]; /* by versions[] */
};

static void ends_new(struct ends *e, int net)
{
    union socket_address own;
    int i;

    for (i = 0; i < 2; i++) {
        int family = versions[i] == 4 ? AF_INET : AF_INET6;
        socklen_t len = socket_address(&own, versions[i], net, KERNEL, PORT);

        e->udp[i] = udp_socket(versions[i], net, KERNEL, PORT);
        e->listener[i] = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        e->client[i] = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        CHECK_EQ(bind(e->listener[i], &own.any, len), 0);
        CHECK_EQ(listen(e->listener[i], 1), 0);
    }
}

/* The guest as a router between two kernels; this process ends up in the second one's namespace. */
static void start_router(const struct plan plans[2], struct ends ends[2])
{
    static const char *const names[] = {"left", "right"};
    int i;

    rng = rng_new(82);
    for (i = 0; i < 2; i++) {
        machine_new();
        tap_new(&taps[i], names[i], plans[i].offloads, MTU);
        tap_neighbours(&taps[i]);
        tap_address(&taps[i], NET + i, KERNEL);
        route(&taps[i], NET + i, NET + !i);
        ends_new(&ends[i], NET + i);
    }
    guest_start();
    for (i = 0; i < 2; i++)
        attach(i, &plans[i], NET + i);
}

static void datagram_across(const struct ends *from, const struct ends *to, int i, int net,
                            size_t len)
{
    uint8_t sent[MTU], came[MTU];
    union socket_address a;
    socklen_t a_len = socket_address(&a, versions[i], net, KERNEL, PORT);

    rng_fill(&rng, sent, len);
    CHECK_EQ(sendto(from->udp[i], sent, len, 0, &a.any, a_len), len);
    if (!is_ready(to->udp[i], POLLIN, WAIT_MS))
        ck_abort_msg("a datagram of %zu bytes over IPv%d was not routed", len, versions[i]);
    CHECK_EQ(recv(to->udp[i], came, sizeof came, 0), len);
    CHECK(same_bytes(came, sent, len));
}

/* Datagrams both ways; returns how many each. */
static size_t datagrams_across(struct ends ends[2])
{
    size_t count = 0, len;
    int i;

    for (i = 0; i < 2; i++)
        for (len = 0; len <= 1400; len += effort(7, 97), count++) {
            datagram_across(&ends[0], &ends[1], i, NET_BEYOND, len);
            datagram_across(&ends[1], &ends[0], i, NET, len);
        }
    return count;
}

/* A stream to the second. Kernels fill lwIP's queue faster than it is emptied: some of it is lost
 * on the way, and sent again. */
static void streams_across(struct ends ends[2])
{
    union socket_address a;
    socklen_t len;
    int i, fd;

    for (i = 0; i < 2; i++) {
        len = socket_address(&a, versions[i], NET_BEYOND, KERNEL, PORT);
        CHECK(connect(ends[0].client[i], &a.any, len) == 0 || errno == EINPROGRESS);
        wait_connected(ends[0].client[i]);
        CHECK(is_ready(ends[1].listener[i], POLLIN, WAIT_MS));
        fd = accept(ends[1].listener[i], NULL, NULL);
        CHECK(fd >= 0);
        stream(ends[0].client[i], fd, effort(STREAM, STREAM / 20) / 4);
    }
}

/* Seeds leave as they came. */
START_TEST(routed_with_seeds)
{
    const struct plan plans[2] = {{.offloads = TUN_F_CSUM, .trust = true, .seeds = true},
                                  {.offloads = TUN_F_CSUM, .trust = true, .seeds = true}};
    struct ends ends[2];
    size_t count;
    int i;

    start_router(plans, ends);
    count = datagrams_across(ends);
    for (i = 0; i < 2; i++) {
        CHECK_EQ(wires[i].in.seeded, count);
        CHECK_EQ(wires[i].out.seeded, count);
    }
    streams_across(ends);
    ck_assert_uint_gt(wires[1].out.seeded, count + effort(STREAM, STREAM / 20) / 4 / MTU);
    CHECK_EQ(sums_counts.checked + sums_counts.made, 0);
    nobody_complained();
    done("routed_with_seeds");
}
END_TEST

/* To a device that takes none they leave finished: the second kernel checks them. */
START_TEST(routed_and_finished)
{
    const struct plan plans[2] = {{.offloads = TUN_F_CSUM, .trust = true, .seeds = true},
                                  {.offloads = 0, .trust = true, .seeds = false}};
    struct ends ends[2];
    size_t count;

    start_router(plans, ends);
    count = datagrams_across(ends);
    CHECK_EQ(wires[0].in.seeded, count);
    streams_across(ends);
    ck_assert_uint_gt(wires[1].out.frames, count + effort(STREAM, STREAM / 20) / 4 / MTU);
    CHECK_EQ(wires[1].out.seeded, 0);
    nobody_complained();
    done("routed_and_finished");
}
END_TEST

/* What came damaged leaves damaged, though the netif could make it look right. */
START_TEST(routed_damage_stays)
{
    const struct plan plans[2] = {{.offloads = 0, .trust = true, .seeds = true},
                                  {.offloads = TUN_F_CSUM, .trust = true, .seeds = true}};
    struct ends ends[2];
    union socket_address a;
    uint8_t data[100];
    int i, k;

    start_router(plans, ends);
    for (i = 0; i < 2; i++)
        datagram_across(&ends[0], &ends[1], i, NET_BEYOND, 33);
    CHECK_EQ(kernel_errors(), 0);
    wires[0].damaged = true;
    for (k = 0; k < 100; k++) {
        socklen_t len = socket_address(&a, versions[k % 2], NET_BEYOND, KERNEL, PORT);

        rng_fill(&rng, data, sizeof data);
        CHECK_EQ(sendto(ends[0].udp[k % 2], data, (size_t)k, 0, &a.any, len), k);
        wait_for("damaged datagrams", &wires[0].spoiled, (size_t)k + 1);
    }
    wait_for_errors(ends[1].udp, 100);
    CHECK_EQ(wires[1].out.seeded, 0);
    done("routed_damage_stays");
}
END_TEST

/* ---- The program itself ------------------------------------------------------------------------
 */

/* The line that it prints next. */
static void line_of(FILE *out, char line[256])
{
    if (!fgets(line, 256, out))
        ck_abort_msg("lwip-guest fell silent");
}

START_TEST(the_program)
{
    static const struct tap tap = {.name = "program"};
    int in[2], out[2], status, i;
    unsigned checked, wrong;
    char line[256];
    FILE *output;
    pid_t child;

    rng = rng_new(83);
    machine_new();
    CHECK(pipe(in) == 0 && pipe(out) == 0);
    child = fork();
    if (child == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        close(in[1]);
        execl(program, program, tap.name, NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    output = fdopen(out[0], "r");
    line_of(output, line);
    tap_neighbours(&tap);
    tap_address(&tap, NET, KERNEL);
    for (i = 0; i < 2; i++) {
        echo_datagrams(versions[i], PORT, 0, 3000, 97);
        echo_stream(versions[i]);
    }
    close(in[1]);
    line_of(output, line);
    CHECK_EQ(sscanf(line, "received: %u checked, %u of them wrong", &checked, &wrong), 2);
    CHECK(checked > 62 && wrong == 0);
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK_EQ(kernel_errors(), 0);
    printf("# the_program: %s", line);
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const tests[] = {unfinished_is_dropped,
                                  finished_first,
                                  trusted,
                                  super_frames_finished,
                                  super_frames_trusted,
                                  seeds_are_delivered,
                                  seeds_are_finished,
                                  wrong_seeds_are_counted,
                                  fragments_are_summed,
                                  to_itself,
                                  sent_back_in_the_same_buffer,
                                  routed_with_seeds,
                                  routed_and_finished,
                                  routed_damage_stays,
                                  the_program,
                                  NULL};
    const char *why = kernel_missing();
    Suite *suite = suite_create("lwip_guest");

    if (why)
        return kernel_skipped(why);
    program = argc > 1 ? argv[1] : "lwip-guest";
    suite_add(suite, "guest", tests);
    return suite_run(suite);
}
