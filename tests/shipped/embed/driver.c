// SPDX-License-Identifier: MIT
/*
 * A driver that only sends and receives, with an amalgamated pair for netfront, virtio or both, and
 * without a libc: each frame is made ready for the ring and received again, and every checksum and
 * flag is compared with the oracle's (tests/oracle/reference.c). Prints a line of TAP for each
 * part. Exits with 0, or with the number of the first check that failed.
 *
 *   IS_PLAIN   whether the pair was made with --scalar, which knows fewer packets: 0 or 1
 */
#include "csumoff.h"

#include "driver_frames.h"

static struct made sent;
static int failed;

/* The first check that fails tells its number. */
static void check(int number, bool holds)
{
    if (!holds && !failed)
        failed = number;
}

#if defined(CSUMOFF_NETFRONT_H)
static struct made received;

static const char *all_on(void *ctx, const char *key)
{
    (void)ctx;
    return key[8] == 'n' ? "0" : "1"; /* feature-no-csum-offload */
}

/* What arrives under the sent slot's flags, as the other direction has them. */
static void receive(int number, const struct csumoff_netfront_slot *slot)
{
    const bool blank = slot->flags & CSUMOFF_NETTXF_CSUM_BLANK;
    struct csumoff_netfront_slot arrived = {0, 0, 0};
    struct csumoff_rx rx;

    if (blank)
        arrived.flags = CSUMOFF_NETRXF_CSUM_BLANK | CSUMOFF_NETRXF_DATA_VALIDATED;
    copy(&received, &sent);
    check(number, csumoff_netfront_rx(received.bytes, received.len, &arrived, &rx) == CSUMOFF_OK);
    check(number + 1, rx.state == (blank ? CSUMOFF_PARTIAL : CSUMOFF_NONE));
    check(number + 2, !blank || (!rx.no_seed && rx.csum_start + rx.csum_offset == received.field));
    check(number + 3,
          csumoff_netfront_rx_finish(received.bytes, received.len, &arrived) == CSUMOFF_OK);
    check(number + 4, is_complete(&received) && has_header(&received));
}

static void send(uint8_t version, uint8_t proto, bool tagged, size_t payload)
{
    const struct csumoff_netfront_caps none = {false, false, false, false, false};
    struct csumoff_netfront_caps caps;
    struct csumoff_netfront_slot slot;
    bool seeds;

    csumoff_netfront_read_caps(all_on, NULL, &caps);
    check(1, caps.csum_ipv4 && caps.csum_ipv6 && caps.gso_tcpv4 && caps.gso_tcpv6 && caps.sg);
    make(&sent, version, proto, tagged, payload);
    seeds = takes_seed(&sent) && !tagged;
    check(2, csumoff_netfront_tx(sent.bytes, sent.len, &caps, NULL, &slot) == CSUMOFF_OK);
    check(3, has_header(&sent) && (seeds ? is_seeded(&sent) : is_complete(&sent)));
    check(4, slot.flags == (seeds ? CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED : 0));
    check(5, csumoff_netback_drops(sent.bytes, sent.len, &slot) == CSUMOFF_DROP_NONE);
    receive(10, &slot);
    make(&sent, version, proto, tagged, payload);
    check(6, csumoff_netfront_tx(sent.bytes, sent.len, &none, NULL, &slot) == CSUMOFF_OK);
    check(7, has_header(&sent) && is_complete(&sent) && slot.flags == 0);
    receive(20, &slot);
}

