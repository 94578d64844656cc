// SPDX-License-Identifier: MIT
/*
 * Calls every public function of the library and the glue, without a libc and, where the compiler
 * was told so, without a register of the vector unit: for processors that haven't got one, and for
 * the check that its registers are left alone. Exits with 0 where the results are right, too.
 *   ALLOWED   what csumoff_cpu_limit() is given, 0; without it, it isn't called
 *   EVERY_INSIDE   another program includes this one
 */
#include <csumoff_xen_virtio.h>

enum {
    ETHERNET = 14,
    L4 = ETHERNET + 20,
    PAYLOAD = 600,
    LEN = L4 + 20 + PAYLOAD
};

/* Who measures the stack doesn't want to find all of these on it at once. */
#define APART __attribute__((noinline))

static uint8_t tcp[LEN], frame[LEN], other[LEN];

static const char *no_key(void *ctx, const char *key)
{
    (void)ctx;
    (void)key;
    return NULL;
}

/* TCP over IPv4, no checksum in it. */
static void make_tcp(void)
{
    static const uint8_t headers[] = {2,    0, 0,   0, 0,    1,    2,    0,    0,  0,  0, 2, 8,   0,
                                      0x45, 0, 0,   0, 0,    0,    0x40, 0,    64, 6,  0, 0, 192, 0,
                                      2,    1, 192, 0, 2,    2,    0x12, 0x34, 0,  80, 0, 0, 0,   1,
                                      0,    0, 0,   0, 0x50, 0x10, 1,    0,    0,  0,  0, 0};

    for (size_t i = 0; i < LEN; i++)
        tcp[i] = i < sizeof headers ? headers[i] : (uint8_t)(i * 7);
    tcp[ETHERNET + 2] = (LEN - ETHERNET) >> 8;
    tcp[ETHERNET + 3] = (LEN - ETHERNET) & 0xFF;
}

static bool same(const uint8_t *a, const uint8_t *b)
{
    bool right = true;

    for (size_t i = 0; i < LEN; i++)
        right &= a[i] == b[i];
    return right;
}

APART static bool sums(void)
{
    const struct csumoff_iov pieces[] = {{tcp, 101}, {tcp + 101, LEN - 101}};
    csumoff_wsum whole = csumoff_partial(tcp, LEN, 0), sum = 0, head, tail;
    bool right = csumoff_fold(csumoff_partial_copy(other, tcp, LEN, 0)) == csumoff_fold(whole);

    right &= csumoff_partial_iov(pieces, 2, 0, LEN, &sum) == CSUMOFF_OK;
    right &= csumoff_fold(sum) == csumoff_fold(whole) && same(tcp, other);
    other[0]++;
    sum = 0;
    right &= csumoff_partial_copy_iov(other, pieces, 2, 0, LEN, &sum) == CSUMOFF_OK;
    right &= csumoff_fold(sum) == csumoff_fold(whole) && same(tcp, other);
    right &= csumoff_fold(csumoff_partial_scalar(tcp, LEN, 0)) == csumoff_fold(whole);
    head = csumoff_partial(tcp, 101, 0);
    tail = csumoff_partial(tcp + 101, LEN - 101, 0);
    right &= csumoff_fold(csumoff_block_add(head, tail, 101)) == csumoff_fold(whole);
    right &= csumoff_fold(csumoff_block_sub(whole, tail, 101)) == csumoff_fold(head);
    right &= csumoff_sub(csumoff_add(head, tail), tail) == head;
    right &= csumoff_block_shift_(0x01020304, 3) == 0x02030401;
    right &= csumoff_fold64_((uint64_t)1 << 32) == 1;
    right &= csumoff_load16_(tcp) == (csumoff_sum16)csumoff_partial(tcp, 2, 0);
    right &= csumoff_crc32c("123456789", 9, 0) == UINT32_C(0xE3069283);
    right &= csumoff_crc32c(tcp + 333, LEN - 333, csumoff_crc32c(tcp, 333, 0)) ==
             csumoff_crc32c(tcp, LEN, 0);
    return right && csumoff_load32_(tcp) == csumoff_load32_(other);
}

