// SPDX-License-Identifier: MIT
/*
 * csumoff: Internet checksums (RFC 1071) and checksum offload for network stacks.
 *
 * The comments use these words:
 *   frame       what is sent as a unit: an Ethernet frame, or an IP packet without a link layer
 *   L3          the IPv4 or IPv6 header
 *   L4          the header behind L3 and its options and extension headers: TCP, UDP ...
 *   sum         an unfolded ones'-complement sum, not complemented (csumoff_wsum)
 *   fold        to reduce a sum to 16 bits and complement it: the value for a checksum field
 *   seed        the folded sum of the pseudo-header, not complemented. A stack that leaves the L4
 *               checksum to a device puts the seed into the checksum field (CHECKSUM_PARTIAL)
 *   finish      to turn a seed in a checksum field into the complete checksum
 *   locate      to find the headers and the checksum of a packet (struct csumoff_layout)
 *   GSO         sending one long frame, a super-frame, which a device or software later cuts into
 *               segments that fit the network: TSO, USO
 *   kernel      one implementation of the sum, or of CRC32c, for one kind of CPU
 *
 * The following holds for every function, unless its comment says otherwise:
 *   - Lengths and offsets are in bytes. Frames, addresses and other bytes that are passed as void
 *     pointers may have any alignment. A pointer to bytes may be NULL if their length is 0; any
 *     other pointer may be NULL only where its comment says so.
 *   - Only the bytes given are read or written.
 *   - Functions that copy read each source byte exactly once, so a copy and its sum agree even if
 *     the source changes meanwhile. All other results are right only if the frame, its pieces and
 *     its layout do not change during the call.
 *   - Functions that can fail return CSUMOFF_OK or a negative enum csumoff_status, which callers
 *     must check. A function that fails has written neither to the frame nor to any output.
 *   - Any thread may call any function at any time. The caller keeps other threads from changing a
 *     frame or an output that a call is using.
 *   - The library neither allocates nor prints. All that it remembers between calls is which kernel
 *     is in use and what decides that: the CPU's features, which of them csumoff_cpu_limit()
 *     allows, the kernel that csumoff_kernel_use() forces, and the policy (csumoff_policy_use()).
 *
 * Names that end in an underscore are not for callers. docs/api-conventions.md has these rules with
 * their reasons, and what a new version may change.
 */
#ifndef CSUMOFF_H
#define CSUMOFF_H

/*
 * The types come from the compiler's own headers, or from a file that the embedder names with
 * -DCSUMOFF_TYPES_H='"types.h"'. That file must define bool, size_t and the uintN_t types; to
 * compile the library itself, also true, false, NULL, the intN_t types and uintptr_t. Code of the
 * Linux kernel, and of boot loaders that follow it, takes the kernel's types (__KERNEL__).
 */
#if defined(CSUMOFF_TYPES_H)
#include CSUMOFF_TYPES_H
#elif defined(__KERNEL__)
#include <linux/stddef.h>
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#endif
/* The compiler has the extensions of GNU C. clang for Windows and UEFI has them, too, but does not
 * always define __GNUC__. */
#if defined(__GNUC__) || defined(__clang__)
#define CSUMOFF_GNU_C_ 1
#else
#include <string.h>
#endif

/* With -Os gcc may call an inline function instead of expanding it, and -Winline warns of each such
 * call. gcc does not warn about functions of system headers. */
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

/* Converts a value in an inline function: C++ compilers can warn about casts in the form of C. */
#if defined(__cplusplus)
#define CSUMOFF_CAST_(type, value) static_cast<type>(value)
#else
#define CSUMOFF_CAST_(type, value) ((type)(value))
#endif

/* Declares an inline function. Each of them is also an exported symbol of the library, by
 * src/inline.c, for callers in other languages. Where `inline` means gnu_inline, as Linux's macro
 * of that name makes it, every source that includes this header would define the symbol; there the
 * functions are static, and no symbol is exported. */
#if defined(__GNUC_GNU_INLINE__) || defined(__KERNEL__)
#define CSUMOFF_INLINE_API static inline
#elif defined(__cplusplus)
#define CSUMOFF_INLINE_API inline
#else
#define CSUMOFF_INLINE_API CSUMOFF_API inline
#endif
/* Declares an inline function that kernels use. It is expanded even in code that is not optimized.
 * A kernel is compiled for an instruction set of its own, and under -mabi=ms gcc compiles a call
 * from such a function by another calling convention than that of the function called. */
#if defined(CSUMOFF_GNU_C_)
#define CSUMOFF_INLINE_API_ALWAYS CSUMOFF_INLINE_API __attribute__((always_inline))
#else
#define CSUMOFF_INLINE_API_ALWAYS CSUMOFF_INLINE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* A sum: the ones'-complement sum of 16-bit words as the CPU loads them from memory, not yet folded
 * to 16 bits and not complemented. Linux calls it __wsum. */
typedef uint32_t csumoff_wsum;

/*
 * The 16 bits of a checksum field in memory order: the first byte in memory is the first byte of
 * the field. Such a value is copied into and out of a packet with memcpy(), never with htons() or
 * ntohs(). Linux calls it __sum16.
 */
typedef uint16_t csumoff_sum16;

/* What functions that can fail return. Each comment says which of them, and why. */
enum csumoff_status {
    CSUMOFF_OK = 0,
    CSUMOFF_ETRUNC = -1,   /* the frame is shorter than its headers say */
    CSUMOFF_EHDR = -2,     /* a header is malformed */
    CSUMOFF_EPROTO = -3,   /* no checksum is known: not IP, or another protocol */
    CSUMOFF_EFRAG = -4,    /* the packet is an IP fragment */
    CSUMOFF_ERANGE = -5,   /* an offset or a length is outside the bytes given */
    CSUMOFF_ECSUM = -6,    /* a checksum is wrong */
    CSUMOFF_ETRAILER = -7, /* non-zero bytes follow what the checksum covers */
    CSUMOFF_ENOTSUP = -8,  /* a feature is not supported, or a source route cannot be resolved */
    CSUMOFF_EHEAD = -9     /* the head given ends before the headers do; a longer one is needed */
};

/*
 * Returns the English phrase that explains a status. The string is static and never NULL.
 *
 *   status   a value of enum csumoff_status, or any other number, which is called unknown
 */
CSUMOFF_API const char *csumoff_strerror(int status);

/* Returns the version of the library that is linked, as CSUMOFF_VERSION_NUMBER counts it. The
 * header that a program was compiled with may be of another version. */
CSUMOFF_API uint32_t csumoff_version(void);

/* ---- Sums -------------------------------------------------------------------------------- */

/*
 * One piece of a frame that lies in several places, like struct iovec. `base` may be NULL where
 * `len`, its length in bytes, is 0. Functions that compute a checksum write it into the piece that
 * holds the checksum field; each comment says whether the function writes.
 */
struct csumoff_iov {
    void *base; /* may be NULL where len is 0 */
    size_t len;
};

/*
 * Returns the sum of `data` added to `sum`. An odd last byte counts as if a zero byte followed it.
 * With `sum` 0 the result is 0 only if every byte is 0.
 *
 *   data, len   the bytes to be summed, which may be more than 4 GiB; data may be NULL if len is 0
 *   sum         the value to begin with: 0, or the sum of the data in front of these, whose length
 *               must be even. If it is odd, use csumoff_block_add()
 *
 * RFC 1071; csum_partial() in Linux.
 */
