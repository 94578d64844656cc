# SPDX-License-Identifier: MIT
# $dir is set by scripts/check; some functions are arguments of try.
# shellcheck shell=sh disable=SC2154,SC2317
# lwIP on a microcontroller, by its own sums and by csumoff's.

# shellcheck source=tests/shipped/embed/common.sh
. tests/shipped/embed/common.sh

# Flags of examples/cortex-m/lwip/build, and of the table in that example's README.
lwip_sums() {
    cat <<'END'
-DLWIP_CHKSUM_ALGORITHM=2
-DLWIP_CHKSUM_ALGORITHM=3
-DCSUMOFF
-DCSUMOFF -DCSUMOFF_SCALAR
-DCSUMOFF -O2
END
}

# Runs the firmware with its peer, which prints as many instructions as there are lengths.
with_peer() {
    CSUMOFF_TEST_EFFORT=quick tests/judges/lwip/microcontroller "$@"
}

# count FLAG...: prints a row of the table.
count() {
    examples/cortex-m/lwip/build build/lwip "$dir/echo" "$@" || return
    with_peer "$dir/echo" 0 64 256 512 1024 1472 >"$dir/counts" || return
    text=$(arm-none-eabi-size "$dir/echo" | awk 'NR == 2 { print $1 }')
    awk -v flags="$*" -v text="$text" '
        { counts = counts " " $2 " |" }
        END { print "| `" flags "` | " text " |" counts }' "$dir/counts" >>"$dir/table"
}

# Figures of the table that README does not have, or has wrong by more than 5 %.
wrong_counts() {
    awk -F'|' '
        FNR == NR { if (NF == 10) written[$2] = $0; next }
        !($2 in written) { print "not in README.md: " $0; next }
        {
            split(written[$2], figure, "|")
            for (i = 3; i <= 9; i++)
                if ($i * 100 > figure[i] * 105 || $i * 105 < figure[i] * 100)
                    print "README.md has" figure[i] "where there are: " $0
        }' examples/cortex-m/lwip/README.md "$dir/table"
}

# missed FLAG...: nothing, where the peer sees what goes wrong.
missed() {
    examples/cortex-m/lwip/build build/lwip "$dir/wrong" "$@" &&
        refuses '^microcontroller: ' with_peer "$dir/wrong"
}

check_lwip_m4() {
    try "lwIP's sources" quietly examples/lwip-guest/fetch build/lwip
    lwip_sums >"$dir/sums"
    while read -r flags; do
        # shellcheck disable=SC2086 # several flags
        try "lwIP with $flags" count $flags
    done <"$dir/sums"
    sed 's/^/# /' "$dir/table"
    try "as in README.md" wrong_counts
    try "sums that are not checked are seen" missed -DCHECKSUM_CHECK_UDP=0
    try "sums that are not made are seen" missed -DCHECKSUM_GEN_TCP=0
}
