// SPDX-License-Identifier: MIT
/* The glue as one source, beside the library: it knows the public headers and nothing of src/. */
#include "../glue/netfront/backend.c"
#include "../glue/netfront/caps.c"
#include "../glue/netfront/iov.c"
#include "../glue/netfront/pieces.c"
#include "../glue/netfront/rx.c"
#include "../glue/netfront/segment.c"
#include "../glue/netfront/tx.c"
#include "../glue/virtio/virtio.c"
#include "../glue/virtio/xen.c"