CSUMOFF_API csumoff_wsum csumoff_partial(const void *data, size_t len, csumoff_wsum sum);

/*
 * Returns the sum of `data` added to `sum`, like csumoff_partial(), but uses no vector register,
 * whatever csumoff_cpu_limit() allows. It is meant for interrupt handlers and for other code that
 * runs without a saved vector state.
 *
 *   data, len   the bytes to be summed; data may be NULL if len is 0
 *   sum         the value to begin with: 0, or the sum of preceding data of even length
 */
CSUMOFF_API csumoff_wsum csumoff_partial_scalar(const void *data, size_t len, csumoff_wsum sum);

/*
 * Copies bytes and returns their sum added to `sum`. Each source byte is read exactly once, so the
 * copy and the sum agree even if the source changes meanwhile.
 *
 *   dst        receives len bytes; may be NULL if len is 0
 *   src, len   the bytes to be copied, which must not overlap dst; src may be NULL if len is 0
 *   sum        the value to begin with: 0, or the sum of preceding data of even length
 *
 * csum_partial_copy_nocheck() in Linux.
 */
CSUMOFF_API csumoff_wsum csumoff_partial_copy(void *dst, const void *src, size_t len,
                                              csumoff_wsum sum);

/*
 * Sums a range of bytes of a frame in pieces, as if the pieces were one. Pieces may be empty and
 * may have odd lengths.
 *
 *   iov, count   the pieces, which are only read; iov may be NULL if count is 0
 *   skip         how many bytes to pass over before the range
 *   len          how many bytes the range has
 *   sum          holds the value to begin with, and receives the sum of the range added to it
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ERANGE   the pieces hold fewer than skip + len bytes.
 *
 * skb_checksum() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_partial_iov(const struct csumoff_iov *iov, size_t count,
                                                       size_t skip, size_t len, csumoff_wsum *sum);

/*
 * Copies a range of bytes of a frame in pieces to one place, and sums it. Each byte is read exactly
 * once, so the copy and the sum agree even if the frame changes meanwhile.
 *
 *   dst          receives len bytes; must not overlap the pieces; may be NULL if len is 0
 *   iov, count   the pieces, which are only read; iov may be NULL if count is 0
 *   skip         how many bytes to pass over before the range
 *   len          how many bytes the range has
 *   sum          holds the value to begin with, and receives that value plus the sum of the bytes
 *                stored in dst
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ERANGE   the pieces hold fewer than skip + len bytes.
 *
 * skb_copy_and_csum_bits() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_partial_copy_iov(void *dst,
                                                            const struct csumoff_iov *iov,
                                                            size_t count, size_t skip, size_t len,
                                                            csumoff_wsum *sum);

/*
 * Returns the CRC32c of `data`, continued from `crc`. The CRC32c of the nine bytes "123456789" is
 * 0xE3069283.
 *
 *   data, len   the bytes; data may be NULL if len is 0
 *   crc         0 to begin with, or the value that this function returned for the bytes in front of
 *               these
 *
 * SCTP stores the value in its checksum field with the lowest byte first, and computes it over the
 * packet with that field zero.
 *
 * RFC 9260, appendix A; crc32c() in Linux, which leaves both complements to its caller.
 */
CSUMOFF_API uint32_t csumoff_crc32c(const void *data, size_t len, uint32_t crc);

#if defined(CSUMOFF_GNU_C_)
/* A number at any address. For a CPU whose loads must be aligned, compilers load a packed member
 * byte by byte, while memcpy() would be a call. */
struct csumoff_unaligned16_ {
    uint16_t v;
} __attribute__((packed, may_alias));
struct csumoff_unaligned32_ {
    uint32_t v;
} __attribute__((packed, may_alias));
#endif

/* Returns the 16 bits at p, which may be any address, as the CPU loads them. */
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

/* Returns the 32 bits at p, which may be any address, as the CPU loads them. */
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

/* Returns the upper and the lower half of v added, with the carry added to the result. */
CSUMOFF_INLINE_API_ALWAYS csumoff_wsum csumoff_fold64_(uint64_t v)
{
    return CSUMOFF_CAST_(csumoff_wsum, (v + (v << 32 | v >> 32)) >> 32);
}

/*
 * Returns a sum folded to 16 bits and complemented, which is the value of a checksum field.
 *
 *   sum   the sum of everything that the checksum covers
 *
 * RFC 1071, section 1; csum_fold() in Linux.
 */
CSUMOFF_INLINE_API csumoff_sum16 csumoff_fold(csumoff_wsum sum)
{
    sum += sum << 16 | sum >> 16;
    return CSUMOFF_CAST_(csumoff_sum16, ~sum >> 16);
}

/* Returns `a` + `b` in ones'-complement arithmetic: the carry is added to the result. RFC 1071,
 * section 2 (B); csum_add() in Linux. */
CSUMOFF_INLINE_API_ALWAYS csumoff_wsum csumoff_add(csumoff_wsum a, csumoff_wsum b)
{
    a += b;
    return a + (a < b);
}

/* Returns `a` - `b` in ones'-complement arithmetic. For equal sums the result is 0xFFFFFFFF, which
 * is the other form of zero. csum_sub() in Linux. */
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
 * Returns the sum of data together with a block of bytes that belongs among or behind them. No
 * other byte moves.
 *
 *   sum      the sum of the data without the block, as if zeros were in its place
 *   block    the sum of the block alone, begun with 0
 *   offset   where the block starts in the data; only whether it is odd matters
 *
 * csum_block_add() in Linux.
 */
CSUMOFF_INLINE_API_ALWAYS csumoff_wsum csumoff_block_add(csumoff_wsum sum, csumoff_wsum block,
                                                         size_t offset)
{
    return csumoff_add(sum, csumoff_block_shift_(block, offset));
}

/*
 * Returns the sum of data without a block of bytes, as if zeros were in its place. No other byte
 * moves.
 *
 *   sum      the sum of the data with the block
 *   block    the sum of the block alone, begun with 0
 *   offset   where the block starts in the data; only whether it is odd matters
 *
 * csum_block_sub() in Linux.
 */
CSUMOFF_INLINE_API csumoff_wsum csumoff_block_sub(csumoff_wsum sum, csumoff_wsum block,
                                                  size_t offset)
{
    return csumoff_sub(sum, csumoff_block_shift_(block, offset));
}

/* ---- IPv4 header, seeds, complete checksums ---------------------------------------------- */

/* Returns the checksum of an IPv4 header of any length, as csumoff_ipv4_header() does. */
CSUMOFF_API csumoff_sum16 csumoff_ipv4_header_any_(const void *iph, size_t header_len);

