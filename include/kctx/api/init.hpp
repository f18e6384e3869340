// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a module does when it is loaded and unloaded: `module_init(card_init);`
/// @par Kernel source
/// include/linux/init.h, include/linux/module.h, include/linux/device/driver.h, init/main.c (6.12).
#pragma once

#include <kctx/api/callback.hpp>

namespace kctx {

/// What is called when a module is loaded, `int fn(ProcessCtx)`, and before it is unloaded.
KCTX_CALLBACK(module_init_t, module_init, ProcessCtx, int)
/// What is called before a module is unloaded: `void fn(ProcessCtx)`.
KCTX_CALLBACK(module_exit_t, module_exit, ProcessCtx, void)

} // namespace kctx

// As in a kernel that has its drivers built in (include/linux/init.h), the functions of all files
// are gathered in a section each, which the environment goes through: host::init_modules().
// In their order in the file, which g++ changes when it optimises.
#if __has_attribute(no_reorder)
#define KCTX_IN_ORDER no_reorder,
#else
#define KCTX_IN_ORDER
#endif
#define KCTX_IN_SECTION(type, section_, name)                                                      \
    __attribute__((KCTX_IN_ORDER used, section(section_))) static constinit ::kctx::type name
/// Has @p fn called when the module is loaded: 0, or -errno if it cannot be.
#define module_init(fn)                                                                            \
    KCTX_IN_SECTION(module_init_t, "kctx_initcalls", KCTX_PASTE(fn, _initcall)){                   \
        ::kctx::handler<fn>}
/// Has @p fn called before the module is unloaded.
#define module_exit(fn)                                                                            \
    KCTX_IN_SECTION(module_exit_t, "kctx_exitcalls", KCTX_PASTE(fn, _exitcall)){::kctx::handler<fn>}
/// Both for a module that does nothing else than to register a driver.
#define module_driver(driver_, register_, unregister_)                                             \
    static int KCTX_PASTE(driver_, _init)(::kctx::ProcessCtx ctx)                                  \
    {                                                                                              \
        return register_(ctx, &driver_);                                                           \
    }                                                                                              \
    module_init(KCTX_PASTE(driver_, _init));                                                       \
    static void KCTX_PASTE(driver_, _exit)(::kctx::ProcessCtx ctx)                                 \
    {                                                                                              \
        unregister_(ctx, &driver_);                                                                \
    }                                                                                              \
    module_exit(KCTX_PASTE(driver_, _exit))

/// What a module says of itself. Nothing comes of it here, but the text must not be empty.
#define MODULE_LICENSE(text) static_assert(sizeof text > 1)
#define MODULE_AUTHOR(text) static_assert(sizeof text > 1)
#define MODULE_DESCRIPTION(text) static_assert(sizeof text > 1)
