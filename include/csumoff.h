// SPDX-License-Identifier: MIT
/*
 * csumoff: Internet checksums (RFC 1071) and checksum offload for network stacks.
 *
 * Words used throughout, as the field uses them:
 *   sum     an unfolded ones'-complement sum, not complemented (csumoff_wsum)
 *   fold    reduce a sum to 16 bits and complement it: what stands in a header
 *   seed    the folded pseudo-header sum, not complemented: what CHECKSUM_PARTIAL puts in the field
 *   finish  turn a seed into the complete checksum, from csum_start to the end of the packet
 *
 * What holds for every function here, unless its comment says otherwise:
 *   - lengths and offsets are bytes, 0..SIZE_MAX; addresses may have any alignment;
 *   - only the bytes given are read or written; each byte of a source counts as one read saw it,
 *     and a copy reads it once, so that a source may change meanwhile;
 *   - a negative enum csumoff_status means that nothing was written, neither frame nor outputs;
 *   - any thread may call it at any time, the first call included; the bytes are the caller's;
 *   - nothing is allocated, printed or kept, but for the choice of the kernel.
 * Comments give, in this order and where it isn't said above: what is done, units and range, byte
 * order, bytes read and written, errors, thread rule, source.
 */
#ifndef CSUMOFF_H
#define CSUMOFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#if defined(__GNUC__)
#define CSUMOFF_MEMCPY_ __builtin_memcpy
#else
#include <string.h>
#define CSUMOFF_MEMCPY_ memcpy
#endif

#define CSUMOFF_VERSION "0.1.0"

#if defined(__GNUC__)
#define CSUMOFF_API        __attribute__((visibility("default")))
#define CSUMOFF_MUST_CHECK __attribute__((warn_unused_result))
#else
#define CSUMOFF_API
#define CSUMOFF_MUST_CHECK
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* An unfolded sum of 16-bit words in memory order: words are loaded as the CPU stores them. */
typedef uint32_t csumoff_wsum;
/* Sixteen bits as they stand in a packet: store them with memcpy, never with htons. */
typedef uint16_t csumoff_sum16;

enum csumoff_status {
    CSUMOFF_OK = 0,
    CSUMOFF_ETRUNC = -1,   /* shorter than its headers say */
    CSUMOFF_EHDR = -2,     /* malformed header */
    CSUMOFF_EPROTO = -3,   /* no checksum known here: not IP, or another protocol */
    CSUMOFF_EFRAG = -4,    /* IP fragment */
    CSUMOFF_ERANGE = -5,   /* offset or length outside the bytes given */
    CSUMOFF_ECSUM = -6,    /* wrong checksum */
    CSUMOFF_ETRAILER = -7, /* non-zero bytes after what the checksum covers */
    CSUMOFF_ENOTSUP = -8   /* SCTP's CRC32c; a kernel or feature not to be had */
};

/* The sentence that explains a status; never NULL, static, for unknown values too. */
CSUMOFF_API const char *csumoff_strerror(int status);

/* ---- Sums -------------------------------------------------------------------------------- */

/* A piece of a scattered packet; base may be NULL where len is 0. */
struct csumoff_iov {
    const void *base;
    size_t len;
};

struct csumoff_iov_mut {
    void *base;
    size_t len;
};

/*
 * The sum of `data`, added to `sum`. An odd last byte counts as if a zero byte followed it.
 * Reads len bytes; lengths over 4 GiB are fine. With sum 0 the result is 0 only if every byte is 0.
 * RFC 1071; csum_partial() in Linux.
 */
CSUMOFF_API csumoff_wsum csumoff_partial(const void *data, size_t len, csumoff_wsum sum);

/*
 * Copies len bytes from src to dst and adds the sum of what was stored to `sum`: a source that
 * changes meanwhile can't make the two disagree. The two must not overlap.
 * csum_partial_copy_nocheck() in Linux.
 */
CSUMOFF_API csumoff_wsum csumoff_partial_copy(void *dst, const void *src, size_t len,
                                              csumoff_wsum sum);

