// SPDX-License-Identifier: MIT
/* The cases, and what they share. */
#ifndef CSUMOFF_TESTS_XEN_CASES_H
#define CSUMOFF_TESTS_XEN_CASES_H

#include "ledger.h"

/* A frontend of this program's. */
struct guest {
    struct offload offload;
    struct csumoff_netfront_caps mine; /* what it told the backend that it takes */
    unsigned handle;
    uint8_t mac[6];
    uint8_t host; /* its addresses: rig_address() */
};

struct switched {
    const char *key, *value;
};

/* Plugs a vif in and connects. `backend`: keys to be changed on the other side before, up to a NULL
 * key; may be NULL. */
void guest_connect(struct guest *guest, const struct csumoff_netfront_caps *mine,
                   const struct switched *backend);
void guest_close(struct guest *guest);
extern const struct csumoff_netfront_caps everything;

/* A frame of a recipe with random content, and how it is handed over. */
extern struct frame frame;
extern struct rng random_numbers;
void build(const struct recipe *recipe);
void build_simple(unsigned version, uint8_t proto, size_t payload);
/* Cuts it at random into so many pieces. */
void cut(struct iovec *pieces, unsigned count);
/* Sends it as it is, whatever csumoff thinks of it. */
void send_raw(struct guest *guest, const struct ring_slot *slot);
/* Hands `frame` to offload_send() with this wish, cut at random into so many pieces; what has to
 * arrive is what the oracle says. */
void send_as(struct guest *guest, enum csumoff_tx want, unsigned pieces, uint16_t mss);

void cases_sending(struct guest *guest);      /* all that a guest may send, and what it must not */
void cases_encapsulated(struct guest *guest); /* seeds, SCTP and mss behind other headers */
void cases_from_tun(struct guest *guest);     /* packets without an Ethernet header, sent on */
void cases_switches(struct guest *guest);     /* features that the backend doesn't take */
void cases_many(struct guest *guest);         /* random and damaged frames */
void cases_fatal(struct guest *guest);        /* what costs the interface */
void cases_receiving(struct guest *guest);    /* from domain 0 */
void cases_forwarding(struct guest *guest, struct guest *other);

#endif
