// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the machine does: the functions of machine.hpp's classes. One file of a program defines
/// them, that which includes <kctx/sim.hpp>; they are the same whatever it is compiled for.
#pragma once

#include <kctx/sim/machine.hpp>

#include <kctx/sim/interrupts.hpp>
#include <kctx/sim/lockdep_checks.hpp>
#include <kctx/sim/oops.hpp>
#include <kctx/sim/reports.hpp>
#include <kctx/sim/run.hpp>
#include <kctx/sim/scheduler.hpp>
