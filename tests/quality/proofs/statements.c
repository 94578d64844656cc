// SPDX-License-Identifier: MIT
/*
 * What is true of the library's own functions whatever bytes stand in `in`: ./prove has z3 look for
 * bytes for which one of these returns false. "Modulo 2^n - 1" is how ones'-complement sums count;
 * they have two forms of zero, and 0 stands for data of zeros alone.
 */
#include "../../../src/adjust.c"
#include "../../../src/constants.c"
#include "../../../src/ipv4.c"
#include "../../../src/kernel.h"
#include "../../../src/packets/adjust_l4.c"
#include "../../../src/packets/check.h"
#include "../../../src/packets/extensions.c"
#include "../../../src/packets/link.c"
#include "../../../src/packets/network.c"
#include "../../../src/packets/straight.h"
#include "../../../src/packets/transport.c"
#include "../../../src/scalar/halves.h"
#include "../../../src/scalar/scalar.c"
#if defined(__x86_64__)
#include "../../../src/avx2/avx2.c"
#include "../../../src/avx2/avxvnni.c"
#include "../../../src/avx512/avx512.c"
#include "../../../src/avx512/avx512vnni.c"
#include "../../../src/sse/sse2.c"
#endif
#if defined(CSUMOFF_ARM_NEON)
#include "../../../src/neon/neon.c"
#include "../../../src/neon/neonmm.c"
#endif
#if defined(CSUMOFF_POWER_VMX)
#include "../../../src/vmx/vmx.c"
#endif
#if defined(CSUMOFF_WASM_SIMD128)
#include "../../../src/wasm/wasm128.c"
#endif
#if defined(CSUMOFF_S390X_VX)
#include "../../../src/vx/vx.c"
#endif

#define PROVE(name, bytes)                                                                         \
    bool prove_##name(const uint8_t in[static bytes]);                                             \
    bool prove_##name(const uint8_t in[static bytes])

/* What dispatch.c would choose where nothing else is allowed, under no policy. */
uint32_t csumoff_state_ = 0;

csumoff_wsum csumoff_partial(const void *data, size_t len, csumoff_wsum sum)
{
    return csumoff_scalar_sum_(data, len, sum);
}

csumoff_wsum csumoff_partial_copy(void *dst, const void *src, size_t len, csumoff_wsum sum)
{
    return csumoff_scalar_copy_(dst, src, len, sum);
}

/* Bit by bit, as RFC 9260 has it: no table, whose index z3 would not know. */
uint32_t csumoff_crc32c(const void *data, size_t len, uint32_t crc)
{
    const uint8_t *p = (const uint8_t *)data;

    crc = ~crc;
    for (size_t i = 0; i < len; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ ((0 - (crc & 1)) & UINT32_C(0x82F63B78));
    }
    return ~crc;
}

static inline uint64_t load64(const uint8_t *p)
{
    return csumoff_take64(false, NULL, p);
}

/* Whether r is `exact`, at most 5 * most, modulo most = 2^n - 1, in either form of zero. */
static inline bool is_congruent(unsigned __int128 exact, uint64_t r, uint64_t most)
{
    bool congruent = false;

    for (unsigned i = 0; i <= 5; i++)
        congruent |= exact == r + (unsigned __int128)most * i;
    return congruent;
}

/* The same, and 0 where that is 0, nowhere else. */
static inline bool is_sum(unsigned __int128 exact, uint64_t r, uint64_t most)
{
    return is_congruent(exact, r, most) && (r == 0) == (exact == 0);
}

/* The sum of whole words as RFC 1071 has it, folded, not complemented. */
static inline uint16_t folded(uint32_t sum)
{
    sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)(sum + (sum >> 16));
}

static inline uint16_t sum_words(const uint8_t *p, size_t words)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < words; i++)
        sum += csumoff_load16_(p + 2 * i);
    return folded(sum);
}

static inline uint16_t swapped(uint16_t v)
{
    return (uint16_t)(v << 8 | v >> 8);
}

/* ---- include/csumoff.h: arithmetic --------------------------------------------------------- */

PROVE(fold, 4)
{
    csumoff_wsum sum = csumoff_load32_(in);

    return is_sum((sum >> 16) + (sum & 0xFFFF), (csumoff_sum16)~csumoff_fold(sum), 0xFFFF);
}

PROVE(fold64, 8)
{
    uint64_t sum = load64(in);

    return is_sum((sum >> 32) + (sum & 0xFFFFFFFF), csumoff_fold64_(sum), 0xFFFFFFFF);
}

