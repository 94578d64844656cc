// SPDX-License-Identifier: MIT
/*
 * A trial of the suite `model`: a frame, what is done with it, and what is to arrive.
 *
 *   frame.c     makes the frame: complete, left to a device, damaged
 *   calls.c     what all calls share: memory, pieces, comparisons, the far end
 *   send.c      sends it, in every form of call; segments
 *   receive.c   receives it, completes it
 *   forward.c   sends it on, takes it from one device's words to the other's
 *   wild.c      frames of which nothing is known
 */
#ifndef CSUMOFF_TESTS_TRIAL_H
#define CSUMOFF_TESTS_TRIAL_H

#include "../../oracle/reference.h"
#include "../../oracle/suite.h"
#include "../words.h"

enum {
    BLANK = CSUMOFF_NETTXF_CSUM_BLANK,
    GATHERED = 512,
    PIECES = 6,
    MARGIN = 8,
    SEGMENTS = 64, /* followed up of a frame */
    UNTOUCHED = 0xA7
};

/* ---- The frame ------------------------------------------------------------------------------- */

extern struct rng rng;
extern struct packet given; /* the frame as it is; then as it is expected to be */
extern struct packet ideal; /* what is to arrive */
extern struct truth truth;
extern bool is_sound; /* `given` is `ideal`, but for what its state says is to be made */
extern bool is_zero[PACKET_LEVELS]; /* UDP without a checksum */
extern bool is_far_wanted; /* headers that are longer than what is gathered of a frame in pieces */
extern enum csumoff_link link_of_frame;

bool chance(unsigned n);
void copy_packet(struct packet *to, const struct packet *from);
bool is_udp(unsigned level);
/* Makes a complete frame, and the truth about it. */
void make(bool needs_ethernet);
/* One of the levels with a checksum that can be known, or -1. */
int any_level(void);
/* Leaves a level's checksum to who gets the frame: by its seed, or (is_seed false) to be computed.
 * Under a seed the checksums around it are complete as soon as it is. Returns whether the frame can
 * still be finished. */
bool leave(unsigned level, bool is_seed);
/* Damages the frame somewhere that moves no header. */
void damage(void);

/* ---- Calls ----------------------------------------------------------------------------------- */

extern struct guarded guard, guards[PIECES];
extern uint8_t aside[PACKET_SIZE], out[PACKET_SIZE], segment[PACKET_SIZE];
extern uint64_t number;       /* of the frame */
extern const char *mode_text; /* what is done with it */
/* And how: put into words only where that is asked for. */
struct call {
    const char *what, *form;
    size_t have;
    const struct device *device;
    struct wish wish;
    struct plan plan;
    struct csumoff_netfront_slot slot;
    struct csumoff_virtio_hdr hdr;
};
extern struct call call;
extern bool is_suite; /* of Check */

/* Says what is wrong with which frame, and ends. */
__attribute__((FORMATTED(1, 2), noreturn)) void wrong(const char *format, ...);
/* The bytes in front of an unreadable page. */
uint8_t *placed(const uint8_t *bytes, size_t len);
/* A length at which a header of some level, or something near its end, is divided. */
size_t near_header(void);
/* Cuts a frame at random into pieces, each in memory of its own. */
size_t cut_pieces(const uint8_t *bytes, size_t len, struct csumoff_iov *iov);
/* Puts the pieces together again, in `out`. */
void gather_pieces(const struct csumoff_iov *iov, size_t count);
/* Whether headers may end beyond what is gathered of pieces. */
bool is_far(void);
void check_status(int status, unsigned may);
void check_bytes(const uint8_t *found, const uint8_t *want, size_t len, const char *what);
/* Both zeros of a checksum that a device has made are right; UDP's is never 0. */
void forgive_zeros(const uint8_t *found);
/* Has the device do what it is told, and judges what leaves it. `sent` is changed. */
void arrive(const struct device *d, struct order *order, uint8_t *sent);

/* ---- Sending --------------------------------------------------------------------------------- */

struct csumoff_netfront_caps netfront_caps(const struct device *d, bool has_sg);
struct device any_device(bool is_xen);
/* A limit for segments: none, or one near the payload of some level, or any. */
uint16_t any_mss(void);
/* The caller's own layout, half of the time. */
const struct csumoff_layout *any_layout(struct csumoff_layout *at);
/* Any place, of a checksum or not. */
void any_place(uint32_t *start, uint32_t *offset);
/* Sends `given` in any form; what hint (or NULL) has to mean is *as. */
void check_send(const struct device *d, const struct csumoff_hint *hint, const struct wish *as);
void check_sent(bool is_xen);

/* ---- Receiving ------------------------------------------------------------------------------- */

void check_rx(const struct csumoff_rx *rx, const struct csumoff_rx *want);
/* Receive `given` from a ring; they return whether *rx is set. */
bool receive_netfront(const struct csumoff_netfront_slot *slot, struct csumoff_rx *rx);
bool receive_virtio(const struct csumoff_virtio_hdr *hdr,
                    const struct csumoff_virtio_policy *policy, struct csumoff_rx *rx);
/* Make `given` a frame as a backend hands it over, or (one in four) with anything beside it. */
struct csumoff_netfront_slot any_slot(void);
struct csumoff_virtio_hdr any_hdr(void);
void check_finished_netfront(void);
void check_finished_virtio(void);

/* ---- Sending on, and nothing known ----------------------------------------------------------- */

void check_sent_on(bool to_xen);
void check_bridged(void);
void check_wild(void);

#endif
