// SPDX-License-Identifier: MIT
#include "near.h"

const struct near_words near_words[NEARS] = {
    [NEAR_NONE] = {"unexplained",
                   "No mistake known here gives the value: damaged on the way, or changed "
                   "without bringing the checksum up to date."},
    [NEAR_ZERO] = {"not computed", "The field is 0: nobody computed the checksum, or it was left "
                                   "to a card that takes no seed."},
    [NEAR_TWICE] = {"summed twice", "The checksum was in the field while it was summed once more: "
                                    "clear the field first, and sum once."},
    [NEAR_NO_PSEUDO] = {"no pseudo-header", "The pseudo-header is not in the sum: add it, or "
                                            "leave the seed in the field for the card."},
    [NEAR_SEED] = {"seed", "The field holds the seed, and cards finish those of TCP and UDP alone: "
                           "compute the checksum."},
    [NEAR_SEED_COMPLEMENT] = {"complement of the seed", "The field holds the complement of the "
                                                        "seed: a seed is stored uncomplemented."},
    [NEAR_COMPLEMENT] = {"not complemented", "The field holds the sum itself: its complement is "
                                             "the checksum."},
    [NEAR_SWAPPED] = {"bytes swapped", "The right value in the other byte order: store it as it "
                                       "was summed, without htons()."},
    [NEAR_SEED_SWAPPED] = {"swapped seed", "The seed in the other byte order: store it as "
                                           "it was summed, without htons()."},
    [NEAR_SEED_NEGATED] = {"finished from the seed's complement",
                           "The seed was complemented before the checksum was finished from it: "
                           "a seed is stored uncomplemented."},
    [NEAR_PSEUDO_TWICE] = {"pseudo-header twice", "The pseudo-header was added although the field "
                                                  "held the seed already: only one may."},
    [NEAR_PSEUDO_ADDED] = {"pseudo-header added", "There is a pseudo-header in the sum, and this "
                                                  "protocol has none."},
    [NEAR_NEXT_HOP] = {"address of the next hop", "Summed with the addresses of the IP header: "
                                                  "it is the route's end that counts, and the "
                                                  "home address."},
    [NEAR_NO_LENGTH] = {"no length", "The length is missing in the pseudo-header, as in the seed "
                                     "that some cards want for segmentation."},
    [NEAR_LENGTH_SWAPPED] = {"swapped length", "The length was summed in the other byte "
                                               "order: htons() is missing."},
    [NEAR_LENGTH_IP] = {"IP's length", "The pseudo-header holds the IP packet's length: it takes "
                                       "that of the L4 header and its payload."},
    [NEAR_LENGTH_PADDED] = {"length with padding", "The pseudo-header's length was taken from the "
                                                   "frame, padding included: take it from IP."},
    [NEAR_PADDING] = {"padding summed", "The sum goes on over what follows the packet, as a card's "
                                        "does: cut the frame first."},
    [NEAR_LENGTH_HEADER] = {"header's length", "The pseudo-header holds the length of a header: "
                                               "it takes that of the L4 header and its payload."},
    [NEAR_LENGTH_PAYLOAD] = {"payload's length", "The pseudo-header holds the payload's length: "
                                                 "the L4 header's belongs to it."},
    [NEAR_PROTOCOL] = {"wrong protocol", "The protocol number in the pseudo-header is missing, "
                                         "swapped, or that of an extension header."},
    [NEAR_TRAILER] = {"IP's length for UDP's", "Summed as far as IP's length says: the L4 "
                                               "header's own says what is covered."},
    [NEAR_HEADER_ALONE] = {"header alone", "The payload is not in the sum."},
    [NEAR_PAYLOAD_ALONE] = {"payload alone", "The L4 header is not in the sum."},
    [NEAR_ODD_BYTE] = {"odd last byte", "The last byte was left out, or added as the lower half "
                                        "of a word: a zero byte follows it."},
    [NEAR_TTL] = {"TTL", "The TTL was decremented without bringing the checksum up to date."},
    [NEAR_OPTIONS] = {"options left out", "The IPv4 options are not in the sum: IHL says how long "
                                          "the header is."},
    [NEAR_ADLER32] = {"Adler-32", "SCTP's checksum of RFC 2960, which CRC32c replaced in 2002 "
                                  "(RFC 3309)."},
    [NEAR_CRC32] = {"CRC-32", "The CRC of Ethernet and zlib: SCTP's has another polynomial, "
                              "CRC32c."},
    [NEAR_BITS_REVERSED] = {"bits reversed", "The right CRC with the order of its bits reversed."},
    [NEAR_INTERNET] = {"Internet checksum", "16 bits of an Internet checksum: a device or a "
                                            "driver took SCTP for TCP or UDP."},
    [NEAR_REWRITTEN] = {"rewritten addresses",
                        "The difference is the same in all packets of the pair: addresses, or "
                        "other fields, were rewritten (NAT, anonymised) and the checksum was "
                        "not."},
    [NEAR_REWRITTEN_SEED] = {"seed of other addresses",
                             "The field is as far from the seed in all packets of the pair: seeds "
                             "whose addresses were rewritten (NAT, anonymised)."},
    [NEAR_COALESCED] = {"longer than the MTU seen", "Perhaps coalesced by the card (LRO, RSC), "
                                                    "which verified the packets that it joined."},
    [NEAR_UNFINISHED] = {"arrived unfinished",
                         "The seed was never finished, or finished twice: a receiver drops it, "
                         "unless it is from the same host and marked as such (virtio, Xen, "
                         "veth)."},
    [NEAR_JOINED] = {"joined on arrival",
                     "Fine: a receiver that joins packets (GRO) has verified them and leaves a "
                     "seed; so does a sender on the same host (virtio, Xen, veth)."},
};
