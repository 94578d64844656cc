// SPDX-License-Identifier: MIT
/*
 * examples/unikernel in QEMU, this machine's kernel at the other end of its TAP. Sockets talk to
 * the guest directly; frames from a machine behind a router come back through a TAP without
 * offloads, so that the kernel has to finish what the guest left to it, and the oracle judges that.
 *
 * usage: test_unikernel BOOT GUEST     examples/unikernel/boot, what ../compile made
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../oracle/frames.h"
#include "../kernel/kernel.h"
#include "../../oracle/reference.h"
#include "../../oracle/suite.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Networks, and machines in them: the guest knows its own and its gateway's address. */
enum {
    NEAR = 1,
    FAR = 2,
    HERE = 1,
    GUEST = 9,
    PEER = 9
};

enum {
    WAIT_MS = 60 * 1000,
    MTU = 1500,
    JUMBO = 9000, /* between this machine and the guest */
    PORT = 20001,
    ECHO = 7,
    DISCARD = 9,
    CHARGEN = 19,
    POWERED_OFF = 33
};

/* What the guest runs on, what it is told, and what has to come of it. */
struct setup {
    const char *cpu, *nic, *options;
    const char *kernel; /* the one it chooses */
    bool no_csum;       /* the card does nothing for it */
    bool no_tso;        /* nor does it cut */
    bool no_merging;    /* nor does it take several buffers for a frame */
    bool finishes, spoils;
    size_t step; /* through the sizes */
};

static const char *boot, *guest;
static struct tap near, far;
static struct packet sent, came;
static struct frame frame;

static struct {
    const struct setup *setup;
    pid_t pid;
    int console; /* what it prints: the reading end */
    char text[16384];
    size_t len;
} machine;

/* What the guest has to have counted in the end. */
static struct {
    uint64_t udp_seeded, udp_checked, bad, sent_udp, gso, cut_into, merged;
} expected;

/* ---- The guest --------------------------------------------------------------------------------
 */

static void start(const struct setup *setup)
{
    char backend[32];
    int ends[2];

    machine_new();
    tap_new(&near, "near", 0, JUMBO);
    tap_neighbours(&near);
    tap_address(&near, NEAR, HERE);
    tap_new(&far, "far", 0, MTU);
    tap_address(&far, FAR, HERE);

    memset(&expected, 0, sizeof expected);
    machine.setup = setup;
    machine.len = 0;
    snprintf(backend, sizeof backend, "tap,fd=%d", near.fd);
    CHECK_EQ(pipe(ends), 0);
    machine.pid = fork();
    CHECK(machine.pid >= 0);
    if (machine.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setenv("CPU", setup->cpu, 1);
        setenv("NIC", setup->nic, 1);
        if (dup2(ends[1], 1) < 0 || dup2(ends[1], 2) < 0 || close(ends[0]) != 0 ||
            close(ends[1]) != 0 || fcntl(near.fd, F_SETFD, 0) != 0)
            _exit(126);
        execl(boot, boot, guest, backend, setup->options, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    machine.console = ends[0];
}

/* False at its end. */
static bool read_console(void)
{
    ssize_t got =
        read(machine.console, machine.text + machine.len, sizeof machine.text - 1 - machine.len);

    CHECK(got >= 0);
    machine.len += (size_t)got;
    machine.text[machine.len] = 0;
    return got > 0;
}

/* Until there is something to be read; the guest has to live meanwhile. */
static void wait_for(int fd, const char *what)
{
    struct pollfd both[2] = {{.fd = fd, .events = POLLIN},
                             {.fd = machine.console, .events = POLLIN}};

    for (;;) {
        int ready = poll(both, 2, WAIT_MS);

        CHECK(ready >= 0);
        if (both[0].revents)
            return;
        if (ready == 0 || !read_console())
            ck_abort_msg("%s: %s; the guest's console:\n%s", what,
                         ready ? "the guest is gone" : "nothing came", machine.text);
    }
}

/* "name number" in a line of its own. */
static uint64_t counted(const char *name)
{
    char line[64];
    const char *found;

    snprintf(line, sizeof line, "\n%s ", name);
    found = strstr(machine.text, line);
    if (!found)
        ck_abort_msg("no %s on the guest's console:\n%s", name, machine.text);
    return strtoull(found + strlen(line), NULL, 10);
}

static void count_is(const char *name, uint64_t want)
{
    uint64_t found = counted(name);

    if (found != want)
        ck_abort_msg("the guest counted %s %" PRIu64 ", not %" PRIu64 "; its console:\n%s", name,
                     found, want, machine.text);
}

static void guest_address(int version, uint16_t port, struct sockaddr_storage *to)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

    address_bytes(4, NEAR, GUEST, (uint8_t *)&v4.sin_addr);
    address_bytes(6, NEAR, GUEST, (uint8_t *)&v6.sin6_addr);
    memset(to, 0, sizeof *to);
    memcpy(to, version == 4 ? (void *)&v4 : (void *)&v6, version == 4 ? sizeof v4 : sizeof v6);
}

static void send_to_guest(int fd, int version, uint16_t port, const void *data, size_t len)
{
    struct sockaddr_storage to;
    socklen_t size = version == 4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);

    guest_address(version, port, &to);
    CHECK_EQ(sendto(fd, data, len, 0, (struct sockaddr *)&to, size), len);
}

