# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Part of ./dev, and of the check package: what Debian makes of the tree.

# debian_packages FOLDER: builds the .deb files there, from a copy of the tree.
debian_packages() {
    rm -rf "$1"
    mkdir -p "$1/tree"
    cp -r docs examples fuzz glue include meson.build meson_options.txt packaging scripts src \
        tests tools "$1/tree"
    cp -r packaging/debian "$1/tree/debian"
    (cd "$1/tree" && DEB_BUILD_OPTIONS='nocheck parallel=2' DEB_BUILD_PROFILES=nocheck \
        nice dpkg-buildpackage -us -uc -b) >"$1/log" 2>&1 || { tail -n 25 "$1/log" && return 1; }
    rm -rf "$1/tree"
}
