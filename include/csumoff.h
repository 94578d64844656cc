// SPDX-License-Identifier: MIT
/*
 * csumoff: Internet checksums (RFC 1071) and checksum offload for network stacks.
 *
 * Words used throughout, as the field uses them:
 *   sum      an unfolded ones'-complement sum, not complemented (csumoff_wsum)
 *   fold     to reduce a sum to 16 bits and complement it: the value for a header
 *   seed     the folded pseudo-header sum, not complemented, as CHECKSUM_PARTIAL puts it in the
 *            field
 *   finish   to turn a seed into the complete checksum
 *   locate   to find the headers and the checksum of a frame (struct csumoff_layout)
 *
 * The following holds for every function, unless its comment says otherwise:
 *   - Lengths and offsets are in bytes, 0..SIZE_MAX. Addresses may have any alignment. NULL is
 *     allowed wherever the length is 0.
 *   - Only the bytes given are read or written.
 *   - Functions that copy read each source byte exactly once, so a copy and its sum agree even if
 *     the source changes meanwhile. Other functions give results that mean something only if frame,
 *     pieces and layout hold still.
 *   - Functions that can fail return CSUMOFF_OK or a negative enum csumoff_status. On failure
 *     neither the frame nor any output has been written.
 *   - Any thread may call any function at any time; the frame and the outputs are the caller's.
 *   - Nothing is allocated, printed or kept, except which kernel is in use.
 * Names that end in an underscore are not for callers.
 */
#ifndef CSUMOFF_H
#define CSUMOFF_H

/* The types come from the compiler's own headers, or from a file that the embedder names:
 * -DCSUMOFF_TYPES_H='"types.h"', with bool, size_t and the uintN_t types. Compiling the library
 * takes true, false, NULL, the intN_t types and uintptr_t as well. */
#if defined(CSUMOFF_TYPES_H)
#include CSUMOFF_TYPES_H
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#endif
/* GNU C: gcc's, and clang's, which for Windows and UEFI does not always say that it is. */
#if defined(__GNUC__) || defined(__clang__)
#define CSUMOFF_GNU_C_ 1
#else
#include <string.h>
#endif

/* gcc's -Winline tells of every inline function that code for size calls instead, unless a system
 * header declares it. */
#if defined(__OPTIMIZE_SIZE__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#define CSUMOFF_VERSION        "0.2.0"
#define CSUMOFF_VERSION_NUMBER 200 /* major * 10000 + minor * 100 + patch, for comparing */

#if defined(CSUMOFF_GNU_C_)
#define CSUMOFF_API        __attribute__((visibility("default")))
#define CSUMOFF_MUST_CHECK __attribute__((warn_unused_result))
#else
#define CSUMOFF_API
#define CSUMOFF_MUST_CHECK
#endif

/* A conversion of what the inline functions compute: C++ has warnings about C's form. */
#if defined(__cplusplus)
#define CSUMOFF_CAST_(type, value) static_cast<type>(value)
#else
#define CSUMOFF_CAST_(type, value) ((type)(value))
#endif

/* Inline functions are symbols of the library as well (src/inline.c), for callers in other
 * languages. */
#if defined(__GNUC_GNU_INLINE__)
#define CSUMOFF_INLINE_API static inline
#elif defined(__cplusplus)
#define CSUMOFF_INLINE_API inline
#else
#define CSUMOFF_INLINE_API CSUMOFF_API inline
#endif
/* What kernels use is part of them, optimized or not: gcc lets functions that have instruction sets
 * of their own call others by a convention that -mabi=ms changes. */
#if defined(CSUMOFF_GNU_C_)
#define CSUMOFF_INLINE_API_ALWAYS CSUMOFF_INLINE_API __attribute__((always_inline))
#else
#define CSUMOFF_INLINE_API_ALWAYS CSUMOFF_INLINE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* An unfolded sum of 16-bit words as the CPU loads them from memory. */
typedef uint32_t csumoff_wsum;
/* Sixteen bits as they are in a packet: store them with memcpy, never with htons. */
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
    CSUMOFF_ENOTSUP = -8,  /* not supported: a feature, or a route that cannot be resolved */
    CSUMOFF_EHEAD = -9     /* the bytes at hand end before the headers do; the frame goes on */
};

/* Returns the sentence that explains a status: static, never NULL, for unknown values too. */
CSUMOFF_API const char *csumoff_strerror(int status);

/* Returns CSUMOFF_VERSION_NUMBER of the library that is linked; the header's may differ. */
CSUMOFF_API uint32_t csumoff_version(void);

/* ---- Sums -------------------------------------------------------------------------------- */

/* A piece of a scattered packet, as struct iovec. Functions that make a checksum write it there. */
struct csumoff_iov {
    void *base; /* may be NULL where len is 0 */
    size_t len;
};

/*
 * Returns the sum of `data` added to `sum`. An odd last byte counts as if a zero byte followed it.
 * With sum 0 the result is 0 only if every byte is 0.
 *
 *   data, len   the bytes to be summed; more than 4 GiB are fine
 *   sum         what to begin with, 0 or the sum of preceding data of even length
 *
 * RFC 1071; csum_partial() in Linux.
 */
CSUMOFF_API csumoff_wsum csumoff_partial(const void *data, size_t len, csumoff_wsum sum);

/*
 * Does the same without touching a vector register, whatever csumoff_cpu_limit() allows: for
 * interrupt handlers and other code that runs without an FPU context.
 */
CSUMOFF_API csumoff_wsum csumoff_partial_scalar(const void *data, size_t len, csumoff_wsum sum);

/*
 * Copies len bytes from src to dst and returns the sum of the bytes stored, added to `sum`. The two
 * ranges must not overlap. Each source byte is read once, so a source that changes meanwhile cannot
 * make the copy and the sum disagree.
 *
 * csum_partial_copy_nocheck() in Linux.
 */
CSUMOFF_API csumoff_wsum csumoff_partial_copy(void *dst, const void *src, size_t len,
                                              csumoff_wsum sum);