/*
 * Adds to *sum the sum of the `len` bytes that follow the first `skip` bytes of the pieces, as if
 * the pieces stood side by side: odd and empty pieces anywhere.
 * CSUMOFF_ERANGE: the pieces hold fewer bytes, or skip + len wraps. skb_checksum() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_partial_iov(const struct csumoff_iov *iov, size_t count,
                                                       size_t skip, size_t len, csumoff_wsum *sum);

/*
 * Returns the CRC32c of `data`, continued from `crc`.
 *
 *   data, len   the bytes, of which there may be none: then data may be NULL
 *   crc         0, or what a call returned for the bytes before these
 *
 * The result is a number: the CRC32c of the nine bytes "123456789" is 0xE3069283. SCTP's checksum
 * field holds it with the lowest byte first, computed over the packet with that field zero.
 *
 * RFC 9260, appendix A; crc32c() in Linux, which leaves both complements to its caller.
 */
CSUMOFF_API uint32_t csumoff_crc32c(const void *data, size_t len, uint32_t crc);

/* Loads in the CPU's own order from any address; for the inline functions below. */
static inline uint16_t csumoff_load16_(const void *p)
{
    uint16_t v;

    CSUMOFF_MEMCPY_(&v, p, sizeof v);
    return v;
}

static inline uint32_t csumoff_load32_(const void *p)
{
    uint32_t v;

    CSUMOFF_MEMCPY_(&v, p, sizeof v);
    return v;
}

/* 64 bits to 32, and the carry around: the upper half of v plus its own halves swapped. */
static inline csumoff_wsum csumoff_fold64_(uint64_t v)
{
    return (csumoff_wsum)((v + (v << 32 | v >> 32)) >> 32);
}

/* The sum folded to 16 bits and complemented: the value for the header. csum_fold() in Linux. */
static inline csumoff_sum16 csumoff_fold(csumoff_wsum sum)
{
    sum += sum << 16 | sum >> 16;
    return (csumoff_sum16)(~sum >> 16);
}

/* a + b in ones'-complement. RFC 1071, section 2 (B); csum_add() in Linux. */
static inline csumoff_wsum csumoff_add(csumoff_wsum a, csumoff_wsum b)
{
    a += b;
    return a + (a < b);
}

/* a - b in ones'-complement; a - a is 0xFFFFFFFF, the other zero. csum_sub() in Linux. */
static inline csumoff_wsum csumoff_sub(csumoff_wsum a, csumoff_wsum b)
{
    return csumoff_add(a, ~b);
}

/* A byte further, every byte of a block changes sides in its word: RFC 1071, section 2 (B). */
static inline csumoff_wsum csumoff_block_shift_(csumoff_wsum block, size_t offset)
{
    return offset & 1 ? block << 8 | block >> 24 : block;
}

/* Joins the sum of a block that starts `offset` bytes into the data. csum_block_add() in Linux. */
static inline csumoff_wsum csumoff_block_add(csumoff_wsum sum, csumoff_wsum block, size_t offset)
{
    return csumoff_add(sum, csumoff_block_shift_(block, offset));
}

/* Takes the sum of a block that starts `offset` bytes into the data out. csum_block_sub(). */
static inline csumoff_wsum csumoff_block_sub(csumoff_wsum sum, csumoff_wsum block, size_t offset)
{
    return csumoff_sub(sum, csumoff_block_shift_(block, offset));
}

/* ---- IPv4 header, seeds, complete checksums ---------------------------------------------- */

/* What csumoff_ipv4_header() does for headers that aren't 20 bytes long. */
CSUMOFF_API csumoff_sum16 csumoff_ipv4_header_any_(const void *iph, size_t header_len);

/*
 * The header checksum of header_len bytes, its check field (bytes 10 and 11) taken as zero,
 * whatever stands in it. RFC 791, section 3.1; ip_fast_csum() in Linux.
 */
static inline csumoff_sum16 csumoff_ipv4_header(const void *iph, size_t header_len)
{
    const uint8_t *p = (const uint8_t *)iph;
    uint64_t sum;

    if (header_len != 20)
        return csumoff_ipv4_header_any_(iph, header_len);
    sum = (uint64_t)csumoff_load32_(p) + csumoff_load32_(p + 4) + csumoff_load16_(p + 8) +
          csumoff_load32_(p + 12) + csumoff_load32_(p + 16);
    return csumoff_fold(csumoff_fold64_(sum));
}

