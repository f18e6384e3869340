// SPDX-License-Identifier: BSL-1.0
/// @file
/// Random numbers, clocks, notifier chains, assertions.
/// @par Kernel source
/// drivers/char/random.c, kernel/time/timekeeping.c, kernel/notifier.c, include/linux/lockdep.h,
/// kernel/sched/core.c (6.12).
#pragma once

#include <random>

#include <kctx/api/notifier.hpp>
#include <kctx/api/random.hpp>
#include <kctx/api/time.hpp>
#include <kctx/lock/lockdep.hpp>
#include <kctx/lock/non_block.hpp>
#include <kctx/sim/rcu.hpp>

namespace kctx {
/// A chain that is called with a spinlock or RCU: functions must not sleep.
struct atomic_notifier_head {
    notifier_block *first = nullptr; ///< of the highest priority
};
/// A chain that is called with a semaphore: functions may sleep.
struct blocking_notifier_head {
    notifier_block *first = nullptr; ///< of the highest priority
};
} // namespace kctx

KCTX_SIM_BEGIN
namespace kctx::sim {

inline const kernel_lock<local_lock_t> crng_lock("crngs.lock");
inline const kernel_lock<local_lock_t> batched_entropy_lock("batched_entropy_u32.lock");

/// Numbers that are the same on every run: a machine is deterministic.
struct random_numbers {
    std::mt19937 engine{1}; ///< seeded by 1
    explicit random_numbers(machine &) {}
    unsigned next() { return static_cast<unsigned>(engine()); } ///< The next one, 32 bits.
};
/// Puts @p block behind those of higher priority.
inline void add_to_chain(notifier_block *&first, notifier_block *block)
{
    notifier_block **at = &first;
    while (*at && (*at)->priority >= block->priority)
        at = &(*at)->next;
    block->next = *at;
    *at = block;
}
/// Calls all of them in turn; returns what the last one said.
inline int call_chain(notifier_block *block, unsigned long event, void *data)
{
    int result = 0;
    for (; block; block = block->next)
        result = block->notifier_call(block, event, data);
    return result;
}

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void get_random_bytes(void *to, size_t count) noexcept
{
    const sim::in_call in("crng_make_state");
    sim::passes(sim::crng_lock);
    auto &numbers = sim::here().part<sim::random_numbers>();
    for (size_t i = 0; i < count; ++i)
        static_cast<unsigned char *>(to)[i] = static_cast<unsigned char>(numbers.next());
}
u32 get_random_u32() noexcept
{
    const sim::in_call in("get_random_u32");
    sim::passes(sim::batched_entropy_lock);
    return sim::here().part<sim::random_numbers>().next();
}
void add_interrupt_randomness(int) noexcept
{
    const sim::in_call in("add_interrupt_randomness");
    sim::here().part<sim::random_numbers>().next();
}

ktime_t ktime_get() noexcept { return static_cast<ktime_t>(sim::here().now()); }
ktime_t ktime_get_real() noexcept { return static_cast<ktime_t>(sim::here().now()); }
ktime_t ktime_get_boottime() noexcept { return static_cast<ktime_t>(sim::here().now()); }
u64 ktime_get_mono_fast_ns() noexcept { return sim::here().now(); }
void ktime_get_real_ts64(timespec64 *now) noexcept
{
    *now = {};
    now->tv_sec = static_cast<decltype(now->tv_sec)>(sim::here().now() / 1'000'000'000);
    now->tv_nsec = static_cast<decltype(now->tv_nsec)>(sim::here().now() % 1'000'000'000);
}

int atomic_notifier_call_chain(atomic_notifier_head *chain, unsigned long event,
                               void *data) noexcept
{
    const sim::in_call in("atomic_notifier_call_chain");
    const sim::rcu_section reader;
    return sim::call_chain(chain->first, event, data);
}
int atomic_notifier_chain_register(atomic_notifier_head *chain, notifier_block *block) noexcept
{
    const sim::in_call in("atomic_notifier_chain_register");
    sim::spin_section inside(sim::spinlock_of(chain, "&(chain)->lock"));
    sim::add_to_chain(chain->first, block);
    return 0;
}
int blocking_notifier_call_chain(blocking_notifier_head *chain, unsigned long event,
                                 void *data) noexcept
{
    const sim::in_call in("blocking_notifier_call_chain");
    auto *const lock = sim::lock_inside<rw_semaphore>(chain, "&(chain)->rwsem");
    env::down_read(lock);
    const int result = sim::call_chain(chain->first, event, data);
    env::up_read(lock);
    return result;
}
int blocking_notifier_chain_register(blocking_notifier_head *chain, notifier_block *block) noexcept
{
    const sim::in_call in("blocking_notifier_chain_register");
    auto *const lock = sim::lock_inside<rw_semaphore>(chain, "&(chain)->rwsem");
    env::down_write(lock);
    sim::add_to_chain(chain->first, block);
    env::up_write(lock);
    return 0;
}

void lockdep_assert_irqs_disabled() noexcept
{
    const sim::source_line caller = sim::source_of_caller();
    sim::machine &m = sim::here();
    if (m.config.prove_locking && !m.irqs_disabled())
        m.warn_once(caller, caller.file);
}
void lockdep_assert_preemption_disabled() noexcept
{
    const sim::source_line caller = sim::source_of_caller();
    sim::machine &m = sim::here();
    if (m.config.prove_locking && m.is_preemptible())
        m.warn_once(caller, caller.file);
}

void non_block_start() noexcept { ++sim::here().current().non_block_count; }
void non_block_end() noexcept { --sim::here().current().non_block_count; }

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
