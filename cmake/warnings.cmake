# SPDX-License-Identifier: BSL-1.0
# The warnings that our own code is held to, and clang's analyses where the compiler has them.
file(STRINGS ${kctx_flags_dir}/warnings.txt warnings)
add_library(kctx_warnings INTERFACE)
target_compile_options(kctx_warnings INTERFACE ${warnings})
target_link_libraries(kctx_warnings INTERFACE kctx::thread_safety kctx::effects)