/*
 * Sums bytes of a scattered packet as if its pieces were one. Pieces may be empty or of odd length.
 *
 *   iov, count   the pieces; they are only read
 *   skip         how many bytes to pass over first
 *   len          how many bytes to sum after that
 *   sum          what to begin with; receives the result
 *
 * Returns CSUMOFF_OK, or CSUMOFF_ERANGE: the pieces hold fewer than skip + len bytes.
 * skb_checksum() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_partial_iov(const struct csumoff_iov *iov, size_t count,
                                                       size_t skip, size_t len, csumoff_wsum *sum);

/*
 * Copies bytes of a scattered packet to one place and sums them as csumoff_partial_iov() does. Each
 * byte is read once, so the copy and the sum agree even if the packet changes meanwhile.
 *
 *   dst          receives len bytes; must not overlap the pieces
 *   iov, count   the pieces; they are only read
 *   skip         how many bytes to pass over first
 *   len          how many bytes to copy after that
 *   sum          what to begin with; receives the sum of the bytes stored, added to it
 *
 * Returns CSUMOFF_OK, or CSUMOFF_ERANGE: the pieces hold fewer than skip + len bytes.
 * skb_copy_and_csum_bits() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_partial_copy_iov(void *dst,
                                                            const struct csumoff_iov *iov,
                                                            size_t count, size_t skip, size_t len,
                                                            csumoff_wsum *sum);

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

#if defined(CSUMOFF_GNU_C_)
/* A number at any address. Where loads have to be aligned, compilers load a packed member byte by
 * byte; memcpy() they would call. */
struct csumoff_unaligned16_ {
    uint16_t v;
} __attribute__((packed, may_alias));
struct csumoff_unaligned32_ {
    uint32_t v;
} __attribute__((packed, may_alias));
#endif

/* Returns the 16 or 32 bits at p, at any address, in the CPU's own order. */
CSUMOFF_INLINE_API_ALWAYS uint16_t csumoff_load16_(const void *p)
{
#if defined(CSUMOFF_GNU_C_)
    return CSUMOFF_CAST_(const struct csumoff_unaligned16_ *, p)->v;
#else
    uint16_t v;

    memcpy(&v, p, sizeof v);
    return v;
#endif
}

CSUMOFF_INLINE_API_ALWAYS uint32_t csumoff_load32_(const void *p)
{
#if defined(CSUMOFF_GNU_C_)
    return CSUMOFF_CAST_(const struct csumoff_unaligned32_ *, p)->v;
#else
    uint32_t v;

    memcpy(&v, p, sizeof v);
    return v;
#endif
}

/* Returns v reduced to 32 bits with the carry added: its upper half plus its halves swapped. */
CSUMOFF_INLINE_API_ALWAYS csumoff_wsum csumoff_fold64_(uint64_t v)
{
    return CSUMOFF_CAST_(csumoff_wsum, (v + (v << 32 | v >> 32)) >> 32);
}

/*
 * Returns the sum folded to 16 bits and complemented: the value for the header.
 * csum_fold() in Linux.
 */
CSUMOFF_INLINE_API csumoff_sum16 csumoff_fold(csumoff_wsum sum)
{
    sum += sum << 16 | sum >> 16;
    return CSUMOFF_CAST_(csumoff_sum16, ~sum >> 16);
}

/* Returns a + b in ones'-complement. RFC 1071, section 2 (B); csum_add() in Linux. */
CSUMOFF_INLINE_API_ALWAYS csumoff_wsum csumoff_add(csumoff_wsum a, csumoff_wsum b)
{
    a += b;
    return a + (a < b);
}

/*
 * Returns a - b in ones'-complement. For equal sums that is 0xFFFFFFFF, the other form of zero.
 * csum_sub() in Linux.
 */
CSUMOFF_INLINE_API csumoff_wsum csumoff_sub(csumoff_wsum a, csumoff_wsum b)
{
    return csumoff_add(a, ~b);
}

/* Returns a block's sum as it counts at `offset` in the data. At an odd offset each byte lands in
 * the other half of its 16-bit word, so the sum is byte-swapped. RFC 1071, section 2 (B). */
CSUMOFF_INLINE_API_ALWAYS csumoff_wsum csumoff_block_shift_(csumoff_wsum block, size_t offset)
{
    return offset & 1 ? block << 8 | block >> 24 : block;
}

/*
 * Returns `sum` with the sum of a block added that starts `offset` bytes into the data.
 * csum_block_add() in Linux.
 */
CSUMOFF_INLINE_API_ALWAYS csumoff_wsum csumoff_block_add(csumoff_wsum sum, csumoff_wsum block,
                                                         size_t offset)
{
    return csumoff_add(sum, csumoff_block_shift_(block, offset));
}

/*
 * Returns `sum` with the sum of a block taken out that starts `offset` bytes into the data.
 * csum_block_sub() in Linux.
 */
CSUMOFF_INLINE_API csumoff_wsum csumoff_block_sub(csumoff_wsum sum, csumoff_wsum block,
                                                  size_t offset)
{
    return csumoff_sub(sum, csumoff_block_shift_(block, offset));
}

/* ---- IPv4 header, seeds, complete checksums ---------------------------------------------- */

/* Returns what csumoff_ipv4_header() does, for headers of any length. */
CSUMOFF_API csumoff_sum16 csumoff_ipv4_header_any_(const void *iph, size_t header_len);

/*
 * Returns the IPv4 header checksum, with the check field (bytes 10 and 11) counted as zero.
 *
 *   iph          the header
 *   header_len   its length in bytes, options included
 *
 * RFC 791, section 3.1; ip_fast_csum() in Linux.
 */