/* Seeds and complete checksums by value. */
APART static bool values(void)
{
    const uint8_t *s = tcp, *d = tcp + 16;
    csumoff_wsum sum = csumoff_partial(tcp, 20, 0);
    bool right = csumoff_seed_ipv6(s, d, 6, 20) != csumoff_seed_ipv4(s, d, 6, 20);

    right &= csumoff_fold(csumoff_pseudo_ipv4(s, d, 6, 20, sum)) ==
             csumoff_tcpudp_ipv4(s, d, 6, 20, sum);
    right &= csumoff_fold(csumoff_pseudo_ipv6(s, d, 6, 20, sum)) ==
             csumoff_tcpudp_ipv6(s, d, 6, 20, sum);
    right &= csumoff_pseudo_rest_(6, 20) != 0 && csumoff_net32_(1) != 0;
    return right && csumoff_udp_nonzero(0) == 0xFFFF;
}

APART static bool adjustments(void)
{
    const struct csumoff_adjust how = {CSUMOFF_NONE, 6, 4, true, tcp, 4, tcp + 4, 4};
    csumoff_sum16 check = 0x1234;

    csumoff_adjust16(&check, 1, 2);
    csumoff_adjust32(&check, 1, 2);
    csumoff_adjust128(&check, tcp, tcp + 16);
    csumoff_adjust128(&check, tcp + 16, tcp);
    csumoff_adjust32(&check, 2, 1);
    csumoff_adjust16(&check, 2, 1);
    csumoff_adjust_(&check, 1, 2);
    csumoff_adjust_(&check, 2, 1);
    csumoff_adjust_l4(&check, &how);
    return csumoff_adjust_bytes(&check, 0, tcp + 4, 4, tcp, 4) == CSUMOFF_OK && check == 0x1234;
}

/* `frame`, in two pieces and located, is brought from seed to complete in every way. */
APART static bool by_layout(struct csumoff_layout *at)
{
    const struct csumoff_iov pieces[] = {{frame, 77}, {frame + 77, LEN - 77}};
    struct csumoff_report report;
    bool right = csumoff_seed_iov(pieces, 2, at) == CSUMOFF_OK;

    right &= csumoff_inspect_iov(pieces, 2, at, &report) == CSUMOFF_OK;
    right &= report.l4 == CSUMOFF_SEEDED && report.l4_found == csumoff_seed_value(at);
    right &= csumoff_finish_at(frame, LEN, at) == CSUMOFF_OK && same(frame, tcp);
    right &= csumoff_seed_at(frame, LEN, at) == CSUMOFF_OK && !same(frame, tcp);
    right &= csumoff_finish_at_iov(pieces, 2, at) == CSUMOFF_OK && same(frame, tcp);
    right &= csumoff_seed_at(frame, LEN, at) == CSUMOFF_OK && !same(frame, tcp);
    right &= csumoff_fill_at(frame, LEN, at) == CSUMOFF_OK && same(frame, tcp);
    frame[L4 + 16]++;
    right &= csumoff_fill_iov(pieces, 2, at) == CSUMOFF_OK && same(frame, tcp);
    right &= csumoff_inspect_at(frame, LEN, at, &report) == CSUMOFF_OK;
    right &= report.l4 == CSUMOFF_GOOD;
    right &= csumoff_rewrite(frame, LEN, at, CSUMOFF_NONE, L4, tcp + L4 + 2, 2) == CSUMOFF_OK;
    right &= csumoff_verify(frame, LEN, CSUMOFF_LINK_ETHERNET) == CSUMOFF_OK;
    right &= csumoff_pseudo_(at) != at->pseudo && csumoff_pseudo_len_(at) == at->l4_len;
    return right && csumoff_seed_value(at) != csumoff_seed_value_gso(at);
}

