# SPDX-License-Identifier: BSL-1.0
# Sets `version` to what include/kctx/version.hpp says.
set(header ${CMAKE_CURRENT_LIST_DIR}/../include/kctx/version.hpp)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
file(STRINGS ${header} lines REGEX "^#define KCTX_LIB_(MAJOR|MINOR|PATCH) [0-9]+$")
list(TRANSFORM lines REPLACE ".* " "" OUTPUT_VARIABLE numbers)
list(JOIN numbers . version)
if(NOT version MATCHES "^[0-9]+\\.[0-9]+\\.[0-9]+$")
    message(FATAL_ERROR "include/kctx/version.hpp: no version, but \"${version}\"")
endif()