/*
 * Writes the checksum of the IPv4 header at iph, of which `len` bytes are there; options count,
 * total length is not looked at. Reads IHL * 4 bytes, writes bytes 10 and 11.
 * CSUMOFF_EHDR: version is not 4 or IHL below 5; CSUMOFF_ETRUNC: len below 20 or below IHL * 4.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_ipv4_header_set(void *iph, size_t len);

/* Checks it: as above, and CSUMOFF_ECSUM where it is wrong. 0x0000 and 0xFFFF are the same sum. */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_ipv4_header_verify(const void *iph, size_t len);

/* Length and protocol as they stand in either pseudo-header, as 32-bit words. */
static inline uint64_t csumoff_pseudo_rest_(uint8_t proto, uint32_t l4_len)
{
    const uint8_t len[4] = {(uint8_t)(l4_len >> 24), (uint8_t)(l4_len >> 16),
                            (uint8_t)(l4_len >> 8), (uint8_t)l4_len};
    const uint8_t zero_proto[4] = {0, 0, 0, proto};

    return (uint64_t)csumoff_load32_(len) + csumoff_load32_(zero_proto);
}

/*
 * The pseudo-header sum, added to `sum`. saddr and daddr: 4 bytes each, network order, as in the
 * header; proto: the IP protocol number; l4_len: L4 header and payload, bytes, added as 32 bits.
 * RFC 768, RFC 9293 section 3.1; csum_tcpudp_nofold() in Linux.
 */
static inline csumoff_wsum csumoff_pseudo_ipv4(const void *saddr, const void *daddr, uint8_t proto,
                                               uint32_t l4_len, csumoff_wsum sum)
{
    return csumoff_fold64_(csumoff_pseudo_rest_(proto, l4_len) + csumoff_load32_(saddr) +
                           csumoff_load32_(daddr) + sum);
}

/* The same for IPv6: saddr and daddr are 16 bytes each. RFC 8200, section 8.1. */
static inline csumoff_wsum csumoff_pseudo_ipv6(const void *saddr, const void *daddr, uint8_t proto,
                                               uint32_t l4_len, csumoff_wsum sum)
{
    const uint8_t *s = (const uint8_t *)saddr, *d = (const uint8_t *)daddr;

    return csumoff_fold64_(csumoff_pseudo_rest_(proto, l4_len) + csumoff_load32_(s) +
                           csumoff_load32_(s + 4) + csumoff_load32_(s + 8) +
                           csumoff_load32_(s + 12) + csumoff_load32_(d) + csumoff_load32_(d + 4) +
                           csumoff_load32_(d + 8) + csumoff_load32_(d + 12) + sum);
}

/*
 * The seed: the pseudo-header sum folded, not complemented, as CHECKSUM_PARTIAL holds it in the L4
 * checksum field. l4_len 0 gives the length-less style that some NICs want for GSO.
 */
static inline csumoff_sum16 csumoff_seed_ipv4(const void *saddr, const void *daddr, uint8_t proto,
                                              uint32_t l4_len)
{
    return (csumoff_sum16)~csumoff_fold(csumoff_pseudo_ipv4(saddr, daddr, proto, l4_len, 0));
}

static inline csumoff_sum16 csumoff_seed_ipv6(const void *saddr, const void *daddr, uint8_t proto,
                                              uint32_t l4_len)
{
    return (csumoff_sum16)~csumoff_fold(csumoff_pseudo_ipv6(saddr, daddr, proto, l4_len, 0));
}

/*
 * The complete checksum from `sum`, that of the L4 header with its field zero and the payload.
 * For UDP pass the result through csumoff_udp_nonzero(). csum_tcpudp_magic(), csum_ipv6_magic().
 */
static inline csumoff_sum16 csumoff_tcpudp_ipv4(const void *saddr, const void *daddr, uint8_t proto,
                                                uint32_t l4_len, csumoff_wsum sum)
{
    return csumoff_fold(csumoff_pseudo_ipv4(saddr, daddr, proto, l4_len, sum));
}

