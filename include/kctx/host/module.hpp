// SPDX-License-Identifier: BSL-1.0
/// @file
/// Loading the modules of the program: all that module_init() and module_exit() name.
/// @par Kernel source
/// init/main.c, do_initcalls() (6.12).
#pragma once

#include <span>

#include <kctx/api/init.hpp>
#include <kctx/host/control.hpp>
#include <kctx/host/definitions.hpp>

// The linker's names for the ends of the sections; without a module there are none.
extern "C" {
__attribute__((weak)) extern const kctx::module_init_t __start_kctx_initcalls[];
__attribute__((weak)) extern const kctx::module_init_t __stop_kctx_initcalls[];
__attribute__((weak)) extern const kctx::module_exit_t __start_kctx_exitcalls[];
__attribute__((weak)) extern const kctx::module_exit_t __stop_kctx_exitcalls[];
}

KCTX_HOST_BEGIN
namespace kctx::host {

int init_modules()
{
    for (const module_init_t &init : std::span(__start_kctx_initcalls, __stop_kctx_initcalls))
        if (const int error = init.function()(); error != 0)
            return error;
    return 0;
}
void exit_modules()
{
    const std::span exits(__start_kctx_exitcalls, __stop_kctx_exitcalls);
    for (std::size_t left = exits.size(); left > 0; --left)
        exits[left - 1].function()();
}

} // namespace kctx::host
KCTX_HOST_END
