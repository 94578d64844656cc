// SPDX-License-Identifier: MIT
#include "table.h"

#include <stdio.h>

#include "../../oracle/frames.h"
#include "../../oracle/reference.h"

static unsigned tests, failures;

/* Where the type of what is inside stands, behind the tags. */
static size_t frame_type_at(const uint8_t *frame)
{
    size_t at = 12;

    while (load_wire16(frame + at) == 0x8100 || load_wire16(frame + at) == 0x88A8)
        at += 4;
    return at;
}

bool stands(const uint8_t *frame, size_t len, enum standing as)
{
    size_t type_at = frame_type_at(frame);
    uint16_t type = load_wire16(frame + type_at);
    const uint8_t *l3 = frame + type_at + 2;
    bool is_v4 = type == 0x0800;
    size_t header = is_v4 ? (size_t)(l3[0] % 16) * 4 : 40;
    uint8_t proto = l3[is_v4 ? 9 : 6];
    const uint8_t *l4 = l3 + header;
    size_t l4_len = is_v4 ? load_wire16(l3 + 2) - header : load_wire16(l3 + 4);
    size_t field = proto == UDP ? 6 : 16;
    uint16_t found, complete;
    uint64_t pseudo;

    if ((!is_v4 && type != 0x86DD) || (proto != UDP && proto != TCP) ||
        len < type_at + 2 + header + l4_len || l4_len < field + 2)
        return false;
    if (is_v4 && ref_ipv4_header(l3, header) != load_wire16(l3 + 10))
        return false;
    pseudo = is_v4 ? ref_pseudo4(l3 + 12, l3 + 16, proto, (uint32_t)l4_len)
                   : ref_pseudo6(l3 + 8, l3 + 24, proto, (uint32_t)l4_len);
    found = load_wire16(l4 + field);
    complete = ref_transport(pseudo, l4, l4_len, field);
    switch (as) {
    case COMPLETE: /* a finisher makes 0xFFFF of a 0, whatever the protocol */
        return found == (complete ? complete : 0xFFFF) || (proto == TCP && found == complete);
    case SEED:
        return found == ref_fold(pseudo);
    case ZERO:
        return found == 0;
    case SEEDLESS:
        return ref_fold(pseudo) == 0xFFFF;
    }
    return false;
}

void row_other(bool good, const char *title, const char *sent, const char *predicted,
               const char *arrived)
{
    failures += !good;
    printf("%s %u - %s\n#| %-66s | %-20s | %-44s | %-22s | %s\n", good ? "ok" : "not ok", ++tests,
           title, title, sent, predicted, arrived, good ? "as expected" : "UNEXPECTED");
    fflush(stdout);
}

void row_skipped(const char *title, const char *why)
{
    printf("ok %u - %s # SKIP %s\n", ++tests, title, why);
}

unsigned table_close(void)
{
    printf("1..%u\n", tests);
    return failures;
}