static inline csumoff_sum16 csumoff_tcpudp_ipv6(const void *saddr, const void *daddr, uint8_t proto,
                                                uint32_t l4_len, csumoff_wsum sum)
{
    return csumoff_fold(csumoff_pseudo_ipv6(saddr, daddr, proto, l4_len, sum));
}

/* 0 becomes 0xFFFF, for in UDP's field 0 means "none". RFC 768; CSUM_MANGLED_0 in Linux. */
static inline csumoff_sum16 csumoff_udp_nonzero(csumoff_sum16 check)
{
    return check ? check : (csumoff_sum16)0xFFFF;
}

/* ---- Incremental adjustment (RFC 1624, equation 3) --------------------------------------- */

/* What csumoff_adjust16() and its kin share: the data summed to `from` and now sums to `to`. */
static inline void csumoff_adjust_(csumoff_sum16 *check, csumoff_wsum from, csumoff_wsum to)
{
    uint32_t delta = (csumoff_sum16)~csumoff_fold(csumoff_sub(to, from));

    /* Equal sums: either zero. The field must keep its own form of zero. */
    if (delta == 0 || delta == 0xFFFF)
        return;
    *check = csumoff_fold((*check ^ 0xFFFFu) + delta);
}

/*
 * A 16-bit field inside the sum changed from `from` to `to`, both in memory order. *check is the
 * complete checksum. Where both have the same sum the field is left bit for bit.
 */
static inline void csumoff_adjust16(csumoff_sum16 *check, uint16_t from, uint16_t to)
{
    csumoff_adjust_(check, from, to);
}

/* The same for a 32-bit field at an even offset: an IPv4 address, a sequence number. */
static inline void csumoff_adjust32(csumoff_sum16 *check, uint32_t from, uint32_t to)
{
    csumoff_adjust_(check, from, to);
}

/* The same for 16 bytes at an even offset: an IPv6 address. */
CSUMOFF_API void csumoff_adjust128(csumoff_sum16 *check, const void *from, const void *to);

/*
 * The same for any bytes, `offset` bytes into what the checksum covers; the range may grow or
 * shrink by an even number of bytes. CSUMOFF_ERANGE: from_len and to_len differ in parity.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_adjust_bytes(csumoff_sum16 *check, size_t offset,
                                                        const void *from, size_t from_len,
                                                        const void *to, size_t to_len);

/* How far a packet's L4 checksum has come: ip_summed in Linux. */
enum csumoff_state {
    CSUMOFF_NONE,        /* nothing known: the field is complete and unverified */
    CSUMOFF_UNNECESSARY, /* complete and verified already */
    CSUMOFF_COMPLETE,    /* complete, and the sum of the whole packet is known */
    CSUMOFF_PARTIAL      /* the field holds a seed; csum_start and csum_offset say where */
};

struct csumoff_adjust {
    enum csumoff_state state;
    uint8_t l4_proto;      /* IP protocol number */
    uint8_t ip_version;    /* 4 or 6 */
    bool is_pseudo_header; /* the field is an address, the length or the protocol */
    const void *from, *to; /* old and new bytes, in network order */
    size_t len;            /* bytes in each */
};

/*
 * A field at an even offset of the packet changed; brings the L4 checksum field, whatever it holds,
 * up to date. A seed follows pseudo-header fields only, and un-complemented; a UDP field of 0 over
 * IPv4 stays 0 and no other UDP field becomes 0; ICMP over IPv4 has no pseudo-header; SCTP's CRC32c
 * is left alone. inet_proto_csum_replace4() in Linux.
 */
CSUMOFF_API void csumoff_adjust_l4(csumoff_sum16 *check, const struct csumoff_adjust *how);

/* ---- Packets ----------------------------------------------------------------------------- */

/* What a frame begins with. */
enum csumoff_link {
    CSUMOFF_LINK_ETHERNET, /* an Ethernet header, then up to 4 VLAN tags (0x8100, 0x88A8) */
    CSUMOFF_LINK_IP        /* the IPv4 or IPv6 header itself */
};

