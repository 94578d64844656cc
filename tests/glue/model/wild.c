// SPDX-License-Identifier: MIT
/* Frames of which nothing is known. */
#include "trial.h"

/* Bits changed anywhere: every form comes to the same, errors touch nothing, the backend finds what
 * it is told to, and what is to stay stays. */
void check_wild(void)
{
    const struct device d = any_device(true);
    const struct csumoff_netfront_caps caps = netfront_caps(&d, true);
    struct csumoff_hint hint = {CSUMOFF_TX_COMPUTE, 0, 0, 0, NULL};
    struct csumoff_netfront_slot slot, other;
    struct csumoff_iov iov[PIECES];
    size_t n, count, start, offset;
    int status, again;
    uint8_t *p;

    make(true);
    for (n = 1 + rng_below(&rng, 6); n-- > 0;)
        given.bytes[rng_below(&rng, chance(2)        ? given.len
                                    : 60 < given.len ? 60
                                                     : given.len)] ^=
            (uint8_t)(1u << rng_below(&rng, 8));
    if (chance(6))
        given.len = rng_below(&rng, given.len + 1);
    hint.want = (enum csumoff_tx)rng_below(&rng, 4);
    hint.mss = any_mss();
    if (chance(2)) {
        hint.csum_start = (uint32_t)given.level[0].l4;
        hint.csum_offset = (uint32_t)given.level[0].csum_offset;
    }
    call.what = "wild";
    call.form = "any form";
    call.device = &d;
    call.wish = (struct wish){(enum want)hint.want, hint.csum_start, hint.csum_offset, hint.mss};
    memset(&slot, UNTOUCHED, sizeof slot);
    other = slot;
    p = placed(given.bytes, given.len);
    status = csumoff_netfront_tx(p, given.len, &caps, &hint, &slot);
    if (status || hint.want == CSUMOFF_TX_AS_IS || hint.want == CSUMOFF_TX_VERIFIED)
        check_bytes(p, given.bytes, given.len, "to be left alone");
    if (!status && slot.flags & BLANK && !backend_finds(p, given.len, &start, &offset))
        wrong("dropped by the backend");
    if (chance(2)) {
        count = cut_pieces(given.bytes, given.len, iov);
        again = csumoff_netfront_tx_iov(iov, count, &caps, &hint, &other);
        gather_pieces(iov, count);
    } else {
        memcpy(aside, given.bytes, given.len);
        again = csumoff_netfront_tx_copy(out, aside, given.len, &caps, &hint, &other);
        if (again)
            memcpy(out, given.bytes, given.len);
    }
    if (again == CSUMOFF_ENOTSUP && given.len > GATHERED)
        return;
    if (again != status)
        wrong("status %d, in another form %d", status, again);
    check_bytes(out, p, given.len, "in another form");
    if (slot.flags != other.flags || slot.gso_type != other.gso_type ||
        slot.gso_size != other.gso_size)
        wrong("flags %u, in another form %u", slot.flags, other.flags);
}