/* The first thing that it says by itself, unasked: which kernel it sums with. */
static void hear(int fd)
{
    char name[64];
    ssize_t got;

    wait_for(fd, "the guest's first datagram");
    got = recv(fd, name, sizeof name - 1, 0);
    CHECK(got >= 0);
    name[got] = 0;
    ck_assert_str_eq(name, machine.setup->kernel);
    expected.sent_udp++;
}

/* It powers off, and its counts are what they have to be. */
static void stop(void)
{
    const struct setup *setup = machine.setup;
    int fd = udp_socket(4, NEAR, HERE, PORT), status;
    bool finished = !setup->no_csum && setup->finishes, trusted = !setup->no_csum && !finished;

    send_to_guest(fd, 4, DISCARD, "", 0);
    close(fd);
    expected.udp_seeded++;
    for (;;) {
        struct pollfd console = {.fd = machine.console, .events = POLLIN};

        if (poll(&console, 1, WAIT_MS) != 1)
            ck_abort_msg("the guest doesn't end; its console:\n%s", machine.text);
        if (!read_console())
            break;
    }
    close(machine.console);
    CHECK_EQ(waitpid(machine.pid, &status, 0), machine.pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != POWERED_OFF)
        ck_abort_msg("status 0x%X; the guest's console:\n%s", (unsigned)status, machine.text);

    if (setup->no_csum)
        expected.udp_checked += expected.udp_seeded;
    count_is("udp_trusted", trusted ? expected.udp_seeded : 0);
    count_is("udp_finished", finished ? expected.udp_seeded : 0);
    count_is("udp_valid", 0);
    count_is("udp_checked", expected.udp_checked);
    count_is("bad", expected.bad);
    count_is("merged", expected.merged);
    count_is("refused", 0);
    count_is("cut", setup->no_tso ? expected.gso : 0);
    count_is("sent_gso", setup->no_tso ? 0 : expected.gso);
    count_is("sent_seeded", setup->no_csum  ? 0
                            : setup->no_tso ? expected.sent_udp + expected.cut_into
                                            : expected.sent_udp + expected.gso);
    printf("# %s: %" PRIu64 " datagrams with a seed for the guest, %" PRIu64
           " checked there, %" PRIu64 " refused; %" PRIu64 " seeded by it, %" PRIu64
           " super-frames\n",
           setup->kernel, counted("udp_trusted") + counted("udp_finished"), counted("udp_checked"),
           counted("bad"), counted("sent_seeded"), counted("sent_gso"));
    fflush(stdout);
}

/* ---- Sockets of this machine -------------------------------------------------------------------
 */

static void echo(int fd, int version, size_t len, struct rng *rng)
{
    static uint8_t out[JUMBO], back[JUMBO];
    ssize_t got;

    rng_fill(rng, out, len);
    send_to_guest(fd, version, ECHO, out, len);
    wait_for(fd, "echo");
    got = recv(fd, back, sizeof back, 0);
    if (got != (ssize_t)len || memcmp(out, back, len) != 0)
        ck_abort_msg("%zu bytes over IPv%d came back as %zd, or changed", len, version, got);
    expected.udp_seeded++;
    expected.sent_udp++;
}

static void echoes(struct rng *rng)
{
    int version;
    size_t len;

    for (version = 4; version <= 6; version += 2) {
        size_t most = MTU - (version == 4 ? 20 : 40) - 8;
        int fd = udp_socket(version, NEAR, HERE, PORT);

        for (len = 0; len <= most; len += len < 66 || len > most - 10 ? 1 : machine.setup->step)
            echo(fd, version, len, rng);
        /* What takes the guest several buffers; without mergeable ones the device drops it. */
        for (len = most + 1; !machine.setup->no_merging && len <= most + JUMBO - MTU;
             len += len % 1526 < 4 || len % 1526 > 1522 ? 1 : 5 * machine.setup->step) {
            echo(fd, version, len, rng);
            expected.merged++;
        }
        close(fd);
    }
}

