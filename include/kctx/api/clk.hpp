// SPDX-License-Identifier: BSL-1.0
/// @file
/// Clocks: preparing may sleep, enabling may not.
/// @par Kernel source
/// include/linux/clk.h, drivers/clk/clk.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/device.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// A clock; the environment's.
struct clk;

#define KCTX_CLK_WHY "takes prepare_lock, a mutex"
#define KCTX_CLK_FIX "clk_prepare() at probe time, and clk_enable() here"
#define KCTX_CLK_LOCK_WHY "takes enable_lock"
#define KCTX_CLK_LOCK_FIX "enable or disable the clock before or after the raw section"

/// Gets a clock ready to be enabled: 0 or -errno.
KCTX_CALL(sleeps, int, clk_prepare, (clk * c), (c), KCTX_CLK_WHY, KCTX_CLK_FIX,
          "drivers/clk/clk.c clk_prepare()")
KCTX_CALL(sleeps, void, clk_unprepare, (clk * c), (c), KCTX_CLK_WHY,
          "clk_disable() here, and clk_unprepare() at remove time",
          "drivers/clk/clk.c clk_unprepare()")
/// Starts a prepared clock: 0 or -errno.
KCTX_CALL(locks, int, clk_enable, (clk * c), (c), KCTX_CLK_LOCK_WHY, KCTX_CLK_LOCK_FIX,
          "drivers/clk/clk.c clk_enable()")
KCTX_CALL(locks, void, clk_disable, (clk * c), (c), KCTX_CLK_LOCK_WHY, KCTX_CLK_LOCK_FIX,
          "drivers/clk/clk.c clk_disable()")
KCTX_CALL(sleeps, int, clk_prepare_enable, (clk * c), (c), KCTX_CLK_WHY, KCTX_CLK_FIX,
          "include/linux/clk.h clk_prepare_enable()")
KCTX_CALL(sleeps, void, clk_disable_unprepare, (clk * c), (c), KCTX_CLK_WHY,
          "clk_disable() here, and clk_unprepare() at remove time",
          "include/linux/clk.h clk_disable_unprepare()")
KCTX_CALL(sleeps, int, clk_set_rate, (clk * c, unsigned long hz), (c, hz), KCTX_CLK_WHY,
          KCTX_DO_LATER, "drivers/clk/clk.c clk_set_rate()")
KCTX_CALL(sleeps, int, clk_set_parent, (clk * c, clk *parent), (c, parent), KCTX_CLK_WHY,
          KCTX_DO_LATER, "drivers/clk/clk.c clk_set_parent()")
KCTX_CALL(sleeps, unsigned long, clk_get_rate, (clk * c), (c), KCTX_CLK_WHY,
          "ask at probe time, and keep the rate", "drivers/clk/clk.c clk_get_rate()")

} // namespace kctx
