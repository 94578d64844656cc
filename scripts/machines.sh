# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Part of ./dev: which kernels this machine has, and what stands for others.

# The kernels this machine must use, by what the system says of its CPU, not by our own detection.
host_kernels() {
    flags=" $(sed -n '/^flags/{s/.*: //p;q;}' /proc/cpuinfo) "
    has() {
        for flag; do
            case $flags in *" $flag "*) ;; *) return 1 ;; esac
        done
    }
    case $(uname -m) in
    x86_64)
        has avx512f avx512bw avx512vl bmi2 avx512_vnni && printf 'avx512vnni '
        has avx512f avx512bw avx512vl bmi2 && printf 'avx512 '
        has avx2 avx_vnni && printf 'avxvnni '
        has avx2 && printf 'avx2 '
        echo sse2 scalar
        ;;
    aarch64) echo neon scalar ;;
    *) echo scalar ;;
    esac
}

# Debian's packages for one of these architectures, where COMPILER is its name; once.
cross='arm64 armhf i386 ppc64el s390x'
fetch_for() {
    case " $cross " in *" $1 "*) logged "fetch-$1" tests/shipped/cross/fetch "$1" ;; esac
}

# wine, which runs programs for Windows, keeps its files here instead of at home; it starts no
# debugger and asks for nothing to be installed.
export WINEPREFIX="$PWD/build/wine" WINEDEBUG=-all
export WINEDLLOVERRIDES='winedbg.exe=d;mscoree=d;mshtml=d'
