# SPDX-License-Identifier: BSL-1.0
# For work on kctx itself, not for its users.
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Debug CACHE STRING "Debug, Release, RelWithDebInfo or MinSizeRel" FORCE)
endif()
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(KCTX_CCACHE ccache DOC "Compiler cache; used if it is there")
if(KCTX_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Without pch_defines it takes nothing that uses a precompiled header.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${KCTX_CCACHE})
endif()

set(KCTX_SANITIZE "" CACHE STRING "Sanitizers for everything built here: address,undefined or thread")
if(KCTX_SANITIZE)
    add_compile_options(-fsanitize=${KCTX_SANITIZE} -fno-sanitize-recover=all
                        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${KCTX_SANITIZE})
endif()
