// SPDX-License-Identifier: BSL-1.0
/// @file
/// Workqueues: each has workers of its own, as many at a time as its items need and its max_active
/// allows. An item never runs twice at the same time, whatever queues it is on.
/// @par Kernel source
/// kernel/workqueue.c, include/linux/workqueue.h (6.12).
#pragma once

#include <list>

#include <kctx/api/workqueue.hpp>
#include <kctx/host/memory.hpp>
#include <kctx/host/timers.hpp>

namespace kctx {

struct workqueue_struct {
    std::string name;
    unsigned max_active;
    std::vector<std::thread> workers;
    unsigned idle = 0; ///< workers that wait
    bool ends = false;
};

} // namespace kctx

KCTX_HOST_BEGIN
namespace kctx::host {

/// WQ_DFL_ACTIVE of the kernels until 6.6: so many threads are enough.
inline constexpr unsigned default_max_active = 256;

/// All workqueues, under one lock.
class workqueues
{
    /// An item that waits for a worker (or for the end of its own run by another), or that runs.
    struct job {
        work_struct *work;
        workqueue_struct *queue;
        unsigned long number; ///< the n-th that was ever queued
        bool running = false;
        std::thread::id worker{};
    };

    std::mutex lock_;
    std::condition_variable changed_;
    std::list<job> jobs_;
    std::vector<work_struct *> canceled_; ///< somebody waits for their end: not to be queued again
    unsigned long number_ = 0;
    workqueue_struct system_{"events", default_max_active, {}};

    template <class Which> bool any(Which which) const
    {
        return std::any_of(jobs_.begin(), jobs_.end(), which);
    }
    auto waiting(const work_struct *work)
    {
        return std::find_if(jobs_.begin(), jobs_.end(),
                            [=](const job &j) { return j.work == work && !j.running; });
    }
    bool is_canceled(const work_struct *work) const
    {
        return std::find(canceled_.begin(), canceled_.end(), work) != canceled_.end();
    }
    /// The first item of the queue that may run now.
    auto next_of(const workqueue_struct *wq)
    {
        return std::find_if(jobs_.begin(), jobs_.end(), [=, this](const job &j) {
            return j.queue == wq && !j.running &&
                   !any([&](const job &other) { return other.work == j.work && other.running; });
        });
    }
    void add_worker(workqueue_struct *wq)
    {
        ++wq->idle; // until it takes an item
        const std::string name = "kworker/" + std::to_string(wq->workers.size()) + ":" + wq->name;
        wq->workers.push_back(start_thread(name, [this, wq] { run_worker(wq); }));
    }
    void run_worker(workqueue_struct *wq) noexcept
    {
        std::unique_lock held(lock_);
        for (;;) {
            auto next = jobs_.end();
            changed_.wait(held, [&] {
                next = next_of(wq);
                return wq->ends || next != jobs_.end();
            });
            if (next == jobs_.end())
                return;
            --wq->idle;
            next->running = true;
            next->worker = std::this_thread::get_id();
            work_struct *const work = next->work;
            const auto function = work->func;
            pending_bit(work).store(0);
            held.unlock();
            call(function, work); // the item may be gone afterwards
            held.lock();
            jobs_.erase(next);
            ++wq->idle;
            changed_.notify_all();
        }
    }
    static void call(void (*function)(work_struct *), work_struct *work) noexcept
    {
        const driver_activity running("kworker");
        const calling_driver same("workqueue");
        function(work);
    }
    /// No run of @p work waits for itself: it would do so for ever.
    void check_self(const work_struct *work, const char *function) const
    {
        if (any([=](const job &j) {
                return j.work == work && j.worker == std::this_thread::get_id();
            }))
            bug("BUG: %s() of work %px waits for its own caller, %s\n", function, work,
                comm_and_pid().c_str());
    }

    void enqueue_locked(workqueue_struct *wq, work_struct *work)
    {
        if (!wq)
            wq = &system_;
        jobs_.push_back({work, wq, ++number_});
        const auto wait = std::count_if(jobs_.begin(), jobs_.end(),
                                        [=](const job &j) { return j.queue == wq && !j.running; });
        if (wq->idle < static_cast<unsigned long>(wait) && wq->workers.size() < wq->max_active)
            add_worker(wq);
        changed_.notify_all();
    }

public:
    static workqueues &get() noexcept { return immortal<workqueues>(); }

