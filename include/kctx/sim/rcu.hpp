// SPDX-License-Identifier: BSL-1.0
/// @file
/// RCU: readers, grace periods, callbacks; SRCU.
/// @par Kernel source
/// include/linux/rcupdate.h, kernel/rcu/update.c, kernel/rcu/tree.c, kernel/rcu/tree_exp.h,
/// kernel/rcu/srcutree.c (6.12).
#pragma once

#include <kctx/lock/bottom_half.hpp>
#include <kctx/lock/rcu.hpp>
#include <kctx/sim/memory.hpp>
#include <kctx/sim/wait.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

inline const kernel_lock<raw_spinlock_t> krcp_lock("krc.lock");
inline const kernel_lock<raw_spinlock_t> rcu_nocb_lock("rcu_node_0");
inline const kernel_lock<mutex> barrier_mutex("rcu_state.barrier_mutex");
inline const kernel_lock<spinlock_t> srcu_lock("&ssp->srcu_sup->lock");

/// The map of a kind of readers, which stands for all of them.
inline void enter_reader(const lock_kind &kind)
{
    lockdep_acquire(here(), &kind, kind, {.mode = lock_mode::read_recursive});
}
inline void leave_reader(const lock_kind &kind) { lockdep_release(here(), &kind); }

/// Whether the task that runs holds a lock_map of this kind.
inline bool holds_map(const lock_kind &kind) { return here().part<lockdep>().holds_kind(kind); }
/// RCU_LOCKDEP_WARN(): a report of lockdep's, so that there is none without it.
inline void rcu_lockdep_warn(bool wrong, source_line where, const char *what)
{
    machine &m = here();
    if (wrong && m.config.prove_locking && !m.part<lockdep>().off())
        m.suspicious_rcu(where, what);
}
/// Whether the task that runs is in a reader of any kind.
inline bool in_rcu_reader()
{
    return holds_map(rcu_kind) || holds_map(rcu_bh_kind) || holds_map(rcu_sched_kind);
}

/// Callbacks and grace periods of a machine. A grace period is over when no task is in a reader
/// that was in one when it began; callbacks run in a softirq then (PREEMPT_RT: in the rcuc thread).
class rcu_state
{
    struct callback {
        rcu_head *head;
        rcu_callback_t func;
        void *object; ///< or an object that is only freed
    };
    machine &m_;
    std::deque<callback> waiting_;
    bool armed_ = false;
    std::uint64_t stalled_ = 0; ///< when it gives up waiting for a reader that does not end

public:
    explicit rcu_state(machine &m) : m_(m) {}

    /// Whether any task is in a reader.
    bool any_reader()
    {
        return m_.any_task([](const task_struct &t) { return t.rcu_nesting != 0; });
    }
    /// call_rcu(): @p func gets @p head after a grace period; without one, @p object is freed.
    void add(rcu_head *head, rcu_callback_t func, void *object)
    {
        stalled_ = m_.now() + 21'000'000'000; // CONFIG_RCU_CPU_STALL_TIMEOUT
        waiting_.push_back({head, func, object});
        arm();
    }
    bool idle() const { return waiting_.empty(); } ///< whether no callback waits

private:
    /// Three ticks are a grace period, if all readers let it.
    void arm()
    {
        if (std::exchange(armed_, true))
            return;
        m_.irq_at(m_.now() + 3 * m_.jiffy_ns(), [this] { tick(); }, {}, m_.cpu_number());
    }
    void tick()
    {
        armed_ = false;
        if (any_reader()) {
            if (m_.now() < stalled_)
                arm();
            return;
        }
        m_.raise_softirq([this] { serve(); }, {"rcu_core"});
    }
    void serve()
    {
        while (!waiting_.empty()) {
            const callback next = waiting_.front();
            waiting_.pop_front();
            if (next.object)
                release_slab(next.object);
            else
                next.func(kctx::detail::mint::make<RcuCallbackCtx>(), next.head);
        }
        m_.wake_all(this);
    }
};
/// Callbacks and grace periods of the machine that runs.
inline rcu_state &the_rcu() { return here().part<rcu_state>(); }

/// Sleeps a jiffy at a time until no reader is left: for ever, if the caller is one itself.
inline void wait_for_readers()
{
    machine &m = here();
    const std::uint64_t began = m.now();
    do {
        m.set_state(TASK_UNINTERRUPTIBLE);
        m.schedule_timeout(1);
        // The kernel's own words after 21 seconds; here the machine says that it hangs.
        if (m.now() - began > 21'000'000'000) {
            m.sleep_on(&the_rcu(), TASK_UNINTERRUPTIBLE);
            return;
        }
    } while (the_rcu().any_reader());
}
inline void synchronize(source_line reader_check, const char *what)
{
    rcu_lockdep_warn(in_rcu_reader(), reader_check, what);
    sleeps("kernel/rcu/tree.c", 4027); // rcu_blocking_is_gp()
    wait_for_readers();
}

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void rcu_read_lock() noexcept
{
    const sim::in_call in("rcu_read_lock");
    sim::here().rcu_read_lock();
}
void rcu_read_unlock() noexcept
{
    const sim::in_call in("rcu_read_unlock");
    sim::here().rcu_read_unlock();
}
void rcu_read_lock_bh() noexcept
{
    env::local_bh_disable();
    sim::enter_reader(sim::rcu_bh_kind);
}
void rcu_read_unlock_bh() noexcept
{
    sim::leave_reader(sim::rcu_bh_kind);
    env::local_bh_enable();
}
void rcu_read_lock_sched() noexcept
{
    const sim::in_call in("rcu_read_lock_sched");
    sim::here().preempt_disable();
    sim::enter_reader(sim::rcu_sched_kind);
}
void rcu_read_unlock_sched() noexcept
{
    const sim::in_call in("rcu_read_unlock_sched");
    sim::leave_reader(sim::rcu_sched_kind);
    sim::here().preempt_enable();
}

