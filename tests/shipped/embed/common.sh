# SPDX-License-Identifier: MIT
# $dir is set by scripts/check; some functions are arguments of try.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317
# What the checks of embedding share. An argument is a compiler, or Debian's name of another
# architecture.

# compiler NAME: sets cc, emulator and expected (the kernels that must run).
compiler() {
    cc=$1 emulator='' expected=scalar
    case $1 in
    gcc | clang) expected=$(host_kernels) ;;
    *)
        cc=$(sed -n "s/^c = '\(.*\)'/\1/p" "tests/shipped/cross/$1.txt")
        emulator=$(sed -n "s/^exe_wrapper = '\(.*\)'/\1/p" "tests/shipped/cross/$1.txt")
        ;;
    esac
    case $1 in
    arm64) expected='neon scalar' ;;
    armhf) expected='neon scalar' cc="$cc -mfpu=neon" ;; # nothing detects it
    i386) expected='avx2 sse2 scalar' emulator="$emulator -cpu max" ;;
    esac
}

# Which kernels an object has, by their symbols.
kernels_in() {
    nm "$1" | sed -n 's/.* T csumoff_\([a-z0-9]*\)_sum_$/\1/p' | sort | tr '\n' ' '
}

# build_objects FLAG...: the library and the glue, as a kernel would.
build_objects() {
    for unity in embed/*_unity.c; do
        $cc "$@" -Wall -Wextra -Iinclude -c "$unity" -o "$dir/$(basename "$unity" _unity.c).o" ||
            return
    done
}

# undefined OBJECT ALLOWED...: what an object refers to, but for the library and what is allowed.
undefined() {
    object=$1
    shift
    nm -u "$object" | awk -v allowed=" $* " '$2 !~ /^csumoff_/ && !index(allowed, " " $2 " ")'
}

# fails COMMAND... and refuses TEXT COMMAND...: it has to, saying so.
fails() {
    ! "$@" >"$dir/fails.log" 2>&1
}

refuses() {
    text=$1
    shift
    fails "$@" && grep -q "$text" "$dir/fails.log"
}

# quietly COMMAND...: what it prints is shown only where it fails.
quietly() {
    "$@" >"$dir/quietly.log" 2>&1 || { cat "$dir/quietly.log" && return 1; }
}
