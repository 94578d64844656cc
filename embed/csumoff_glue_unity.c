// SPDX-License-Identifier: MIT
/* The glue as one source, beside the library: it calls public functions only. */
#include "../glue/common/act.c"
#include "../glue/common/burst.c"
#include "../glue/common/decide.c"
#include "../glue/common/symbols.c"
#include "../glue/common/segment.c"
#include "../glue/netfront/backend.c"
#include "../glue/netfront/caps.c"
#include "../glue/netfront/rx.c"
#include "../glue/netfront/tx.c"
#include "../glue/virtio/virtio.c"
#include "../glue/bridge/bridge.c"