APART static bool packets(void)
{
    const struct csumoff_iov pieces[] = {{frame, 77}, {frame + 77, LEN - 77}};
    struct csumoff_layout at, levels[2];
    struct csumoff_report report;
    size_t count;
    bool right = true;

    make_tcp();
    csumoff_partial_copy(frame, tcp, LEN, 0);
    right &= csumoff_locate(frame, LEN, CSUMOFF_LINK_ETHERNET, &at) == CSUMOFF_OK;
    right &= csumoff_fill(tcp, LEN, CSUMOFF_LINK_ETHERNET) == CSUMOFF_OK;
    right &= csumoff_seed(frame, LEN, CSUMOFF_LINK_ETHERNET, NULL) == CSUMOFF_OK;
    right &= csumoff_copy_finish(other, frame, LEN, at.csum_start, at.csum_offset) == CSUMOFF_OK;
    right &= same(other, tcp);
    csumoff_partial_copy(other, frame, LEN, 0);
    right &= csumoff_finish_iov(pieces, 2, at.csum_start, at.csum_offset) == CSUMOFF_OK;
    right &= csumoff_finish(other, LEN, at.csum_start, at.csum_offset) == CSUMOFF_OK;
    right &= same(frame, tcp) && same(other, tcp);
    right &= csumoff_verify(tcp, LEN, CSUMOFF_LINK_ETHERNET) == CSUMOFF_OK;
    right &= csumoff_inspect(tcp, LEN, CSUMOFF_LINK_ETHERNET, &report) == CSUMOFF_OK;
    right &= report.l3 == CSUMOFF_GOOD && report.l4 == CSUMOFF_GOOD;
    right &= csumoff_locate_head(tcp, L4 + 20, LEN, CSUMOFF_LINK_ETHERNET, &at) == CSUMOFF_OK;
    right &= csumoff_locate_iov(pieces, 2, CSUMOFF_LINK_ETHERNET, &at) == CSUMOFF_OK;
    right &= csumoff_locate_all(tcp, LEN, CSUMOFF_LINK_ETHERNET, levels, 2, &count) == CSUMOFF_OK;
    right &= count == 1 && levels[0].csum_start == at.csum_start;
    right &= csumoff_locate_all_head(tcp, L4 + 20, LEN, CSUMOFF_LINK_ETHERNET, levels, 2, &count) ==
             CSUMOFF_OK;
    right &= count == 1 && levels[0].csum_start == at.csum_start;
    right &= csumoff_locate_l3(tcp, L4 + 20, LEN, CSUMOFF_LINK_ETHERNET, levels) == CSUMOFF_OK;
    right &= levels[0].l3_start == ETHERNET && levels[0].csum_start == at.csum_start;
    right &= by_layout(&at);
    right &= csumoff_ipv4_header_set(tcp + ETHERNET, 20) == CSUMOFF_OK;
    right &= csumoff_ipv4_header_verify(tcp + ETHERNET, 20) == CSUMOFF_OK;
    right &=
        csumoff_ipv4_header_any_(tcp + ETHERNET, 20) == csumoff_ipv4_header(tcp + ETHERNET, 20);
    right &= csumoff_outer(tcp, LEN, &at, L4 + 40, 16) == CSUMOFF_EPROTO;
    return right && csumoff_strerror(CSUMOFF_OK)[0] == 's';
}

/* The seed, told and finished: frame becomes what tcp is. */
APART static bool netfront(void)
{
    const struct csumoff_iov pieces[] = {{other, 9}, {other + 9, LEN - 9}};
    const struct csumoff_netfront_slot blank = {CSUMOFF_NETRXF_CSUM_BLANK, 0, 0};
    const uint16_t sizes[] = {LEN, LEN - 100};
    static struct csumoff_netfront_tx_item sent = {frame, LEN, NULL, {0, 0, 0}, 0};
    static struct csumoff_netfront_rx_item received = {
        frame, LEN, {CSUMOFF_NETRXF_CSUM_BLANK, 0, 0}, {CSUMOFF_NONE, 0, 0, 0, 0, 0}, 0};
    struct csumoff_netfront_caps caps;
    struct csumoff_netfront_key keys[CSUMOFF_NETFRONT_KEYS];
    struct csumoff_netfront_slot slot;
    struct csumoff_layout at;
    struct csumoff_rx rx;
    enum csumoff_drop why;
    bool right = true;

    csumoff_netfront_read_caps(no_key, NULL, &caps);
    right &= csumoff_netfront_cap(&caps, "feature-sg", "1") && caps.sg;
    right &= csumoff_netfront_advertise(&caps, keys, CSUMOFF_NETFRONT_KEYS) > 0;
    csumoff_partial_copy(other, tcp, LEN, 0);
    right &= csumoff_netfront_tx_iov(pieces, 2, &caps, NULL, &slot) == CSUMOFF_OK;
    right &= csumoff_netfront_tx_copy(frame, tcp, LEN, &caps, NULL, &slot) == CSUMOFF_OK;
    right &= same(frame, other);
    csumoff_partial_copy(frame, tcp, LEN, 0);
    right &= csumoff_netfront_tx_head(frame, L4 + 20, LEN, &caps, NULL, &slot) == CSUMOFF_OK;
    right &= same(frame, other);
    right &= csumoff_netfront_tx_burst(&sent, 1, &caps) == 1;
    csumoff_partial_copy(frame, tcp, LEN, 0);
    right &= csumoff_netfront_tx(frame, LEN, &caps, NULL, &slot) == CSUMOFF_OK;
    right &= same(frame, other) && slot.flags & CSUMOFF_NETTXF_CSUM_BLANK;
    why = csumoff_netback_drops(frame, LEN, &slot);
    right &= why == CSUMOFF_DROP_NONE && csumoff_drop_text(why)[0] == 'a';
    right &= csumoff_netback_drops_slots(frame, sizes, 2, &slot) == CSUMOFF_DROP_NONE;
    right &= csumoff_netfront_rx(frame, LEN, &blank, &rx) == CSUMOFF_OK;
    right &= csumoff_locate(frame, LEN, CSUMOFF_LINK_ETHERNET, &at) == CSUMOFF_OK;
    right &= csumoff_state_of(&rx, &at) == CSUMOFF_PARTIAL;
    right &= csumoff_forward(&rx).want == CSUMOFF_TX_SEEDED;
    right &= csumoff_netfront_rx_burst(&received, 1) == 1;
    right &= csumoff_netfront_rx_finish(frame, LEN, &blank) == CSUMOFF_OK && same(frame, tcp);
    right &= csumoff_netfront_rx_finish_copy(frame, other, LEN, &blank) == CSUMOFF_OK;
    right &= same(frame, tcp);
    right &= csumoff_netfront_rx_iov(pieces, 2, &blank, &rx) == CSUMOFF_OK;
    csumoff_partial_copy(frame, other, LEN, 0);
    right &= csumoff_netfront_rx_finish_burst(&received, 1) == 1 && same(frame, tcp);
    right &= csumoff_netfront_rx_finish_iov(pieces, 2, &blank) == CSUMOFF_OK;
    return right && rx.state == CSUMOFF_PARTIAL && same(other, tcp);
}

