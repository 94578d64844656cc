# SPDX-License-Identifier: MIT
# $dir is set by scripts/check; some functions are arguments of try.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317
# the examples of other languages. The commands are those of each
# example's README.md; what they print is compared with what a C program prints.

# A language, the file with its declarations, and the program without which it is skipped.
languages() {
    cat <<'END'
python csumoff.py  python3
rust   csumoff.rs  rustc
ada    csumoff.ads gnatmake
ocaml  csumoff.ml  ocamlopt
go     -           go
END
}

# The line with which every example compiles the library: run once, and copied for the others.
library='cc -O2 -fPIC -I../../include -c ../../embed/csumoff_unity.c'

# commands LANGUAGE: those of its README, but for the installation.
commands() {
    sed -n 's/^    //p' "$tree/examples/$1/README.md" | grep -v '^sudo apt-get install ' |
        sed "s|^$library\$|cp $tree/build/csumoff_unity.o .|"
}

# Whether the packages that a README installs are known to ./dev.
packages_known() {
    sed -n 's/^    sudo apt-get install //p' "$tree/examples/$1/README.md" |
        tr ' ' '\n' >"$dir/named"
    [ -s "$dir/named" ] || echo "$1: installs nothing"
    while read -r package; do
        packages | grep -q "^$package " || echo "$1: $package is not among ./dev's packages"
    done <"$dir/named"
}

# Runs them in a shell of its own, and compares. Debian's compilers go before others of the machine.
debian_first=/usr/bin:/bin:$PATH
follow() {
    commands "$1" >"$dir/$1.sh"
    (cd "$tree" && env PATH="$debian_first" GOCACHE="$tree/build/go-cache" GOFLAGS=-buildvcs=false \
        GOPROXY=off PYTHONDONTWRITEBYTECODE=1 sh -e "../$1.sh" </dev/null >"../$1.out") || return
    diff "$dir/expected" "$dir/$1.out"
}

check_languages() {
    tree=$PWD/$dir/tree
    mkdir -p "$tree/build"
    cp -r include src embed examples "$tree"
    awk -f tests/shipped/example.awk README.md >"$dir/readme.c"
    compiles_library() {
        (cd "$tree/build" && mkdir library && cd library && $library && mv ./*.o ..)
    }
    try "the library compiles" compiles_library
    try "the C program compiles" "$1" -O2 -Wall -Wextra -Iinclude \
        "-DREADME_C=\"$PWD/$dir/readme.c\"" tests/shipped/languages/expected.c \
        "$tree/build/csumoff_unity.o" -o "$dir/expects"
    expects() { "$dir/expects" >"$dir/expected" && [ "$(wc -l <"$dir/expected")" = 12 ]; }
    try "the C program runs" expects
    languages >"$dir/languages"
    while read -r language declarations program; do
        try "$language: packages" packages_known "$language"
        try "$language: the library's line" \
            test "$(commands "$language" | grep -c '^cp .*_unity.o .$')" = 1
        [ "$declarations" = - ] || try "$language: declarations" \
            tests/shipped/languages/declarations "$language" "examples/$language/$declarations"
        if env PATH="$debian_first" sh -c "command -v $program" >/dev/null; then
            try "$language: prints what C prints" follow "$language"
        else
            skip "$language: prints what C prints" "example of $language: there is no $program"
        fi
    done <"$dir/languages"
}
