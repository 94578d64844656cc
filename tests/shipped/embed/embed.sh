# SPDX-License-Identifier: MIT
# $dir is set by scripts/check; some functions are arguments of try.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317
# Ways to embed: build systems, installed and not, firmware, compilers for Windows.

# shellcheck source=tests/shipped/embed/common.sh
. tests/shipped/embed/common.sh

# runs PROGRAM: without complaint.
runs() {
    LD_LIBRARY_PATH=$root/lib "$1" >"$1.out"
}

# runs_alone PROGRAM: it knows by itself where its libraries are.
runs_alone() {
    "$1" >"$1.out"
}

# moved_package FROM TO: installed in FROM, found in TO by CMake, which has no pkg-config.
moved_package() {
    mv "$1" "$2" || return
    cmake -G Ninja -S examples/cmake -B "$2/build" -DCMAKE_PREFIX_PATH="$2" \
        -DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON -DPKG_CONFIG_EXECUTABLE=/bin/false &&
        cmake --build "$2/build"
}

# Symbols of the shared libraries in a folder, with their kinds and versions.
symbols() {
    for library in csumoff csumoff_glue csumoff_netfront csumoff_virtio csumoff_xen_virtio; do
        nm -D --defined-only "$1/lib$library.so" | sed "s/^[0-9a-f]*/$library/"
    done
}

same_symbols() {
    symbols "$root/lib" >"$dir/meson.symbols"
    symbols "$out/moved/lib" | diff "$dir/meson.symbols" -
    [ "$(wc -l <"$dir/meson.symbols")" -gt 100 ]
}

# The instruction sets that the sources know, against CMake's options, and what these do to the
# compiler.
cmake_options() {
    grep -oh 'CSUMOFF_NO_[A-Z0-9_][A-Z0-9_]*' src/kernel.h | sort -u >"$dir/known"
    sed -n 's/^foreach(set \(.*\))$/\1/p' CMakeLists.txt | tr ' ' '\n' |
        sed 's/^/CSUMOFF_NO_/' | sort | diff "$dir/known" -
    # shellcheck disable=SC2046 # words
    quietly cmake -S . -B "$dir/options" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON \
        -DCSUMOFF_CPU_DETECT=caller -DCSUMOFF_CRC32C_SMALL=ON \
        $(sed 's/.*/-D&=ON/' "$dir/known") || return
    for flag in $(sed 's/^/-D/' "$dir/known") -DCSUMOFF_CRC32C_SMALL -DCSUMOFF_CPU_DETECT_CALLER \
        -fPIC; do
        ! grep '"command"' "$dir/options/compile_commands.json" | grep -v -e "$flag "
    done
    ! quietly cmake -S . -B "$dir/options" -DCSUMOFF_CPU_DETECT=guess >/dev/null
}

# A static library that Google's asks; the installed package finds that one, too.
with_cpu_features() {
    set -- "$out/cpu_features"
    cmake -G Ninja -S . -B "$1" -DCSUMOFF_CPU_DETECT=cpu_features -DCSUMOFF_GLUE=OFF \
        -DCMAKE_BUILD_TYPE=Debug -DCMAKE_INSTALL_PREFIX="$1/root" -DCMAKE_INSTALL_LIBDIR=lib &&
        cmake --build "$1" && cmake --install "$1" &&
        nm "$1/root/lib/libcsumoff.a" | grep 'U GetX86Info' &&
        cmake -G Ninja -S examples/cmake -B "$1/example" -DCMAKE_PREFIX_PATH="$1/root" &&
        cmake --build "$1/example" && "$1/example/example"
}

