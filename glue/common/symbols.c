// SPDX-License-Identifier: MIT
/* The inline functions of csumoff_glue.h as symbols; see src/inline.c. */
#include "../../include/csumoff_glue.h"

#if !defined(__GNUC_GNU_INLINE__) && !defined(__KERNEL__)
extern inline enum csumoff_state csumoff_state_of(const struct csumoff_rx *rx,
                                                  const struct csumoff_layout *layout);
extern inline struct csumoff_hint csumoff_forward(const struct csumoff_rx *rx);
#endif
