// SPDX-License-Identifier: BSL-1.0
/// @file
/// Which CPU runs, and its own copies of variables.
/// @par Kernel source
/// include/linux/smp.h, include/linux/percpu-defs.h, lib/smp_processor_id.c, mm/percpu.c (6.12).
#pragma once

#include <kctx/api/types.hpp>
#include <kctx/gfp/allocation.hpp>

namespace kctx {

// The kind of a call whose result is stale as soon as the task moves to another CPU.
namespace rule {
/// The task cannot be moved: preemption, migration or interrupts are off, or it is no task.
struct stays_on_cpu {
    static constexpr bool holds(const context_state &s, bool) noexcept
    {
        return s.preempt_disabled || s.migrate_disabled || s.irqs_disabled || s.hardirq ||
               s.serving_softirq || s.bh_disabled || s.nmi;
    }
};
} // namespace rule
#define KCTX_BREAKS_stays_on_cpu(name)                                                             \
    "kctx[cpu-may-change]: " name "() is about this CPU, and the task may be moved to another one " \
    "at once; fix: migrate_disable() or preempt_disable() around it, or raw_smp_processor_id() "   \
    "where any CPU will do"
#define KCTX_LEVEL_is_about_cpu free
#define KCTX_RULE_is_about_cpu stays_on_cpu
#define KCTX_SLUG_is_about_cpu "cpu-may-change"
#define KCTX_SAYS_is_about_cpu(name, why) KCTX_BREAKS_stays_on_cpu(name)
#define KCTX_CPU_WHY "is about this CPU"
#define KCTX_CPU_FIX "migrate_disable() or preempt_disable() around it"

/// The number of this CPU.
KCTX_RULED_CALL(is_about_cpu, int, smp_processor_id, (), (), KCTX_CPU_WHY, KCTX_CPU_FIX,
                "lib/smp_processor_id.c check_preemption_disabled()")

/// A variable of which each CPU has its own copy: `per_cpu<stats> port_stats;` is what
/// DEFINE_PER_CPU(stats, port_stats) makes, alloc_percpu() makes one at run time.
template <class T> class per_cpu
{
    T copies_{}; ///< what the environment finds the copies by
};

namespace env::inline KCTX_ENV_NAMESPACE {
/// The number of this CPU, which may be another one already; legal in every context.
int raw_smp_processor_id() noexcept KCTX_EFFECT_spin;
/// What an operation on this CPU's copy begins with: a check that the task stays there, of
/// @p operation, "__this_cpu_add" (lib/smp_processor_id.c).
void __this_cpu_preempt_check(const char *operation) noexcept KCTX_EFFECT_spin;
/// The copy of CPU @p cpu of the variable at @p variable, @p size bytes long.
void *per_cpu_copy(void *variable, size_t size, int cpu) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::raw_smp_processor_id;
KCTX_LEGAL_ANYWHERE(raw_smp_processor_id, "reads the number",
                    "include/linux/smp.h raw_smp_processor_id()")

/// The copy of one CPU; legal in every context.
template <class T>
KCTX_ALWAYS_INLINE T *per_cpu_ptr(per_cpu<T> *variable, int cpu) noexcept KCTX_EFFECT_spin
{
    return static_cast<T *>(env::per_cpu_copy(variable, sizeof(T), cpu));
}

KCTX_LEGAL_ANYWHERE(per_cpu_ptr, "computes an address", "include/linux/percpu-defs.h per_cpu_ptr()")

KCTX_CONTRACT(is_about_cpu, this_cpu_ptr, KCTX_CPU_WHY, KCTX_CPU_FIX,
              "include/linux/percpu-defs.h this_cpu_ptr()")
/// This CPU's copy. What get_cpu_ptr() gives is this inside KCTX_GET_CPU(ctx) { }.
template <may<call::this_cpu_ptr> C, class T>
KCTX_ALWAYS_INLINE T *this_cpu_ptr(C, per_cpu<T> *variable) noexcept KCTX_EFFECT_spin
{
    return per_cpu_ptr(variable, env::smp_processor_id());
}
KCTX_REJECTED_BY_RULE(is_about_cpu, (T *), this_cpu_ptr, (C, per_cpu<T> *), class T)
#ifdef KCTX_PLAIN_CALLS
template <class T>
KCTX_ALWAYS_INLINE T *this_cpu_ptr(per_cpu<T> *variable) noexcept KCTX_EFFECT_spin
{
    return per_cpu_ptr(variable, env::smp_processor_id());
}
#else
KCTX_NO_TOKEN(this_cpu_ptr)
#endif

// One instruction on this CPU's copy, whichever CPU that is: legal in every context.
template <class T>
KCTX_ALWAYS_INLINE void this_cpu_add(per_cpu<T> &variable, T n) noexcept KCTX_EFFECT_spin
{
    __atomic_fetch_add(per_cpu_ptr(&variable, raw_smp_processor_id()), n, __ATOMIC_RELAXED);
}
template <class T>
KCTX_ALWAYS_INLINE void this_cpu_inc(per_cpu<T> &variable) noexcept KCTX_EFFECT_spin
{
    this_cpu_add(variable, T{1});
}
template <class T>
KCTX_ALWAYS_INLINE void this_cpu_dec(per_cpu<T> &variable) noexcept KCTX_EFFECT_spin
{
    __atomic_fetch_sub(per_cpu_ptr(&variable, raw_smp_processor_id()), T{1}, __ATOMIC_RELAXED);
}
template <class T>
KCTX_ALWAYS_INLINE T this_cpu_read(per_cpu<T> &variable) noexcept KCTX_EFFECT_spin
{
    return __atomic_load_n(per_cpu_ptr(&variable, raw_smp_processor_id()), __ATOMIC_RELAXED);
}
template <class T>
KCTX_ALWAYS_INLINE void this_cpu_write(per_cpu<T> &variable, T value) noexcept KCTX_EFFECT_spin
{
    __atomic_store_n(per_cpu_ptr(&variable, raw_smp_processor_id()), value, __ATOMIC_RELAXED);
}

/// An operation on this CPU's copy that the task must not be moved in the middle of.
#define KCTX_OWN_CPU_OPERATION(ret, name, params, ...)                                             \
    KCTX_CONTRACT(is_about_cpu, name, KCTX_CPU_WHY, KCTX_CPU_FIX,                                  \
                  "include/linux/percpu-defs.h __this_cpu_preempt_check()")                        \
    template <may<call::name> C, class T>                                                          \
    KCTX_ALWAYS_INLINE ret name(C, per_cpu<T> &variable KCTX_AND params) noexcept KCTX_EFFECT_spin             \
    {                                                                                              \
        env::__this_cpu_preempt_check(#name);                                                      \
        __VA_ARGS__;                                                                               \
    }                                                                                              \
    KCTX_REJECTED_BY_RULE(is_about_cpu, (ret), name, (C, per_cpu<T> & KCTX_AND params), class T)   \
    KCTX_OWN_CPU_TOKENLESS_(ret, name, params, __VA_ARGS__)
#ifdef KCTX_PLAIN_CALLS
#define KCTX_OWN_CPU_TOKENLESS_(ret, name, params, ...)                                            \
    template <class T>                                                                             \
    KCTX_ALWAYS_INLINE ret name(per_cpu<T> &variable KCTX_AND params) noexcept KCTX_EFFECT_spin                \
    {                                                                                              \
        env::__this_cpu_preempt_check(#name);                                                      \
        __VA_ARGS__;                                                                               \
    }
#else
#define KCTX_OWN_CPU_TOKENLESS_(ret, name, ...) KCTX_NO_TOKEN(name)
#endif
KCTX_OWN_CPU_OPERATION(void, __this_cpu_add, (T n), this_cpu_add(variable, n))
KCTX_OWN_CPU_OPERATION(void, __this_cpu_inc, (), this_cpu_inc(variable))
KCTX_OWN_CPU_OPERATION(void, __this_cpu_dec, (), this_cpu_dec(variable))
KCTX_OWN_CPU_OPERATION(T, __this_cpu_read, (), return this_cpu_read(variable))
KCTX_OWN_CPU_OPERATION(void, __this_cpu_write, (T value), this_cpu_write(variable, value))

#define KCTX_THIS_CPU_WHY "is one instruction on whichever CPU runs it"
#define KCTX_THIS_CPU_SOURCE "include/linux/percpu-defs.h, Documentation/core-api/this_cpu_ops.rst"
KCTX_LEGAL_ANYWHERE(this_cpu_add, KCTX_THIS_CPU_WHY, KCTX_THIS_CPU_SOURCE)
KCTX_LEGAL_ANYWHERE(this_cpu_inc, KCTX_THIS_CPU_WHY, KCTX_THIS_CPU_SOURCE)
KCTX_LEGAL_ANYWHERE(this_cpu_dec, KCTX_THIS_CPU_WHY, KCTX_THIS_CPU_SOURCE)
KCTX_LEGAL_ANYWHERE(this_cpu_read, KCTX_THIS_CPU_WHY, KCTX_THIS_CPU_SOURCE)
KCTX_LEGAL_ANYWHERE(this_cpu_write, KCTX_THIS_CPU_WHY, KCTX_THIS_CPU_SOURCE)

#define KCTX_PERCPU_FIX "alloc_percpu_gfp() with GFP_ATOMIC, or allocate in process context"
KCTX_MEMORY_CALL(sleeps, void, __alloc_percpu, (size_t size, size_t align), (size, align),
                 "takes pcpu_alloc_mutex and allocates with GFP_KERNEL", KCTX_PERCPU_FIX,
                 "mm/percpu.c pcpu_alloc_noprof()")
KCTX_ALLOCATION(slab, void, __alloc_percpu_gfp, (size_t size, size_t align), (), (size, align), (),
                "GFP_ATOMIC (it can fail), or allocate in process context",
                "mm/percpu.c pcpu_alloc_noprof()")
KCTX_CALL(allocates, void, free_percpu, (void *variable), (variable), "takes pcpu_lock",
          "free it after the raw section", "mm/percpu.c free_percpu()")

} // namespace kctx

/// A per_cpu<type> * of zeroed copies.
#define alloc_percpu(ctx, type) __alloc_percpu(ctx, sizeof(type), alignof(type))
/// The same with flags: it sleeps if they may.
#define alloc_percpu_gfp(ctx, type, flags) __alloc_percpu_gfp(ctx, sizeof(type), alignof(type), flags)
