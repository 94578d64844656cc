# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The netfront and guests against Xen's backend, in an emulated machine: what ./dev xen runs, with
# fewer random frames and shorter streams. The programs print TAP themselves.

# shellcheck source=scripts/xen.sh
. scripts/xen.sh

check_xen() {
    CSUMOFF_TEST_EFFORT=quick
    export CSUMOFF_TEST_EFFORT
    xen_tap
}