/* Where things are; offsets from the start of the frame. */
struct csumoff_layout {
    size_t l3_start;
    size_t l4_start;
    size_t end;         /* where the IP datagram ends by its own header; the frame may be longer */
    size_t l4_len;      /* what the L4 checksum covers: UDP's length field, else end - l4_start */
    size_t csum_start;  /* where its sum starts: l4_start */
    size_t csum_offset; /* the checksum field, from csum_start: TCP 16, UDP 6, ICMP, ICMPv6 2 */
    uint8_t ip_version; /* 4 or 6 */
    uint8_t l4_proto;   /* IP protocol number */
    uint8_t vlan_tags;  /* how many */
};

enum csumoff_verdict {
    CSUMOFF_GOOD,
    CSUMOFF_BAD,
    CSUMOFF_SEEDED,     /* holds the seed: to be finished by whoever takes it */
    CSUMOFF_SEEDED_GSO, /* holds the length-less seed */
    CSUMOFF_ABSENT,     /* there is none: UDP 0 over IPv4; IPv6 has no header checksum */
    CSUMOFF_UNCHECKED   /* fragment, other protocol */
};

/* found: what stands in the frame; expected: the complete checksum. Both 0 where unchecked. */
struct csumoff_report {
    enum csumoff_verdict l3, l4;
    csumoff_sum16 l3_found, l3_expected, l4_found, l4_expected;
};

/*
 * Finds the checksum of a TCP, UDP, ICMP or ICMPv6 packet: through VLAN tags, IPv4 options and IPv6
 * extension headers; an atomic fragment (RFC 6946) is none.
 * CSUMOFF_ETRUNC, CSUMOFF_EHDR (UDP's length not 8..payload, too), CSUMOFF_EPROTO, CSUMOFF_EFRAG,
 * CSUMOFF_ENOTSUP (SCTP). skb_checksum_setup() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_locate(const void *frame, size_t len,
                                                  enum csumoff_link link,
                                                  struct csumoff_layout *layout);

/*
 * Makes the frame CHECKSUM_PARTIAL: a real IPv4 header checksum, the seed in the TCP or UDP field.
 * A source-routed packet (IPv6 routing header, IPv4 LSRR or SSRR) is seeded for where its route
 * ends (RFC 8200, section 8.1), as Linux does for TCP; csumoff_fill() likewise.
 * `layout` (NULL: not wanted) says where. Errors of csumoff_locate(); CSUMOFF_EPROTO for ICMP;
 * CSUMOFF_ETRAILER: a finisher sums to the end of the frame, where non-zero bytes follow the L4.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_seed(void *frame, size_t len, enum csumoff_link link,
                                                struct csumoff_layout *layout);

/*
 * Finishes: sums from csum_start to len, the seed included, and stores the complement at
 * csum_start + csum_offset, 0xFFFF in place of 0. CSUMOFF_ERANGE: the field is not inside the
 * frame. skb_checksum_help() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_finish(void *frame, size_t len, size_t csum_start,
                                                  size_t csum_offset);

/* Copies the frame to dst, len bytes, and finishes the copy, in one pass. No overlap. */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_copy_finish(void *dst, const void *frame, size_t len,
                                                       size_t csum_start, size_t csum_offset);

/* csumoff_finish() over a frame in pieces; the field may lie across two of them. */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_finish_iov(const struct csumoff_iov_mut *iov,
                                                      size_t count, size_t csum_start,
                                                      size_t csum_offset);

