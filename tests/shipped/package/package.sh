# SPDX-License-Identifier: MIT
# $dir is set by scripts/check; some functions are arguments of try.
# shellcheck shell=sh disable=SC2034,SC2154,SC2317
# what is installed, and what Debian makes of it.

# shellcheck source=scripts/package.sh
. scripts/package.sh
# shellcheck source=tests/shipped/embed/common.sh
. tests/shipped/embed/common.sh

# The public functions, inline or exported; names that end in _ are not the caller's.
public_functions() {
    sed -n 's/^static inline.*\(csumoff_[a-z0-9_]*[a-z0-9]\)(.*/\1/p' include/*.h
    sed -n "s/.*<elf-symbol name='\([a-z0-9_]*[a-z0-9]\)'.*/\1/p" packaging/abi/*.abi
}

check_package() {
    try "the recorded binary interface" packaging/abi/check

    for page in docs/man/*; do
        try "manual" mandoc -T lint -W warning "$page"
    done
    undescribed() {
        sed -n '/^} rows\[\]/,/^};/s/^    {"\([a-z-]*\)".*/\1/p' tools/options.c |
            while read -r option; do
                grep -q "^\.It Fl \(. , Fl \)\{0,1\}-$option\( \|$\)" docs/man/csumoff.1 ||
                    echo "--$option"
            done
        sed -n 's/^    {"\([a-z]*\)", "[^"]*", "[a-z].*/\1/p' tools/csumoff.c |
            while read -r what; do
                grep -q "^\.It Cm $what\( \|$\)" docs/man/csumoff.1 || echo "$what"
            done
    }
    try "described: every command and option" undescribed
    try "described: every function" tests/quality/conventions

    # The sentence is in a plain comment that the filter makes one of Doxygen's.
    reference() {
        { cat docs/Doxyfile && echo "OUTPUT_DIRECTORY = $dir/reference"; } | doxygen - &&
            python3 docs/doxygen.py --check "$dir/reference"
    }
    try "reference" reference
    commented() { grep -q 'Judges every checksum of a frame' "$dir"/reference/csumoff_8h.html; }
    try "has the comments" commented
    unlisted() {
        public_functions | while read -r function; do
            grep -q ">$function()</h2>" "$dir"/reference/*_8h.html || echo "$function"
        done
    }
    try "has every function" unlisted

    root=$PWD/$dir/root debs=$dir/debs
    declared() { sed -n 's/^#define CSUMOFF_VERSION  *"\(.*\)"/\1/p' include/csumoff.h; }
    packaged() { sed -n '1s/.*(\(.*\)).*/\1/p' packaging/debian/changelog; }
    try "one version" test "$(declared)" = "$(packaged)"
    one_soversion() {
        number=$(sed -n "s/.*'soversion': '\([0-9]*\)'.*/\1/p" meson.build)
        grep -q "^ *SOVERSION $number)$" CMakeLists.txt || echo CMakeLists.txt
        grep -q "^Package: libcsumoff$number$" packaging/debian/control ||
            echo packaging/debian/control
        grep -q "\`libcsumoff.so.$number\`" examples/python/README.md ||
            echo examples/python/README.md
        ls "packaging/debian/libcsumoff$number.install" >/dev/null
        [ "$(echo packaging/abi/*.abi)" = "$(echo packaging/abi/*.so."$number".abi)" ] ||
            echo packaging/abi
    }
    try "one number in the sonames" one_soversion
    try "packages build" debian_packages "$debs"
    try "lintian" quietly lintian --allow-root --fail-on error "$debs"/*.changes
    # By dpkg, into a root folder with a database of its own; what they depend on is the machine's.
    mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates" "$root/var/lib/dpkg/triggers"
    : >"$root/var/lib/dpkg/status"
    in_root() {
        fakeroot dpkg --root="$root" --force-not-root --force-bad-path --force-depends \
            --force-script-chrootless "$@"
    }
    try "installs" quietly in_root -i "$debs"/*.deb
    library=$(dirname "$(find "$root" -name libcsumoff.so)")
    flags() {
        PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_LIBDIR=$library/pkgconfig \
            pkg-config --cflags --libs "$@"
    }
    run_packaged() { LD_LIBRARY_PATH=$library "$@" >"$dir/out"; }
    # shellcheck disable=SC2046 # words
    try "a program links" "$1" examples/main.c examples/packet.c -o "$dir/shared" \
        -Wl,--no-as-needed \
        $(flags csumoff csumoff_glue csumoff_netfront csumoff_virtio csumoff_xen_virtio)
    try "a program runs" run_packaged "$dir/shared"
    # shellcheck disable=SC2046 # words
    try "a static program links" "$1" -static examples/main.c examples/packet.c -o "$dir/static" \
        $(flags --static csumoff_xen_virtio)
    try "a static program runs" run_packaged "$dir/static"
    try "the command runs" run_packaged "$root/usr/bin/csumoff" selftest
    for file in bash-completion/completions/csumoff zsh/vendor-completions/_csumoff; do
        try "$file" test -s "$root/usr/share/$file"
    done
    try "csumoff.json" cmp packaging/abi/csumoff.json "$root/usr/share/csumoff/csumoff.json"
    for page in man1/csumoff.1.gz man3/csumoff.3.gz; do
        try "$page" test -s "$root/usr/share/man/$page"
    done

    # shellcheck disable=SC2046 # names
    try "is removed" quietly in_root --purge $(for deb in "$debs"/*.deb; do
        basename "$deb" | sed 's/_.*//'
    done)
    left_behind() { find "$root" ! -type d ! -path '*/var/lib/dpkg/*' ! -path '*/var/log/*'; }
    try "leaves nothing behind" left_behind
}
