# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154,SC2317 # $dir is scripts/check's; try calls functions by name
# The libraries as DLLs of 64-bit Windows, by mingw-w64: Meson builds them, and they export the
# interface alone. The rows win64 of matrix.txt run the suites, under wine.

# shellcheck source=tests/shipped/embed/common.sh
. tests/shipped/embed/common.sh

# exported DLL: its export table, names alone.
exported() {
    "${cc%gcc}objdump" -p "$1" | awk '
        /^\[Ordinal\/Name Pointer\] Table/ { inside = 1; next }
        inside && !/^[ \t]*\[/ { exit }
        inside { print $NF }' | LC_ALL=C sort
}

# recorded LIBRARY: what the library exports on Linux, by the record of its binary interface. Names
# that end in an underscore are what its own headers and the other libraries call.
recorded() {
    sed -n "s/.*<elf-symbol name='\([a-z0-9_]*\)'.*/\1/p" "packaging/abi/lib$1.so.0.abi" |
        LC_ALL=C sort
}

# exports_the_api DLL LIBRARY: what the two records of the interface say, and nothing besides.
exports_the_api() {
    exported "$1" >"$dir/$2.exported"
    recorded "$2" | diff - "$dir/$2.exported" || return
    sed '/_$/d' "$dir/$2.exported" >"$dir/$2.public"
    packaging/abi/list --symbols "$2" | LC_ALL=C sort | diff - "$dir/$2.public"
}

# Other libraries than its own and those of Windows would have to be shipped along.
foreign_libraries() {
    for dll in "$dir"/build/*/*.dll; do
        "${cc%gcc}objdump" -p "$dll" | sed -n 's/^.*DLL Name: //p' |
            sed -E '/^(libcsumoff[a-z_]*-0|kernel32|msvcrt)\.dll$/Id'
    done
    [ "$(find "$dir/build" -name 'libcsumoff*-0.dll' | wc -l)" = 5 ]
}

# by_cmake LIBRARY: its DLL as CMake makes it.
by_cmake() {
    quietly ninja -C "$dir/cmake" "$1" && exports_the_api "$dir/cmake/lib$1.dll" "$1"
}

check_windows() {
    compiler "$1"
    # Nothing is run, so Meson need not start wine.
    sed '/^exe_wrapper/d' "tests/shipped/cross/$1.txt" >"$dir/cross.txt"
    try "sets up" quietly meson setup "$dir/build" --cross-file "$dir/cross.txt" \
        -Dwerror=true -Ddefault_library=shared -Dtests=plain -Doptimization=0 -Db_ndebug=false
    try "builds" quietly ninja -C "$dir/build"
    try "needs no other library" foreign_libraries
    for dll in "$dir"/build/*/libcsumoff*-0.dll; do
        name=$(basename "$dll" -0.dll)
        try "${name#lib} exports the interface alone" exports_the_api "$dll" "${name#lib}"
    done
    try "CMake sets up" quietly cmake -S . -B "$dir/cmake" -G Ninja -DCMAKE_SYSTEM_NAME=Windows \
        -DCMAKE_C_COMPILER="$cc" -DBUILD_SHARED_LIBS=ON -DCMAKE_BUILD_TYPE=Debug
    for name in csumoff csumoff_glue; do
        try "CMake's $name exports the interface alone" by_cmake $name
    done
    # Without a definition file gcc exports everything; with one, also what is marked in the source.
    objects=$dir/build/src/libcsumoff-0.dll.p
    "$cc" -shared "$objects"/*.obj -o "$dir/everything.dll"
    try "a DLL without a list is noticed" refuses csumoff_scalar_sum \
        exports_the_api "$dir/everything.dll" csumoff
    echo '__attribute__((dllexport)) int csumoff_stray(void) { return 0; }' >"$dir/stray.c"
    "$cc" -shared "$dir/stray.c" "$objects"/*.obj "$dir/build/csumoff.def" -o "$dir/stray.dll"
    try "one export too many is noticed" refuses csumoff_stray \
        exports_the_api "$dir/stray.dll" csumoff
}
