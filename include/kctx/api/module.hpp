// SPDX-License-Identifier: BSL-1.0
/// @file
/// Modules: keeping them, loading them.
/// @par Kernel source
/// include/linux/module.h, kernel/module/main.c, kernel/module/kmod.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/init.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// A module; the environment's.
struct module;

/// Keeps a module from being unloaded; false if it already is.
KCTX_CALL(spins, bool, try_module_get, (struct module * owner), (owner), "counts a user",
          KCTX_DO_IN_IRQ_WORK, "kernel/module/main.c try_module_get()")
KCTX_CALL(spins, void, module_put, (struct module * owner), (owner), "wakes who waits to unload it",
          KCTX_DO_IN_IRQ_WORK, "kernel/module/main.c module_put()")
/// Has a module loaded: 0 or -errno.
KCTX_CALL(sleeps, int, request_module, (const char *name), (name), "runs modprobe and waits for it",
          KCTX_DO_LATER, "kernel/module/kmod.c __request_module()")

} // namespace kctx
