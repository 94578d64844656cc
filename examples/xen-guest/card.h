// SPDX-License-Identifier: MIT
/* What ../unikernel/nic.h doesn't have: waiting, passing on, and doing it wrong. */
#ifndef CARD_H
#define CARD_H

#include "nic.h"

/* Offload misused, as guests do; services.h has who asks for it, by these numbers. */
enum misuse {
    RIGHT,
    COMPLEMENTED, /* the seed's complement in the field */
    ZERO,         /* 0 in the field */
    NO_LENGTH,    /* a seed that lacks the length of the packet, as some devices want it for TSO */
    UNSAID,       /* a seed, and a slot that doesn't say so */
    CLAIMED,      /* a seed, and a slot that says that it was verified */
    WHOLE,        /* a complete checksum, and a slot that says that it is a seed */
    FINISHED      /* no mistake: complete, and the slot says that it was verified */
};

/* What every TCP and UDP frame suffers from now on. */
void nic_misuse(enum misuse kind);

/* Sends on a frame whose checksum stands as the hint says. */
void nic_pass(uint8_t *frame, size_t len, const struct csumoff_hint *hint);

/* Sleeps until the backend has done something, or for `ms`. */
void nic_wait(int ms);

#endif
