// SPDX-License-Identifier: MIT
/* Prints a flow in the columns that the line of the terminal has left. */
#include "flow.h"
#include "print.h"
#include "terminal.h"

#include <string.h>

enum {
    SHORTEST = 4 /* an address is left with */
};

static int digits(unsigned number)
{
    int count = 1;

    for (; number >= 10; number /= 10)
        count++;
    return count;
}

/* Returns how many columns everything but the addresses takes. */
static int frame_width(const struct flow *f, const struct packet *p)
{
    int width = (int)strlen(f->name);

    if (f->ip_version)
        width += (int)strlen("  > ");
    if (f->ip_version && f->has_ports)
        width += 2 + digits(f->from_port) + digits(f->to_port) + (f->ip_version == 4 ? 0 : 4);
    for (unsigned i = 0; i < p->vlans; i++)
        width += (i ? 1 : (int)strlen(" vlan ")) + digits(p->vlan[i]);
    return width;
}

/* Replaces the beginning of an address by ~ if it is longer than `room` columns. */
static void shorten(char *text, int room)
{
    int len = (int)strlen(text);

    if (len <= room)
        return;
    memmove(text + 1, text + len - (room - 1), (size_t)room);
    *text = '~';
}

/* Makes the addresses fit the rest of the line, or else the next line. */
static void fit(struct flow *f, const struct packet *p)
{
    int from = (int)strlen(f->from), to = (int)strlen(f->to), frame = frame_width(f, p), room;

    print_fit(frame + (from < SHORTEST ? from : SHORTEST) + (to < SHORTEST ? to : SHORTEST));
    room = print_room() - frame;
    if (from + to <= room)
        return;
    room = room < 2 * SHORTEST ? 2 * SHORTEST : room;
    if (from <= room / 2)
        shorten(f->to, room - from);
    else if (to <= room / 2)
        shorten(f->from, room - to);
    else {
        shorten(f->from, room - room / 2);
        shorten(f->to, room / 2);
    }
}

void flow_print(const struct flow *flow, const struct packet *p)
{
    struct flow shortened;
    const struct flow *f = flow;

    if (print_room() >= 0) {
        shortened = *flow;
        if (flow->ip_version)
            fit(&shortened, p);
        else
            print_fit(frame_width(flow, p));
        f = &shortened;
    }
    if (!f->ip_version)
        print("%s", f->name);
    else if (!f->has_ports)
        print("%s %s > %s", f->name, f->from, f->to);
    else if (f->ip_version == 4)
        print("%s %s:%u > %s:%u", f->name, f->from, f->from_port, f->to, f->to_port);
    else
        print("%s [%s]:%u > [%s]:%u", f->name, f->from, f->from_port, f->to, f->to_port);
    for (unsigned i = 0; i < p->vlans; i++)
        print("%s%u", i ? "." : " vlan ", (unsigned)p->vlan[i]);
}