/*
 * Returns the checksum of an IPv4 header. The checksum field, bytes 10 and 11, counts as zero
 * whatever it holds.
 *
 *   iph          the header
 *   header_len   the header's length in bytes, options included: IHL * 4
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
 * Writes the header checksum into bytes 10 and 11 of an IPv4 header. The total length field is not
 * examined.
 *
 *   iph   the header
 *   len   how many bytes are available; IHL * 4 of them are read
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_EHDR     the version is not 4, or IHL is below 5;
 *   CSUMOFF_ETRUNC   len is below 20 or below IHL * 4.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_ipv4_header_set(void *iph, size_t len);

/*
 * Checks the header checksum of an IPv4 header. 0x0000 and 0xFFFF are taken for the same value.
 *
 *   iph   the header, which is only read
 *   len   how many bytes are available; IHL * 4 of them are read
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_EHDR     the version is not 4, or IHL is below 5;
 *   CSUMOFF_ETRUNC   len is below 20 or below IHL * 4;
 *   CSUMOFF_ECSUM    the checksum is wrong.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_ipv4_header_verify(const void *iph, size_t len);

/* Returns a number as csumoff_load32_() would load its four bytes in network order. */
CSUMOFF_INLINE_API uint32_t csumoff_net32_(uint32_t n)
{
    const uint8_t bytes[4] = {CSUMOFF_CAST_(uint8_t, n >> 24), CSUMOFF_CAST_(uint8_t, n >> 16),
                              CSUMOFF_CAST_(uint8_t, n >> 8), CSUMOFF_CAST_(uint8_t, n)};

    return csumoff_load32_(bytes);
}

/* Returns the sum of the length and the protocol number of a pseudo-header of either IP version. */
CSUMOFF_INLINE_API uint64_t csumoff_pseudo_rest_(uint8_t proto, uint32_t l4_len)
{
    return CSUMOFF_CAST_(uint64_t, csumoff_net32_(l4_len)) + csumoff_net32_(proto);
}

/*
 * Returns the sum of the IPv4 pseudo-header added to `sum`.
 *
 *   saddr, daddr   the addresses, 4 bytes each in network order, as they are in the header; daddr
 *                  is that of the final destination
 *   proto          the IP protocol number
 *   l4_len         the length of L4 header and payload in bytes; all 32 bits count
 *   sum            the value to begin with: 0, or the sum of L4 header and payload
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
 *   saddr, daddr   the addresses, 16 bytes each in network order, as they are in the header; daddr
 *                  is that of the final destination
 *   proto          the protocol number of the L4 header, not that of an extension header
 *   l4_len         the length of L4 header and payload in bytes; all 32 bits count
 *   sum            the value to begin with: 0, or the sum of L4 header and payload
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
 * Returns the seed of an IPv4 packet: its pseudo-header sum folded and not complemented, which is
 * what CHECKSUM_PARTIAL keeps in the L4 checksum field.
 *
 *   saddr, daddr   the addresses, 4 bytes each in network order
 *   proto          the IP protocol number
 *   l4_len         the length of L4 header and payload in bytes; 0 gives the seed without the
 *                  length, which some network cards want for GSO
 */
CSUMOFF_INLINE_API csumoff_sum16 csumoff_seed_ipv4(const void *saddr, const void *daddr,
                                                   uint8_t proto, uint32_t l4_len)
{
    return CSUMOFF_CAST_(csumoff_sum16,
                         ~csumoff_fold(csumoff_pseudo_ipv4(saddr, daddr, proto, l4_len, 0)));
}

/*
 * Returns the seed of an IPv6 packet: its pseudo-header sum folded and not complemented, which is
 * what CHECKSUM_PARTIAL keeps in the L4 checksum field.
 *
 *   saddr, daddr   the addresses, 16 bytes each in network order; daddr is that of the final
 *                  destination
 *   proto          the protocol number of the L4 header, not that of an extension header
 *   l4_len         the length of L4 header and payload in bytes; 0 gives the seed without the
 *                  length, which some network cards want for GSO
 */
CSUMOFF_INLINE_API csumoff_sum16 csumoff_seed_ipv6(const void *saddr, const void *daddr,
                                                   uint8_t proto, uint32_t l4_len)
{
    return CSUMOFF_CAST_(csumoff_sum16,
                         ~csumoff_fold(csumoff_pseudo_ipv6(saddr, daddr, proto, l4_len, 0)));
}

/*
 * Returns the complete L4 checksum of an IPv4 packet. For UDP the result must be passed through
 * csumoff_udp_nonzero() before it is stored.
 *
 *   saddr, daddr   the addresses, 4 bytes each in network order
 *   proto          the IP protocol number
 *   l4_len         the length of L4 header and payload in bytes
 *   sum            the sum of L4 header and payload, with the checksum field counted as 0
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
 * Returns the complete L4 checksum of an IPv6 packet. For UDP the result must be passed through
 * csumoff_udp_nonzero() before it is stored.
 *
 *   saddr, daddr   the addresses, 16 bytes each in network order; daddr is that of the final
 *                  destination
 *   proto          the protocol number of the L4 header, not that of an extension header
 *   l4_len         the length of L4 header and payload in bytes
 *   sum            the sum of L4 header and payload, with the checksum field counted as 0
 *
 * csum_ipv6_magic() in Linux.
 */
CSUMOFF_INLINE_API csumoff_sum16 csumoff_tcpudp_ipv6(const void *saddr, const void *daddr,
                                                     uint8_t proto, uint32_t l4_len,
                                                     csumoff_wsum sum)
{
    return csumoff_fold(csumoff_pseudo_ipv6(saddr, daddr, proto, l4_len, sum));
}

/* Returns `check`, or 0xFFFF if it is 0, because a UDP field of 0 means "no checksum". Both are the
 * same sum. RFC 768; CSUM_MANGLED_0 in Linux. */
CSUMOFF_INLINE_API csumoff_sum16 csumoff_udp_nonzero(csumoff_sum16 check)
{
    return check ? check : CSUMOFF_CAST_(csumoff_sum16, 0xFFFF);
}

/* ---- Incremental adjustment (RFC 1624, equation 3) --------------------------------------- */

/* Brings a complete checksum up to date: data that summed to `from` now sums to `to`. */
CSUMOFF_INLINE_API void csumoff_adjust_(csumoff_sum16 *check, csumoff_wsum from, csumoff_wsum to)
{
    uint32_t delta = CSUMOFF_CAST_(csumoff_sum16, ~csumoff_fold(csumoff_sub(to, from)));

    /* The sums are equal. The field must keep its own form of zero. */
    if (delta == 0 || delta == 0xFFFF)
        return;
    *check = csumoff_fold((*check ^ 0xFFFFu) + delta);
}

/*
 * Brings a complete checksum up to date after a 16-bit field at an even offset has changed. If both
 * values have the same sum, the checksum is not changed.
 *
 *   check      the complete checksum, changed in place. It must be an aligned variable: a field in
 *              a packet is copied into it and back with memcpy()
 *   from, to   the old and the new value of the field, in memory order
 *
 * RFC 1624, equation 3; csum_replace2() in Linux.
 */
CSUMOFF_INLINE_API void csumoff_adjust16(csumoff_sum16 *check, uint16_t from, uint16_t to)
{
    csumoff_adjust_(check, from, to);
}

/*
 * Brings a complete checksum up to date after a 32-bit field at an even offset, such as an IPv4
 * address or a sequence number, has changed. If both values have the same sum, the checksum is not
 * changed.
 *
 *   check      the complete checksum, changed in place; an aligned variable
 *   from, to   the old and the new value of the field, in memory order
 *
 * RFC 1624, equation 3; csum_replace4() in Linux.
 */
