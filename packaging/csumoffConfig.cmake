# SPDX-License-Identifier: MIT
include(CMakeFindDependencyMacro)
find_dependency(PkgConfig)
set(ENV{PKG_CONFIG_PATH} "${CMAKE_CURRENT_LIST_DIR}/../../pkgconfig:$ENV{PKG_CONFIG_PATH}")
# What links what, statically or not, is pkg-config's to say.
foreach(part csumoff csumoff_glue csumoff_netfront csumoff_virtio csumoff_xen_virtio)
    string(REPLACE "csumoff_" "" name "${part}")
    if(NOT TARGET csumoff::${name})
        pkg_check_modules(${part} REQUIRED QUIET IMPORTED_TARGET GLOBAL ${part})
        add_library(csumoff::${name} ALIAS PkgConfig::${part})
    endif()
endforeach()