CSUMOFF_INLINE_API csumoff_sum16 csumoff_ipv4_header(const void *iph, size_t header_len)
{
    const uint8_t *p = CSUMOFF_CAST_(const uint8_t *, iph);
    uint64_t sum;

    if (header_len != 20)
        return csumoff_ipv4_header_any_(iph, header_len);
    sum = CSUMOFF_CAST_(uint64_t, csumoff_load32_(p)) + csumoff_load32_(p + 4) +
          csumoff_load16_(p + 8) + csumoff_load32_(p + 12) + csumoff_load32_(p + 16);
    return csumoff_fold(csumoff_fold64_(sum));
}

/*
 * Writes the IPv4 header checksum into bytes 10 and 11 of the header. The total length is not
 * looked at.
 *
 *   iph   the header
 *   len   how many bytes are there; IHL * 4 of them are read
 *
 * Returns CSUMOFF_OK; CSUMOFF_EHDR: the version is not 4, or IHL is below 5; CSUMOFF_ETRUNC: len is
 * below 20 or below IHL * 4.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_ipv4_header_set(void *iph, size_t len);

/*
 * Checks the IPv4 header checksum. 0x0000 and 0xFFFF are the same sum.
 * Returns CSUMOFF_OK, the errors of csumoff_ipv4_header_set(), or CSUMOFF_ECSUM: it is wrong.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_ipv4_header_verify(const void *iph, size_t len);

/* Returns the four bytes of a number in network order, as csumoff_load32_() reads them. */
CSUMOFF_INLINE_API uint32_t csumoff_net32_(uint32_t n)
{
    const uint8_t bytes[4] = {CSUMOFF_CAST_(uint8_t, n >> 24), CSUMOFF_CAST_(uint8_t, n >> 16),
                              CSUMOFF_CAST_(uint8_t, n >> 8), CSUMOFF_CAST_(uint8_t, n)};

    return csumoff_load32_(bytes);
}

/* Returns the length and the protocol of either pseudo-header, added as 32-bit words. */
CSUMOFF_INLINE_API uint64_t csumoff_pseudo_rest_(uint8_t proto, uint32_t l4_len)
{
    return CSUMOFF_CAST_(uint64_t, csumoff_net32_(l4_len)) + csumoff_net32_(proto);
}

/*
 * Returns the sum of the IPv4 pseudo-header added to `sum`.
 *
 *   saddr, daddr   4 bytes each, network order, as they are in the header
 *   proto          the IP protocol number
 *   l4_len         L4 header and payload in bytes; all 32 bits count
 *
 * RFC 768; RFC 9293, section 3.1; csum_tcpudp_nofold() in Linux.
 */
CSUMOFF_INLINE_API csumoff_wsum csumoff_pseudo_ipv4(const void *saddr, const void *daddr,
                                                    uint8_t proto, uint32_t l4_len,
                                                    csumoff_wsum sum)
{
    return csumoff_fold64_(csumoff_pseudo_rest_(proto, l4_len) + csumoff_load32_(saddr) +
                           csumoff_load32_(daddr) + sum);
}

/*
 * Returns the sum of the IPv6 pseudo-header added to `sum`.
 *
 *   saddr, daddr   16 bytes each, network order; daddr is the final destination
 *   proto          the protocol number of the L4 header
 *   l4_len         L4 header and payload in bytes; all 32 bits count
 *
 * RFC 8200, section 8.1.
 */
CSUMOFF_INLINE_API csumoff_wsum csumoff_pseudo_ipv6(const void *saddr, const void *daddr,
                                                    uint8_t proto, uint32_t l4_len,
                                                    csumoff_wsum sum)
{
    const uint8_t *s = CSUMOFF_CAST_(const uint8_t *, saddr);
    const uint8_t *d = CSUMOFF_CAST_(const uint8_t *, daddr);

    return csumoff_fold64_(csumoff_pseudo_rest_(proto, l4_len) + csumoff_load32_(s) +
                           csumoff_load32_(s + 4) + csumoff_load32_(s + 8) +
                           csumoff_load32_(s + 12) + csumoff_load32_(d) + csumoff_load32_(d + 4) +
                           csumoff_load32_(d + 8) + csumoff_load32_(d + 12) + sum);
}

/*
 * Returns the seed of an IPv4 packet: its pseudo-header sum folded, not complemented, as
 * CHECKSUM_PARTIAL holds it in the L4 checksum field. Parameters are those of
 * csumoff_pseudo_ipv4(); l4_len 0 gives the length-less seed that some NICs want for GSO.
 */
CSUMOFF_INLINE_API csumoff_sum16 csumoff_seed_ipv4(const void *saddr, const void *daddr,
                                                   uint8_t proto, uint32_t l4_len)
{
    return CSUMOFF_CAST_(csumoff_sum16,
                         ~csumoff_fold(csumoff_pseudo_ipv4(saddr, daddr, proto, l4_len, 0)));
}

/* Returns the seed of an IPv6 packet. Parameters are those of csumoff_pseudo_ipv6(). */
CSUMOFF_INLINE_API csumoff_sum16 csumoff_seed_ipv6(const void *saddr, const void *daddr,
                                                   uint8_t proto, uint32_t l4_len)
{
    return CSUMOFF_CAST_(csumoff_sum16,
                         ~csumoff_fold(csumoff_pseudo_ipv6(saddr, daddr, proto, l4_len, 0)));
}

/*
 * Returns the complete L4 checksum of an IPv4 packet. For UDP pass the result through
 * csumoff_udp_nonzero().
 *
 *   saddr, daddr, proto, l4_len   as for csumoff_pseudo_ipv4()
 *   sum                           the sum of L4 header and payload, the checksum field counted as 0
 *
 * csum_tcpudp_magic() in Linux.
 */
CSUMOFF_INLINE_API csumoff_sum16 csumoff_tcpudp_ipv4(const void *saddr, const void *daddr,
                                                     uint8_t proto, uint32_t l4_len,
                                                     csumoff_wsum sum)
{
    return csumoff_fold(csumoff_pseudo_ipv4(saddr, daddr, proto, l4_len, sum));
}

/*
 * Returns the complete L4 checksum of an IPv6 packet; see csumoff_tcpudp_ipv4().
 * csum_ipv6_magic() in Linux.
 */
