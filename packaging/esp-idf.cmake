# SPDX-License-Identifier: MIT
# csumoff as a component of ESP-IDF, where CMakeLists.txt includes this: the library and the glue,
# of which the linker takes what is called. -DCSUMOFF_... of embed/README.md go into
# csumoff_definitions.
file(GLOB sources "${CMAKE_CURRENT_LIST_DIR}/../src/*.c" "${CMAKE_CURRENT_LIST_DIR}/../src/*/*.c"
    "${CMAKE_CURRENT_LIST_DIR}/../glue/*/*.c")
idf_component_register(SRCS ${sources} INCLUDE_DIRS include)
target_compile_definitions(${COMPONENT_LIB} PRIVATE CSUMOFF_CRC32C_SMALL ${csumoff_definitions})
