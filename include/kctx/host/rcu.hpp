// SPDX-License-Identifier: BSL-1.0
/// @file
/// RCU and SRCU. A reader is any section that must not sleep, since a kernel whose readers are not
/// preemptible waits for those as well; each CPU counts the ends and beginnings of its own.
#pragma once

#include <deque>

#include <kctx/host/background.hpp>
#include <kctx/host/memory.hpp>
#include <kctx/host/wait.hpp>
#include <kctx/lock/rcu.hpp>

KCTX_HOST_BEGIN
namespace kctx::host {

inline constexpr std::chrono::microseconds readers_look{50}; ///< between two looks at readers

/// Waits until every section that is open now has been left (kernel/rcu/tree.c, synchronize_rcu()).
inline void wait_for_readers() noexcept
{
    struct open_section {
        const cpu *where;
        unsigned long number;
    };
    std::vector<open_section> open;
    syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
    {
        cpus &all = immortal<cpus>();
        const std::lock_guard held(all.lock);
        for (const auto &c : all.all) {
            // A reader that orders itself has exchanged the number: this comes before or after
            // that.
            const unsigned long number =
                c->readers_fence ? c->sections.fetch_add(0) : c->sections.load();
            if (number % 2 != 0)
                open.push_back({c.get(), number});
        }
    }
    for (const open_section &s : open) {
        while (s.where->sections.load(std::memory_order_acquire) == s.number)
            std::this_thread::sleep_for(readers_look);
    }
}

/// lockdep_rcu_suspicious() in kernel/locking/lockdep.c.
inline void must_be_reader(const char *function) noexcept
{
    if (debug && this_cpu().depth == 0)
        bug("WARNING: suspicious RCU usage\nsuspicious %s() usage by %s!\n", function,
            comm_and_pid().c_str());
}

/// A callback that waits for its grace period.
struct rcu_callback {
    srcu_struct *domain; ///< NULL: RCU
    rcu_head *head;
    rcu_callback_t func; ///< NULL: frees the object
    const void *object;
};

/// srcu_struct::value: which count new readers take, and whether somebody waits for the readers.
inline constexpr unsigned srcu_waited_for = 1u << 31;

inline void wait_for_readers_of(srcu_struct *domain) noexcept
{
    std::atomic_ref value(domain->value);
    while (value.fetch_or(srcu_waited_for) & srcu_waited_for) // one at a time
        std::this_thread::sleep_for(readers_look);
    // A reader that was slow to count itself is found in the second round (kernel/rcu/srcutree.c).
    for (int round = 0; round < 2; ++round) {
        const unsigned old = value.fetch_xor(1) & 1;
        while (std::atomic_ref(domain->readers[old]).load() != 0)
            std::this_thread::sleep_for(readers_look);
    }
    value.fetch_and(~srcu_waited_for);
}

/// Runs callbacks after their grace periods, in the order they came (kernel/rcu/tree.c,
/// rcu_do_batch()).
class rcu_callbacks
{
    std::mutex lock_;
    std::condition_variable changed_;
    std::deque<rcu_callback> queued_;
    unsigned long came_ = 0;
    unsigned long gone_ = 0;

