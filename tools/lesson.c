// SPDX-License-Identifier: MIT
#include "lesson.h"

#include "print.h"

#include <stdarg.h>
#include <string.h>

enum {
    COLUMNS = 80,
    PARAGRAPH = 1024,
    NO_NEXT_HEADER = 59
};

void say(const char *format, ...)
{
    char text[PARAGRAPH];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    print_wrapped(text, 2, COLUMNS);
}

const char *lesson_source(unsigned l4_proto, unsigned ip_version)
{
    static const struct {
        unsigned l4_proto, ip_version; /* 0: either */
        const char *source;
    } sources[] = {
        {IPPROTO_TCP, 4, "RFC 9293, section 3.1"},
        {IPPROTO_TCP, 6, "RFC 9293, section 3.1; RFC 8200, section 8.1"},
        {IPPROTO_UDP, 4, "RFC 768"},
        {IPPROTO_UDP, 6, "RFC 768; RFC 8200, section 8.1"},
        {IPPROTO_ICMP, 0, "RFC 792"},
        {IPPROTO_ICMPV6, 0, "RFC 4443, section 2.3"},
        {IPPROTO_IGMP, 0, "RFC 3376, section 4.1.2"},
        {IPPROTO_GRE, 0, "RFC 2784, section 2.5"},
        {IPPROTO_SCTP, 0, "RFC 9260, section 6.8 and appendix A"},
        {136, 0, "RFC 3828, section 3.1"},
        {33, 0, "RFC 4340, section 9"},
        {46, 0, "RFC 2205, section 3.1.1"},
        {88, 0, "RFC 7868"},
        {89, 4, "RFC 2328, appendix D.4"},
        {89, 6, "RFC 5340, appendix A.3.1"},
        {103, 0, "RFC 7761, section 4.9"},
        {112, 4, "RFC 3768, section 5.3.8"},
        {112, 6, "RFC 9568, section 5.2.8"},
    };

    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        if (sources[i].l4_proto == l4_proto &&
            (!sources[i].ip_version || sources[i].ip_version == ip_version))
            return sources[i].source;
    return "";
}

static void say_why(enum near why)
{
    say("Why: %s. %s", near_words[why].word, near_words[why].advice);
}

void lesson_header(const struct judgement *j)
{
    if (j->l3 == BAD) {
        say("Found and expected differ: every router and every receiver drops this packet.");
        say_why(j->l3_near);
    } else if (j->l3 == BLANK) {
        say("The field is 0: the sender left it to its network card, which fills it in after the "
            "packet was captured. Nothing is wrong; csumoff finish fills it in as well.");
    } else {
        say("Found is what is expected.");
    }
}

static void say_absent(const struct level *level)
{
    if (level->layout.ip_version == 4)
        say("The field is 0: the sender made no checksum, which UDP over IPv4 may do (RFC 768). A "
            "UDP checksum that works out as 0 is sent as 0xffff, so the two can't be confused.");
    else
        say("The field is 0: there is no checksum. UDP over IPv6 may do so only for tunnels "
            "(RFC 6935, RFC 6936), and the port is that of one.");
}

void lesson_verdict(const struct judged *judged, size_t i)
{
    const struct level *level = &judged->levels.of[i];
    const struct csumoff_report *r = &level->report;
    const struct judgement *j = &judged->of[i];

    if (j->l4_near == NEAR_UNFINISHED || j->l4_near == NEAR_JOINED) {
        say("Found is the seed, in a packet that was received.");
        say_why(j->l4_near);
        return;
    }
    switch (j->l4) {
    case GOOD:
        if (r->l4_found == r->l4_expected)
            say("Found is what is expected.");
        else
            say("Found and expected are the two forms of zero, 0x0000 and 0xffff, which count as "
                "the same in ones' complement (RFC 1071).");
        break;
    case BAD:
        say("Found is neither the checksum nor a seed: a receiver drops this packet.");
        say_why(j->l4_near);
        break;
    case SEEDED:
        say("Found is the seed: the packet was captured on its way to a network card that was to "
            "finish the checksum. Nothing is wrong; csumoff finish does what the card does.");
        break;
    case SEEDED_GSO:
        say("Found is the seed without the length: the packet was captured on its way to a network "
            "card that was to cut it, to add each part's length and to finish the checksums. "
            "Nothing is wrong.");
        break;
    case ABSENT:
        say_absent(level);
        break;
    default:
        break;
    }
}

