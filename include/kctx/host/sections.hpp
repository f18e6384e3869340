// SPDX-License-Identifier: BSL-1.0
/// @file
/// Sections without a lock, or with one of this CPU only: what they turn off happens to no other
/// thread's CPU, and nothing else runs on this one but interrupts.
#pragma once

#include <kctx/api/memalloc.hpp>
#include <kctx/host/cpu.hpp>
#include <kctx/lock/bottom_half.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/local_lock.hpp>
#include <kctx/lock/lockdep.hpp>
#include <kctx/lock/non_block.hpp>
#include <kctx/lock/preempt.hpp>

KCTX_HOST_BEGIN
namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void preempt_disable() noexcept { host::this_cpu().enter_section(); }
void preempt_enable() noexcept { host::this_cpu().leave_section(); }
int get_cpu() noexcept
{
    env::preempt_disable();
    return host::this_cpu().number();
}
void put_cpu(int) noexcept { env::preempt_enable(); }
/// A thread's CPU is its own: it never migrates.
void migrate_disable() noexcept {}
void migrate_enable() noexcept {}
void local_bh_disable() noexcept { host::this_cpu().enter_section(); }
void local_bh_enable() noexcept { host::this_cpu().leave_section(); }

void local_irq_disable() noexcept
{
    host::cpu &c = host::this_cpu();
    host::irqs_disable(c);
    c.enter_section();
}
void local_irq_enable() noexcept
{
    host::cpu &c = host::this_cpu();
    c.leave_section();
    host::irqs_restore(c, false);
}
unsigned long local_irq_save() noexcept
{
    host::cpu &c = host::this_cpu();
    const bool off = host::irqs_disable(c);
    c.enter_section();
    return off;
}
void local_irq_restore(unsigned long off) noexcept
{
    host::cpu &c = host::this_cpu();
    c.leave_section();
    host::irqs_restore(c, off != 0);
}

void local_lock(local_lock_t *) noexcept { host::this_cpu().enter_section(); }
void local_unlock(local_lock_t *) noexcept { host::this_cpu().leave_section(); }
void local_lock_irq(local_lock_t *) noexcept { env::local_irq_disable(); }
void local_unlock_irq(local_lock_t *) noexcept { env::local_irq_enable(); }
unsigned long local_lock_irqsave(local_lock_t *) noexcept { return env::local_irq_save(); }
void local_unlock_irqrestore(local_lock_t *, unsigned long off) noexcept
{
    env::local_irq_restore(off);
}

void non_block_start() noexcept { host::this_cpu().enter_section(); }
void non_block_end() noexcept { host::this_cpu().leave_section(); }

/// On PREEMPT_RT a spinlock_t turns neither off, but it does here: what a test of the driver finds
/// is a section that is not there at all.
void lockdep_assert_irqs_disabled() noexcept
{
    if (host::debug && !host::this_cpu().irqs_off && !host::this_cpu().in_hardirq)
        host::bug("WARNING: lockdep_assert_irqs_disabled() with interrupts on, %s\n",
                  host::comm_and_pid().c_str());
}
void lockdep_assert_preemption_disabled() noexcept
{
    if (host::debug && host::this_cpu().depth == 0)
        host::bug("WARNING: lockdep_assert_preemption_disabled() in a preemptible task, %s\n",
                  host::comm_and_pid().c_str());
}

/// No allocation starts I/O here, whatever its flags.
unsigned int memalloc_noio_save() noexcept { return 0; }
void memalloc_noio_restore(unsigned int) noexcept {}
unsigned int memalloc_nofs_save() noexcept { return 0; }
void memalloc_nofs_restore(unsigned int) noexcept {}
unsigned int memalloc_noreclaim_save() noexcept { return 0; }
void memalloc_noreclaim_restore(unsigned int) noexcept {}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END