    void run() noexcept
    {
        std::unique_lock held(lock_);
        for (;;) {
            changed_.wait(held, [&] { return !queued_.empty(); });
            const rcu_callback next = queued_.front();
            queued_.pop_front();
            held.unlock();
            if (next.domain)
                wait_for_readers_of(next.domain);
            else
                wait_for_readers();
            call(next);
            held.lock();
            ++gone_;
            changed_.notify_all();
        }
    }
    static void call(const rcu_callback &c) noexcept
    {
        if (!c.func) {
            env::kvfree(c.object);
            return;
        }
        const driver_activity running("rcuc");
        const calling_driver same("RCU callback");
        const softirq_section serving;
        c.func(kctx::detail::mint::make<RcuCallbackCtx>(), c.head);
    }

public:
    rcu_callbacks()
    {
        start_background("rcuc/0", [this] { run(); });
    }
    void queue(const rcu_callback &c) noexcept
    {
        const std::lock_guard held(lock_);
        queued_.push_back(c);
        ++came_;
        changed_.notify_all();
    }
    void wait_until_done() noexcept
    {
        std::unique_lock held(lock_);
        const unsigned long all = came_;
        changed_.wait(held, [&] { return gone_ >= all; });
    }
};

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void rcu_read_lock() noexcept
{
    host::cpu &c = host::this_cpu();
    c.enter_section();
    ++c.rcu_depth;
}
void rcu_read_unlock() noexcept
{
    host::cpu &c = host::this_cpu();
    --c.rcu_depth;
    c.leave_section();
}
void rcu_read_lock_bh() noexcept { host::this_cpu().enter_section(); }
void rcu_read_unlock_bh() noexcept { host::this_cpu().leave_section(); }
void rcu_read_lock_sched() noexcept { host::this_cpu().enter_section(); }
void rcu_read_unlock_sched() noexcept { host::this_cpu().leave_section(); }
void rcu_dereference() noexcept { host::must_be_reader("rcu_dereference"); }
void rcu_dereference_bh() noexcept { host::must_be_reader("rcu_dereference_bh"); }
void rcu_dereference_sched() noexcept { host::must_be_reader("rcu_dereference_sched"); }

void synchronize_rcu() noexcept
{
    host::may_sleep("synchronize_rcu");
    host::wait_for_readers();
}
void synchronize_rcu_expedited() noexcept
{
    host::may_sleep("synchronize_rcu_expedited");
    host::wait_for_readers();
}
void rcu_barrier() noexcept
{
    host::may_sleep("rcu_barrier");
    host::immortal<host::rcu_callbacks>().wait_until_done();
}
void call_rcu(rcu_head *head, rcu_callback_t func) noexcept
{
    host::immortal<host::rcu_callbacks>().queue({nullptr, head, func, nullptr});
}
void kvfree_call_rcu(rcu_head *, void *object) noexcept
{
    host::immortal<host::rcu_callbacks>().queue({nullptr, nullptr, nullptr, object});
}
void kfree_rcu_mightsleep(void *object) noexcept
{
    host::may_sleep("kfree_rcu_mightsleep");
    env::kvfree_call_rcu(nullptr, object);
}

int init_srcu_struct(srcu_struct *domain) noexcept
{
    host::may_sleep("init_srcu_struct");
    *domain = {};
    return 0;
}
void cleanup_srcu_struct(srcu_struct *domain) noexcept
{
    host::may_sleep("cleanup_srcu_struct");
    host::wait_for_readers_of(domain);
}

int srcu_read_lock(srcu_struct *domain) noexcept
{
    const unsigned index = std::atomic_ref(domain->value).load() & 1;
    std::atomic_ref(domain->readers[index]).fetch_add(1);
    return static_cast<int>(index);
}
void srcu_read_unlock(srcu_struct *domain, int index) noexcept
{
    std::atomic_ref readers(domain->readers[index]);
    if (host::debug && readers.load() == 0)
        host::bug("WARNING: srcu_read_unlock() of domain %px, which %s does not read\n", domain,
                  host::comm_and_pid().c_str());
    readers.fetch_sub(1);
}
void synchronize_srcu(srcu_struct *domain) noexcept
{
    host::may_sleep("synchronize_srcu");
    host::wait_for_readers_of(domain);
}
/// The callbacks of all domains are in one queue.
void srcu_barrier(srcu_struct *) noexcept
{
    host::may_sleep("srcu_barrier");
    host::immortal<host::rcu_callbacks>().wait_until_done();
}
void call_srcu(srcu_struct *domain, rcu_head *head, rcu_callback_t func) noexcept
{
    host::immortal<host::rcu_callbacks>().queue({domain, head, func, nullptr});
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END