CSUMOFF_INLINE_API void csumoff_adjust32(csumoff_sum16 *check, uint32_t from, uint32_t to)
{
    csumoff_adjust_(check, from, to);
}

/*
 * Brings a complete checksum up to date after 16 bytes at an even offset, such as an IPv6 address,
 * have changed. If both values have the same sum, the checksum is not changed.
 *
 *   check      the complete checksum, changed in place; an aligned variable
 *   from, to   the old and the new value: 16 bytes each, as they are in the packet
 *
 * RFC 1624, equation 3.
 */
CSUMOFF_API void csumoff_adjust128(csumoff_sum16 *check, const void *from, const void *to);

/*
 * Brings a complete checksum up to date after bytes at any offset have changed. Their number may
 * change by an even number.
 *
 *   check            the complete checksum, changed in place; an aligned variable
 *   offset           where the bytes begin, from the start of what the checksum covers; only
 *                    whether it is odd matters
 *   from, from_len   the old bytes; from may be NULL if from_len is 0
 *   to, to_len       the new bytes; to may be NULL if to_len is 0
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ERANGE   the lengths differ by an odd number.
 *
 * RFC 1624, equation 3.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_adjust_bytes(csumoff_sum16 *check, size_t offset,
                                                        const void *from, size_t from_len,
                                                        const void *to, size_t to_len);

/* What is known of the L4 checksum of a packet that was received. Linux calls it ip_summed. */
enum csumoff_state {
    CSUMOFF_NONE,        /* it is complete; nobody has verified it */
    CSUMOFF_UNNECESSARY, /* it is complete and was verified */
    CSUMOFF_COMPLETE,    /* it is complete; the device has told the sum of the whole packet */
    CSUMOFF_PARTIAL      /* the field holds a seed, and the checksum is yet to be finished */
};

/*
 * A change of a packet, for csumoff_adjust_l4().
 *
 *   state              CSUMOFF_PARTIAL: the checksum field holds a seed; else: it is complete
 *   l4_proto           the IP protocol number
 *   ip_version         4 or 6; the old one if the version changes
 *   is_pseudo_header   whether the bytes are part of the pseudo-header: an address, the length or
 *                      the protocol
 *   from, from_len     the old bytes, as they are in the packet; from may be NULL if from_len is 0
 *   to, to_len         the new bytes; the lengths are equal or differ by an even number
 */
struct csumoff_adjust {
    enum csumoff_state state;
    uint8_t l4_proto;
    uint8_t ip_version;
    bool is_pseudo_header;
    const void *from;
    size_t from_len;
    const void *to;
    size_t to_len;
};

/*
 * Brings an L4 checksum field up to date, whether it holds a complete checksum or a seed, after a
 * field of the packet at an even offset has changed. An IPv6 address may become an IPv4 address, or
 * the reverse.
 *
 *   check   what the L4 checksum field holds, changed in place; an aligned variable
 *   how     the packet's state and protocol, and the old and the new bytes
 *
 * A seed changes only if a field of the pseudo-header does; a seed of 0 stays 0. A UDP field of 0
 * stays 0 over IPv4 and IPv6 (RFC 6935), and no other UDP or UDP-Lite field becomes 0. Changes to
 * the pseudo-header leave the checksum of a protocol without one, such as ICMP over IPv4, as it is.
 * The CRC32c of SCTP is never changed.
 *
 * inet_proto_csum_replace4() and inet_proto_csum_replace16() in Linux.
 */
CSUMOFF_API void csumoff_adjust_l4(csumoff_sum16 *check, const struct csumoff_adjust *how);

/* ---- Where things are in a frame --------------------------------------------------------- */

/* What the first byte of a frame belongs to. */
enum csumoff_link {
    CSUMOFF_LINK_ETHERNET, /* an Ethernet header */
    CSUMOFF_LINK_IP,       /* an IPv4 or IPv6 header */
    /* Like the two above, for a frame in which an IPv4 total length or an IPv6 payload length of 0
     * means "to the end of the frame", as in captured super-frames. */
    CSUMOFF_LINK_ETHERNET_SUPER,
    CSUMOFF_LINK_IP_SUPER
};

/* Which kind of checksum a packet has. */
enum csumoff_csum_kind {
    CSUMOFF_INTERNET = 0, /* 16 bits, RFC 1071 */
    CSUMOFF_CRC32C = 1,   /* 32 bits, for SCTP: see csumoff_crc32c() */
    /* None that can be located. csumoff_locate_l3() reports such packets, and csumoff_locate_all()
     * such tunnels. payload_start, l4_len, csum_start, csum_offset and pseudo are 0 then. */
    CSUMOFF_NO_CHECKSUM = 2
};

/*
 * Where the parts of a packet are. Offsets count from the start of the frame, except csum_offset.
 * Later versions may add members at the end.
 *
 *   l3_start        the IPv4 or IPv6 header
 *   l4_start        the L4 header, behind IPv4 options and IPv6 extension headers
 *   payload_start   the payload, behind the L4 header; 0 if TCP's data offset is impossible
 *   end             where the IP datagram ends by the length in its own header
 *   l4_len          how many bytes the L4 checksum covers, from csum_start on
 *   csum_start      where the sum of the L4 checksum starts, which is l4_start
 *   csum_offset     the L4 checksum field, from csum_start: 16 for TCP, 6 for UDP, 8 for SCTP ...
 *   pseudo          the sum of the pseudo-header without its length; 0 for protocols that have no
 *                   pseudo-header. OSPF version 2 has none either, but its checksum leaves out the
 *                   authentication field: this value, which is not 0, takes it out of the sum
 *   ip_version      4 or 6
 *   l4_proto        the IP protocol number of the L4 header
 *   vlan_tags       how many VLAN tags are in front of the IP header
 *   csum_kind       a value of enum csumoff_csum_kind
 */
struct csumoff_layout {
    uint32_t l3_start;
    uint32_t l4_start;
    uint32_t payload_start;
    uint32_t end;
    uint32_t l4_len;
    uint32_t csum_start;
    uint32_t csum_offset;
    csumoff_wsum pseudo;
    uint8_t ip_version;
    uint8_t l4_proto;
    uint8_t vlan_tags;
    uint8_t csum_kind;
};

