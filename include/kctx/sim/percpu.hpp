// SPDX-License-Identifier: BSL-1.0
/// @file
/// Which CPU runs, and variables of which each CPU has a copy.
/// @par Kernel source
/// lib/smp_processor_id.c, mm/percpu.c (6.12).
#pragma once

#include <kctx/api/percpu.hpp>
#include <kctx/sim/memory.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

/// The copies, by variable and CPU; each begins as the variable itself.
struct percpu_copies {
    std::map<std::pair<const void *, int>, std::vector<char>> of; ///< the bytes of each copy
    explicit percpu_copies(machine &) {}
};
inline const kernel_lock<mutex> pcpu_alloc_mutex("pcpu_alloc_mutex");
inline const kernel_lock<spinlock_t> pcpu_lock("pcpu_lock");

/// pcpu_alloc_noprof(): the mutex, unless the flags are less than GFP_KERNEL.
inline void *allocate_percpu(std::size_t size, std::size_t align, gfp_t flags)
{
    flags = in_scope(flags);
    const bool atomic = (flags.value & gfp_kernel.value) != gfp_kernel.value;
    if (!atomic)
        env::mutex_lock(pcpu_alloc_mutex.get());
    passes(pcpu_lock);
    void *const variable = the_heap().take(size, align, true);
    if (!atomic)
        env::mutex_unlock(pcpu_alloc_mutex.get());
    return variable;
}

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

int smp_processor_id() noexcept
{
    const sim::in_call in("smp_processor_id");
    sim::here().check_preemption_disabled("smp_processor_id");
    return static_cast<int>(sim::here().cpu_number());
}
int raw_smp_processor_id() noexcept { return static_cast<int>(sim::here().cpu_number()); }
void __this_cpu_preempt_check(const char *operation) noexcept
{
    const sim::in_call in("__this_cpu_preempt_check");
    const std::string_view name = operation; // the kernel's __this_cpu_inc() is an addition
    const bool adds = name.ends_with("_inc") || name.ends_with("_dec");
    sim::here().check_preemption_disabled(adds ? "__this_cpu_add" : operation);
}
void *per_cpu_copy(void *variable, size_t size, int cpu) noexcept
{
    auto &copy = sim::here().part<sim::percpu_copies>().of[{variable, cpu}];
    if (copy.empty())
        copy.assign(static_cast<char *>(variable), static_cast<char *>(variable) + size);
    return copy.data();
}
void *__alloc_percpu(size_t size, size_t align) noexcept
{
    const sim::in_call in("pcpu_alloc_noprof");
    return sim::allocate_percpu(size, align, sim::gfp_kernel);
}
void *__alloc_percpu_gfp(size_t size, size_t align, gfp_t flags) noexcept
{
    const sim::in_call in("pcpu_alloc_noprof");
    return sim::allocate_percpu(size, align, flags);
}
void free_percpu(void *variable) noexcept
{
    const sim::in_call in("free_percpu");
    if (!variable)
        return;
    sim::passes(sim::pcpu_lock);
    auto &all = sim::here().part<sim::percpu_copies>().of;
    std::erase_if(all, [variable](const auto &c) { return c.first.first == variable; });
    sim::the_heap().give(variable);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