PROVE(add, 8)
{
    csumoff_wsum a = csumoff_load32_(in), b = csumoff_load32_(in + 4);

    return is_sum((uint64_t)a + b, csumoff_add(a, b), 0xFFFFFFFF);
}

/* a - a is the other zero: a plus the complement of b, which has b's opposite sum. */
PROVE(sub, 8)
{
    csumoff_wsum a = csumoff_load32_(in), b = csumoff_load32_(in + 4);

    return is_sum((uint64_t)a + (0xFFFFFFFF - b), csumoff_sub(a, b), 0xFFFFFFFF);
}

/* What comes first plays no part: `exact` doesn't know. */
PROVE(any_order, 12)
{
    csumoff_wsum a = csumoff_load32_(in), b = csumoff_load32_(in + 4), c = csumoff_load32_(in + 8);

    return is_sum((uint64_t)a + b + c, csumoff_add(csumoff_add(a, b), c), 0xFFFFFFFF);
}

/* Words loaded in either byte order have the same sum, in that byte order. */
PROVE(memory_order, 4)
{
    uint16_t a = csumoff_load16_(in), b = csumoff_load16_(in + 2);

    return csumoff_fold((uint32_t)swapped(a) + swapped(b)) ==
           swapped(csumoff_fold((uint32_t)a + b));
}

/* At an odd offset each byte stands on the other side of its word; at an even one nothing changes.
 */
PROVE(block_shift, 12)
{
    csumoff_wsum block = csumoff_load32_(in + 8), shifted;
    size_t offset = (size_t)load64(in);

    shifted = csumoff_block_shift_(block, offset);
    if (offset % 2 == 0)
        return shifted == block;
    return csumoff_fold(shifted) == swapped(csumoff_fold(block)) && (shifted == 0) == (block == 0);
}

PROVE(block_sub_undoes_add, 16)
{
    csumoff_wsum sum = csumoff_load32_(in + 8), block = csumoff_load32_(in + 12);
    size_t offset = (size_t)load64(in);

    return same_sum(
        csumoff_fold(csumoff_block_sub(csumoff_block_add(sum, block, offset), block, offset)),
        csumoff_fold(sum));
}

PROVE(same_sum, 4)
{
    csumoff_sum16 a = csumoff_load16_(in), b = csumoff_load16_(in + 2);

    return same_sum(a, b) == (a == b || (a == 0 && b == 0xFFFF) || (a == 0xFFFF && b == 0));
}

PROVE(udp_nonzero, 2)
{
    csumoff_sum16 check = csumoff_load16_(in), made = csumoff_udp_nonzero(check);

    return made != 0 && (made == check || (check == 0 && made == 0xFFFF));
}

/* ---- Headers ------------------------------------------------------------------------------- */

/* Up to 16 words of 32 bits, taken as the sums of their halves, have the sum of all halves. */
PROVE(halves, 8)
{
    uint64_t low = csumoff_load32_(in) % (1 << 20), high = csumoff_load32_(in + 4) % (1 << 20);

    return csumoff_fold(csumoff_fold64_(low + (high << 16))) ==
           (csumoff_sum16)~folded((uint32_t)(low + high));
}

/* The checksum of words of 32 bits, which by the above is that of words of 16. */
static inline csumoff_sum16 checksum(const uint8_t *p, size_t words)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < words; i++)
        sum += csumoff_load32_(p + 4 * i);
    return csumoff_fold(csumoff_fold64_(sum));
}

static inline void without_check(uint8_t *header, const uint8_t *in, size_t len)
{
    for (size_t i = 0; i < len; i++)
        header[i] = i == IPV4_CHECK || i == IPV4_CHECK + 1 ? 0 : in[i];
}

PROVE(ipv4_header, 20)
{
    uint8_t header[20];

    without_check(header, in, sizeof header);
    return csumoff_ipv4_header(in, 20) == checksum(header, 5);
}

PROVE(ipv4_header_options, 24)
{
    uint8_t header[24];

    without_check(header, in, sizeof header);
    return csumoff_ipv4_header(header, 24) == csumoff_ipv4_header(in, 24);
}

