# SPDX-License-Identifier: MIT
# $dir is set by scripts/check; some functions are arguments of try.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317
# What a release is made of, and ports to other build systems and package managers.

# shellcheck source=tests/shipped/embed/common.sh
. tests/shipped/embed/common.sh

# stand_in SYSTEM LIBRARY NAME...: the files for another build system, by stand-ins for its
# functions, for a Cortex-M4. Every source is in it; those of these names are compiled, in a second:
# that all of them compile for it is proved by the row microcontrollers.
stand_in() {
    system=$1 library=$2
    shift 2
    quietly cmake -G Ninja -S "tests/shipped/package/standins/$system" -B "$dir/$system" \
        -DTREE="$PWD" -DCMAKE_SYSTEM_NAME=Generic -DCMAKE_C_COMPILER=arm-none-eabi-gcc \
        -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY \
        -DCMAKE_C_FLAGS='-mcpu=cortex-m4 -ffreestanding -Wall -Wextra -Werror' || return
    ninja -C "$dir/$system" -t targets all |
        sed -n "s/^\(.*$library.*\.c\.obj\): .*/\1/p" >"$dir/$system.objects"
    find src glue -name '*.c' | sed 's|.*/||' | sort >"$dir/sources"
    sed 's|.*/\(.*\)\.obj|\1|' "$dir/$system.objects" | sort | diff "$dir/sources" - || return
    for name; do
        quietly ninja -C "$dir/$system" "$(grep "/$name.c.obj" "$dir/$system.objects")" || return
    done
}

# A second time elsewhere, under another mask, in another zone and language.
same_again() {
    (umask 077 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 \
        packaging/release --any "$dir/release again" >/dev/null) || return
    diff -r "$dir/release" "$dir/release again"
}

# A project takes the tarball by the wrap, which has its hash.
wrapped() {
    mkdir -p "$dir/wrap/subprojects/packagecache"
    cp examples/meson-subproject/meson.build examples/*.c "$dir/wrap"
    cp "$dir/release/ports/csumoff.wrap" "$dir/wrap/subprojects"
    cp "$dir/release/csumoff-"*[0-9].tar.gz "$dir/wrap/subprojects/packagecache"
    quietly meson setup "$dir/wrap/build" "$dir/wrap"
}

amalgamated() {
    mkdir "$dir/one" &&
        tar -C "$dir/one" --strip-components=1 -xf "$dir/release/"*-amalgamation.tar.gz
    gcc -O0 -I"$dir/one" examples/main.c examples/packet.c "$dir/one/csumoff.c" \
        -o "$dir/one/example"
    "$dir/one/example" >"$dir/one/out"
}

# The hook in a repository of its own: right files are committed, wrong ones are not.
hooked() {
    git init -q "$dir/hooked" && cp -r dev scripts packaging .clang-format "$dir/hooked"
    (
        cd "$dir/hooked" || exit
        git config user.email nobody@csumoff.invalid && git config user.name nobody
        ./dev hook >/dev/null
        printf 'int one(void);\n' >one.c && git add one.c && git commit -qm right
        printf 'int  two( void );\n' >one.c && git add one.c
        ! git commit -qm wrong 2>/dev/null || echo "a wrong format was committed"
        printf 'int two(void);\n' >one.c # what is staged counts
        ! git commit -qm wrong 2>/dev/null || echo "a wrong format was committed"
        # shellcheck disable=SC2016 # the script's own words
        printf '#!/bin/sh\ncd $1\n' >script && git add one.c script
        ! git commit -qm wrong >/dev/null 2>&1 || echo "a wrong script was committed"
        ./dev hook off && git commit -qm off
        echo 'exit 0' >.git/hooks/pre-commit
        ! ./dev hook 2>/dev/null || echo "somebody else's hook was replaced"
    )
}

check_releases() {
    try "zephyr" stand_in zephyr csumoff.dir selftest tables decide
    try "esp-idf" stand_in esp-idf __idf_csumoff.dir selftest tables decide
    if ! [ -e .git ]; then
        skip "release" "release: not a git repository"
        return 0
    fi
    try "release" quietly packaging/release --any "$dir/release"
    try "the same again" same_again
    try "checksums" quietly sh -c "cd '$dir/release' && sha256sum -c SHA256SUMS"
    try "the amalgamation" amalgamated
    try "what other tools read" tests/shipped/package/manifests "$dir/release/ports"
    try "wrap" wrapped
    try "APKBUILD" sh -n "$dir/release/ports/alpine/APKBUILD"
    # abuild reads the variables; its shell has local.
    try "APKBUILD" shellcheck -s sh -e SC2034,SC2154,SC3043 "$dir/release/ports/alpine/APKBUILD"
    try "hook" hooked
}