/*
 * Computes every checksum of the frame, IPv4 header and L4, over what each covers, whatever the
 * fields held. UDP's 0 becomes 0xFFFF; a 0 of TCP or ICMP stays. Errors of csumoff_locate().
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_fill(void *frame, size_t len, enum csumoff_link link);

/*
 * Judges every checksum of the frame. Where two verdicts fit, GOOD goes before SEEDED before
 * SEEDED_GSO; 0x0000 and 0xFFFF are the same sum; UDP 0 over IPv6 is BAD (RFC 8200, section 8.1).
 * A source-routed packet may be right for where its route ends or for its next hop.
 * Fragments and other protocols: CSUMOFF_OK, l4 CSUMOFF_UNCHECKED, not IP: l3 too.
 * CSUMOFF_ETRUNC, CSUMOFF_EHDR.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_verify(const void *frame, size_t len,
                                                  enum csumoff_link link,
                                                  struct csumoff_report *report);

/*
 * Local checksum offload: the complete checksum of an outer UDP header around an inner packet that
 * is still CHECKSUM_PARTIAL. Once finished, the inner packet sums to the complement of its seed, so
 * its payload isn't read. outer_l3, outer_udp: where the outer IP and UDP headers start;
 * inner_csum_start, inner_csum_offset: as csumoff_locate() of the inner packet gave them, from the
 * start of this frame. Writes the outer UDP checksum, nothing else.
 * CSUMOFF_ERANGE: the offsets are not in this order inside the frame, or inner_csum_offset is odd;
 * CSUMOFF_EHDR: no IPv4 or IPv6 header, or the outer UDP length does not hold the inner field or
 * exceeds the frame; CSUMOFF_ETRAILER: non-zero bytes after the outer UDP datagram.
 * lco_csum() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_outer(void *frame, size_t len, size_t outer_udp,
                                                 size_t inner_csum_start, size_t inner_csum_offset,
                                                 size_t outer_l3);

/* ---- Kernels ----------------------------------------------------------------------------- */

/* Features for csumoff_cpu_limit(); a kernel is usable where all it needs is there and allowed.
 * dispatch.c has room for bits 0 to 15. */
#define CSUMOFF_CPU_SSE2       UINT32_C(0x00000001)
#define CSUMOFF_CPU_AVX2       UINT32_C(0x00000002)
#define CSUMOFF_CPU_AVX512     UINT32_C(0x00000004) /* F, BW, VL; and BMI2 */
#define CSUMOFF_CPU_AVX512VNNI UINT32_C(0x00000008)
#define CSUMOFF_CPU_NEON       UINT32_C(0x00000010)
#define CSUMOFF_CPU_SSE42      UINT32_C(0x00000020) /* SSE4.2 and PCLMULQDQ */
#define CSUMOFF_CPU_ARM_CRC    UINT32_C(0x00000040) /* the CRC32 instructions of AArch64 */
#define CSUMOFF_CPU_VPCLMUL    UINT32_C(0x00000080) /* VPCLMULQDQ on 256 bits */
#define CSUMOFF_CPU_ALL        UINT32_C(0xFFFFFFFF)

/* Kernels compiled in, best first. */
CSUMOFF_API size_t csumoff_kernel_count(void);
/* The name of kernel i; NULL past the end. Static. */
CSUMOFF_API const char *csumoff_kernel_name(size_t i);
/* Whether kernel i runs on this CPU, under this operating system, within csumoff_cpu_limit(). */
CSUMOFF_API bool csumoff_kernel_usable(size_t i);
/* The name of the kernel in use; chooses it where none is yet. */
CSUMOFF_API const char *csumoff_kernel_active(void);

/*
 * Forces a kernel by name; NULL: chooses the best usable one again. Sums under way in other threads
 * end with the kernel they began with. CSUMOFF_ENOTSUP: unknown or unusable, no change.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_kernel_use(const char *name);

/*
 * Allows the features of the bit mask (CSUMOFF_CPU_*) and no others, from the next sum on; 0: no
 * kernel touches a vector register, for code that runs without an FPU context. (A compiler may use
 * them in the code around the kernels, unless told -mgeneral-regs-only.) A forced kernel stays in
 * use while it is allowed, else the best usable one is. The CPU is asked once, by the first sum or
 * limit that may use a feature: an operating system that starts with 0 has until then to switch its
 * registers on. Where the library was built with cpu_detect=caller this is also how it learns what
 * the CPU has: nothing until told.
 */
CSUMOFF_API void csumoff_cpu_limit(uint32_t allowed);

/*
 * Runs every usable kernel, of sums and of CRC32c, against a bytewise reference, in milliseconds:
 * lengths, alignments and patterns that reach every path. CSUMOFF_ECSUM: one of them is wrong.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_selftest(void);

#ifdef __cplusplus
}
#endif

#endif
