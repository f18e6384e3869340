// SPDX-License-Identifier: BSL-1.0
/// @file
/// The simulated machine without what is behind the calls: for programs and for headers of sim/.
#pragma once

#include <kctx/sim/core.hpp>

#include <kctx/sim/interrupts.hpp>
#include <kctx/sim/irq_lines.hpp>
#include <kctx/sim/lockdep.hpp>
#include <kctx/sim/locks.hpp>
#include <kctx/sim/oops.hpp>
#include <kctx/sim/reports.hpp>
#include <kctx/sim/run.hpp>
#include <kctx/sim/scheduler.hpp>
