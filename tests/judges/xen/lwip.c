// SPDX-License-Identifier: MIT
/*
 * A guest that runs lwIP (examples/lwip-guest) on Xen's ring, and domain 0's kernel as its peer:
 * blank both ways, or complete both ways. The kernel delivers to itself what is blank, or said to
 * be validated, unseen; so there is a peer beyond a device without offloads, too, which checks
 * everything. Each test ends its process, for lwIP can't be stopped: done().
 */
#include <csumoff_netfront.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lwip/peer.h"
#include "../../oracle/suite.h"
#include "guest.h"
#include "netif_xen.h"
#include "sums.h"
#include "vif.h"

static unsigned handle; /* of the vif: a new one for each test, whatever one that failed has left */
static struct offload offload;
static struct netif netif;
static struct netif_xen state = {.offload = &offload, .mtu = MTU, .mac = {2, 0, 0, 0, 0, GUEST}};

/* ---- Between the netif and the ring ------------------------------------------------------------
 */

static struct way {
    atomic_size_t frames, blank, super;
} to_guest, from_guest;

static atomic_bool spoils;    /* every TCP or UDP checksum that the guest sends, or seed */
static atomic_size_t spoiled; /* how many it were */

static void count(struct way *way, bool is_blank, bool is_super)
{
    atomic_fetch_add(&way->frames, 1);
    atomic_fetch_add(&way->blank, is_blank);
    atomic_fetch_add(&way->super, is_super);
}

/* The linker puts these two in the place of ring_send() and ring_receive(). */
// NOLINTBEGIN(bugprone-reserved-identifier): its names
int __real_ring_send(struct ring *ring, const struct iovec *pieces, size_t count,
                     const struct ring_slot *slot);
int __wrap_ring_send(struct ring *ring, const struct iovec *pieces, size_t pieces_count,
                     const struct ring_slot *slot);
bool __real_ring_receive(struct ring *ring, struct ring_frame *frame);
bool __wrap_ring_receive(struct ring *ring, struct ring_frame *frame);

int __wrap_ring_send(struct ring *ring, const struct iovec *pieces, size_t pieces_count,
                     const struct ring_slot *slot)
{
    static uint8_t frame[RING_FRAME_MAX]; /* the ring takes one thread at a time */
    struct iovec spoiled_piece = {frame, pieces->iov_len};
    struct csumoff_layout at;
    bool is_spoiled = atomic_load(&spoils) &&
                      csumoff_locate(pieces->iov_base, pieces->iov_len, CSUMOFF_LINK_ETHERNET,
                                     &at) == CSUMOFF_OK &&
                      at.csum_offset != 2;
    int status;

    if (is_spoiled) {
        uint8_t *bit = frame + at.csum_start + at.csum_offset;

        /* Elsewhere: the frame may be sent again, and its page be the ring's. */
        memcpy(frame, pieces->iov_base, pieces->iov_len);
        bit += bit[1] == 0; /* a field that got 0 would say that there is none */
        *bit ^= 0x20;
        pieces = &spoiled_piece;
    }
    status = __real_ring_send(ring, pieces, pieces_count, slot);
    if (status)
        return status;
    atomic_fetch_add(&spoiled, is_spoiled);
    count(&from_guest, slot->flags & CSUMOFF_NETTXF_CSUM_BLANK, slot->gso_type);
    return 0;
}

bool __wrap_ring_receive(struct ring *ring, struct ring_frame *frame)
{
    if (!__real_ring_receive(ring, frame))
        return false;
    count(&to_guest, frame->slot.flags & CSUMOFF_NETRXF_CSUM_BLANK, frame->slot.gso_type);
    return true;
}
// NOLINTEND(bugprone-reserved-identifier)

/* ---- The rig -----------------------------------------------------------------------------------
 */

struct plan {
    bool blank;       /* whatever the two sides can do, or nothing of it */
    bool trust;       /* struct netif_xen */
    bool is_finished; /* the peer is beyond a device without offloads */
};