/* icmp(7): the kernel writes checksum and identifier, and hands over what is right alone. */
static void pings(struct rng *rng)
{
    static const size_t sizes[] = {0, 1, 2, 3, 55, 56, 999, 1000, 1452};
    static uint8_t out[JUMBO], back[JUMBO];
    size_t i;
    int version;

    for (version = 4; version <= 6; version += 2) {
        int fd = version == 4 ? socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)
                              : socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6);

        CHECK(fd >= 0);
        for (i = 0; i < COUNT(sizes) - (version == 6); i++) {
            size_t len = 8 + sizes[i];

            rng_fill(rng, out, len);
            out[0] = version == 4 ? 8 : 128;
            out[1] = 0;
            send_to_guest(fd, version, 0, out, len);
            wait_for(fd, "ping");
            CHECK_EQ(recv(fd, back, sizeof back, 0), len);
            CHECK_EQ(back[0], version == 4 ? 0 : 129);
            CHECK(memcmp(out + 6, back + 6, len - 6) == 0); /* from the sequence number on */
        }
        close(fd);
    }
}

static uint64_t checksum_errors(void)
{
    return counter("snmp", "Udp", "InCsumErrors") + counter("snmp", "Icmp", "InCsumErrors") +
           counter("netstat", "IpExt", "InCsumErrors") +
           counter("snmp6", NULL, "Udp6InCsumErrors") + counter("snmp6", NULL, "Icmp6InCsumErrors");
}

/* ---- A machine behind a router -----------------------------------------------------------------
 */

/* A datagram from there to the guest, complete, is in `frame`. */
static void build(unsigned version, uint16_t port, size_t payload, struct rng *rng)
{
    struct recipe recipe = {.ethernet = true, .version = version, .proto = UDP, .payload = payload};
    uint8_t *l3, *l4;

    frame_build(&frame, &recipe, rng);
    l3 = frame.bytes + frame.l3;
    l4 = frame.bytes + frame.l4;
    memcpy(frame.bytes, far.mac, 6);
    memcpy(frame.bytes + 6, (uint8_t[]){2, 0, 0, 0, 1, PEER}, 6);
    l3[version == 4 ? 8 : 7] = 64;
    if (version == 4)
        l3[1] = 0;
    address_bytes((int)version, FAR, PEER, l3 + (version == 4 ? 12 : 8));
    address_bytes((int)version, NEAR, GUEST, l3 + (version == 4 ? 16 : 24));
    store_wire16(l4, PORT);
    store_wire16(l4 + 2, port);
    frame_set_l3(&frame);
    frame_set_field(&frame, frame_complete(&frame));
}

static void send_frame(bool seeded)
{
    sent.hdr = (struct virtio_net_hdr){.flags = 0};
    if (seeded) {
        sent.hdr.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
        sent.hdr.csum_start = (uint16_t)frame.l4;
        sent.hdr.csum_offset = (uint16_t)frame.csum_offset;
    }
    sent.len = frame.len;
    memcpy(sent.bytes, frame.bytes, frame.len);
    CHECK_EQ(tap_write(&far, &sent), 0);
}

/* What the oracle says of both checksums of `came`, which has no options. */
static bool is_good(uint8_t proto, size_t l4_len)
{
    bool v4 = came.bytes[14] >> 4 == 4;
    const uint8_t *l3 = came.bytes + 14, *l4 = l3 + (v4 ? 20 : 40);
    size_t field = proto == TCP ? 16 : 6;
    uint64_t pseudo = v4 ? ref_pseudo4(l3 + 12, l3 + 16, proto, (uint32_t)l4_len)
                         : ref_pseudo6(l3 + 8, l3 + 24, proto, (uint32_t)l4_len);
    uint16_t check = ref_transport(pseudo, l4, l4_len, field);

    CHECK_EQ(l3[v4 ? 9 : 6], proto);
    CHECK_EQ((size_t)(l4 - came.bytes) + l4_len, came.len);
    CHECK(!v4 || load_wire16(l3 + 10) == ref_ipv4_header(l3, 20));
    if (check == 0) /* RFC 768; Linux stores it in TCP, too */
        check = 0xFFFF;
    return load_wire16(l4 + field) == check;
}

static void next_frame(const char *what)
{
    do
        wait_for(far.fd, what);
    while (!tap_read(&far, &came, 0));
    CHECK_EQ(came.hdr.flags, 0); /* finished, for this TAP takes no seeds */
}

