// SPDX-License-Identifier: BSL-1.0
/// @file
/// This CPU's copy of a variable with preemption off, from get_cpu_ptr() to put_cpu_ptr().
/// @par Kernel source
/// include/linux/percpu-defs.h (6.12).
#pragma once

#include <kctx/api/percpu.hpp>
#include <kctx/lock/preempt.hpp>

namespace kctx {

KCTX_CONTRACT(anywhere, get_cpu_ptr, "disables preemption and finds the copy", KCTX_NO_FIX,
              "include/linux/percpu-defs.h get_cpu_ptr()")
/// Disables preemption; @p copy is this CPU's until `put_cpu_ptr(in, &variable)`. On PREEMPT_RT no
/// spinlock_t may be taken meanwhile: prefer a local_lock_t.
template <may<call::get_cpu_ptr> C, class T>
KCTX_SECTION_TOKEN_OF(get_cpu_ptr)
KCTX_ALWAYS_INLINE CpuHeld<C> get_cpu_ptr(C, per_cpu<T> *variable,
                                          T *&copy) noexcept KCTX_EFFECT_spin
    KCTX_ACQUIRE(KCTX_CLOSES(CpuHeld<C>)) KCTX_NO_ANALYSIS
{
    copy = per_cpu_ptr(variable, env::get_cpu());
    return detail::mint::make<CpuHeld<C>>();
}
/// Ends it.
template <class C, class T>
KCTX_ALWAYS_INLINE C put_cpu_ptr(CpuHeld<C>, per_cpu<T> *) noexcept KCTX_EFFECT_spin
    KCTX_RELEASE(KCTX_CLOSES(CpuHeld<C>)) KCTX_NO_ANALYSIS
{
    env::put_cpu(0);
    return detail::mint::make<C>();
}
KCTX_NOT_HELD(get_cpu_ptr, put_cpu_ptr)

} // namespace kctx
