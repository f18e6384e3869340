// SPDX-License-Identifier: BSL-1.0
/// @file
/// The simulated machine behind the calls: what the compiler rejects is compiled with
/// KCTX_UNCHECKED and fails as on a real kernel, every number computed. One file of the program
/// includes this header; the others include <kctx/sim/machine.hpp>, and drivers <kctx/kctx.hpp>.
/// What is not defined here, and what calls it anyway, the linker names.
///
/// How a call becomes a line of the log:
///  1. A program makes a `machine` from a machine_config (kernel, architecture, configuration), and
///     gives it tasks (spawn()) and interrupts (irq_at()).
///  2. run() goes from CPU to CPU in turn; each runs its current task on that task's fiber, an idle
///     one its idle task. When every CPU is idle, virtual time goes on to the next interrupt.
///  3. A driver's call, kctx::spin_lock(ctx, &lock), becomes env::spin_lock(&lock), which asks
///     here() for the machine and changes the preempt_count of the task that runs, by the amounts
///     that this kernel adds (count_units); interrupts are served on the stack, and in the count,
///     of the task that they interrupt.
///  4. A call that sleeps ends in schedule(), which adds its own level and compares: a count that
///     is not schedule()'s own is reported; then it switches to the next task's fiber, or idle's.
///  5. Who reports puts lines into the log (log_ring): the header from the task and its count, the
///     trace from the task's frames, in the words of the architecture (trace_lines()) with the
///     symbols that the program has told. The log stamps them and hands them to its sink.
#pragma once

#include <kctx/all.hpp>

#include <kctx/sim/buses.hpp>
#include <kctx/sim/devices.hpp>
#include <kctx/sim/engine.hpp>
#include <kctx/sim/ids.hpp>
#include <kctx/sim/instrument.hpp>
#include <kctx/sim/irq.hpp>
#include <kctx/sim/kthread.hpp>
#include <kctx/sim/local_lock.hpp>
#include <kctx/sim/memory.hpp>
#include <kctx/sim/messages.hpp>
#include <kctx/sim/misc.hpp>
#include <kctx/sim/net.hpp>
#include <kctx/sim/percpu.hpp>
#include <kctx/sim/rcu.hpp>
#include <kctx/sim/sched.hpp>
#include <kctx/sim/sections.hpp>
#include <kctx/sim/smp.hpp>
#include <kctx/sim/tasklet.hpp>
#include <kctx/sim/timers.hpp>
#include <kctx/sim/uaccess.hpp>
#include <kctx/sim/vmalloc.hpp>
#include <kctx/sim/wait.hpp>
#include <kctx/sim/workqueue.hpp>