/* The answer to `frame`: the datagram sent back, its checksum right, or not where the guest spoils
 * it. */
static void answered(void)
{
    const uint8_t *l4 = came.bytes + frame.l4, *asked = frame.bytes + frame.l4;

    next_frame("an answer for a machine behind the router");
    CHECK_EQ(came.len, frame.len);
    CHECK_EQ(load_wire16(l4), ECHO);
    CHECK_EQ(load_wire16(l4 + 2), PORT);
    CHECK(memcmp(l4 + 8, asked + 8, frame.recipe.payload) == 0);
    if (is_good(UDP, frame.l4_len) == machine.setup->spoils)
        ck_abort_msg("IPv%u, payload %zu: the checksum 0x%04X is %s", frame.recipe.version,
                     frame.recipe.payload, load_wire16(l4 + 6),
                     machine.setup->spoils ? "right" : "wrong");
    expected.sent_udp++;
}

/* A wrong seed is no error in itself: who trusts it never sees it (skb_csum_unnecessary()). */
static void ask_with_wrong_seed(void)
{
    frame_set_field(&frame, (uint16_t)~frame_seed(&frame));
    send_frame(true);
    if (machine.setup->no_csum || machine.setup->finishes) {
        expected.bad++;
    } else {
        expected.udp_seeded++;
        answered();
    }
}

/* One datagram in all the ways it can come. What is to be dropped comes first: had it been
 * answered, the answer to what follows would be another. */
static void ask(unsigned version, size_t payload, struct rng *rng)
{
    build(version, ECHO, payload, rng);
    frame_set_field(&frame, frame_field(&frame) ^ (uint16_t)(1u << payload % 16));
    if (version == 6 || frame_field(&frame) != 0) {
        send_frame(false);
        expected.bad++;
    }
    build(version, ECHO, payload, rng);
    ask_with_wrong_seed();

    build(version, ECHO, payload, rng);
    frame_set_field(&frame, frame_seed(&frame));
    send_frame(true);
    answered();
    expected.udp_seeded++;

    build(version, ECHO, payload, rng);
    send_frame(false);
    answered();
    expected.udp_checked++;

    build(version, ECHO, payload, rng);
    frame_set_field(&frame, 0); /* RFC 768: none; RFC 8200, section 8.1: not allowed */
    send_frame(false);
    if (version == 6) {
        expected.bad++;
    } else {
        answered();
        expected.udp_checked++;
    }
}

/* The answer has the words of the request, in another order: the same sum. */
static void ask_for_zero(unsigned version, struct rng *rng)
{
    build(version, ECHO, 20, rng);
    frame_force(&frame, 0);
    frame_set_field(&frame, 0xFFFF);
    send_frame(false);
    answered();
    CHECK_EQ(load_wire16(came.bytes + frame.l4 + 6), 0xFFFF);
    expected.udp_checked++;
}

/* A TCP segment of `len` bytes, which comes in pieces of up to mss. */
static void ask_for_tcp(unsigned version, size_t len, uint16_t mss, struct rng *rng)
{
    size_t done = 0, pieces = 0, i;

    build(version, CHARGEN, 4, rng);
    store_wire16(frame.bytes + frame.l4 + 8, (uint16_t)len);
    store_wire16(frame.bytes + frame.l4 + 10, mss);
    frame_set_field(&frame, frame_seed(&frame));
    send_frame(true);
    while (done < len) {
        const uint8_t *l4 = came.bytes + frame.l4;
        size_t size = len - done < mss ? len - done : mss;

        next_frame("a TCP segment");
        CHECK_EQ(is_good(TCP, 20 + size), !machine.setup->spoils);
        CHECK_EQ(load_wire16(l4 + 6), done); /* sequence, from 0 on; below 65536 */
        CHECK_EQ(l4[13] & 8, done + size == len ? 8 : 0);
        for (i = 0; i < size; i++)
            CHECK_EQ(l4[20 + i], ' ' + (done + i) % 95);
        done += size;
        pieces++;
    }
    expected.udp_seeded++;
    if (pieces > 1) {
        expected.gso++;
        expected.cut_into += pieces;
    } else {
        expected.sent_udp++;
    }
}

static void behind_the_router(struct rng *rng)
{
    static const struct {
        size_t len;
        uint16_t mss;
    } segments[] = {{1, 1}, {1440, 1440}, {1441, 1440}, {8000, 1440}, {8001, 999}, {65495, 1440}};
    unsigned version;
    size_t i, payload;

    for (version = 4; version <= 6; version += 2) {
        for (payload = 0; payload <= 1452; payload += payload < 20 ? 1 : machine.setup->step)
            ask(version, payload, rng);
        for (i = 0; i < COUNT(segments); i++)
            ask_for_tcp(version, segments[i].len, segments[i].mss, rng);
        if (!machine.setup->spoils)
            ask_for_zero(version, rng);
    }
}

