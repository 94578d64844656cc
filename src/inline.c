// SPDX-License-Identifier: MIT
/* Exports the header's inline functions as symbols, for callers that cannot include the header. An
 * `extern inline` declaration makes this source define the function (C99, section 6.7.4). */
#include "../include/csumoff.h"

#if !defined(__GNUC_GNU_INLINE__) && !defined(__KERNEL__)
extern inline uint16_t csumoff_load16_(const void *p);
extern inline uint32_t csumoff_load32_(const void *p);
extern inline csumoff_wsum csumoff_fold64_(uint64_t v);
extern inline csumoff_sum16 csumoff_fold(csumoff_wsum sum);
extern inline csumoff_wsum csumoff_add(csumoff_wsum a, csumoff_wsum b);
extern inline csumoff_wsum csumoff_sub(csumoff_wsum a, csumoff_wsum b);
extern inline csumoff_wsum csumoff_block_shift_(csumoff_wsum block, size_t offset);
extern inline csumoff_wsum csumoff_block_add(csumoff_wsum sum, csumoff_wsum block, size_t offset);
extern inline csumoff_wsum csumoff_block_sub(csumoff_wsum sum, csumoff_wsum block, size_t offset);
extern inline csumoff_sum16 csumoff_ipv4_header(const void *iph, size_t header_len);
extern inline uint32_t csumoff_net32_(uint32_t n);
extern inline uint64_t csumoff_pseudo_rest_(uint8_t proto, uint32_t l4_len);
extern inline csumoff_wsum csumoff_pseudo_ipv4(const void *saddr, const void *daddr, uint8_t proto,
                                               uint32_t l4_len, csumoff_wsum sum);
extern inline csumoff_wsum csumoff_pseudo_ipv6(const void *saddr, const void *daddr, uint8_t proto,
                                               uint32_t l4_len, csumoff_wsum sum);
extern inline csumoff_sum16 csumoff_seed_ipv4(const void *saddr, const void *daddr, uint8_t proto,
                                              uint32_t l4_len);
extern inline csumoff_sum16 csumoff_seed_ipv6(const void *saddr, const void *daddr, uint8_t proto,
                                              uint32_t l4_len);
extern inline csumoff_sum16 csumoff_tcpudp_ipv4(const void *saddr, const void *daddr, uint8_t proto,
                                                uint32_t l4_len, csumoff_wsum sum);
extern inline csumoff_sum16 csumoff_tcpudp_ipv6(const void *saddr, const void *daddr, uint8_t proto,
                                                uint32_t l4_len, csumoff_wsum sum);
extern inline csumoff_sum16 csumoff_udp_nonzero(csumoff_sum16 check);
extern inline void csumoff_adjust_(csumoff_sum16 *check, csumoff_wsum from, csumoff_wsum to);
extern inline void csumoff_adjust16(csumoff_sum16 *check, uint16_t from, uint16_t to);
extern inline void csumoff_adjust32(csumoff_sum16 *check, uint32_t from, uint32_t to);
extern inline uint32_t csumoff_pseudo_len_(const struct csumoff_layout *layout);
extern inline csumoff_wsum csumoff_pseudo_(const struct csumoff_layout *layout);
extern inline csumoff_sum16 csumoff_seed_value(const struct csumoff_layout *layout);
extern inline csumoff_sum16 csumoff_seed_value_gso(const struct csumoff_layout *layout);
#endif