/* The pseudo-header of RFC 768, but for a length of 32 bits. */
PROVE(pseudo_ipv4, 13)
{
    const uint8_t header[16] = {in[0], in[1],  in[2],  in[3],  in[4], in[5], in[6], in[7],
                                in[9], in[10], in[11], in[12], 0,     0,     0,     in[8]};
    uint32_t l4_len =
        (uint32_t)in[9] << 24 | (uint32_t)in[10] << 16 | (uint32_t)in[11] << 8 | in[12];

    return csumoff_seed_ipv4(in, in + 4, in[8], l4_len) == (csumoff_sum16)~checksum(header, 4);
}

/* ---- Adjustment: RFC 1624, equation 3: HC' = ~(~HC + ~m + m') -------------------------------- */

static inline uint32_t not16(uint16_t v)
{
    return 0xFFFFu - v;
}

PROVE(adjust16_equation_3, 6)
{
    csumoff_sum16 check = csumoff_load16_(in);
    uint16_t from = csumoff_load16_(in + 2), to = csumoff_load16_(in + 4);
    uint32_t exact = not16(check) + not16(from) + to;

    csumoff_adjust16(&check, from, to);
    return is_congruent(exact, not16(check), 0xFFFF);
}

/* Bit for bit what computing anew gives, its form of zero included: what equation 3 is for. */
PROVE(adjust16_as_computed_anew, 6)
{
    uint16_t rest = csumoff_load16_(in), from = csumoff_load16_(in + 2),
             to = csumoff_load16_(in + 4);
    csumoff_sum16 check = csumoff_fold((uint32_t)rest + from);

    if ((rest | from) == 0 || (rest | to) == 0) /* data of zeros alone: no packet */
        return true;
    csumoff_adjust16(&check, from, to);
    return check == csumoff_fold((uint32_t)rest + to);
}

PROVE(adjust_for_nothing_leaves_the_field, 10)
{
    csumoff_sum16 check = csumoff_load16_(in), was = check;
    uint32_t from = csumoff_load32_(in + 2), to = csumoff_load32_(in + 6);

    if (!same_sum(csumoff_fold(from), csumoff_fold(to)))
        return true;
    csumoff_adjust32(&check, from, to);
    return check == was;
}

/* More than 16 bits count by what they differ by, folded: the rest is as for 16. */
PROVE(adjust32_by_its_delta, 10)
{
    csumoff_sum16 check = csumoff_load16_(in), same = check;
    uint32_t from = csumoff_load32_(in + 2), to = csumoff_load32_(in + 6);

    csumoff_adjust16(&same, 0, (csumoff_sum16)~csumoff_fold(csumoff_sub(to, from)));
    csumoff_adjust32(&check, from, to);
    return check == same;
}

/* Two bytes at an odd offset stand in two words, each on the side that it has in a swapped one. */
PROVE(adjust_bytes, 7)
{
    csumoff_sum16 check = csumoff_load16_(in), same = check;
    uint16_t from = csumoff_load16_(in + 3), to = csumoff_load16_(in + 5);
    size_t odd = in[2] & 1;

    csumoff_adjust16(&same, odd ? swapped(from) : from, odd ? swapped(to) : to);
    return csumoff_adjust_bytes(&check, odd, in + 3, 2, in + 5, 2) == CSUMOFF_OK && check == same;
}

static inline struct csumoff_adjust change(const uint8_t *in, enum csumoff_state state,
                                           uint8_t proto)
{
    return (struct csumoff_adjust){.state = state,
                                   .l4_proto = proto,
                                   .ip_version = in[0] & 1 ? 4 : 6,
                                   .is_pseudo_header = in[0] & 2,
                                   .from = in + 1,
                                   .from_len = 2,
                                   .to = in + 3,
                                   .to_len = 2};
}

/* A seed is the sum itself, not its complement: what is added to the data is added to it. */
PROVE(adjust_l4_polarity_of_a_seed, 7)
{
    struct csumoff_adjust how = change(in, CSUMOFF_PARTIAL, PROTO_TCP);
    csumoff_sum16 seed = csumoff_load16_(in + 5), was = seed;

    csumoff_adjust_l4(&seed, &how);
    if (!how.is_pseudo_header || was == 0)
        return seed == was;
    return is_congruent((uint32_t)was + not16(csumoff_load16_(in + 1)) + csumoff_load16_(in + 3),
                        seed, 0xFFFF);
}

PROVE(adjust_l4_zero_of_udp, 7)
{
    struct csumoff_adjust how = change(in, CSUMOFF_NONE, PROTO_UDP);
    csumoff_sum16 check = csumoff_load16_(in + 5), was = check, word = check;

    csumoff_adjust_l4(&check, &how);
    if (was == 0)
        return check == 0;
    csumoff_adjust16(&word, csumoff_load16_(in + 1), csumoff_load16_(in + 3));
    return same_sum(check, word) && check != 0;
}

