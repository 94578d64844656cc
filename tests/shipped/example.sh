# SPDX-License-Identifier: MIT
# $dir is set by scripts/check; some functions are arguments of try.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317

# The examples of the documentation, as a stranger would build them; README's is a whole program.
check_example() {
    for page in README.md docs/*.md; do
        example=$dir/$(basename "$page" .md)
        awk -f tests/shipped/example.awk "$page" >"$example.c"
        [ -s "$example.c" ] || continue
        try "$page compiles" "$1" -Iinclude -c "$example.c" -o "$example.o"
    done
    run_example() { "$dir/README" >&3; }
    try "README.md links" "$1" -o "$dir/README" "$dir/README.o" -Iinclude src/*.c src/*/*.c
    try "README.md runs" run_example 3>"$dir/README.out"
}