static void plug(const struct plan *plan)
{
    static const char *const off[][2] = {{"feature-no-csum-offload", "1"},
                                         {"feature-ipv6-csum-offload", "0"},
                                         {"feature-gso-tcpv4", "0"},
                                         {"feature-gso-tcpv6", "0"},
                                         {"feature-sg", "0"}};
    const struct csumoff_netfront_caps mine = {plan->blank, plan->blank, plan->blank, plan->blank,
                                               plan->blank};
    struct ring *ring;
    size_t i;

    handle = (unsigned)getpid();
    CHECK_EQ(vif_plug(handle, (const uint8_t[]){2, 0, 0, 0, 0, GUEST}), 0);
    CHECK_EQ(ring_open(&ring, vif_device(handle)), 0);
    for (i = 0; i < sizeof off / sizeof *off && !plan->blank; i++)
        CHECK_EQ(vif_write_backend_key(handle, off[i][0], off[i][1]), 0);
    CHECK_EQ(offload_connect(&offload, ring, &mine), 0);
}

/* The guest, and the kernel as its peer: this process is in the kernel's namespace, where whatever
 * is counted begins at 0. The backend's device has come up in the first process's. */
static void start(const struct plan *plan)
{
    struct tap vif;
    const struct tap *peer = &vif;
    char move[96];
    int fd, i;
    char byte;

    rng = rng_new(91);
    plug(plan);
    machine_new();
    snprintf(vif.name, sizeof vif.name, "vif0.%u", handle);
    snprintf(move, sizeof move, "nsenter -t 1 -n ip link set %s netns %d", vif.name, getpid());
    CHECK_EQ(system(move), 0);
    tap_neighbours(&vif);
    if (plan->is_finished)
        peer = finisher_new(&vif, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6);
    tap_neighbours(peer);
    tap_address(peer, NET, KERNEL);
    state.trust = plan->trust;
    guest_start();
    CHECK(guest_attach(&netif, netif_xen_init, &state, "10.0.1.2", "2001:db8:1::2"));
    CHECK(guest_echo(PORT));
    /* Devices take a moment until they forward; a SYN is sent again. What the guest has to say of
     * the end is said, too, when this is over. */
    for (i = 0; i < 2; i++) {
        fd = client(versions[i], SOCK_STREAM, PORT);
        wait_connected(fd);
        shutdown(fd, SHUT_WR);
        CHECK(is_ready(fd, POLLIN, WAIT_MS));
        CHECK_EQ(recv(fd, &byte, 1, 0), 0);
        close(fd);
    }
}

static void nobody_complained(void)
{
    CHECK_EQ(kernel_errors(), 0);
    CHECK_EQ(sums_counts.wrong, 0);
}

/* A row of ./dev xen's table, too. */
__attribute__((noreturn)) static void done(const char *what, const char *flags)
{
    sys_mutex_lock(&state.lock); /* for good */
    ring_close(offload.ring);
    vif_unplug(handle);
    printf("#| lwIP: %s | %s | - | %zu (%zu blank) sent, %zu (%zu blank, %zu GSO) received | as "
           "expected\n",
           what, flags, atomic_load(&from_guest.frames), atomic_load(&from_guest.blank),
           atomic_load(&to_guest.frames), atomic_load(&to_guest.blank),
           atomic_load(&to_guest.super));
    printf("# it checked %zu packets, %zu were wrong, %zu spared; made %zu checksums, left %zu; "
           "the kernel found %ju wrong\n",
           atomic_load(&sums_counts.checked), atomic_load(&sums_counts.wrong),
           atomic_load(&sums_counts.spared), atomic_load(&sums_counts.made),
           atomic_load(&sums_counts.left), (uintmax_t)kernel_errors());
    fflush(stdout);
    _exit(EXIT_SUCCESS);
}

/* ---- Tests -------------------------------------------------------------------------------------
 */