APART static bool segments(void)
{
    const struct csumoff_iov pieces[] = {{tcp, 9}, {tcp + 9, LEN - 9}};
    static struct csumoff_segments cut;
    size_t len = 1, at, payload;
    bool right =
        csumoff_segment_begin(&cut, tcp, LEN, CSUMOFF_LINK_ETHERNET, 100, false) == CSUMOFF_OK;

    while (right && len)
        right &= csumoff_segment_next(&cut, other, LEN, &len) == CSUMOFF_OK;
    right &= cut.count == PAYLOAD / 100;
    right &=
        csumoff_segment_begin_iov(&cut, pieces, 2, CSUMOFF_LINK_ETHERNET, 100, true) == CSUMOFF_OK;
    right &= csumoff_segment_next_head(&cut, other, LEN, &len, &at, &payload) == CSUMOFF_OK;
    return right && len == L4 + 20 && at == L4 + 20 && payload == 100;
}

APART static bool virtio(void)
{
    const enum csumoff_link link = CSUMOFF_LINK_ETHERNET;
    const struct csumoff_virtio_caps caps = {true, true, true, true, true};
    const struct csumoff_virtio_policy policy = {true, true};
    const struct csumoff_iov pieces[] = {{other, 9}, {other + 9, LEN - 9}};
    static struct csumoff_virtio_tx_item sent = {frame, LEN, NULL, {0, 0, 0, 0, 0, 0, 0}, 0};
    static struct csumoff_virtio_rx_item received = {
        frame, LEN, {0, 0, 0, 0, 0, 0, 0}, {CSUMOFF_NONE, 0, 0, 0, 0, 0}, 0};
    static struct csumoff_inspect_item judged = {
        tcp, LEN, {CSUMOFF_UNCHECKED, CSUMOFF_UNCHECKED, 0, 0, 0, 0}, 0};
    struct csumoff_netfront_slot slot;
    struct csumoff_virtio_hdr hdr;
    struct csumoff_rx rx;
    uint8_t bytes[12];
    bool right = csumoff_virtio_tx(frame, LEN, link, &caps, NULL, &hdr) == CSUMOFF_OK;

    csumoff_partial_copy(other, tcp, LEN, 0);
    right &= csumoff_virtio_tx_iov(pieces, 2, link, &caps, NULL, &hdr) == CSUMOFF_OK;
    right &= csumoff_virtio_tx_burst(&sent, 1, link, &caps) == 1 && same(frame, other);
    right &= csumoff_virtio_put(&hdr, CSUMOFF_VIRTIO_12, bytes) == sizeof bytes;
    right &= csumoff_virtio_get(bytes, CSUMOFF_VIRTIO_12, &hdr) == sizeof bytes;
    right &= csumoff_virtio_rx(frame, LEN, link, &hdr, &policy, &rx) == CSUMOFF_OK;
    right &= csumoff_virtio_rx_iov(pieces, 2, link, &hdr, &policy, &rx) == CSUMOFF_OK;
    right &= rx.state == CSUMOFF_PARTIAL;
    right &= csumoff_xen_from_virtio(frame, LEN, &hdr, CSUMOFF_XEN_TX, &slot) == CSUMOFF_OK;
    right &= csumoff_virtio_from_xen(frame, LEN, CSUMOFF_XEN_TX, &slot, &hdr) == CSUMOFF_OK;
    received.hdr.flags = hdr.flags;
    received.hdr.csum_start = hdr.csum_start;
    received.hdr.csum_offset = hdr.csum_offset;
    right &= csumoff_virtio_rx_burst(&received, 1, link, &policy) == 1;
    right &= csumoff_virtio_rx_finish_burst(&received, 1, link, &policy) == 1;
    right &= csumoff_virtio_rx_finish_iov(pieces, 2, link, &hdr, &policy) == CSUMOFF_OK;
    right &= same(frame, tcp) && same(other, tcp);
    right &= csumoff_inspect_burst(&judged, 1, link) == 1 && judged.report.l4 == CSUMOFF_GOOD;
    hdr.flags = 0;
    return right && csumoff_virtio_rx_finish(frame, LEN, link, &hdr, &policy) == CSUMOFF_OK;
}

