// SPDX-License-Identifier: MIT
/* Constants that kernels load from memory: see kernel.h. */
#include "kernel.h"

#if !defined(CSUMOFF_SCALAR)
const uint8_t csumoff_zeros_[512] __attribute__((aligned(64))) = {0};

#define ONES_16                                                                                    \
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF
const uint8_t csumoff_window_[96] __attribute__((aligned(32))) = {[32] = ONES_16, ONES_16};
#undef ONES_16

#define SIXTEEN(w) w, w, w, w, w, w, w, w, w, w, w, w, w, w, w, w
const uint16_t csumoff_bias_[16] __attribute__((aligned(32))) = {SIXTEEN(0x8000)};
const uint16_t csumoff_ones_[16] __attribute__((aligned(32))) = {SIXTEEN(1)};
#undef SIXTEEN
#endif