/* Echoes whose checksums nobody sums, or whoever has to. */
static void blank_both_ways(bool trust, bool is_finished, const char *what)
{
    const struct plan plan = {.blank = true, .trust = trust, .is_finished = is_finished};
    size_t count, segments = effort(STREAM, STREAM / 20) / MTU;

    start(&plan);
    CHECK(offload.theirs.csum_ipv4 && offload.theirs.csum_ipv6 && offload.theirs.sg);
    count = echo_datagrams_of_a_frame(PORT);
    ck_assert_uint_ge(to_guest.blank, count);
    ck_assert_uint_ge(from_guest.blank, count);
    ck_assert_uint_ge(trust ? sums_counts.spared : sums_counts.checked, count);
    echo_streams();
    ck_assert_uint_ge(from_guest.blank, count + 2 * segments);
    ck_assert_uint_gt(to_guest.super, 0);
    CHECK_EQ(sums_counts.made, 0);
    /* Nobody offloads what neighbours say of themselves. */
    CHECK(trust ? sums_counts.checked < 10 : sums_counts.spared == 0);
    nobody_complained();
    done(what, "blank");
}

START_TEST(trusted)
{
    blank_both_ways(true, false, "blank frames trusted; domain 0 itself the peer");
}
END_TEST

START_TEST(finished)
{
    blank_both_ways(false, true, "blank frames finished; a peer that checks");
}
END_TEST

/* The same in software, on both sides. */
START_TEST(complete)
{
    const struct plan plan = {.is_finished = true};
    size_t count, segments = effort(STREAM, STREAM / 20) / MTU;

    start(&plan);
    count = echo_datagrams_of_a_frame(PORT);
    ck_assert_uint_ge(sums_counts.checked, count);
    ck_assert_uint_ge(sums_counts.made, count);
    echo_streams();
    ck_assert_uint_ge(from_guest.frames, count + 2 * segments);
    CHECK_EQ(to_guest.blank + to_guest.super + from_guest.blank, 0);
    CHECK_EQ(sums_counts.spared + sums_counts.left, 0);
    nobody_complained();
    done("nothing taken by either side; a peer that checks", "validated");
}
END_TEST

/* Why the peer's word counts. */
static void wrong_is_counted(bool blank, const char *what)
{
    const struct plan plan = {.blank = blank, .is_finished = true};
    int udp[2], tcp[2], i, k;
    size_t sent = 0;
    uint8_t data[100];

    start(&plan);
    for (i = 0; i < 2; i++) {
        udp[i] = client(versions[i], SOCK_DGRAM, PORT);
        echo_datagram(udp[i], 100);
    }
    nobody_complained();
    atomic_store(&spoils, true);
    for (i = 0; i < 2; i++)
        for (k = 0; k < 50; k++, sent++) {
            rng_fill(&rng, data, sizeof data);
            CHECK_EQ(send(udp[i], data, (size_t)k, 0), k);
            wait_for("spoiled datagrams", &spoiled, sent + 1);
        }
    for (i = 0; i < 2; i++)
        tcp[i] = client(versions[i], SOCK_STREAM, PORT);
    wait_for("spoiled SYNs", &spoiled, sent + 2);
    wait_for_errors(udp, sent + 2);
    for (i = 0; i < 2; i++)
        CHECK(!is_ready(tcp[i], POLLOUT, 0));
    atomic_store(&spoils, false);
    for (i = 0; i < 2; i++) {
        echo_datagram(udp[i], 1001);
        wait_connected(tcp[i]);
        stream(tcp[i], tcp[i], effort(1 << 20, 1 << 16));
    }
    CHECK_EQ(kernel_errors(), spoiled);
    CHECK_EQ(sums_counts.wrong, 0);
    done(what, blank ? "blank" : "validated");
}

START_TEST(wrong_seeds_are_counted)
{
    wrong_is_counted(true, "WRONG: seeds, dropped by a peer that checks");
}
END_TEST

START_TEST(wrong_checksums_are_counted)
{
    wrong_is_counted(false, "WRONG: checksums, dropped by a peer that checks");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        trusted, finished, complete, wrong_seeds_are_counted, wrong_checksums_are_counted, NULL};
    Suite *suite = suite_create("lwip");

    suite_add(suite, "lwip", tests);
    return suite_run(suite);
}
