// SPDX-License-Identifier: MIT
/* The version, and statuses as text. */
#include "../include/csumoff.h"

uint32_t csumoff_version(void)
{
    return CSUMOFF_VERSION_NUMBER;
}

const char *csumoff_strerror(int status)
{
    switch (status) {
    case CSUMOFF_OK:
        return "success";
    case CSUMOFF_ETRUNC:
        return "shorter than its headers say";
    case CSUMOFF_EHDR:
        return "malformed header";
    case CSUMOFF_EPROTO:
        return "no checksum known: not IP, or another protocol";
    case CSUMOFF_EFRAG:
        return "IP fragment";
    case CSUMOFF_ERANGE:
        return "offset or length outside the bytes given";
    case CSUMOFF_ECSUM:
        return "wrong checksum";
    case CSUMOFF_ETRAILER:
        return "non-zero bytes after what the checksum covers";
    case CSUMOFF_ENOTSUP:
        return "not supported here";
    case CSUMOFF_EHEAD:
        return "the bytes at hand end before the headers do";
    default:
        return "unknown status";
    }
}