CSUMOFF_INLINE_API csumoff_sum16 csumoff_tcpudp_ipv6(const void *saddr, const void *daddr,
                                                     uint8_t proto, uint32_t l4_len,
                                                     csumoff_wsum sum)
{
    return csumoff_fold(csumoff_pseudo_ipv6(saddr, daddr, proto, l4_len, sum));
}

/*
 * Returns `check` with 0 replaced by 0xFFFF, because a UDP field of 0 means "no checksum".
 * RFC 768; CSUM_MANGLED_0 in Linux.
 */
CSUMOFF_INLINE_API csumoff_sum16 csumoff_udp_nonzero(csumoff_sum16 check)
{
    return check ? check : CSUMOFF_CAST_(csumoff_sum16, 0xFFFF);
}

/* ---- Incremental adjustment (RFC 1624, equation 3) --------------------------------------- */

/* Brings a complete checksum up to date: data that summed to `from` now sums to `to`. */
CSUMOFF_INLINE_API void csumoff_adjust_(csumoff_sum16 *check, csumoff_wsum from, csumoff_wsum to)
{
    uint32_t delta = CSUMOFF_CAST_(csumoff_sum16, ~csumoff_fold(csumoff_sub(to, from)));

    /* Equal sums: either zero. The field must keep its own form of zero. */
    if (delta == 0 || delta == 0xFFFF)
        return;
    *check = csumoff_fold((*check ^ 0xFFFFu) + delta);
}

/*
 * Brings a complete checksum up to date after a 16-bit field at an even offset has changed. Where
 * both values have the same sum, the checksum is left bit for bit.
 *
 *   check      the complete checksum, changed in place
 *   from, to   the old and the new value, in memory order
 */
CSUMOFF_INLINE_API void csumoff_adjust16(csumoff_sum16 *check, uint16_t from, uint16_t to)
{
    csumoff_adjust_(check, from, to);
}

/* Does the same for a 32-bit field at an even offset: an IPv4 address, a sequence number. */
CSUMOFF_INLINE_API void csumoff_adjust32(csumoff_sum16 *check, uint32_t from, uint32_t to)
{
    csumoff_adjust_(check, from, to);
}

/* Does the same for 16 bytes at an even offset: an IPv6 address. */
CSUMOFF_API void csumoff_adjust128(csumoff_sum16 *check, const void *from, const void *to);

/*
 * Brings a complete checksum up to date after any bytes have changed. They may become more or fewer
 * by an even number.
 *
 *   check      the complete checksum, changed in place
 *   offset     where the bytes are, from the start of what the checksum covers
 *   from, to   the old and the new bytes, with their lengths
 *
 * Returns CSUMOFF_OK, or CSUMOFF_ERANGE: the lengths differ by an odd number.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_adjust_bytes(csumoff_sum16 *check, size_t offset,
                                                        const void *from, size_t from_len,
                                                        const void *to, size_t to_len);

/* What is known of a received packet's L4 checksum: ip_summed in Linux. */
enum csumoff_state {
    CSUMOFF_NONE,        /* complete; nobody has verified it */
    CSUMOFF_UNNECESSARY, /* complete and verified */
    CSUMOFF_COMPLETE,    /* complete; the sum of the whole packet is known */
    CSUMOFF_PARTIAL      /* the field holds a seed, to be finished */
};

struct csumoff_adjust {
    enum csumoff_state state;
    uint8_t l4_proto;      /* IP protocol number */
    uint8_t ip_version;    /* 4 or 6; where the version changes, the old one */
    bool is_pseudo_header; /* the field is an address, the length or the protocol */
    const void *from;      /* the old bytes, in network order */
    size_t from_len;
    const void *to; /* the new bytes; their length differs by an even number, or not at all */
    size_t to_len;
};

/*
 * Brings an L4 checksum field up to date, whatever it holds, after a field at an even offset has
 * changed. An IPv6 address may become an IPv4 address, or the reverse.
 *
 *   check   the L4 checksum field, changed in place
 *   how     the packet's state and protocol; the old and the new bytes
 *
 * A seed changes with pseudo-header fields only, and un-complemented; a seed of 0 stays 0. A UDP
 * field of 0 stays 0 over IPv4 and IPv6 (RFC 6935), and no other UDP or UDP-Lite field becomes 0.
 * ICMP over IPv4 has no pseudo-header. SCTP's CRC32c is left alone.
 *
 * inet_proto_csum_replace4() and inet_proto_csum_replace16() in Linux.
 */
CSUMOFF_API void csumoff_adjust_l4(csumoff_sum16 *check, const struct csumoff_adjust *how);

/* ---- Where things are in a frame --------------------------------------------------------- */

/* What a frame begins with. */
enum csumoff_link {
    CSUMOFF_LINK_ETHERNET, /* an Ethernet header */
    CSUMOFF_LINK_IP,       /* the IPv4 or IPv6 header itself */
    /* The same two for super-frames: an IPv4 total length or an IPv6 payload length of 0 means "to
     * the end of the frame". */
    CSUMOFF_LINK_ETHERNET_SUPER,
    CSUMOFF_LINK_IP_SUPER
};

/* Which kind of checksum a packet has. */
enum csumoff_csum_kind {
    CSUMOFF_INTERNET = 0,   /* RFC 1071, 16 bits */
    CSUMOFF_CRC32C = 1,     /* SCTP: csumoff_crc32c(), 32 bits */
    CSUMOFF_NO_CHECKSUM = 2 /* none that can be located, which only csumoff_locate_l3() and, for
                               tunnels, csumoff_locate_all() report; payload_start, l4_len,
                               csum_start, csum_offset and pseudo are 0 */
};