# Built inside of a project, installed from there, moved and found; and what Meson installed
# likewise.
by_cmake() {
    mkdir "$out/inside"
    cp examples/cmake-subproject/CMakeLists.txt examples/*.c "$out/inside"
    ln -s "$PWD" "$out/inside/csumoff"
    try "cmake sets up" quietly cmake -G Ninja -S "$out/inside" -B "$out/inside/build" \
        -DBUILD_SHARED_LIBS=ON -DCSUMOFF_INSTALL=ON -DCMAKE_INSTALL_PREFIX="$out/there" \
        -DCMAKE_INSTALL_LIBDIR=lib
    try "cmake builds" quietly cmake --build "$out/inside/build"
    try "cmake runs" runs_alone "$out/inside/build/example"
    try "cmake installs" quietly cmake --install "$out/inside/build"
    try "cmake finds it elsewhere" quietly moved_package "$out/there" "$out/moved"
    try "cmake's example runs" runs_alone "$out/moved/build/example"
    pc=$out/moved/lib/pkgconfig
    found() { PKG_CONFIG_PATH=$pc pkg-config --cflags --libs csumoff_xen_virtio; }
    try "pkg-config finds it" test "$(found | tr -d '\n')" = "-I$pc/../../include -L$pc/.. \
-lcsumoff_xen_virtio -lcsumoff_netfront -lcsumoff_virtio -lcsumoff_glue -lcsumoff "
    try "the symbols of Meson and of CMake" same_symbols
    try "both install csumoff.json" cmp "$root/share/csumoff/csumoff.json" \
        "$out/moved/share/csumoff/csumoff.json"
    cp -r "$root" "$out/copy"
    try "cmake finds Meson's" quietly moved_package "$out/copy" "$out/copied"
    try "cmake's example of Meson's runs" runs_alone "$out/copied/build/example"
    try "cmake's options" cmake_options
    try "cmake with cpu_features" quietly with_cpu_features
    try "cmake's versions" quietly cmake -DTEMPLATE="$PWD/packaging/csumoffConfigVersion.cmake.in" \
        -DOUT="$out" -P tests/shipped/embed/versions.cmake
}

# What the firmware's console says of the example application.
uefi() {
    mkdir -p "$dir/esp/EFI/BOOT"
    examples/uefi/build "$dir/esp/EFI/BOOT/BOOTX64.EFI" || return
    timeout 120 qemu-system-x86_64 -machine q35 -cpu max -m 256 -bios /usr/share/ovmf/OVMF.fd \
        -drive format=raw,file=fat:rw:"$dir/esp" -net none -display none -serial stdio \
        -monitor none </dev/null >"$dir/uefi.log" 2>&1
    grep -q 'csumoff: right, by kernel sse2' "$dir/uefi.log" || tail -n 3 "$dir/uefi.log"
}

# For Windows and UEFI, where clang does not say that it is like gcc: no warning, nothing undefined.
for_windows() {
    for unity in csumoff csumoff_glue; do
        # shellcheck disable=SC2086 # a target and flags
        clang --target=$1 -O2 -ffreestanding -Wall -Wextra -Werror -Iinclude \
            -c embed/${unity}_unity.c -o "$dir/$unity.obj" || return
        # 32-bit names have an underscore more. 64-bit Arm's objects nm does not know.
        case $1 in aarch64*) continue ;; esac
        nm -u "$dir/$unity.obj" | awk '$2 !~ /^_?csumoff_/'
    done
}

# The examples, against the library as it is installed or as it lies here. What is installed is
# built without optimization: the ways are what is proved here, and the optimizer is other rows'
# concern. Build systems ask one compiler like the other: gcc is enough for them.
check_embed() {
    CC=$1 root=$PWD/$dir/root out=$PWD/$dir
    PKG_CONFIG_PATH=$root/lib/pkgconfig
    export CC PKG_CONFIG_PATH
    try "sets up" quietly meson setup "$dir/build" --prefix="$root" --libdir=lib \
        -Ddefault_library=both -Dtests=disabled -Dtools=disabled -Dcpu_detect=builtin \
        -Doptimization=0
    try "installs" quietly meson install -C "$dir/build"
    foreign() {
        nm -D --defined-only "$root"/lib/*.so |
            awk 'NF == 3 && $2 != "A" && $3 !~ /^csumoff_/'
    }
    try "exports csumoff_* only" foreign
    # Shared libraries are executable files, too, and so is a script of Meson's.
    programs() {
        find "$dir/build" -name meson-private -prune -o \
            -type f -perm -100 ! -name '*.so.*' -print
    }
    try "no program is built without tests" programs
    soversion=$(sed -n "s/.*'soversion': '\([0-9]*\)'.*/\1/p" meson.build)
    try "soname" quietly sh -c \
        "readelf -d '$root/lib/libcsumoff.so' | grep 'soname.*libcsumoff.so.$soversion]'"
    if [ "$1" = clang ]; then
        try "runs under UEFI" uefi
        for target in x86_64-unknown-windows x86_64-pc-windows-gnu i686-pc-windows-msvc \
            aarch64-unknown-windows 'x86_64-pc-windows-msvc -march=x86-64-v3 -mpclmul' \
            'x86_64-pc-windows-msvc -march=icelake-client'; do
            try "compiles for $target" for_windows "$target"
        done
    fi
    for way in amalgamated freestanding pkg-config; do
        try "$way builds" quietly examples/$way/build "$out/$way"
        try "$way runs" runs "$out/$way"
    done
    [ "$1" = gcc ] || return 0
    by_cmake
    mkdir -p "$out/subproject/subprojects/csumoff"
    cp examples/meson-subproject/meson.build examples/*.c "$out/subproject"
    cp -r include src glue packaging meson.build meson_options.txt \
        "$out/subproject/subprojects/csumoff"
    try "subproject builds" quietly sh -c \
        "cd '$out/subproject' && meson setup build && ninja -C build"
    try "subproject runs" runs "$out/subproject/build/example"
}