    /// Set from the queueing of an item, or the arming of its timer, until it begins to run: who
    /// sets it may queue it (WORK_STRUCT_PENDING).
    static std::atomic_ref<unsigned long> pending_bit(work_struct *work) noexcept
    {
        return std::atomic_ref(work->data);
    }
    bool claim(work_struct *work) noexcept
    {
        const std::lock_guard held(lock_);
        return !is_canceled(work) && pending_bit(work).exchange(1) == 0;
    }
    /// Queues what was claimed; NULL is the system's queue.
    void enqueue(workqueue_struct *wq, work_struct *work) noexcept
    {
        const std::lock_guard held(lock_);
        enqueue_locked(wq, work);
    }
    bool queue(workqueue_struct *wq, work_struct *work) noexcept
    {
        const std::lock_guard held(lock_);
        if (is_canceled(work) || pending_bit(work).exchange(1) != 0)
            return false;
        enqueue_locked(wq, work);
        return true;
    }
    /// Takes @p work off its queue; whether it was on one. It is claimed then.
    bool take_off(const work_struct *work) noexcept
    {
        const std::lock_guard held(lock_);
        const auto found = waiting(work);
        if (found == jobs_.end())
            return false;
        jobs_.erase(found);
        changed_.notify_all();
        return true;
    }
    /// Nobody can queue @p work until it is allowed.
    void forbid(work_struct *work, const char *function) noexcept
    {
        const std::lock_guard held(lock_);
        check_self(work, function);
        canceled_.push_back(work);
    }
    /// Waits until it does not run, first.
    void allow(const work_struct *work) noexcept
    {
        std::unique_lock held(lock_);
        changed_.wait(held, [&] { return !any([=](const job &j) { return j.work == work; }); });
        canceled_.erase(std::find(canceled_.begin(), canceled_.end(), work));
    }
    /// Waits until the runs of @p work that are queued or run now have ended; whether there were
    /// any.
    bool flush(const work_struct *work, const char *function) noexcept
    {
        std::unique_lock held(lock_);
        check_self(work, function);
        const unsigned long last = number_;
        const auto such = [=](const job &j) { return j.work == work && j.number <= last; };
        if (!any(such))
            return false;
        changed_.wait(held, [&] { return !any(such); });
        return true;
    }
    /// Waits until what is on the queue now has run.
    void flush_queue(workqueue_struct *wq, const char *function) noexcept
    {
        std::unique_lock held(lock_);
        check_worker(wq, function);
        const unsigned long last = number_;
        changed_.wait(held, [&] {
            return !any([=](const job &j) { return j.queue == wq && j.number <= last; });
        });
    }
    /// Waits until the queue is empty.
    void drain(workqueue_struct *wq, const char *function) noexcept
    {
        std::unique_lock held(lock_);
        check_worker(wq, function);
        changed_.wait(held, [&] { return !any([=](const job &j) { return j.queue == wq; }); });
    }
    void end(workqueue_struct *wq) noexcept
    {
        {
            const std::lock_guard held(lock_);
            wq->ends = true;
            changed_.notify_all();
        }
        for (std::thread &worker : wq->workers)
            worker.join();
        delete wq;
    }

private:
    void check_worker(const workqueue_struct *wq, const char *function) const
    {
        if (any([=](const job &j) {
                return j.queue == wq && j.worker == std::this_thread::get_id();
            }))
            bug("BUG: %s() of workqueue %s waits for its own caller, %s\n", function,
                wq->name.c_str(), comm_and_pid().c_str());
    }
};

// Delayed work: its timer is the softirqs', its queue is remembered in `timer`.
inline void fire_delayed(void *object) noexcept
{
    auto *const work = static_cast<delayed_work *>(object);
    auto *const wq = static_cast<workqueue_struct *>(std::atomic_ref(work->timer).load());
    workqueues::get().enqueue(wq, &work->work);
}
inline void enqueue_later(workqueue_struct *wq, delayed_work *work, unsigned long delay) noexcept
{
    std::atomic_ref(work->timer).store(wq);
    if (delay == 0)
        workqueues::get().enqueue(wq, &work->work);
    else
        in_softirq().add(work, time_of(now_in_jiffies() + delay), fire_delayed);
}

/// Takes pending work off its queue or timer; whether it was pending. It is claimed then
/// (try_to_grab_pending()).
inline bool grab(work_struct *work, const delayed_work *delayed) noexcept
{
    while (workqueues::pending_bit(work).load() != 0) {
        if ((delayed && in_softirq().remove(delayed)) || workqueues::get().take_off(work))
            return true;
        std::this_thread::yield(); // it is on its way from the one to the other
    }
    return false;
}
inline bool cancel(work_struct *work, const delayed_work *delayed) noexcept
{
    const bool pending = grab(work, delayed);
    if (pending)
        workqueues::pending_bit(work).store(0);
    return pending;
}
inline bool cancel_sync(work_struct *work, const delayed_work *delayed,
                        const char *function) noexcept
{
    may_sleep(function);
    workqueues &all = workqueues::get();
    all.forbid(work, function);
    const bool pending = cancel(work, delayed);
    all.allow(work);
    return pending;
}

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

bool schedule_work_on(int, work_struct *work) noexcept { return env::schedule_work(work); }
/// A thread's CPU is its own: one item is on each.
int schedule_on_each_cpu(work_func_t func) noexcept
{
    host::may_sleep("schedule_on_each_cpu");
    work_struct work{func.function()};
    env::schedule_work(&work);
    env::flush_work(&work);
    return 0;
}
bool schedule_work(work_struct *work) noexcept
{
    return host::workqueues::get().queue(nullptr, work);
}
bool queue_work(workqueue_struct *wq, work_struct *work) noexcept
{
    return host::workqueues::get().queue(wq, work);
}
bool queue_work_on(int, workqueue_struct *wq, work_struct *work) noexcept
{
    return env::queue_work(wq, work);
}
bool schedule_delayed_work(delayed_work *work, unsigned long delay) noexcept
{
    return env::queue_delayed_work(nullptr, work, delay);
}
bool queue_delayed_work(workqueue_struct *wq, delayed_work *work, unsigned long delay) noexcept
{
    if (!host::workqueues::get().claim(&work->work))
        return false;
    host::enqueue_later(wq, work, delay);
    return true;
}
bool queue_delayed_work_on(int, workqueue_struct *wq, delayed_work *work,
                           unsigned long delay) noexcept
{
    return env::queue_delayed_work(wq, work, delay);
}
bool schedule_delayed_work_on(int, delayed_work *work, unsigned long delay) noexcept
{
    return env::schedule_delayed_work(work, delay);
}
bool mod_delayed_work(workqueue_struct *wq, delayed_work *work, unsigned long delay) noexcept
{
    for (;;) {
        const bool pending = host::grab(&work->work, work);
        if (!pending && !host::workqueues::get().claim(&work->work)) {
            if (host::workqueues::pending_bit(&work->work).load() != 0)
                continue;
            return false;
        }
        host::enqueue_later(wq, work, delay);
        return pending;
    }
}
bool cancel_work(work_struct *work) noexcept { return host::cancel(work, nullptr); }
bool cancel_delayed_work(delayed_work *work) noexcept { return host::cancel(&work->work, work); }
bool cancel_work_sync(work_struct *work) noexcept
{
    return host::cancel_sync(work, nullptr, "cancel_work_sync");
}
bool cancel_delayed_work_sync(delayed_work *work) noexcept
{
    return host::cancel_sync(&work->work, work, "cancel_delayed_work_sync");
}
bool flush_work(work_struct *work) noexcept
{
    host::may_sleep("flush_work");
    return host::workqueues::get().flush(work, "flush_work");
}
bool flush_delayed_work(delayed_work *work) noexcept
{
    host::may_sleep("flush_delayed_work");
    // A timer that fires right now queues the item first (kernel/workqueue.c: timer_delete_sync()).
    const bool hurried = host::in_softirq().remove_sync(work, "flush_delayed_work");
    if (hurried)
        host::fire_delayed(work);
    return host::workqueues::get().flush(&work->work, "flush_delayed_work") || hurried;
}
void flush_workqueue(workqueue_struct *wq) noexcept
{
    host::may_sleep("flush_workqueue");
    host::workqueues::get().flush_queue(wq, "flush_workqueue");
}
void drain_workqueue(workqueue_struct *wq) noexcept
{
    host::may_sleep("drain_workqueue");
    host::workqueues::get().drain(wq, "drain_workqueue");
}
void destroy_workqueue(workqueue_struct *wq) noexcept
{
    env::drain_workqueue(wq);
    host::workqueues::get().end(wq);
}
workqueue_struct *alloc_workqueue(const char *name, unsigned int, int max_active) noexcept
{
    host::may_sleep("alloc_workqueue");
    if (host::should_fail(host::this_cpu(), sizeof(workqueue_struct), host::gfp_kernel))
        return nullptr;
    return new workqueue_struct{
        name, max_active > 0 ? static_cast<unsigned>(max_active) : host::default_max_active, {}};
}
workqueue_struct *alloc_ordered_workqueue(const char *name, unsigned int flags) noexcept
{
    return env::alloc_workqueue(name, flags, 1);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END
