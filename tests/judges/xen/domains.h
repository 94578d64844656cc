// SPDX-License-Identifier: MIT
/* The cases of examples/xen-guest. */
#ifndef CSUMOFF_TESTS_XEN_DOMAINS_H
#define CSUMOFF_TESTS_XEN_DOMAINS_H

#include "domain.h"
#include "table.h"

enum {
    MTU = 1500
};

/* What is asked of examples/xen-guest, its services.h. */
enum misuse {
    RIGHT,
    COMPLEMENTED,
    ZERO_FIELD,
    NO_LENGTH,
    UNSAID,
    CLAIMED,
    WHOLE,
    FINISHED
};

/* The sink, as somebody at an address of his own. */
extern const struct end sink_end;

/* After this nothing comes any more. */
extern int silence_ms;

/* How many bytes fit behind the L4 header. */
size_t payload_most(unsigned version, uint8_t proto);

/* A row of the table; `guest`: what the domain's console has to say, or anything else. */
__attribute__((format(printf, 4, 5))) void row(const struct domain *domain, bool good,
                                               const char *title, const char *arrived, ...);

void cases_trial(struct domain *domain);   /* every length, to the sink */
void cases_echo(struct domain *domain);    /* every length, back */
void cases_super(struct domain *domain);   /* super-frames, cut by whoever cuts them */
void cases_kernel(struct domain *domain);  /* domain 0's own stack as its peer */
void cases_routing(struct domain *domain); /* what was received goes on */
void cases_loop(struct domain *domain);    /* what it sent comes back, and goes on; after routing */
void cases_misuse(struct domain *domain);  /* must be seen to be wrong */
void cases_lwip(struct domain *domain);    /* from its start to its end: it runs lwIP */
void cases_facing(struct domain *one, struct domain *two); /* everything from one to the other */

#endif