static inline bool is_udp_like(uint8_t proto)
{
    return proto == PROTO_UDP || proto == PROTO_UDPLITE;
}

/* Of every protocol: 0 where there is no seed, or UDP has no checksum, is nothing to adjust. */
PROVE(adjust_field_of_0_stays, 9)
{
    const bool is_seed = in[0] & 1;
    const uint8_t proto = is_seed ? in[8] : PROTO_UDP;
    csumoff_sum16 field = 0;

    csumoff_adjust_field_(&field, is_seed, proto, csumoff_load32_(in), csumoff_load32_(in + 4));
    return field == 0;
}

/* And no other one of UDP or UDP-Lite becomes 0, whatever changes. */
PROVE(adjust_field_never_becomes_0, 11)
{
    const uint8_t proto = in[0] & 1 ? PROTO_UDP : PROTO_UDPLITE;
    csumoff_sum16 field = csumoff_load16_(in + 1);

    if (field == 0)
        return true;
    csumoff_adjust_field_(&field, false, proto, csumoff_load32_(in + 3), csumoff_load32_(in + 7));
    return field != 0;
}

/* A complete field of any other protocol is brought up to date bit for bit as equation 3 has it;
 * one of UDP and UDP-Lite, in either form of zero. */
PROVE(adjust_field_as_equation_3, 11)
{
    const uint8_t proto = in[0];
    const csumoff_wsum from = csumoff_load32_(in + 1), to = csumoff_load32_(in + 5);
    csumoff_sum16 field = csumoff_load16_(in + 9), plain = field;

    csumoff_adjust_(&plain, from, to);
    if (proto == PROTO_UDP && field == 0)
        return true;
    csumoff_adjust_field_(&field, false, proto, from, to);
    return is_udp_like(proto) ? same_sum(field, plain) : field == plain;
}

/* ---- Packets: bounds, seeds, complete checksums ---------------------------------------------- */

static inline bool fits_where_it_should(const uint8_t *in, size_t field)
{
    uint64_t len = load64(in), start = load64(in + 8), offset = load64(in + 16);

    return field_fits(len, start, offset, field) ==
           ((unsigned __int128)start + offset + field <= len);
}

PROVE(field_fits, 24)
{
    return fits_where_it_should(in, 2);
}

PROVE(field_fits_crc32c, 24)
{
    return fits_where_it_should(in, 4);
}

PROVE(gre_header, 1)
{
    const uint32_t words = 1u + (in[0] >= 0x40) + (in[0] >> 5 & 1) + (in[0] >> 4 & 1);

    return gre_header(in[0]) == words * 4;
}

static inline struct csumoff_layout layout_of(csumoff_wsum pseudo, uint32_t l4_len, uint8_t proto)
{
    struct csumoff_layout at;

    clear(&at);
    at.csum_kind = CSUMOFF_INTERNET;
    at.pseudo = pseudo;
    at.l4_len = at.end = l4_len;
    at.l4_proto = proto;
    return at;
}

/* A pseudo-header has the packet's length; that is what is covered, but for UDP-Lite and DCCP. */
PROVE(pseudo_len, 17)
{
    struct csumoff_layout at = layout_of(0, csumoff_load32_(in), in[16]);
    const bool has_coverage = in[16] == PROTO_UDPLITE || in[16] == PROTO_DCCP;

    at.end = csumoff_load32_(in + 4);
    at.l4_start = csumoff_load32_(in + 8);
    at.csum_start = csumoff_load32_(in + 12);
    return csumoff_pseudo_len_(&at) == (has_coverage ? at.end - at.l4_start : at.l4_len);
}

/* The length counts as 32 bits in network order, where there is a pseudo-header. */
PROVE(seed_value, 8)
{
    const csumoff_wsum pseudo = csumoff_load32_(in);
    const struct csumoff_layout at = layout_of(pseudo, be32(in + 4), PROTO_TCP);
    const uint64_t exact = pseudo ? (uint64_t)pseudo + csumoff_load32_(in + 4) : 0;

    return is_sum(exact, csumoff_pseudo_(&at), 0xFFFFFFFF) &&
           csumoff_seed_value(&at) == (csumoff_sum16)~csumoff_fold(csumoff_pseudo_(&at));
}

