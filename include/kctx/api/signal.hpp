// SPDX-License-Identifier: BSL-1.0
/// @file
/// Signals to tasks.
/// @par Kernel source
/// include/linux/sched/signal.h, kernel/signal.c (6.12).
#pragma once

#include <kctx/api/sched.hpp>

namespace kctx {

/// Who a signal is for; the environment's.
struct pid;

#define KCTX_SIGNAL_WHY "takes siglock"

/// Sends a signal to a task: 0 or -errno.
KCTX_CALL(locks, int, send_sig, (int signal, task_struct *task, int from_kernel),
          (signal, task, from_kernel), KCTX_SIGNAL_WHY, "send it after the raw section",
          "kernel/signal.c send_sig()")
KCTX_CALL(locks, int, kill_pid, (pid * who, int signal, int from_kernel),
          (who, signal, from_kernel), KCTX_SIGNAL_WHY, "send it after the raw section",
          "kernel/signal.c kill_pid()")

} // namespace kctx
