# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Part of ./dev: ./dev doctor.

doctor() {
    command -v dpkg-query >/dev/null || die "needs Debian or a relative"
    absent=" $(packages | missing | tr '\n' ' ')"
    packages | while read -r package commands purpose; do
        case $absent in *" $package "*) state=missing ;; *) state=ok ;; esac
        printf '%-8s %-24s %-47s %s\n' "$state" "$package" "$purpose" "$commands"
    done
    if [ -c /dev/net/tun ]; then state=ok; else state=missing; fi
    printf '%-8s %-24s %-47s %s\n' "$state" /dev/net/tun \
        "a TAP, for frames of this machine's kernel" record
    if [ -x build/run/tools/csumoff ]; then
        build/run/tools/csumoff info
    else
        echo "which CPU, policy and kernel: ./dev run builds the command that tells"
    fi
}
