// SPDX-License-Identifier: BSL-1.0
/// @file
/// The simulated machine without what it does (engine.hpp) and without what is behind the calls:
/// for the other files of a program, and for headers of sim/.
#pragma once

#include <kctx/sim/core.hpp>

#include <kctx/sim/irq_lines.hpp>
#include <kctx/sim/lockdep.hpp>