PROVE(seed_value_gso, 8)
{
    const csumoff_wsum pseudo = csumoff_load32_(in);
    const struct csumoff_layout at = layout_of(pseudo, csumoff_load32_(in + 4), PROTO_TCP);

    return is_sum((pseudo >> 16) + (pseudo & 0xFFFF), csumoff_seed_value_gso(&at), 0xFFFF);
}

/* A field that was summed with others, not all of them zeros, and is taken out again leaves their
 * sum, in the same form of zero. */
PROVE(taking_out, 6)
{
    csumoff_wsum others = csumoff_load32_(in);
    csumoff_sum16 field = csumoff_load16_(in + 4);

    return others == 0 ||
           csumoff_fold(csumoff_sub(csumoff_add(others, field), field)) == csumoff_fold(others);
}

/* So a checksum does not depend on what its field holds; of zeros alone it is ones. The data is the
 * field alone: what else is summed only adds to the others. */
PROVE(internet_expected, 7)
{
    const struct csumoff_layout at = layout_of(csumoff_load32_(in), 2, in[6]);
    const csumoff_sum16 plain = csumoff_fold(csumoff_pseudo_(&at));
    csumoff_sum16 check;

    check = internet_expected(csumoff_whole(in + 4, 2), &at, csumoff_load16_(in + 4));
    return check == (is_udp_like(at.l4_proto) ? csumoff_udp_nonzero(plain) : plain);
}

/*
 * The straight path and the parser agree: whatever it takes, they make the same layout of. The
 * first `have` of `len` bytes are at hand; `fixed` are those that decide on a path, so that every
 * address is known.
 */
static inline bool same_layout(const struct csumoff_layout *a, const struct csumoff_layout *b)
{
    return a->l3_start == b->l3_start && a->l4_start == b->l4_start && a->end == b->end &&
           a->payload_start == b->payload_start && a->l4_len == b->l4_len &&
           a->csum_start == b->csum_start && a->csum_offset == b->csum_offset &&
           a->pseudo == b->pseudo && a->ip_version == b->ip_version && a->l4_proto == b->l4_proto &&
           a->vlan_tags == b->vlan_tags && a->csum_kind == b->csum_kind;
}

static inline bool straight_as_parsed(const uint8_t *frame, size_t have, size_t len,
                                      enum csumoff_link link, uint32_t next)
{
    struct csumoff_layout at, parsed;
    struct csumoff_parse parse;

    if (!straight(frame, have, len, link, &at) && !straight_otherwise(frame, have, len, link, &at))
        return true;
    parse.bytes = frame;
    parse.have = have;
    parse.len = len;
    parse.is_super = csumoff_is_super_(link);
    parse.layout = &parsed;
    return csumoff_parse_(&parse, 0, next) == CSUMOFF_OK && same_layout(&at, &parsed);
}

/* A frame from `in` on, with the bytes that are fixed: its EtherType at `type`, what IP begins with
 * and its protocol. The lengths stand behind it. */
static inline bool straight_frame(const uint8_t *in, size_t most, size_t l3, uint8_t proto,
                                  uint8_t version, enum csumoff_link link)
{
    uint8_t frame[80] = {0};
    const size_t have = load64(in + most), len = load64(in + most + 8);

    __builtin_memcpy(frame, in, most);
    if (l3 >= 14) {
        frame[12] = l3 == 18 ? 0x81 : version == 4 ? 0x08 : 0x86;
        frame[13] = l3 == 18 ? 0x00 : version == 4 ? 0x00 : 0xDD;
        frame[l3 - 2] = version == 4 ? 0x08 : 0x86;
        frame[l3 - 1] = version == 4 ? 0x00 : 0xDD;
    }
    frame[l3] = version == 4 ? 0x45 : 0x60;
    frame[l3 + (version == 4 ? 9 : 6)] = proto;
    if (have > most)
        return true;
    return straight_as_parsed(frame, have, len, link, l3 ? NEXT_ETHERNET : NEXT_IP);
}

/* It takes nothing else for IPv4. */
PROVE(straight_ipv4_alone, 70)
{
    struct csumoff_layout at;

    return !straight(in, load64(in + 54), load64(in + 62), CSUMOFF_LINK_ETHERNET, &at) ||
           (in[12] == 0x08 && in[13] == 0x00 && in[14] == 0x45);
}