/* ---- Guests ------------------------------------------------------------------------------------
 */

static void converse(const struct setup *setup, uint64_t stream)
{
    struct rng rng = rng_new(stream);
    int fd;

    start(setup);
    fd = udp_socket(4, NEAR, HERE, DISCARD);
    hear(fd);
    close(fd);
    pings(&rng);
    echoes(&rng);
    behind_the_router(&rng);
    stop();
    CHECK_EQ(checksum_errors(), 0);
}

START_TEST(seeds_both_ways)
{
    static const struct setup setup = {.cpu = "max", .nic = "", .options = "", .kernel = "avx2"};
    struct setup s = setup;

    s.step = effort(1, 37);
    converse(&s, 81);
}
END_TEST

START_TEST(seeds_finished_on_receipt)
{
    static const struct setup setup = {.cpu = "Nehalem",
                                       .nic = ",host_tso4=off,host_tso6=off",
                                       .options = "finish",
                                       .kernel = "sse2",
                                       .no_tso = true,
                                       .finishes = true,
                                       .step = 37};

    converse(&setup, 82);
}
END_TEST

/* SSE stays off in CR4: an instruction of it, anywhere, would be exception 6. */
START_TEST(without_vector_registers)
{
    static const struct setup setup = {.cpu = "max",
                                       .nic = ",mrg_rxbuf=off",
                                       .options = "scalar",
                                       .kernel = "scalar",
                                       .no_merging = true,
                                       .step = 37};

    converse(&setup, 83);
}
END_TEST

#define NO_OFFLOADS ",csum=off,guest_csum=off,host_tso4=off,host_tso6=off"

START_TEST(without_offloads)
{
    static const struct setup setup = {.cpu = "max",
                                       .nic = NO_OFFLOADS,
                                       .options = "",
                                       .kernel = "avx2",
                                       .no_csum = true,
                                       .no_tso = true,
                                       .step = 37};

    converse(&setup, 84);
}
END_TEST

/* Controls: had they passed, the tests above would prove nothing. Local sockets take any seed; the
 * oracle doesn't, once it is finished. */
START_TEST(wrong_seeds_are_seen)
{
    static const struct setup setup = {
        .cpu = "max", .nic = "", .options = "spoil", .kernel = "avx2", .spoils = true, .step = 37};

    converse(&setup, 85);
}
END_TEST

/* And wrong checksums are neither delivered nor overlooked by the kernel. */
START_TEST(wrong_checksums_are_counted)
{
    static const struct setup setup = {.cpu = "max",
                                       .nic = NO_OFFLOADS,
                                       .options = "spoil",
                                       .kernel = "avx2",
                                       .no_csum = true,
                                       .no_tso = true,
                                       .spoils = true,
                                       .step = 37};
    struct rng rng = rng_new(86);
    uint8_t byte;
    uint64_t i;
    int fd;

    start(&setup);
    fd = udp_socket(4, NEAR, HERE, DISCARD);
    for (i = 0; i < 10; i++) {
        int tries = WAIT_MS;

        while (counter("snmp", "Udp", "InCsumErrors") <= i && --tries > 0)
            usleep(1000);
        CHECK_EQ(checksum_errors(), i + 1); /* the first datagram, then those sent back */
        CHECK(recv(fd, &byte, 1, 0) < 0 && errno == EAGAIN);
        send_to_guest(fd, 4, ECHO, &byte, i % 2);
    }
    expected.udp_seeded += i;
    close(fd);
    /* Sockets first: a router without a link-local address asks for no neighbours on behalf of
     * others (ndisc_send_ns()). */
    pings(&rng);
    behind_the_router(&rng);
    stop();
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const tests[] = {seeds_both_ways,
                                  seeds_finished_on_receipt,
                                  without_vector_registers,
                                  without_offloads,
                                  wrong_seeds_are_seen,
                                  wrong_checksums_are_counted,
                                  NULL};
    Suite *suite = suite_create("unikernel");
    const char *why = kernel_missing();

    if (argc != 3)
        return kernel_skipped("no compiler for the guest");
    if (system("command -v qemu-system-x86_64 >/dev/null") != 0)
        return kernel_skipped("no qemu-system-x86_64");
    if (why)
        return kernel_skipped(why);
    boot = argv[1];
    guest = argv[2];
    suite_add(suite, "unikernel", tests);
    return suite_run(suite);
}
