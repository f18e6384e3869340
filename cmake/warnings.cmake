# SPDX-License-Identifier: BSL-1.0
# The warnings that our own code is held to, and clang's analyses where the compiler has them. They
# are errors where the tests are built: who builds the program with a compiler that we have not
# tried gets a program.
file(STRINGS ${kctx_flags_dir}/warnings.txt warnings)
if(NOT KCTX_BUILD_TESTS)
    list(REMOVE_ITEM warnings -Werror)
endif()
add_library(kctx_warnings INTERFACE)
target_compile_options(kctx_warnings INTERFACE ${warnings})
# Optimising, g++ 12 sees string + string&& copy over itself (its bug 105651, mended in 13).
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(kctx_warnings INTERFACE $<$<NOT:$<CONFIG:Debug>>:-Wno-restrict>)
endif()
target_link_libraries(kctx_warnings INTERFACE kctx::thread_safety kctx::effects)
