// SPDX-License-Identifier: MIT
/*
 * A driver that only sends and receives, with an amalgamated pair for netfront, virtio or both, and
 * without a libc: each frame is made ready for the ring and received again, and every checksum and
 * flag is compared with the oracle's (tests/oracle/reference.c). Exits with 0, or with the number
 * of the check that failed. IS_PLAIN   whether the pair was made with --scalar, which knows fewer
 * packets: 0 or 1
 */
#include "csumoff.h"

#include "../../oracle/reference.h"

enum {
    TAG = 4,
    PAYLOAD_MOST = 3000,
    ROOM = 14 + TAG + 40 + 20 + PAYLOAD_MOST,
    TCP = 6,
    UDP = 17,
    ICMP = 1,
    ICMPV6 = 58,
    SCTP = 132
};

/* A frame, and where things are in it. */
struct made {
    uint8_t bytes[ROOM];
    size_t len, l3, l4, field;
    uint8_t version, proto;
};

static struct made sent;
static int failed;

/* The first check that fails tells its number. */
static void check(int number, bool holds)
{
    if (!holds && !failed)
        failed = number;
}

static void put16(uint8_t *to, size_t n)
{
    to[0] = (uint8_t)(n >> 8);
    to[1] = (uint8_t)n;
}

static unsigned get16(const uint8_t *from)
{
    return from[0] * 256u + from[1];
}

/* Makes a frame with rubbish in its checksum fields. */
static void make(struct made *made, uint8_t version, uint8_t proto, bool tagged, size_t payload)
{
    const size_t header = proto == TCP ? 20 : proto == SCTP ? 12 : 8;
    uint8_t *l3, *l4;

    made->version = version;
    made->proto = proto;
    made->l3 = 14 + (tagged ? TAG : 0u);
    made->l4 = made->l3 + (version == 4 ? 20 : 40);
    made->len = made->l4 + header + payload;
    made->field = made->l4 + (proto == TCP ? 16 : proto == UDP ? 6 : proto == SCTP ? 8 : 2);
    for (size_t i = 0; i < made->len; i++)
        made->bytes[i] = (uint8_t)(i * 37 + payload * 11 + 1);
    l3 = made->bytes + made->l3;
    l4 = made->bytes + made->l4;
    if (tagged)
        put16(l3 - 2 - TAG, 0x8100);
    put16(l3 - 2, version == 4 ? 0x0800 : 0x86DD);
    l3[0] = version == 4 ? 0x45 : 0x60;
    if (version == 4) {
        put16(l3 + 2, made->len - made->l3);
        put16(l3 + 6, 0x4000);
        l3[9] = proto;
    } else {
        put16(l3 + 4, made->len - made->l4);
        l3[6] = proto;
    }
    if (proto == TCP)
        l4[12] = 5 << 4;
    if (proto == UDP)
        put16(l4 + 4, made->len - made->l4);
}

static uint64_t pseudo_of(const struct made *made)
{
    const uint8_t *l3 = made->bytes + made->l3;
    const uint32_t len = (uint32_t)(made->len - made->l4);

    if (made->proto == ICMP)
        return 0;
    return made->version == 4 ? ref_pseudo4(l3 + 12, l3 + 16, made->proto, len)
                              : ref_pseudo6(l3 + 8, l3 + 24, made->proto, len);
}

/* Returns whether the field holds the seed: the folded sum of the pseudo-header. */
static bool is_seeded(const struct made *made)
{
    return get16(made->bytes + made->field) == ref_fold(pseudo_of(made));
}

static bool is_complete(const struct made *made)
{
    const unsigned found = get16(made->bytes + made->field);
    const unsigned right = ref_transport(pseudo_of(made), made->bytes + made->l4,
                                         made->len - made->l4, made->field - made->l4);

    return found == right || (found == 0xFFFF && right == 0);
}

static bool has_header(const struct made *made)
{
    const uint8_t *l3 = made->bytes + made->l3;

    return made->version != 4 || get16(l3 + 10) == ref_ipv4_header(l3, 20);
}

static bool takes_seed(const struct made *made)
{
    return made->proto == TCP || made->proto == UDP;
}

#if defined(CSUMOFF_NETFRONT_H)
static struct made received;

static void copy(struct made *to, const struct made *from)
{
    for (size_t i = 0; i < sizeof *from; i++)
        ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
}

static bool same(const struct made *a, const struct made *b)
{
    size_t i = 0;

    while (i < a->len && a->bytes[i] == b->bytes[i])
        i++;
    return i == a->len;
}

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

int run(void);
int run(void)
{
    for (unsigned which = 0; which < 12; which++) {
        const uint8_t version = which & 1 ? 6 : 4, icmp = which & 1 ? ICMPV6 : ICMP;
        const uint8_t proto = which >> 2 == 0 ? TCP : which >> 2 == 1 ? UDP : icmp;

        for (size_t payload = 0; payload < 1500; payload += payload < 200 ? 1 : 97) {
#if defined(CSUMOFF_NETFRONT_H)
            send(version, proto, which & 2, payload);
#endif
#if defined(CSUMOFF_VIRTIO_H)
            send_virtio(version, proto, which & 2, payload);
#endif
        }
    }
#if defined(CSUMOFF_NETFRONT_H)
    send_others(4);
    send_others(6);
#endif
    return failed;
}

/* On x86-64: the stack is as the ABI wants it before a call. */
__asm__(".globl _start\n_start:\n\tcall run\n\tmov %eax, %edi\n\tmov $60, %eax\n\tsyscall\n");