PROVE(straight_ipv4_tcp, 70)
{
    return straight_frame(in, 54, 14, PROTO_TCP, 4, CSUMOFF_LINK_ETHERNET);
}

PROVE(straight_ipv4_udp, 70)
{
    return straight_frame(in, 54, 14, PROTO_UDP, 4, CSUMOFF_LINK_ETHERNET);
}

PROVE(straight_ipv4_tcp_tagged, 74)
{
    return straight_frame(in, 58, 18, PROTO_TCP, 4, CSUMOFF_LINK_ETHERNET);
}

PROVE(straight_ipv6_tcp, 90)
{
    return straight_frame(in, 74, 14, PROTO_TCP, 6, CSUMOFF_LINK_ETHERNET);
}

PROVE(straight_ipv6_udp, 76)
{
    return straight_frame(in, 60, 0, PROTO_UDP, 6, CSUMOFF_LINK_IP);
}

/* SCTP's field counts as zeros, whatever it holds, and has the CRC's lowest byte first. */
PROVE(crc32c_expected, 16)
{
    const uint8_t packet[16] = {in[0], in[1], in[2], in[3], in[4],  in[5],  in[6],  in[7],
                                0,     0,     0,     0,     in[12], in[13], in[14], in[15]};
    const uint32_t crc = csumoff_crc32c(packet, sizeof packet, 0);
    struct csumoff_layout at = layout_of(0, sizeof packet, PROTO_SCTP);
    uint8_t made[4];
    uint32_t check;

    at.csum_kind = CSUMOFF_CRC32C;
    at.csum_offset = 8;
    check = crc32c_expected(csumoff_whole(in, 16), &at);
    __builtin_memcpy(made, &check, sizeof made);
    return made[0] == (crc & 0xFF) && made[1] == (crc >> 8 & 0xFF) &&
           made[2] == (crc >> 16 & 0xFF) && made[3] == crc >> 24;
}

/* ---- src/words.h: what every kernel shares ------------------------------------------------- */

PROVE(add64, 16)
{
    uint64_t a = load64(in), b = load64(in + 8);

    return is_sum((unsigned __int128)a + b, csumoff_add64(a, b), UINT64_MAX);
}

#if defined(CSUMOFF_ADD_CARRY)
/*
 * A link of the chain in csumoff_add4(): nothing is lost, and it never ends in a carry over a full
 * word, so that the last carry finds room.
 */
PROVE(add_carry, 17)
{
    unsigned long long sum = load64(in), word = load64(in + 8), after;
    csumoff_carry carry = in[16] & 1;
    unsigned __int128 exact = (unsigned __int128)sum + word + carry;

    if (carry && sum == UINT64_MAX)
        return true;
    CSUMOFF_ADD_CARRY(carry, sum, word, after);
    return exact == ((unsigned __int128)carry << 64) + after && !(carry && after == UINT64_MAX);
}
#endif

/* Halves: words of 64 bits whose lower and upper halves add up to no more than 2^14 of them can,
 * the most there are; one more leaves the total exact. */
PROVE(upper_halves, 24)
{
    const uint64_t most = (CSUMOFF_KERNEL_MOST / 8 - 1) * UINT64_C(0xFFFFFFFF);
    const uint64_t lower = load64(in), upper = load64(in + 8), word = load64(in + 16);
    const struct halves none = {0, 0}, sum = {lower + (upper << 32), upper};

    if (sizeof(halves_word) != 8 || lower > most || upper > most)
        return sizeof(halves_word) == 8;
    return halves_total(none, halves_add(sum, word)) ==
           lower + upper + (uint32_t)word + (word >> 32);
}

/* The last `len` of 8 bytes, zeros behind them. */
PROVE(last, 9)
{
    uint8_t want[8] = {0};
    bool right = true;

#pragma GCC unroll 8
    for (size_t len = 0; len < 8; len++) {
        for (size_t i = 0; i < 8; i++)
            want[i] = i < len ? in[8 - len + i] : 0;
        right &= csumoff_last(in + 8, len) == load64(want);
    }
    return right;
}

/* 65,536 words, the most a kernel is given, have a sum below 2^32: totals modulo that are exact. */
PROVE(most, 1)
{
    (void)in;
    return CSUMOFF_KERNEL_MOST % 2 == 0 && CSUMOFF_KERNEL_MOST / 2 * 0xFFFF <= UINT32_MAX;
}

/* ---- Lanes: modulo 2^32, so that one that overflows takes nothing from the total ------------- */