/*
 * Finds the headers and the checksum of a frame's outermost packet.
 *
 *   frame, len   the whole frame, of less than 4 GiB; it is only read
 *   link         what the frame begins with
 *   layout       receives where things are
 *
 * The function passes over other headers: behind an Ethernet header, up to 4 VLAN tags (0x8100,
 * 0x88A8, 0x9100), MPLS labels, a PPPoE session header and an LLC/SNAP header; behind an IPv4
 * header, options and authentication headers (AH); behind an IPv6 header, extension headers. The
 * lengths in PPPoE and LLC headers are ignored, because the IP header has its own. Atomic fragments
 * (RFC 6946) are treated as unfragmented. A jumbo option gives the length of a packet (RFC 2675).
 *
 * The addresses in the pseudo-header are those of the original source and the final destination
 * (RFC 8200, section 8.1). For a packet on its way along a source route, the destination is the
 * last address of the route, which the function takes from the IPv4 options LSRR and SSRR and from
 * IPv6 routing headers of type 0, 2, 3 (RPL, RFC 6554) and 4 (RFC 8754). A home address option
 * replaces the source (RFC 6275, section 11.3.1).
 *
 * Protocols with a checksum are TCP, UDP, ICMP, ICMPv6, SCTP (with CRC32c), UDP-Lite and DCCP (over
 * the bytes that they say are covered), IGMP, GRE with the C bit, PIM, OSPF, and VRRP version 2
 * over IPv4 and version 3 over IPv6.
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ETRUNC    the frame, or the IP datagram by its own length, ends inside a header; or the
 *                     datagram is longer than the frame;
 *   CSUMOFF_EHDR      a version, a length, a coverage or a number of segments left is impossible;
 *   CSUMOFF_EPROTO    the frame is not IP, has more than 4 tags, or is of a protocol, or a version
 *                     of it, without a checksum known here; or it is OSPF with cryptographic
 *                     authentication;
 *   CSUMOFF_EFRAG     the packet is a fragment;
 *   CSUMOFF_ENOTSUP   a routing header of an unknown type has segments left, so that the
 *                     destination in the pseudo-header is unknown;
 *   CSUMOFF_ERANGE    the frame has 4 GiB or more.
 *
 * skb_checksum_setup() in Linux, with the headers checked.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_locate(const void *frame, size_t len,
                                                  enum csumoff_link link,
                                                  struct csumoff_layout *layout);

/*
 * Finds the headers and the checksum of a frame's outermost packet, as csumoff_locate() does, from
 * the first bytes of the frame.
 *
 *   head, have   the first bytes of the frame, at most len of them; they are only read
 *   len          the length of the whole frame, less than 4 GiB
 *   link         what the frame begins with
 *   layout       receives where things are
 *
 * Returns CSUMOFF_OK, an error of csumoff_locate(), or
 *   CSUMOFF_EHEAD    the first `have` bytes end before the fixed part of the L4 header does (20
 *                    bytes of TCP, 8 of UDP); a longer head is needed;
 *   CSUMOFF_ERANGE   have is more than len.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_locate_head(const void *head, size_t have, size_t len,
                                                       enum csumoff_link link,
                                                       struct csumoff_layout *layout);

/*
 * Finds the headers and the checksum of the outermost packet of a frame in pieces, as
 * csumoff_locate() does.
 *
 *   iov, count   the frame, which may be cut anywhere; its pieces are only read
 *   link         what the frame begins with
 *   layout       receives where things are, as offsets into the whole frame
 *
 * Returns CSUMOFF_OK, an error of csumoff_locate(), or
 *   CSUMOFF_ENOTSUP   the headers are not all in the first piece, and end more than 512 bytes into
 *                     the frame.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_locate_iov(const struct csumoff_iov *iov, size_t count,
                                                      enum csumoff_link link,
                                                      struct csumoff_layout *layout);

/*
 * Finds the IP header of a frame's outermost packet, even if the packet's L4 checksum cannot be
 * located: a fragment, an unknown protocol, a source route that cannot be resolved.
 *
 *   head, have   the first bytes of the frame, at most len of them; they are only read
 *   len          the length of the whole frame, less than 4 GiB
 *   link         what the frame begins with
 *   layout       receives what csumoff_locate_head() finds. If that function returns CSUMOFF_EFRAG,
 *                CSUMOFF_ENOTSUP or, for a frame with an IP header, CSUMOFF_EPROTO, it receives a
 *                layout whose csum_kind is CSUMOFF_NO_CHECKSUM instead
 *
 * In a layout with CSUMOFF_NO_CHECKSUM, l3_start, end, ip_version and vlan_tags describe the
 * packet. l4_start and l4_proto describe the first header that was not passed, such as a fragment
 * header. csumoff_fill_at() computes the IPv4 header checksum alone from such a layout, and
 * csumoff_inspect_at() judges it alone.
 *
 * Returns CSUMOFF_OK, CSUMOFF_ETRUNC, CSUMOFF_EHDR, CSUMOFF_EHEAD or CSUMOFF_ERANGE with the causes
 * that csumoff_locate_head() has, or
 *   CSUMOFF_EPROTO   the frame has no IP header.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_locate_l3(const void *head, size_t have, size_t len,
                                                     enum csumoff_link link,
                                                     struct csumoff_layout *layout);

/*
 * Finds a frame's outermost packet and the packets tunnelled inside it.
 *
 *   frame, len     the whole frame, of less than 4 GiB; it is only read
 *   link           what the frame begins with
 *   layouts, max   receives the first `max` packets, outermost first, with all offsets from the
 *                  start of the frame; layouts may be NULL if max is 0
 *   count          receives how many layouts were written: 1 if no packet was found inside, and at
 *                  most max
 *
 * The tunnels that it enters are IPv4 or IPv6 inside either, GRE (with IP, Ethernet, MPLS or ERSPAN
 * inside) and, by UDP destination port, VXLAN (4789, 8472), VXLAN-GPE (4790), Geneve (6081), GTP-U
 * (2152), MPLS (6635), LISP (4341) and GUE (6080). A tunnel without a checksum of its own is listed
 * with CSUMOFF_NO_CHECKSUM, provided that a packet with a checksum is found inside. A packet inside
 * that cannot be located ends the list without an error.
 *
 * Returns CSUMOFF_OK, also for a tunnel without a checksum around a packet with one, or the error
 * of csumoff_locate() for the outermost packet.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_locate_all(const void *frame, size_t len,
                                                      enum csumoff_link link,
                                                      struct csumoff_layout *layouts, size_t max,
                                                      size_t *count);

/*
 * Finds a frame's outermost packet and the packets tunnelled inside it, as csumoff_locate_all()
 * does, from the first bytes of the frame.
 *
 *   head, have     the first bytes of the frame, at most len of them; they are only read
 *   len            the length of the whole frame, less than 4 GiB
 *   link           what the frame begins with
 *   layouts, max   receives the first `max` packets, outermost first; layouts may be NULL if max is
 *                  0
 *   count          receives how many packets were written
 *
 * No header is examined once `max` packets have been found.
 *
 * Returns CSUMOFF_OK, an error of csumoff_locate_all(), or
 *   CSUMOFF_EHEAD    the first `have` bytes end inside a header of the outermost packet, of a
 *                    tunnel or of a packet inside, so that it is unknown what follows;
 *   CSUMOFF_ERANGE   have is more than len.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_locate_all_head(const void *head, size_t have,
                                                           size_t len, enum csumoff_link link,
                                                           struct csumoff_layout *layouts,
                                                           size_t max, size_t *count);

/* ---- Packets ----------------------------------------------------------------------------- */

/* Returns the length that a packet's pseudo-header holds: the whole packet's for UDP-Lite (136) and
 * DCCP (33), else that of the bytes covered. RFC 3828, section 3.1; RFC 4340, section 9.1. */
CSUMOFF_INLINE_API uint32_t csumoff_pseudo_len_(const struct csumoff_layout *layout)
{
    return layout->l4_proto == 136 || layout->l4_proto == 33 ? layout->end - layout->l4_start
                                                             : layout->l4_len;
}

