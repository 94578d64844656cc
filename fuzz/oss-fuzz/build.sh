#!/bin/bash -eu
# SPDX-License-Identifier: MIT
# What OSS-Fuzz runs in its container, in the project's directory; $CC, $CFLAGS, $CXX, $CXXFLAGS,
# $LIB_FUZZING_ENGINE, $SRC, $WORK and $OUT are its. Where $SRC has no libpcap, the system's is
# taken.

# objects DIR FLAG... -- SOURCE...: compiles into $WORK/DIR; the paths become the names.
objects() {
    local dir=$WORK/$1 flags=() source
    mkdir -p "$dir"
    for ((; $# > 1; )); do
        shift
        [ "$1" != -- ] || break
        flags+=("$1")
    done
    shift
    for source; do
        # shellcheck disable=SC2086 # flags
        $CC $CFLAGS "${flags[@]}" -Iinclude -c "$source" -o "$dir/${source//\//_}.o"
    done
}

pcap=(-lpcap)
if [ -d "$SRC/libpcap" ]; then
    mkdir -p "$WORK/libpcap"
    [ -x "$SRC/libpcap/configure" ] || (cd "$SRC/libpcap" && ./autogen.sh)
    (cd "$WORK/libpcap" && "$SRC/libpcap/configure" --disable-shared --disable-bluetooth \
        --disable-dbus --disable-rdma --disable-usb --without-dpdk --without-libnl)
    make -C "$WORK/libpcap" libpcap.a
    pcap=("$WORK/libpcap/libpcap.a")
    CFLAGS="$CFLAGS -I$SRC/libpcap"
fi

objects all -DCSUMOFF_CPU_DETECT_BUILTIN -- src/*.c src/*/*.c glue/*/*.c \
    tests/oracle/{support,reference,packets,packet_headers,packet_contents,packet_checksums}.c \
    tests/oracle/{packet_recipes,model}.c
# Not the program's main(). Why the other names: fuzz/fuzz_capture.c, fuzz/fuzz_pcapng.c.
shopt -s extglob
objects tool -DLINK_READ=fuzz_link_read -- tools/!(csumoff).c
objects reading -Dcomplain=fuzz_complain -- \
    tools/{hashes,interrupt,link,link_headers,pcapng,pcapng_options,stream,ticks,unpack,wifi}.c

for source in fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    more=()
    [ "$name" != fuzz_capture ] || more=("$WORK"/tool/*.o "${pcap[@]}")
    [ "$name" != fuzz_pcapng ] || more=("$WORK"/reading/*.o "${pcap[@]}")
    objects "$name" -- "$source"
    # shellcheck disable=SC2086 # flags
    $CXX $CXXFLAGS "$WORK/$name"/*.o "$WORK"/all/*.o $LIB_FUZZING_ENGINE "${more[@]}" \
        -o "$OUT/$name"
    zip -q -j "$OUT/${name}_seed_corpus.zip" "fuzz/corpus/${name#fuzz_}"/*
    printf '[libfuzzer]\nmax_len = 1600\n' >"$OUT/$name.options"
done