/* In pieces; super-frames; what is refused; what has no checksum that is known. */
static void send_others(uint8_t version)
{
    const struct csumoff_iov pieces[] = {{sent.bytes, 33}, {sent.bytes + 33, ROOM - 33}};
    const struct csumoff_hint cut = {CSUMOFF_TX_COMPUTE, 0, 0, 1000, NULL},
                              inside = {CSUMOFF_TX_SEEDED, 100, 16, 0, NULL},
                              as_is = {CSUMOFF_TX_AS_IS, 0, 0, 0, NULL};
    struct csumoff_netfront_caps caps = {true, true, true, true, true};
    struct csumoff_netfront_slot slot;

    make(&sent, version, TCP, false, ROOM - 14 - (version == 4 ? 20 : 40) - 20);
    check(30, csumoff_netfront_tx_iov(pieces, 2, &caps, NULL, &slot) == CSUMOFF_OK);
    check(31, is_seeded(&sent) && has_header(&sent));
    receive(40, &slot);
    make(&sent, version, TCP, false, PAYLOAD_MOST);
    check(32, csumoff_netfront_tx(sent.bytes, sent.len, &caps, &cut, &slot) == CSUMOFF_OK);
    check(33, is_seeded(&sent) && slot.gso_size == 1000 && slot.flags & CSUMOFF_NETTXF_EXTRA_INFO);
    check(34, slot.gso_type ==
                  (version == 4 ? CSUMOFF_NETIF_GSO_TYPE_TCPV4 : CSUMOFF_NETIF_GSO_TYPE_TCPV6));
    caps.sg = false;
    copy(&received, &sent);
    check(35, csumoff_netfront_tx(sent.bytes, sent.len, &caps, &cut, &slot) == CSUMOFF_ENOTSUP);
    check(37, csumoff_netfront_tx(sent.bytes, sent.len, &caps, &as_is, &slot) == CSUMOFF_OK);
    check(38, same(&sent, &received) && slot.flags == 0);
    check(36, csumoff_netfront_tx(sent.bytes, sent.len, &caps, &inside, &slot) ==
                  (IS_PLAIN ? CSUMOFF_ENOTSUP : CSUMOFF_OK));
    make(&sent, version, SCTP, false, 100);
    copy(&received, &sent);
    check(39, csumoff_netfront_tx(sent.bytes, sent.len, &caps, NULL, &slot) == CSUMOFF_OK);
    check(50, slot.flags == 0 && has_header(&sent));
    put16(received.bytes + received.l3 + 10, get16(sent.bytes + sent.l3 + 10));
    check(51, same(&sent, &received) == IS_PLAIN);
}
/* A layout that comes with a frame: where fewer packets are known it is not looked at. */
static void layouts(void)
{
    const struct csumoff_netfront_caps caps = {true, true, true, true, true};
    struct csumoff_layout layout;
    const struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, 0, &layout};
    struct csumoff_netfront_slot slot;

    make(&sent, 4, TCP, false, 100);
    if (csumoff_locate(sent.bytes, sent.len, CSUMOFF_LINK_ETHERNET, &layout) != CSUMOFF_OK)
        check(52, false);
    if (IS_PLAIN) {
        layout.csum_start += 4;
        layout.l4_start += 4;
        layout.l4_proto = UDP;
    }
    check(53, csumoff_netfront_tx(sent.bytes, sent.len, &caps, &hint, &slot) == CSUMOFF_OK);
    check(54, has_header(&sent) && is_seeded(&sent));
    check(55, slot.flags == (CSUMOFF_NETTXF_CSUM_BLANK | CSUMOFF_NETTXF_DATA_VALIDATED));
}

/* Links, routes and headers of which fewer are known. */
static void packets_known(void)
{
    const struct csumoff_netfront_caps caps = {true, true, true, true, true};
    struct csumoff_netfront_slot slot;
    uint8_t *header;

    make(&sent, 4, TCP, false, 100);
    put16(sent.bytes + 12, 0x8847);
    put16(insert(&sent, sent.l3, MPLS_LABEL) + 2, 0x0140); /* the last label, TTL 64 */
    copy(&received, &sent);
    check(80, csumoff_netfront_tx(sent.bytes, sent.len, &caps, NULL, &slot) == CSUMOFF_OK);
    check(81, slot.flags == 0 && (IS_PLAIN ? same(&sent, &received) : is_complete(&sent)));
    (void)make_extended(&sent, HOP_BY_HOP, 8);
    check(82, csumoff_netfront_tx(sent.bytes, sent.len, &caps, NULL, &slot) == CSUMOFF_OK);
    check(83, IS_PLAIN ? slot.flags == 0 && is_complete(&sent)
                       : slot.flags & CSUMOFF_NETTXF_CSUM_BLANK && is_seeded(&sent));
    header = make_extended(&sent, ROUTING, 24);
    header[2] = 2; /* RFC 6275: one address more */
    header[3] = 1;
    copy(&received, &sent);
    check(84, csumoff_netfront_tx(sent.bytes, sent.len, &caps, NULL, &slot) ==
                  (IS_PLAIN ? CSUMOFF_ENOTSUP : CSUMOFF_OK));
    check(85, !IS_PLAIN || same(&sent, &received));
}
#endif