/* Returns the sum of a packet's pseudo-header with the length, or 0 if it has none. */
CSUMOFF_INLINE_API csumoff_wsum csumoff_pseudo_(const struct csumoff_layout *layout)
{
    return layout->pseudo ? csumoff_add(layout->pseudo, csumoff_net32_(csumoff_pseudo_len_(layout)))
                          : 0;
}

/*
 * Returns the seed of a located packet: its pseudo-header sum, folded and not complemented; 0 for
 * protocols without a pseudo-header, except OSPF version 2 (see csumoff_layout's member pseudo).
 *
 *   layout   the packet's layout
 */
CSUMOFF_INLINE_API csumoff_sum16 csumoff_seed_value(const struct csumoff_layout *layout)
{
    return CSUMOFF_CAST_(csumoff_sum16, ~csumoff_fold(csumoff_pseudo_(layout)));
}

/*
 * Returns the seed of a located packet without the length, as some network cards want it for GSO; 0
 * for protocols without a pseudo-header, except OSPF version 2.
 *
 *   layout   the packet's layout
 */
CSUMOFF_INLINE_API csumoff_sum16 csumoff_seed_value_gso(const struct csumoff_layout *layout)
{
    return CSUMOFF_CAST_(csumoff_sum16, ~csumoff_fold(layout->pseudo));
}

/*
 * Leaves the TCP or UDP checksum of a frame's outermost packet to be finished by a device: writes
 * the seed that CHECKSUM_PARTIAL expects into the checksum field, and a correct IPv4 header
 * checksum.
 *
 *   frame, len   the whole frame, of which only the two checksum fields are written
 *   link         what the frame begins with
 *   layout       receives where things are, csum_start and csum_offset among them; may be NULL
 *
 * Returns CSUMOFF_OK, an error of csumoff_locate(), or
 *   CSUMOFF_EPROTO     the packet is neither TCP nor UDP;
 *   CSUMOFF_ETRAILER   non-zero bytes follow what the checksum covers, and a device that sums to
 *                      the end of the frame would include them.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_seed(void *frame, size_t len, enum csumoff_link link,
                                                struct csumoff_layout *layout);

/*
 * Leaves the TCP or UDP checksum of a located packet to be finished by a device, as csumoff_seed()
 * does.
 *
 *   frame, len   the whole frame, of which only the two checksum fields are written
 *   layout       the packet's layout, which a csumoff_locate function gave for this frame
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_EPROTO     the packet is neither TCP nor UDP;
 *   CSUMOFF_ETRAILER   non-zero bytes follow what the checksum covers;
 *   CSUMOFF_ERANGE     the layout describes bytes beyond the end of the frame.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_seed_at(void *frame, size_t len,
                                                   const struct csumoff_layout *layout);

/*
 * Leaves the TCP or UDP checksum of a located packet to be finished by a device, as
 * csumoff_seed_at() does, in a frame in pieces.
 *
 *   iov, count   the whole frame, of which only the two checksum fields are written; either may be
 *                divided between pieces
 *   layout       the packet's layout, which a csumoff_locate function gave for this frame
 *
 * Returns what csumoff_seed_at() returns.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_seed_iov(const struct csumoff_iov *iov, size_t count,
                                                    const struct csumoff_layout *layout);

/*
 * Finishes an Internet checksum as a device does: sums from csum_start to the end of the frame,
 * with the seed that is in the field, and stores the complement in the field. 0xFFFF is stored in
 * place of 0, whatever the protocol.
 *
 *   frame, len    the whole frame, of which only the checksum field is written
 *   csum_start    where the sum starts, from the start of the frame
 *   csum_offset   the checksum field, from csum_start. It is even for every protocol; for an odd
 *                 one the function stores the value that Linux stores
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ERANGE   the checksum field is not inside the frame.
 *
 * skb_checksum_help() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_finish(void *frame, size_t len, size_t csum_start,
                                                  size_t csum_offset);

/*
 * Copies a frame and finishes the checksum of the copy, as csumoff_finish() does, in one pass.
 *
 *   dst           receives len bytes; must not overlap the frame
 *   frame, len    the whole frame, which is only read
 *   csum_start    where the sum starts, from the start of the frame
 *   csum_offset   the checksum field, from csum_start
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ERANGE   the checksum field is not inside the frame.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_copy_finish(void *dst, const void *frame, size_t len,
                                                       size_t csum_start, size_t csum_offset);

/*
 * Finishes an Internet checksum of a frame in pieces, as csumoff_finish() does.
 *
 *   iov, count    the whole frame, of which only the checksum field is written; the field may be
 *                 divided between pieces
 *   csum_start    where the sum starts, from the start of the frame
 *   csum_offset   the checksum field, from csum_start
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ERANGE   the checksum field is not inside the frame.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_finish_iov(const struct csumoff_iov *iov, size_t count,
                                                      size_t csum_start, size_t csum_offset);

/*
 * Finishes the checksum of a located packet over exactly the bytes that it covers, whatever follows
 * them. For SCTP it computes the CRC32c, whatever the field holds. 0xFFFF is stored in place of an
 * Internet checksum of 0, whatever the protocol.
 *
 *   frame, len   the whole frame, of which only the L4 checksum field is written
 *   layout       the packet's layout, which a csumoff_locate function gave for this frame
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_EPROTO   the layout's csum_kind is CSUMOFF_NO_CHECKSUM;
 *   CSUMOFF_ERANGE   the layout describes bytes beyond the end of the frame.
 *
 * skb_checksum_help(), skb_crc32c_csum_help() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_finish_at(void *frame, size_t len,
                                                     const struct csumoff_layout *layout);

/*
 * Finishes the checksum of a located packet, as csumoff_finish_at() does, in a frame in pieces.
 *
 *   iov, count   the whole frame, of which only the L4 checksum field is written; the field may be
 *                divided between pieces
 *   layout       the packet's layout, which a csumoff_locate function gave for this frame
 *
 * Returns what csumoff_finish_at() returns.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_finish_at_iov(const struct csumoff_iov *iov,
                                                         size_t count,
                                                         const struct csumoff_layout *layout);

/*
 * Computes the checksums of a frame's outermost packet, that of the IPv4 header and that of L4,
 * whatever the fields hold. A UDP or UDP-Lite checksum of 0 is stored as 0xFFFF; with any other
 * protocol, 0 is stored as 0.
 *
 *   frame, len   the whole frame, of which only the two checksum fields are written
 *   link         what the frame begins with
 *
 * Returns CSUMOFF_OK or an error of csumoff_locate().
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_fill(void *frame, size_t len, enum csumoff_link link);

/*
 * Computes the checksums of a located packet, as csumoff_fill() does. If the layout's csum_kind is
 * CSUMOFF_NO_CHECKSUM, it computes the IPv4 header's alone.
 *
 *   frame, len   the whole frame, of which only the two checksum fields are written
 *   layout       the packet's layout, which a csumoff_locate function gave for this frame
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ERANGE   the layout describes bytes beyond the end of the frame.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_fill_at(void *frame, size_t len,
                                                   const struct csumoff_layout *layout);

/*
 * Computes the checksums of a located packet, as csumoff_fill_at() does, in a frame in pieces.
 *
 *   iov, count   the whole frame, of which only the two checksum fields are written; either may be
 *                divided between pieces
 *   layout       the packet's layout, which a csumoff_locate function gave for this frame
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ERANGE   the layout describes bytes beyond the end of the frame.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_fill_iov(const struct csumoff_iov *iov, size_t count,
                                                    const struct csumoff_layout *layout);

/* What csumoff_inspect() says of a checksum. */
enum csumoff_verdict {
    /* It is not judged: the frame is not IP, the packet is a fragment, its source route cannot be
     * resolved, or its protocol has no checksum known here. */
    CSUMOFF_UNCHECKED = 0,
    CSUMOFF_GOOD,       /* it is complete and right */
    CSUMOFF_BAD,        /* it is wrong */
    CSUMOFF_SEEDED,     /* the field holds the seed: whoever takes the frame has to finish it */
    CSUMOFF_SEEDED_GSO, /* the field holds the seed without the length */
    CSUMOFF_ABSENT,     /* there is none, which is legal: a UDP field of 0, the header of IPv6 */
    CSUMOFF_BLANK       /* the IPv4 header's field is 0 and not right: left to the network card */
};