/* Where the parts of a packet are; offsets count from the start of the frame. */
struct csumoff_layout {
    uint32_t l3_start;      /* the IPv4 or IPv6 header */
    uint32_t l4_start;      /* behind IPv4 options and IPv6 extension headers */
    uint32_t payload_start; /* behind the L4 header; 0 where TCP's data offset is impossible */
    uint32_t end;           /* where the IP datagram ends by its own header */
    uint32_t l4_len;        /* what the L4 checksum covers, from csum_start on */
    uint32_t csum_start;    /* where its sum starts: l4_start */
    uint32_t csum_offset;   /* the checksum field, from csum_start: TCP 16, UDP 6, SCTP 8 ... */
    csumoff_wsum pseudo;    /* the pseudo-header's sum without the length; 0 where there is none
                               (OSPF version 2: what takes its authentication out of the sum) */
    uint8_t ip_version;     /* 4 or 6 */
    uint8_t l4_proto;       /* IP protocol number */
    uint8_t vlan_tags;      /* how many */
    uint8_t csum_kind;      /* enum csumoff_csum_kind */
};

/*
 * Finds the headers and the checksum of a frame's outermost packet.
 *
 *   frame, len   the whole frame, less than 4 GiB
 *   link         what it begins with
 *   layout       receives where things are
 *
 * Behind Ethernet it passes up to 4 VLAN tags (0x8100, 0x88A8, 0x9100), MPLS labels, a PPPoE
 * session and LLC/SNAP; IPv4 options and AH; IPv6 extension headers. A packet on its way along a
 * source route has the pseudo-header of the route's end (RFC 8200, section 8.1): IPv4 LSRR and
 * SSRR, IPv6 routing headers of type 0, 2, 3 (RPL, RFC 6554) and 4. A home address option replaces
 * the source (RFC 6275, section 11.3.1). A jumbo option gives the length (RFC 2675). Atomic
 * fragments (RFC 6946) are treated as unfragmented. PPPoE's and LLC's own lengths are not looked
 * at: IP's decides.
 *
 * Protocols with a checksum: TCP, UDP, ICMP, ICMPv6, SCTP (CRC32c); UDP-Lite and DCCP, by their
 * coverage; IGMP; GRE with the C bit; PIM, OSPF, VRRP version 2 over IPv4 and 3 over IPv6.
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ETRUNC    the frame, or the IP datagram by its own length, ends inside a header, or the
 *                     datagram is longer than the frame;
 *   CSUMOFF_EHDR      a version, length, coverage or segment count is impossible;
 *   CSUMOFF_EPROTO    not IP, more than 4 tags, a protocol without a checksum known here, or
 *                     another version of it; OSPF with cryptographic authentication;
 *   CSUMOFF_EFRAG     a fragment;
 *   CSUMOFF_ENOTSUP   a routing header of an unknown type has segments left, so that the
 *                     destination in the pseudo-header cannot be known;
 *   CSUMOFF_ERANGE    the frame has 4 GiB or more.
 * skb_checksum_setup() in Linux, with the headers checked.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_locate(const void *frame, size_t len,
                                                  enum csumoff_link link,
                                                  struct csumoff_layout *layout);

/*
 * Does the same from the beginning of a frame.
 *
 *   head, have   the first bytes of the frame; at most len
 *   len          the length of the whole frame
 *
 * Returns what csumoff_locate() returns, or CSUMOFF_EHEAD: the head ends before the fixed part of
 * the L4 header does (TCP 20 bytes, UDP 8). CSUMOFF_ERANGE: have is more than len.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_locate_head(const void *head, size_t have, size_t len,
                                                       enum csumoff_link link,
                                                       struct csumoff_layout *layout);

/*
 * Does the same for a frame in pieces, cut anywhere; they are only read.
 * Returns what csumoff_locate() returns; CSUMOFF_ENOTSUP also: the headers are not all in the first
 * piece, and end more than 512 bytes into the frame.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_locate_iov(const struct csumoff_iov *iov, size_t count,
                                                      enum csumoff_link link,
                                                      struct csumoff_layout *layout);

/*
 * Finds a frame's outermost IP packet, even one whose L4 checksum cannot be located: a fragment, an
 * unknown protocol, a route that cannot be resolved.
 *
 *   head, have   the first bytes of the frame; at most len
 *   len          the length of the whole frame
 *   link         what it begins with
 *   layout       receives what csumoff_locate_head() finds; where that returns CSUMOFF_EFRAG,
 *                CSUMOFF_ENOTSUP or, behind an IP header, CSUMOFF_EPROTO, receives a layout of
 *                CSUMOFF_NO_CHECKSUM instead
 *
 * Of a layout of CSUMOFF_NO_CHECKSUM, l3_start, end, ip_version and vlan_tags are those of the
 * packet. l4_start and l4_proto tell how far the headers could be followed: they are the first one
 * that is not passed, such as a fragment header. csumoff_fill_at() makes the IPv4 header's checksum
 * alone from it, and csumoff_inspect_at() judges that alone.
 *
 * Returns CSUMOFF_OK; CSUMOFF_EPROTO: there is no IP header; or CSUMOFF_ETRUNC, CSUMOFF_EHDR,
 * CSUMOFF_EHEAD or CSUMOFF_ERANGE of csumoff_locate_head().
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_locate_l3(const void *head, size_t have, size_t len,
                                                     enum csumoff_link link,
                                                     struct csumoff_layout *layout);

/*
 * Finds a frame's packet and the packets tunnelled inside it, outermost first.
 *
 *   layouts, max   receives the first `max` of them; all offsets count from the start of the frame
 *   count          receives how many were written; 1 where nothing is found inside
 *
 * Tunnels: IPv4 or IPv6 inside either, GRE (with IP, Ethernet, MPLS or ERSPAN inside) and, by UDP
 * destination port, VXLAN (4789, 8472), VXLAN-GPE (4790), Geneve (6081), GTP-U (2152), MPLS (6635),
 * LISP (4341), GUE (6080). A tunnel without a checksum of its own is listed as CSUMOFF_NO_CHECKSUM,
 * provided that a packet with one is found inside. A packet inside that cannot be located ends the
 * list.
 *
 * Returns what csumoff_locate() returns for the outermost packet, and CSUMOFF_OK for a tunnel
 * without a checksum around a packet with one.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_locate_all(const void *frame, size_t len,
                                                      enum csumoff_link link,
                                                      struct csumoff_layout *layouts, size_t max,
                                                      size_t *count);

/*
 * Does the same from the beginning of a frame.
 *
 *   head, have   the first bytes of the frame; at most len
 *   len          the length of the whole frame
 *
 * Returns what csumoff_locate_all() returns, or CSUMOFF_EHEAD: the head ends inside a header of the
 * outermost packet, of a tunnel or of a packet inside, so that it is not known what follows. Once
 * `max` layouts are found, no further header is looked at. CSUMOFF_ERANGE: have is more than len.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_locate_all_head(const void *head, size_t have,
                                                           size_t len, enum csumoff_link link,
                                                           struct csumoff_layout *layouts,
                                                           size_t max, size_t *count);

/* ---- Packets ----------------------------------------------------------------------------- */