#if defined(CSUMOFF_VIRTIO_H)
static void send_virtio(uint8_t version, uint8_t proto, bool tagged, size_t payload)
{
    const struct csumoff_virtio_caps all = {true, true, true, true, true}, none = {0};
    const struct csumoff_virtio_policy policy = {true, true};
    const enum csumoff_link link = CSUMOFF_LINK_ETHERNET;
    struct csumoff_virtio_hdr hdr;
    struct csumoff_rx rx;
    uint8_t bytes[12];

    make(&sent, version, proto, tagged, payload);
    check(60, csumoff_virtio_tx(sent.bytes, sent.len, link, &all, NULL, &hdr) == CSUMOFF_OK);
    check(61, hdr.flags == (takes_seed(&sent) ? CSUMOFF_VIRTIO_NEEDS_CSUM : 0));
    check(62, has_header(&sent) && (takes_seed(&sent) ? is_seeded(&sent) : is_complete(&sent)));
    check(63, !takes_seed(&sent) || hdr.csum_start + hdr.csum_offset == (int)sent.field);
    check(64, csumoff_virtio_put(&hdr, CSUMOFF_VIRTIO_12, bytes) == sizeof bytes);
    check(65, csumoff_virtio_get(bytes, CSUMOFF_VIRTIO_12, &hdr) == sizeof bytes);
    check(66, csumoff_virtio_rx(sent.bytes, sent.len, link, &hdr, &policy, &rx) == CSUMOFF_OK);
    check(67, (rx.state == CSUMOFF_PARTIAL) == takes_seed(&sent));
    check(68, csumoff_virtio_rx_finish(sent.bytes, sent.len, link, &hdr, &policy) == CSUMOFF_OK);
    check(69, is_complete(&sent) && has_header(&sent));
    make(&sent, version, proto, tagged, payload);
    check(70, csumoff_virtio_tx(sent.bytes, sent.len, link, &none, NULL, &hdr) == CSUMOFF_OK);
    check(71, hdr.flags == 0 && is_complete(&sent) && has_header(&sent));
}
#endif

/* Compilers call it where nothing is optimized. */
void *memcpy(void *dst, const void *src, size_t n);
void *memcpy(void *dst, const void *src, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)dst)[i] = ((const uint8_t *)src)[i];
    return dst;
}

/* Each protocol and version, tagged and not, with payloads of many lengths. */
static void each_frame(void (*send_it)(uint8_t, uint8_t, bool, size_t))
{
    for (unsigned which = 0; which < 12; which++) {
        const uint8_t version = which & 1 ? 6 : 4, icmp = which & 1 ? ICMPV6 : ICMP;
        const uint8_t proto = which >> 2 == 0 ? TCP : which >> 2 == 1 ? UDP : icmp;

        for (size_t payload = 0; payload < 1500; payload += payload < 200 ? 1 : 97)
            send_it(version, proto, which & 2, payload);
    }
}

#if defined(CSUMOFF_NETFRONT_H)
static void netfront_frames(void)
{
    each_frame(send);
}

static void netfront_others(void)
{
    send_others(4);
    send_others(6);
}
#endif

#if defined(CSUMOFF_VIRTIO_H)
static void virtio_frames(void)
{
    each_frame(send_virtio);
}
#endif

/* Linux's system call write, on x86-64. */
static void print(const char *text)
{
    long len = 0, result;

    while (text[len])
        len++;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(1), "D"(1), "S"(text), "d"(len)
                     : "rcx", "r11", "memory");
}

static const struct {
    void (*run)(void);
    const char *name;
} parts[] = {
#if defined(CSUMOFF_NETFRONT_H)
    {netfront_frames, "driver:netfront_frames\n"},
    {netfront_others, "driver:netfront_others\n"},
    {layouts, "driver:layouts\n"},
    {packets_known, "driver:packets_known\n"},
#endif
#if defined(CSUMOFF_VIRTIO_H)
    {virtio_frames, "driver:virtio_frames\n"},
#endif
};

int run(void);
int run(void)
{
    int first = 0;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        failed = 0;
        parts[i].run();
        print(failed ? "not ok - " : "ok - ");
        print(parts[i].name);
        first = first ? first : failed;
    }
    return first;
}

/* On x86-64: the stack is as the ABI wants it before a call. */
__asm__(".globl _start\n_start:\n\tcall run\n\tmov %eax, %edi\n\tmov $60, %eax\n\tsyscall\n");
