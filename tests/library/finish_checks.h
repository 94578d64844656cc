// SPDX-License-Identifier: MIT
/*
 * What suites do to the frame that was made: fill it, and finish it as a device does.
 */
#ifndef CSUMOFF_TESTS_FINISH_CHECKS_H
#define CSUMOFF_TESTS_FINISH_CHECKS_H

#include "../oracle/packet_checks.h"

/* The layout of the frame made, which has to be found. */
static inline struct csumoff_layout located(const uint8_t *p)
{
    struct csumoff_layout layout;

    check_status("locate", &made, made.len, csumoff_locate(p, made.len, link_of(&made), &layout),
                 CSUMOFF_OK);
    return layout;
}

/* fill and fill_at: of the frame made, and again of what they have left. */
static inline void check_filled(void)
{
    uint8_t *p = placed(&made, made.len);
    struct csumoff_layout layout = located(p);
    int round;

    packet_set_l3(&made, 0);
    packet_set_complete(&made, 0);
    for (round = 0; round < 2; round++) { /* the second time nothing is left to do */
        check_status("fill", &made, made.len, csumoff_fill(p, made.len, link_of(&made)),
                     CSUMOFF_OK);
        check_same("fill", &made, p, made.len);
    }
    check_report(&made, p, made.len, CSUMOFF_GOOD);
    packet_set_field(&made, 0, (uint16_t)rng_u32(&rng));
    p = placed(&made, made.len);
    packet_set_complete(&made, 0);
    check_status("fill_at", &made, made.len, csumoff_fill_at(p, made.len, &layout), CSUMOFF_OK);
    check_same("fill_at", &made, p, made.len);
}

/* What the field holds to begin with when a device is to finish it: a seed; for protocols without
 * a pseudo-header 0. Over UDP-Lite and DCCP as well, where nobody but finish_at does it so. */
static inline uint16_t start_value(void)
{
    return top->skip_len
               ? ref_fold(0xFFFFu -
                          ref_fold(ref_sum(made.bytes + top->l4 + top->skip, top->skip_len)))
               : packet_seed(&made, 0);
}

/* csumoff_seed_value() and csumoff_finish_at() of the frame made. */
static inline void check_finished_at(void)
{
    uint8_t *p = placed(&made, made.len);
    struct csumoff_layout layout = located(p);
    uint16_t complete;

    CHECK(is_same_sum(wire16(csumoff_seed_value(&layout)), start_value()));
    if (top->has_pseudo)
        CHECK(is_same_sum(wire16(csumoff_seed_value_gso(&layout)), packet_seed_gso(&made, 0)));
    else if (!top->skip_len)
        CHECK(csumoff_seed_value(&layout) == 0 && csumoff_seed_value_gso(&layout) == 0);
    if (!top->is_crc32c) /* SCTP's field does not matter */
        packet_set_field(&made, 0, start_value());
    p = placed(&made, made.len);
    check_status("finish_at", &made, made.len, csumoff_finish_at(p, made.len, &layout), CSUMOFF_OK);
    packet_set_complete(&made, 0);
    if (!top->is_crc32c) { /* a device stores 0xFFFF for any protocol */
        complete = packet_complete(&made, 0);
        packet_set_field(&made, 0, complete ? complete : 0xFFFF);
    }
    check_same("finish_at", &made, p, made.len);
    packet_set_l3(&made, 0);
    check_report(&made, placed(&made, made.len), made.len, CSUMOFF_GOOD);
}

#endif