/* Each lane has gained its two words, each less 0x8000. */
static inline bool gained(const uint8_t *before, const uint8_t *v, const void *after, size_t lanes)
{
    const uint8_t *now = (const uint8_t *)after;
    bool right = true;

    for (size_t i = 0; i < lanes; i++)
        right &= csumoff_load32_(now + 4 * i) == csumoff_load32_(before + 4 * i) +
                                                     csumoff_load16_(v + 4 * i) +
                                                     csumoff_load16_(v + 4 * i + 2) - 2 * 0x8000;
    return right;
}

/* All lanes, and the 0x8000 of each word of n vectors. */
static inline uint32_t lanes_total(const uint8_t *acc, size_t lanes, uint32_t n)
{
    uint32_t sum = n * (uint32_t)lanes * 2 * 0x8000;

    for (size_t i = 0; i < lanes; i++)
        sum += csumoff_load32_(acc + 4 * i);
    return sum;
}

#if defined(__x86_64__)
#define SSE2   __attribute__((target("sse2")))
#define AVX2   __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,bmi2,avx512vnni")))

SSE2 PROVE(lanes_sse2, 32)
{
    __m128i acc = csumoff_sse2_add_words(csumoff_sse2_hold(), csumoff_sse2_load(in),
                                         csumoff_sse2_load(in + 16), 0);

    return gained(in, in + 16, &acc, 4);
}

SSE2 PROVE(total_sse2, 20)
{
    uint32_t n = csumoff_load32_(in + 16);

    return csumoff_sse2_total(csumoff_sse2_load(in), n) == lanes_total(in, 4, n);
}

AVX2 PROVE(lanes_avx2, 64)
{
    __m256i acc = csumoff_avx2_add_words(csumoff_avx2_hold(), csumoff_avx2_load(in),
                                         csumoff_avx2_load(in + 32), 0);

    return gained(in, in + 32, &acc, 8);
}

AVX2 PROVE(lanes_avxvnni, 64)
{
    __m256i acc = csumoff_avxvnni_add_words(csumoff_avxvnni_hold(), csumoff_avxvnni_load(in),
                                            csumoff_avxvnni_load(in + 32), 0);

    return gained(in, in + 32, &acc, 8);
}

AVX2 PROVE(total_avx2, 36)
{
    uint32_t n = csumoff_load32_(in + 32);

    return csumoff_avx2_total(csumoff_avx2_load(in), n) == lanes_total(in, 8, n);
}

AVX512 PROVE(lanes_avx512, 128)
{
    __m512i acc = csumoff_avx512_add_pairs(csumoff_avx512_hold(), _mm512_loadu_si512(in),
                                           _mm512_loadu_si512(in + 64));

    return gained(in, in + 64, &acc, 16);
}

AVX512 PROVE(total_avx512, 68)
{
    uint32_t n = csumoff_load32_(in + 64);

    return csumoff_avx512_total(_mm512_loadu_si512(in), n) == lanes_total(in, 16, n);
}

AVX512 PROVE(lanes_avx512vnni, 128)
{
    csumoff_avx512vnni_constants k = csumoff_avx512vnni_hold();
    __m512i acc = csumoff_avx512vnni_dot(
        _mm512_loadu_si512(in), _mm512_xor_si512(_mm512_loadu_si512(in + 64), k.bias), k.ones);

    return gained(in, in + 64, &acc, 16);
}
#endif

#if defined(CSUMOFF_ARM_NEON)
/* Unsigned already: the total gains the words of a vector, whichever pipe it takes. */
static inline bool neon_gained(const uint8_t *in, size_t i)
{
    csumoff_neon_acc acc = {vreinterpretq_u32_u8(vld1q_u8(in)),
                            vreinterpretq_u32_u8(vld1q_u8(in + 16)),
                            vreinterpretq_u32_u8(vld1q_u8(in + 32))};
    uint32_t before = csumoff_neon_total(acc, 0);

    for (size_t word = 0; word < 8; word++)
        before += csumoff_load16_(in + 48 + 2 * word);
    acc = csumoff_neon_add_words(csumoff_neon_hold(), acc, csumoff_neon_load(in + 48), i);
    return csumoff_neon_total(acc, 0) == before;
}

PROVE(lanes_neon_uadalp, 64)
{
    return neon_gained(in, 0);
}

PROVE(lanes_neon_uaddw, 64)
{
    return neon_gained(in, 2);
}