/* Returns the length that a packet's pseudo-header holds. For UDP-Lite (136) and DCCP (33) that is
 * the whole packet's (RFC 3828, section 3.1; RFC 4340, section 9.1), else what is covered. */
CSUMOFF_INLINE_API uint32_t csumoff_pseudo_len_(const struct csumoff_layout *layout)
{
    return layout->l4_proto == 136 || layout->l4_proto == 33 ? layout->end - layout->l4_start
                                                             : layout->l4_len;
}

/* Returns the sum of a packet's pseudo-header with the length; 0 where it has none. */
CSUMOFF_INLINE_API csumoff_wsum csumoff_pseudo_(const struct csumoff_layout *layout)
{
    return layout->pseudo ? csumoff_add(layout->pseudo, csumoff_net32_(csumoff_pseudo_len_(layout)))
                          : 0;
}

/*
 * Returns the seed of a located packet: its pseudo-header sum folded and not complemented; 0 for
 * protocols without a pseudo-header.
 */
CSUMOFF_INLINE_API csumoff_sum16 csumoff_seed_value(const struct csumoff_layout *layout)
{
    return CSUMOFF_CAST_(csumoff_sum16, ~csumoff_fold(csumoff_pseudo_(layout)));
}

/* Returns the seed without the length, which some NICs want for GSO. */
CSUMOFF_INLINE_API csumoff_sum16 csumoff_seed_value_gso(const struct csumoff_layout *layout)
{
    return CSUMOFF_CAST_(csumoff_sum16, ~csumoff_fold(layout->pseudo));
}

/*
 * Writes the seed that CHECKSUM_PARTIAL expects into the TCP or UDP checksum field, and a correct
 * IPv4 header checksum.
 *
 *   frame, len   the whole frame; only the two checksum fields are written
 *   link         what it begins with
 *   layout       receives where things are, csum_start and csum_offset among them; may be NULL
 *
 * Returns CSUMOFF_OK, an error of csumoff_locate(), CSUMOFF_EPROTO: neither TCP nor UDP, or
 * CSUMOFF_ETRAILER: non-zero bytes follow what the checksum covers, and a device that sums to the
 * end of the frame would include them.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_seed(void *frame, size_t len, enum csumoff_link link,
                                                struct csumoff_layout *layout);

/*
 * Does the same for a packet that was located already.
 *
 *   layout   this frame's, as a csumoff_locate function gave it
 *
 * Returns CSUMOFF_OK, CSUMOFF_EPROTO or CSUMOFF_ETRAILER as above, or CSUMOFF_ERANGE: the layout
 * reaches beyond len.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_seed_at(void *frame, size_t len,
                                                   const struct csumoff_layout *layout);

/* Does the same for a frame in pieces. */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_seed_iov(const struct csumoff_iov *iov, size_t count,
                                                    const struct csumoff_layout *layout);

/*
 * Finishes an Internet checksum as a device does: sums from csum_start to the end of the frame, the
 * seed included, and stores the complement at csum_start + csum_offset, 0xFFFF in place of 0. Every
 * protocol's csum_offset is even; an odd one stores what Linux would.
 *
 * Returns CSUMOFF_OK, or CSUMOFF_ERANGE: the field is not inside the frame.
 * skb_checksum_help() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_finish(void *frame, size_t len, size_t csum_start,
                                                  size_t csum_offset);

/*
 * Copies the frame to dst and finishes the copy, in one pass.
 *
 *   dst          receives len bytes; must not overlap the frame
 *   frame, len   the frame, which is only read
 *
 * Returns what csumoff_finish() returns.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_copy_finish(void *dst, const void *frame, size_t len,
                                                       size_t csum_start, size_t csum_offset);

/* Does what csumoff_finish() does for a frame in pieces; the field may lie across two of them. */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_finish_iov(const struct csumoff_iov *iov, size_t count,
                                                      size_t csum_start, size_t csum_offset);

/*
 * Finishes a located packet over exactly what its checksum covers, whatever follows it. SCTP gets
 * its CRC32c; the content of its field does not matter.
 *
 * Returns CSUMOFF_OK; CSUMOFF_EPROTO: the layout is one of CSUMOFF_NO_CHECKSUM; CSUMOFF_ERANGE: it
 * reaches beyond len. skb_checksum_help(), skb_crc32c_csum_help() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_finish_at(void *frame, size_t len,
                                                     const struct csumoff_layout *layout);

/* Does the same for a frame in pieces; the field may lie across two of them. */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_finish_at_iov(const struct csumoff_iov *iov,
                                                         size_t count,
                                                         const struct csumoff_layout *layout);

/*
 * Computes every checksum of a frame's outermost packet, IPv4 header and L4, whatever the fields
 * hold. A UDP or UDP-Lite checksum of 0 is stored as 0xFFFF, a TCP or ICMP one as 0.
 *
 * Returns CSUMOFF_OK or an error of csumoff_locate().
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_fill(void *frame, size_t len, enum csumoff_link link);

/*
 * Does the same for a packet that was located already. Of one without a checksum
 * (CSUMOFF_NO_CHECKSUM) the IPv4 header is made alone.
 *
 * Returns CSUMOFF_OK, or CSUMOFF_ERANGE: the layout reaches beyond len.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_fill_at(void *frame, size_t len,
                                                   const struct csumoff_layout *layout);

/* Does the same for a frame in pieces. */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_fill_iov(const struct csumoff_iov *iov, size_t count,
                                                    const struct csumoff_layout *layout);