#if !defined(EVERY_INSIDE)
#if defined(ALLOWED) || defined(CSUMOFF_CPU_DETECT_CALLER)
#define SCALAR_ALONE true
#else
#define SCALAR_ALONE false
#endif

static bool is_scalar(const char *name)
{
    return name[0] == 's' && name[1] == 'c';
}

/* Which kernels are in use, and that asking for others changes nothing. */
static bool kernels(void)
{
    size_t usable = 0, i;
    bool right = csumoff_kernel_use(NULL) == CSUMOFF_OK;

    for (i = 0; csumoff_kernel_name(i); i++)
        usable += csumoff_kernel_usable(i);
    right &= i == csumoff_kernel_count() && (usable == 1) == SCALAR_ALONE;
    right &= is_scalar(csumoff_kernel_active()) == SCALAR_ALONE;
    right &= csumoff_policy_use(csumoff_policy()) == csumoff_policy() && *csumoff_policy_why();
    if (!SCALAR_ALONE)
        return right;
    right &= csumoff_kernel_use("sse2") == CSUMOFF_ENOTSUP;
    return right && csumoff_kernel_use("neon") == CSUMOFF_ENOTSUP;
}

static bool everything(void)
{
    return csumoff_version() == CSUMOFF_VERSION_NUMBER && packets() && sums() && values() &&
           adjustments() && netfront() && segments() && virtio() && kernels() &&
           csumoff_selftest() == CSUMOFF_OK;
}

/* ---- The machine --------------------------------------------------------------------------- */

#if defined(__aarch64__)
/* QEMU's user mode can't take the vector unit away: instead, no bit of it may change. */
#define EACH(what)                                                                                 \
    what(0) what(1) what(2) what(3) what(4) what(5) what(6) what(7) what(8) what(9) what(10)       \
        what(11) what(12) what(13) what(14) what(15) what(16) what(17) what(18) what(19) what(20)  \
            what(21) what(22) what(23) what(24) what(25) what(26) what(27) what(28) what(29)       \
                what(30) what(31)

static void mark(void)
{
#define MARK(i)                                                                                    \
    __asm__ volatile("dup v" #i ".2d, %0" : : "r"(UINT64_C(0x5AA5C33C0FF0A55A) + (i)) : "memory");
    EACH(MARK)
}

static bool left_alone(void)
{
    uint64_t changed = 0, low, high;

#define LOOK(i)                                                                                    \
    __asm__ volatile("mov %0, v" #i ".d[0]\n\tmov %1, v" #i ".d[1]" : "=r"(low), "=r"(high));      \
    changed |= (low ^ (UINT64_C(0x5AA5C33C0FF0A55A) + (i))) | (low ^ high);
    EACH(LOOK)
    return changed == 0;
}
#else
/* Here the processor itself objects: it is one without SSE. */
static void mark(void)
{
}

static bool left_alone(void)
{
    return true;
}
#endif

int run(void);
int run(void)
{
    bool right;

    mark();
#if defined(ALLOWED)
    (void)csumoff_cpu_limit(ALLOWED);
#endif
    right = everything();
    return right ? left_alone() ? 0 : 2 : 1;
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\tcall run\n\tmov %eax, %edi\n\tmov $60, %eax\n\tsyscall\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n\tbl run\n\tmov x8, #93\n\tsvc #0\n");
#endif
#endif
