# SPDX-License-Identifier: MIT
# $dir is set by scripts/check; some functions are arguments of try.
# shellcheck shell=sh disable=SC2154,SC2317
# The sizes of embed/README.md's table of platforms.

# sized BYTES COMMAND...: says what an amalgamation has that a compiler makes, where that is another
# number of bytes by more than 5 %.
sized() {
    written=$1
    shift
    "$@" -Os -ffreestanding -w -c "$dir/files/csumoff.c" -o "$dir/sized.o" || return
    size "$dir/sized.o" | awk -v written="$written" '
        NR == 2 && ($1 * 100 > written * 105 || $1 * 105 < written * 100) { print $1 " bytes" }'
}

check_platforms() {
    embed/amalgamate "$dir/files" >/dev/null
    awk -F' *[|] *' '
        /^## / { here = $0 == "## Where it runs" }
        here && $6 ~ /^[0-9]+$/ { gsub("`", "", $3); print $6, $3 }' embed/README.md >"$dir/sizes"
    try "there are sizes" test -s "$dir/sizes"
    while read -r bytes command; do
        # shellcheck disable=SC2086 # a compiler and flags
        try "$command: bytes" sized "$bytes" $command
    done <"$dir/sizes"
}