/* How a checksum stands. */
enum csumoff_verdict {
    CSUMOFF_UNCHECKED = 0, /* not judged: not IP, a fragment, a route that cannot be resolved, a
                              protocol without a checksum known here */
    CSUMOFF_GOOD,
    CSUMOFF_BAD,
    CSUMOFF_SEEDED,     /* holds the seed: whoever takes the frame has to finish it */
    CSUMOFF_SEEDED_GSO, /* holds the seed without the length */
    CSUMOFF_ABSENT,     /* there is none, legally: UDP 0; IPv6 has no header checksum */
    CSUMOFF_BLANK       /* the IPv4 header's field is 0 and not right: left to the network card */
};

/* What csumoff_inspect() found. Checksums are in memory order; 16-bit ones are the low 16 bits.
 * They are 0 where the verdict is CSUMOFF_UNCHECKED, and for the header of IPv6. */
struct csumoff_report {
    enum csumoff_verdict l3, l4;
    csumoff_sum16 l3_found, l3_expected; /* the IPv4 header's field; the right value */
    uint32_t l4_found, l4_expected;      /* the L4 field; the complete checksum */
};

/*
 * Judges every checksum of a frame's outermost packet.
 *
 *   report   receives the verdicts
 *
 * Where two verdicts fit, GOOD goes before SEEDED before SEEDED_GSO; 0x0000 and 0xFFFF are the same
 * sum. A UDP field of 0 is ABSENT over IPv4, and over IPv6 for the destination ports of the tunnels
 * of csumoff_locate_all() (RFC 6935); elsewhere it is BAD. A UDP-Lite field of 0 is always BAD (RFC
 * 3828, section 3.1). UDP over an IPv4 source route may also be right for the next hop, as Linux
 * makes it.
 *
 * Returns CSUMOFF_OK: judged, as far as can be. For fragments, unknown protocols and routes that
 * cannot be resolved l4 is UNCHECKED; for frames that are not IP, l3 is UNCHECKED as well. Else
 * CSUMOFF_ETRUNC, CSUMOFF_EHDR or CSUMOFF_ERANGE of csumoff_locate().
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_inspect(const void *frame, size_t len,
                                                   enum csumoff_link link,
                                                   struct csumoff_report *report);

/*
 * Judges a packet that was located already; l4 is UNCHECKED under CSUMOFF_NO_CHECKSUM.
 * Returns CSUMOFF_OK, or CSUMOFF_ERANGE: the layout reaches beyond len.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_inspect_at(const void *frame, size_t len,
                                                      const struct csumoff_layout *layout,
                                                      struct csumoff_report *report);

/* Does the same for a frame in pieces, which are only read. */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_inspect_iov(const struct csumoff_iov *iov, size_t count,
                                                       const struct csumoff_layout *layout,
                                                       struct csumoff_report *report);

/*
 * Says whether a frame's outermost packet is fit for a receiver.
 *
 * Returns CSUMOFF_OK only where nothing is wrong: every checksum is GOOD, ABSENT or UNCHECKED
 * (fragments, unknown protocols, frames that are not IP). CSUMOFF_ECSUM: one is BAD, BLANK or a
 * seed. CSUMOFF_ETRUNC, CSUMOFF_EHDR, CSUMOFF_ENOTSUP and CSUMOFF_ERANGE as csumoff_locate().
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_verify(const void *frame, size_t len,
                                                  enum csumoff_link link);

/*
 * Writes the complete checksum of an outer header around a packet whose own checksum is still a
 * seed (local checksum offload). Once finished, the inner packet sums to the complement of its
 * seed, so its payload is not read.
 *
 *   frame, len          the whole frame; only the outer checksum field is written
 *   outer               the outer packet's layout: UDP, or GRE with the C bit
 *   inner_csum_start    where the inner packet's sum starts, from the start of the frame
 *   inner_csum_offset   the inner checksum field, from inner_csum_start
 *
 * Returns CSUMOFF_OK;
 *   CSUMOFF_EPROTO     the outer packet is of another protocol;
 *   CSUMOFF_ERANGE     the offsets are not in this order inside the frame, inner_csum_offset is
 *                      odd, or the layout reaches beyond len;
 *   CSUMOFF_EHDR       what the outer checksum covers does not hold the inner field;
 *   CSUMOFF_ETRAILER   non-zero bytes follow what the outer checksum covers.
 * lco_csum() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_outer(void *frame, size_t len,
                                                 const struct csumoff_layout *outer,
                                                 size_t inner_csum_start, size_t inner_csum_offset);

/*
 * Stores bytes in a packet and brings its IPv4 header and L4 checksums up to date: addresses, TTL,
 * TOS, ports, sequence numbers, MSS, payload. What was wrong stays as wrong as it was; a UDP field
 * of 0, a seed of 0 and a blank IPv4 header field stay 0. The checksums of packets around this one
 * are not brought up to date: see csumoff_outer() and csumoff_fill_at().
 *
 *   frame, len   the whole frame
 *   layout       this packet's; its `pseudo` is brought up to date
 *   state        of this packet's own L4 field; CSUMOFF_PARTIAL: it holds a seed. If the seed
 *                belongs to a packet tunnelled inside, pass CSUMOFF_NONE: the outer packet's own
 *                field is complete
 *   at           where to store, from the start of the frame
 *   bytes, n     what to store; must not overlap the frame
 *
 * Returns CSUMOFF_OK;
 *   CSUMOFF_EHDR      the bytes decide the layout (version, IHL, lengths, protocol, fragment,
 *                     extension chain, data offset), or are a checksum;
 *   CSUMOFF_ERANGE    they are not all in this IP datagram; under CSUMOFF_PARTIAL, not all before
 *                     the end of what the checksum covers; or the layout reaches beyond len;
 *   CSUMOFF_ENOTSUP   SCTP's CRC32c covers them; more than 512 bytes are in front of the L4 header;
 *                     or an address of UDP over an IPv4 source route, whose checksum may be that of
 *                     the next hop.
 * inet_proto_csum_replace_by_diff() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_rewrite(void *frame, size_t len,
                                                   struct csumoff_layout *layout,
                                                   enum csumoff_state state, size_t at,
                                                   const void *bytes, size_t n);

/* ---- Kernels ----------------------------------------------------------------------------- */