/* ---- What is not judged -------------------------------------------------------------------- */

static void say_protocol(unsigned l4_proto, const char *name)
{
    if (l4_proto == IPPROTO_ESP)
        say("ESP encrypts what it carries, with the checksums inside; its own check takes a key "
            "(RFC 4303).");
    else if (l4_proto == IPPROTO_GRE)
        say("GRE has a checksum only where its C bit is set, and here it is not (RFC 2784, section "
            "2.2), or this is another version of GRE.");
    else if (l4_proto == NO_NEXT_HEADER)
        say("Nothing follows the IPv6 header (RFC 8200, section 4.7).");
    else if (*lesson_source(l4_proto, 4))
        say("This version of %s, or this way to authenticate it, has no checksum that could be "
            "worked out.",
            name);
    else
        say("Protocol %u has no checksum that is known here.", l4_proto);
}

static void say_fragment(const struct packet *p, const struct level *level, bool is_inside)
{
    const char *who = is_inside ? "which csumoff verify does not put together inside a tunnel"
                                : "as csumoff verify does";

    if (level->layout.ip_version == 4) {
        unsigned word = be16(p->bytes + p->start + level->layout.l3_start + 6);

        say("This is a fragment, %u bytes into its datagram, %s. The checksum covers the whole "
            "datagram, so it takes all fragments to judge it, %s (RFC 791, section 3.2).",
            (word & 0x1FFF) * 8, word & 0x2000 ? "and more follow" : "the last one", who);
    } else {
        say("This is a fragment. The checksum covers the whole datagram, so it takes all fragments "
            "to judge it, %s (RFC 8200, section 4.5).",
            who);
    }
}

static void say_shorter(const struct packet *p, const struct level *level, bool is_snapped)
{
    size_t end = p->start + level->layout.end;

    if (is_snapped && level->layout.ip_version && end > p->header->caplen)
        say("The IP datagram ends at byte %zu, and %u bytes were captured: what is missing is part "
            "of the sum. Capture whole packets (tcpdump -s 0).",
            end, p->header->caplen);
    else if (is_snapped)
        say("Only %u bytes were captured, and what is missing is part of the sum. Capture whole "
            "packets (tcpdump -s 0).",
            p->header->caplen);
    else if (level->layout.ip_version && end > p->header->len)
        say("By its own length the IP datagram ends at byte %zu, but the packet has %u bytes: no "
            "receiver gets this far, and there is nothing to sum.",
            end, p->header->len);
    else
        say("The packet ends before its headers do, at byte %u.", p->header->len);
}

void lesson_unjudged(const struct packet *p, const struct judged *judged, size_t i,
                     const struct flow *f)
{
    const struct level *level = &judged->levels.of[i];
    const struct judgement *j = &judged->of[i];

    if (j->l4 == ABSENT)
        say("This tunnel has no checksum of its own. What it carries has.");
    else if (j->l4 == TRUNCATED)
        say_shorter(p, level, false);
    else if (j->l4 == MALFORMED)
        say("The headers make no sense: a version, a length or a count in them is impossible.");
    else if (j->reason == FRAGMENT)
        say_fragment(p, level, i > 0);
    else if (j->reason == PROTOCOL)
        say_protocol(f->l4_proto, f->name);
    else if (j->reason == AMBIGUOUS)
        say("Routers differ in whether the checksum of VRRP version 3 over IPv4 covers a "
            "pseudo-header: RFC 5798, section 5.2.8, was understood in both ways, and RFC 9568 "
            "leaves it out. What is right for some receivers is wrong for others.");
    else if (j->reason == ROUTE)
        say("A routing header of an unknown type has segments left, so nobody but its routers "
            "knows "
            "the final destination, which the pseudo-header holds (RFC 8200, section 8.1).");
    else if (j->reason == SNAPPED)
        say_shorter(p, level, true);
    else if (j->reason == NOT_IP)
        say("%s is not IP: there is no Internet checksum in it.", f->name);
    else
        say("There is nothing here to be judged.");
}