/*
 * What csumoff_inspect() found in the checksum fields of a packet, in memory order; a 16-bit
 * checksum is in the low 16 bits of a 32-bit member. The values that belong to a verdict are 0 if
 * the verdict is CSUMOFF_UNCHECKED; those of the IP header are 0 for IPv6 as well.
 */
struct csumoff_report {
    enum csumoff_verdict l3, l4;
    csumoff_sum16 l3_found, l3_expected; /* of the IPv4 header: its field, the right value */
    uint32_t l4_found, l4_expected;      /* of L4: its field, the complete checksum */
};

/*
 * Judges every checksum of a frame's outermost packet.
 *
 *   frame, len   the whole frame, which is only read
 *   link         what the frame begins with
 *   report       receives the verdicts, and the values found and expected
 *
 * If two verdicts fit, the first of GOOD, SEEDED and SEEDED_GSO is given. 0x0000 and 0xFFFF are
 * taken for the same value. A UDP field of 0 is ABSENT over IPv4, and also over IPv6 if the
 * destination port is that of a tunnel that csumoff_locate_all() enters (RFC 6935); for any other
 * port over IPv6 it is BAD. A UDP-Lite field of 0 is always BAD (RFC 3828, section 3.1). For UDP
 * along an IPv4 source route, a checksum for the next hop is accepted as well as one for the final
 * destination, because Linux computes it for the next hop.
 *
 * Returns CSUMOFF_OK, or CSUMOFF_ETRUNC, CSUMOFF_EHDR or CSUMOFF_ERANGE with the causes that
 * csumoff_locate() has. A frame that cannot be judged is no error: l4 is CSUMOFF_UNCHECKED for
 * fragments, unknown protocols and source routes that cannot be resolved, and l3 is as well for
 * frames that are not IP.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_inspect(const void *frame, size_t len,
                                                   enum csumoff_link link,
                                                   struct csumoff_report *report);

/*
 * Judges every checksum of a located packet, as csumoff_inspect() does. If the layout's csum_kind
 * is CSUMOFF_NO_CHECKSUM, the verdict on L4 is CSUMOFF_UNCHECKED.
 *
 *   frame, len   the whole frame, which is only read
 *   layout       the packet's layout, which a csumoff_locate function gave for this frame
 *   report       receives the verdicts, and the values found and expected
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ERANGE   the layout describes bytes beyond the end of the frame.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_inspect_at(const void *frame, size_t len,
                                                      const struct csumoff_layout *layout,
                                                      struct csumoff_report *report);

/*
 * Judges every checksum of a located packet, as csumoff_inspect_at() does, in a frame in pieces.
 *
 *   iov, count   the whole frame, which is only read
 *   layout       the packet's layout, which a csumoff_locate function gave for this frame
 *   report       receives the verdicts, and the values found and expected
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ERANGE   the layout describes bytes beyond the end of the frame.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_inspect_iov(const struct csumoff_iov *iov, size_t count,
                                                       const struct csumoff_layout *layout,
                                                       struct csumoff_report *report);

/*
 * Says whether a receiver should accept a frame's outermost packet. A checksum that is wrong, or
 * that somebody has yet to finish, is an error; that of a fragment, which cannot be judged, is not.
 *
 *   frame, len   the whole frame, which is only read
 *   link         what the frame begins with
 *
 * Returns CSUMOFF_OK if csumoff_inspect() calls every checksum GOOD, ABSENT or UNCHECKED; but a
 * source route that cannot be resolved, whose packet it calls UNCHECKED as well, is CSUMOFF_ENOTSUP
 * here. So fragments, unknown protocols and frames that are not IP are accepted. Otherwise it
 * returns CSUMOFF_ETRUNC, CSUMOFF_EHDR or CSUMOFF_ERANGE with the causes that csumoff_locate() has,
 * or
 *   CSUMOFF_ECSUM   a checksum is BAD or BLANK, or is a seed.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_verify(const void *frame, size_t len,
                                                  enum csumoff_link link);

/*
 * Computes the checksum of an outer header around a packet whose own checksum is still a seed,
 * without reading the payload (local checksum offload). Once the seed is finished, the bytes of the
 * inner packet from its csum_start on sum to the complement of the seed, so their sum is known in
 * advance.
 *
 *   frame, len          the whole frame, of which only the outer packet's L4 checksum field is
 *                       written
 *   outer               the outer packet's layout, which is that of UDP or of GRE with the C bit
 *   inner_csum_start    where the inner packet's sum starts, from the start of the frame
 *   inner_csum_offset   the inner packet's checksum field, from inner_csum_start
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_EPROTO     the outer packet is of another protocol;
 *   CSUMOFF_ERANGE     inner_csum_start is not behind the outer headers, the inner checksum field
 *                      is not inside the frame, inner_csum_offset is odd, or the layout describes
 *                      bytes beyond the end of the frame;
 *   CSUMOFF_EHDR       the inner checksum field is not among the bytes that the outer checksum
 *                      covers;
 *   CSUMOFF_ETRAILER   non-zero bytes follow what the outer checksum covers.
 *
 * lco_csum() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_outer(void *frame, size_t len,
                                                 const struct csumoff_layout *outer,
                                                 size_t inner_csum_start, size_t inner_csum_offset);

/*
 * Stores bytes in a packet and brings its IPv4 header checksum and its L4 checksum up to date. The
 * bytes may be addresses, TTL, TOS, ports, sequence numbers, MSS or payload. A checksum that was
 * wrong stays wrong by the same amount. A UDP field of 0, a seed of 0 and an IPv4 header checksum
 * that is CSUMOFF_BLANK stay 0. The checksums of packets around this one are not changed: see
 * csumoff_outer() and csumoff_fill_at().
 *
 *   frame, len   the whole frame
 *   layout       this packet's layout, which a csumoff_locate function gave for this frame; its
 *                member pseudo is brought up to date
 *   state        what this packet's own L4 checksum field holds: a seed under CSUMOFF_PARTIAL, else
 *                a complete checksum. If the seed belongs to a packet tunnelled inside, this
 *                packet's own field is complete: pass CSUMOFF_NONE
 *   at           where to store, from the start of the frame
 *   bytes, n     what to store; must not overlap the frame; bytes may be NULL if n is 0
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_EHDR      the bytes to be changed decide where things are (version, IHL, lengths,
 *                     protocol, fragment, the chain of extension headers, TCP's data offset), or
 *                     are a checksum;
 *   CSUMOFF_ERANGE    they are not all inside this IP datagram; under CSUMOFF_PARTIAL, they reach
 *                     beyond the end of what the checksum covers; or the layout describes bytes
 *                     beyond the end of the frame;
 *   CSUMOFF_ENOTSUP   SCTP's CRC32c covers them; the L4 header begins more than 512 bytes behind
 *                     the start of the IP header, and they begin in front of its byte 24; or they
 *                     are in the destination address or the options of an IPv4 header with a source
 *                     route in front of UDP, whose checksum may be that for the next hop.
 *
 * inet_proto_csum_replace_by_diff() in Linux.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_rewrite(void *frame, size_t len,
                                                   struct csumoff_layout *layout,
                                                   enum csumoff_state state, size_t at,
                                                   const void *bytes, size_t n);

/* ---- Kernels ----------------------------------------------------------------------------- */

