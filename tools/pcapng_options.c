// SPDX-License-Identifier: MIT
#include "pcapng_options.h"

bool pcapng_option_next(struct pcapng_options *o, struct pcapng_option *option)
{
    size_t left = (size_t)(o->end - o->at);

    if (left < OPTION_HEADER)
        return false;
    option->code = get16(o->is_big_endian, o->at);
    option->len = get16(o->is_big_endian, o->at + 2);
    option->value = o->at + OPTION_HEADER;
    if (option->code == END_OF_OPTIONS)
        return false;
    if (pad4(option->len) > left - OPTION_HEADER) {
        o->is_damaged = true;
        return false;
    }
    o->at += OPTION_HEADER + pad4(option->len);
    return true;
}

struct pcapng_options pcapng_packet_options(const struct record *r, const uint8_t *block)
{
    return (struct pcapng_options){.at = block + PACKET_DATA + pad4(r->caplen),
                                   .end = block + r->len - TRAILER,
                                   .is_big_endian = r->is_big_endian};
}