/* Features for csumoff_cpu_limit(). A kernel is usable where all it needs is there and allowed. */
#define CSUMOFF_CPU_SSE2       0x00000001u
#define CSUMOFF_CPU_AVX2       0x00000002u
#define CSUMOFF_CPU_AVX512     0x00000004u /* F, BW, VL; and BMI2 */
#define CSUMOFF_CPU_AVX512VNNI 0x00000008u
#define CSUMOFF_CPU_NEON       0x00000010u
#define CSUMOFF_CPU_SSE42      0x00000020u /* SSE4.2 and PCLMULQDQ */
#define CSUMOFF_CPU_ARM_CRC    0x00000040u /* the CRC32 instructions of AArch64 */
#define CSUMOFF_CPU_VPCLMUL    0x00000080u /* VPCLMULQDQ on 256 bits */
#define CSUMOFF_CPU_AVXVNNI    0x00000100u /* VPDPWSSD without AVX-512 */
#define CSUMOFF_CPU_I8MM       0x00000200u /* NEON's 8-bit matrices, where they pay */
#define CSUMOFF_CPU_VX         0x00000400u /* the vector facility of s390x, from z13 on */
#define CSUMOFF_CPU_VMX        0x00000800u /* VMX and VSX of POWER */
#define CSUMOFF_CPU_RVV        0x00001000u /* V 1.0 of RISC-V, not 0.7.1 */
#define CSUMOFF_CPU_ALL        0xFFFFFFFFu

/* Returns how many kernels are compiled in. They are numbered from the best one, 0. */
CSUMOFF_API size_t csumoff_kernel_count(void);
/* Returns the name of kernel i, static; NULL past the last one. */
CSUMOFF_API const char *csumoff_kernel_name(size_t i);
/* Returns whether kernel i runs on this CPU and operating system, within csumoff_cpu_limit(). */
CSUMOFF_API bool csumoff_kernel_usable(size_t i);
/* Returns the name of the kernel in use; chooses it where none is yet. */
CSUMOFF_API const char *csumoff_kernel_active(void);

/*
 * Forces a kernel by its name, or, for NULL, has the best usable one chosen again. Sums under way
 * in other threads end with the kernel they began with.
 *
 * Returns CSUMOFF_OK, or CSUMOFF_ENOTSUP: there is no such kernel, or it is not usable.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_kernel_use(const char *name);

/*
 * Allows the given CPU features and no others, from the next call on.
 *
 *   allowed   CSUMOFF_CPU_* bits. 0: no vector, CRC or carry-less multiplication instruction is
 *             executed, for code that runs without an FPU context. (A compiler may use vector
 *             registers in the code around the kernels, unless told -mgeneral-regs-only.)
 *             WebAssembly has no such code: its kernel wasm128 needs no feature, and 0 allows it.
 *
 * Returns the former mask, for putting it back. Bits 13 to 31 name no feature; they come back as
 * copies of bit 13.
 *
 * A forced kernel stays in use while it is allowed, else the best usable one is. The CPU is asked
 * once, by the first call that may use a feature: an operating system that starts with 0 has until
 * then to switch its registers on. Where the library was built with cpu_detect=caller (the default
 * on x86-64 without SSE and on RISC-V without F) this is also how it learns what the CPU has:
 * nothing until told.
 */
CSUMOFF_API uint32_t csumoff_cpu_limit(uint32_t allowed);

/*
 * What is worth doing on a processor, apart from what it can do.
 *
 *   FETCH    sums of more than 16 KiB fetch 16 KiB ahead;
 *   NARROW   kernels of 512-bit registers run only where they are forced, for what follows them
 * runs at a lower clock: with traffic that is sporadic, that costs more than they gain.
 */
#define CSUMOFF_POLICY_FETCH  0x1u
#define CSUMOFF_POLICY_NARROW 0x2u
#define CSUMOFF_POLICY_OF_CPU 0xFFFFFFFFu /* what the library's table says of this processor */

/* Returns the policy in force: CSUMOFF_POLICY_* bits. */
CSUMOFF_API uint32_t csumoff_policy(void);
/* Returns why it is in force, a static string in English: the processor and what is known of it, or
 * that the program chose. */
CSUMOFF_API const char *csumoff_policy_why(void);

/*
 * Sets the policy, and has the best kernel chosen again unless one is forced. No result depends on
 * it, only the time that results take.
 *
 *   policy   CSUMOFF_POLICY_* bits, any others being ignored, or CSUMOFF_POLICY_OF_CPU. That is in
 *            force from the start; a library built with cpu_detect=caller asks no processor, and
 * has no policy by itself.
 *
 * Returns the former policy, for putting it back.
 */
CSUMOFF_API uint32_t csumoff_policy_use(uint32_t policy);

#if !defined(CSUMOFF_NO_SELFTEST)
/*
 * Runs every usable kernel, of sums and of CRC32c, against a bytewise reference, in milliseconds:
 * lengths, alignments and patterns that reach every path. Then one packet is seeded, finished,
 * whole and in pieces, and judged, by the kernel in use.
 *
 * Returns CSUMOFF_OK, or CSUMOFF_ECSUM: something is wrong, of the library or of how it was
 * compiled.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_selftest(void);
#endif

#ifdef __cplusplus
}
#endif

#endif