// A read says whether a reader is there: rcu_read_lock_held() and its kin.
void rcu_dereference() noexcept
{
    const sim::source_line caller = sim::source_of_caller();
    const sim::in_call in("rcu_dereference");
    sim::rcu_lockdep_warn(!sim::holds_map(sim::rcu_kind), caller,
                          "suspicious rcu_dereference_check() usage!");
}
void rcu_dereference_bh() noexcept
{
    const sim::source_line caller = sim::source_of_caller();
    const sim::in_call in("rcu_dereference_bh");
    sim::machine &m = sim::here();
    sim::rcu_lockdep_warn(m.softirq_count() == 0 && !m.irqs_disabled(), caller,
                          "suspicious rcu_dereference_check() usage!");
}
void rcu_dereference_sched() noexcept
{
    const sim::source_line caller = sim::source_of_caller();
    const sim::in_call in("rcu_dereference_sched");
    sim::rcu_lockdep_warn(!sim::holds_map(sim::rcu_sched_kind) && sim::here().is_preemptible(),
                          caller, "suspicious rcu_dereference_check() usage!");
}

void synchronize_rcu() noexcept
{
    const sim::in_call in("synchronize_rcu");
    sim::synchronize(sim::at("kernel/rcu/tree.c", 4113),
                     "Illegal synchronize_rcu() in RCU read-side critical section!");
}
void synchronize_rcu_expedited() noexcept
{
    const sim::in_call in("synchronize_rcu_expedited");
    sim::synchronize(sim::at("kernel/rcu/tree_exp.h", 946),
                     "Illegal synchronize_rcu_expedited() in RCU read-side critical section!");
}
void rcu_barrier() noexcept
{
    const sim::in_call in("rcu_barrier");
    env::mutex_lock(sim::barrier_mutex.get());
    if (sim::the_rcu().any_reader() || !sim::the_rcu().idle())
        sim::here().sleep_on(&sim::the_rcu(), TASK_UNINTERRUPTIBLE);
    env::mutex_unlock(sim::barrier_mutex.get());
}
void call_rcu(rcu_head *head, rcu_callback_t func) noexcept
{
    const sim::in_call in("call_rcu");
    sim::debug_object_activate();
    sim::passes(sim::rcu_nocb_lock);
    sim::the_rcu().add(head, func, nullptr);
}
void kvfree_call_rcu(rcu_head *, void *object) noexcept
{
    const sim::in_call in("kvfree_call_rcu");
    sim::debug_object_activate();
    sim::passes(sim::krcp_lock);
    sim::the_rcu().add(nullptr, nullptr, object);
}
void kfree_rcu_mightsleep(void *object) noexcept
{
    const sim::in_call in("kvfree_call_rcu");
    sim::sleeps("kernel/rcu/tree.c", 3822);
    sim::passes(sim::krcp_lock);
    sim::the_rcu().add(nullptr, nullptr, object);
}

int srcu_read_lock(srcu_struct *domain) noexcept
{
    const sim::in_call in("srcu_read_lock");
    const unsigned index = domain->value & 1;
    ++domain->readers[index];
    sim::lockdep_acquire(sim::here(), domain, sim::map_kind,
                         {.mode = sim::lock_mode::read_recursive});
    return static_cast<int>(index);
}
void srcu_read_unlock(srcu_struct *domain, int index) noexcept
{
    const sim::in_call in("srcu_read_unlock");
    sim::lockdep_release(sim::here(), domain);
    if (--domain->readers[index] == 0)
        sim::here().wake_all(domain);
}
KCTX_SIM_CALL(int, init_srcu_struct, (srcu_struct *), allocates(gfp_kernel))
KCTX_SIM_CALL(void, cleanup_srcu_struct, (srcu_struct *), sleeps("kernel/workqueue.c", 4300))
void synchronize_srcu(srcu_struct *domain) noexcept
{
    const sim::in_call in("synchronize_srcu");
    sim::sleeps("kernel/rcu/srcutree.c");
    const unsigned index = domain->value++ & 1;
    while (domain->readers[index] != 0)
        sim::here().sleep_on(domain, TASK_UNINTERRUPTIBLE);
}
void srcu_barrier(srcu_struct *) noexcept
{
    const sim::in_call in("srcu_barrier");
    env::rcu_barrier();
}
void call_srcu(srcu_struct *, rcu_head *head, rcu_callback_t func) noexcept
{
    const sim::in_call in("call_srcu");
    sim::debug_object_activate();
    if (sim::paths().contended) // spin_lock_irqsave_sdp_contended()
        sim::passes(sim::srcu_lock);
    sim::the_rcu().add(head, func, nullptr);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