/*
 * Each lane has gained its four bytes. A word is its lower byte and 256 times its upper one, so the
 * total below gains the words of the vector.
 */
PROVE(lanes_neonmm, 32)
{
    const uint8_t *v = in + 16;
    const uint32x4_t acc = csumoff_neonmm_add_words(
        csumoff_neonmm_hold(), vreinterpretq_u32_u8(vld1q_u8(in)), csumoff_neonmm_load(v), 0);
    bool right = true;

    for (size_t lane = 0; lane < 4; lane++) {
        const uint8_t *bytes = v + lane / 2 * 8 + lane % 2;

        right &=
            acc[lane] == csumoff_load32_(in + 4 * lane) + bytes[0] + bytes[2] + bytes[4] + bytes[6];
    }
    return right;
}

PROVE(total_neonmm, 16)
{
    const uint32_t even = csumoff_load32_(in) + csumoff_load32_(in + 8);
    const uint32_t odd = csumoff_load32_(in + 4) + csumoff_load32_(in + 12);

    return csumoff_neonmm_total(vreinterpretq_u32_u8(vld1q_u8(in)), 0) == even + 256 * odd;
}
#endif

#if defined(CSUMOFF_POWER_VMX)
PROVE(lanes_vmx, 32)
{
    csumoff_vmx_acc acc;
    csumoff_vmx_vec v;
    uint32_t before;

    __builtin_memcpy(&acc, in, sizeof acc);
    __builtin_memcpy(&v, in + sizeof acc, sizeof v);
    before = csumoff_vmx_total(acc, 0);
    for (size_t i = 0; i < 8; i++)
        before += csumoff_load16_(in + sizeof acc + 2 * i);
    acc = csumoff_vmx_add_words(csumoff_vmx_hold(), acc, v, 0);
    return csumoff_vmx_total(acc, 0) == before;
}

PROVE(total_vmx, 16)
{
    csumoff_vmx_acc acc;
    uint32_t sum = 0;

    __builtin_memcpy(&acc, in, sizeof acc);
    for (size_t i = 0; i < sizeof acc; i += 4)
        sum += csumoff_load32_(in + i);
    return csumoff_vmx_total(acc, 0) == sum;
}
#endif

#if defined(CSUMOFF_S390X_VX)
PROVE(lanes_vx, 48)
{
    csumoff_vx_acc acc;
    csumoff_vx_vec v;
    uint32_t before;

    __builtin_memcpy(&acc, in, sizeof acc);
    __builtin_memcpy(&v, in + sizeof acc, sizeof v);
    before = csumoff_vx_total(acc, 0);
    for (size_t i = 0; i < 8; i++)
        before += csumoff_load16_(in + sizeof acc + 2 * i);
    return csumoff_vx_total(csumoff_vx_add_words(csumoff_vx_hold(), acc, v, 0), 0) == before;
}

PROVE(total_vx, 32)
{
    csumoff_vx_acc acc;
    uint32_t sum = 0;

    __builtin_memcpy(&acc, in, sizeof acc);
    for (size_t i = 0; i < sizeof acc; i += 4)
        sum += csumoff_load32_(in + i);
    return csumoff_vx_total(acc, 0) == sum;
}
#endif

#if defined(CSUMOFF_WASM_SIMD128)
PROVE(lanes_wasm128, 48)
{
    csumoff_wasm128_acc acc;
    csumoff_wasm128_vec v;
    uint32_t before;

    __builtin_memcpy(&acc, in, sizeof acc);
    __builtin_memcpy(&v, in + sizeof acc, sizeof v);
    before = csumoff_wasm128_total(acc, 0);
    for (size_t i = 0; i < 8; i++)
        before += csumoff_load16_(in + sizeof acc + 2 * i);
    return csumoff_wasm128_total(csumoff_wasm128_add_words(csumoff_wasm128_hold(), acc, v, 0), 0) ==
           before;
}

/* Two vectors of lanes stand for the words of the data, whatever the upper halves add up to. */
PROVE(total_wasm128, 32)
{
    csumoff_wasm128_acc acc;
    uint32_t sum = 0;

    __builtin_memcpy(&acc, in, sizeof acc);
    for (size_t i = 0; i < sizeof acc / 2; i += 4) {
        const uint32_t all = csumoff_load32_(in + i), upper = csumoff_load32_(in + 16 + i);

        sum += all - upper * 0x10000 + upper;
    }
    return csumoff_wasm128_total(acc, 0) == sum;
}
#endif