/* Features for csumoff_cpu_limit(). A kernel is usable if the CPU has all the features that the
 * kernel needs, the operating system saves their registers, and the limit allows them. */
#define CSUMOFF_CPU_SSE2       0x00000001u
#define CSUMOFF_CPU_AVX2       0x00000002u
#define CSUMOFF_CPU_AVX512     0x00000004u /* AVX-512 F, BW and VL, and BMI2 */
#define CSUMOFF_CPU_AVX512VNNI 0x00000008u
#define CSUMOFF_CPU_NEON       0x00000010u
#define CSUMOFF_CPU_SSE42      0x00000020u /* SSE4.2 and PCLMULQDQ */
#define CSUMOFF_CPU_ARM_CRC    0x00000040u /* the CRC32 instructions of AArch64 */
#define CSUMOFF_CPU_VPCLMUL    0x00000080u /* VPCLMULQDQ on 256 bits */
#define CSUMOFF_CPU_AVXVNNI    0x00000100u /* VPDPWSSD without AVX-512 */
#define CSUMOFF_CPU_I8MM       0x00000200u /* NEON's I8MM, on CPUs where it is faster */
#define CSUMOFF_CPU_VX         0x00000400u /* the vector facility of s390x, from z13 on */
#define CSUMOFF_CPU_VMX        0x00000800u /* VMX and VSX of POWER */
#define CSUMOFF_CPU_RVV        0x00001000u /* version 1.0 of the V extension of RISC-V, not 0.7.1 */
#define CSUMOFF_CPU_ALL        0xFFFFFFFFu

/* Returns how many kernels, which are implementations of the sum, were compiled in. They are
 * numbered from 0, the best one. */
CSUMOFF_API size_t csumoff_kernel_count(void);

/*
 * Returns the name of a kernel as a static string, or NULL if there is none of this number.
 *
 *   i   the kernel's number, from 0
 */
CSUMOFF_API const char *csumoff_kernel_name(size_t i);

/*
 * Returns whether a kernel runs on this CPU and operating system and needs no feature that
 * csumoff_cpu_limit() forbids; false if there is none of this number.
 *
 *   i   the kernel's number, from 0
 */
CSUMOFF_API bool csumoff_kernel_usable(size_t i);

/* Returns the name of the kernel in use as a static string, never NULL. If no kernel has been
 * chosen yet, it is chosen now. */
CSUMOFF_API const char *csumoff_kernel_active(void);

/*
 * Forces the use of one kernel, or lets the best usable one be chosen again. Sums that other
 * threads are computing end with the kernel that they began with.
 *
 *   name   the kernel's name; NULL, which never fails, ends the force
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ENOTSUP   there is no kernel of this name, or it is not usable.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_kernel_use(const char *name);

/*
 * Sets which features of the CPU the library may use, from the next call of any function on. A
 * kernel that was forced stays in use while it is allowed; else the best usable one is chosen.
 *
 *   allowed   CSUMOFF_CPU_* bits. With 0 no vector, CRC or carry-less multiplication instruction is
 *             executed, which suits code that runs without a saved vector state. (A compiler may
 *             use vector registers in the code around the kernels, unless it is given
 *             -mgeneral-regs-only.) On WebAssembly the kernel wasm128 is used even with 0, because
 *             it needs no feature
 *
 * Returns the former mask, which can be passed to this function again. Bits 13 to 31 name no
 * feature; bit 13 alone is remembered, and in the returned mask all of them are as bit 13 was.
 *
 * The library asks the CPU for its features once, in the first call that may use one. An operating
 * system can therefore start with 0, enable its vector registers, and then allow them. If the
 * library was built with cpu_detect=caller, which is the default on x86-64 without SSE and on
 * RISC-V without F, it never asks the CPU: it starts with 0, and the features that are passed here
 * are taken to be there.
 */
CSUMOFF_API uint32_t csumoff_cpu_limit(uint32_t allowed);

/*
 * A policy says what is worth doing on a processor, apart from what the processor can do.
 *
 *   CSUMOFF_POLICY_FETCH    sums of more than 16 KiB fetch data 16 KiB ahead
 *   CSUMOFF_POLICY_NARROW   kernels with 512-bit registers are used only if they are forced: on
 *                           some processors they lower the clock of the code that follows them,
 *                           which costs more than they gain where traffic is sporadic
 *   CSUMOFF_POLICY_OF_CPU   what the library's table says of this processor
 */
#define CSUMOFF_POLICY_FETCH  0x1u
#define CSUMOFF_POLICY_NARROW 0x2u
#define CSUMOFF_POLICY_OF_CPU 0xFFFFFFFFu

/* Returns the policy in force as CSUMOFF_POLICY_* bits. */
CSUMOFF_API uint32_t csumoff_policy(void);

/* Returns why this policy is in force, as a static English sentence: the processor and what is
 * known of it, or that the program chose the policy. */
CSUMOFF_API const char *csumoff_policy_why(void);

/*
 * Sets the policy and, unless a kernel is forced, has the best kernel chosen again. A policy
 * changes only how long sums take, never their values.
 *
 *   policy   CSUMOFF_POLICY_* bits, of which unknown ones are ignored; or CSUMOFF_POLICY_OF_CPU,
 *            which is in force from the start. A library built with cpu_detect=caller does not ask
 *            which processor it is, so CSUMOFF_POLICY_OF_CPU is the same as 0 there
 *
 * Returns the former policy, which can be passed to this function again.
 */
CSUMOFF_API uint32_t csumoff_policy_use(uint32_t policy);

#if !defined(CSUMOFF_NO_SELFTEST)
/*
 * Compares every usable kernel of sums and of CRC32c with a bytewise reference, at every length up
 * to 700 bytes and at some from 1,536 to 1,600, at several alignments and with several patterns.
 * These reach every path of a kernel, except what a policy does for data of 16 KiB and more. Then
 * it seeds, finishes and judges one packet with the kernel in use, in one piece and in several. It
 * takes milliseconds.
 *
 * Returns CSUMOFF_OK, or
 *   CSUMOFF_ECSUM   a result is wrong: the library has a bug, or the compiler made one.
 */
CSUMOFF_API CSUMOFF_MUST_CHECK int csumoff_selftest(void);
#endif

#ifdef __cplusplus
}
#endif

#endif
