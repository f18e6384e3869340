// SPDX-License-Identifier: BSL-1.0
/// @file
/// Workqueues: each has workers of its own, as many at a time as its items need and its max_active
/// allows. An item never runs twice at the same time, whatever queues it is on.
/// @par Kernel source
/// kernel/workqueue.c, include/linux/workqueue.h (6.12).
#pragma once

#include <list>

#include <kctx/api/workqueue.hpp>
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
    workqueue_struct system_{"events", system_max_active, {}};

    static constexpr unsigned system_max_active = 256;

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
        const std::string name =
            "kworker/" + std::to_string(wq->workers.size()) + ":" + wq->name;
        wq->workers.push_back(start_thread(name, [this, wq] { run_worker(wq); }));
    }
    void run_worker(workqueue_struct *wq) noexcept
    {
        std::unique_lock held(lock_);
        for (;;) {
            auto job = jobs_.end();
            changed_.wait(held, [&] {
                job = next_of(wq);
                return wq->ends || job != jobs_.end();
            });
            if (job == jobs_.end())
                return;
            --wq->idle;
            job->running = true;
            job->worker = std::this_thread::get_id();
            work_struct *const work = job->work;
            const auto function = work->func;
            std::atomic_ref(work->data).store(0);
            held.unlock();
            call(function, work); // the item may be gone afterwards
            held.lock();
            jobs_.erase(job);
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

public:
    static workqueues &get() noexcept { return immortal<workqueues>(); }

    bool queue(workqueue_struct *wq, work_struct *work) noexcept
    {
        if (!wq)
            wq = &system_;
        const std::lock_guard held(lock_);
        if (waiting(work) != jobs_.end() || is_canceled(work))
            return false;
        jobs_.push_back({work, wq, ++number_});
        if (wq->idle == 0 && wq->workers.size() < wq->max_active)
            add_worker(wq);
        changed_.notify_all();
        return true;
    }
    /// Takes @p work off its queue; whether it was on one.
    bool cancel(work_struct *work) noexcept
    {
        const std::lock_guard held(lock_);
        const auto found = waiting(work);
        if (found == jobs_.end())
            return false;
        jobs_.erase(found);
        changed_.notify_all();
        return true;
    }
    /// The same, and waits until it does not run, not to be queued again meanwhile.
    bool cancel_sync(work_struct *work, const char *function) noexcept
    {
        std::unique_lock held(lock_);
        check_self(work, function);
        canceled_.push_back(work);
        const auto found = waiting(work);
        const bool pending = found != jobs_.end();
        if (pending)
            jobs_.erase(found);
        changed_.wait(held, [&] { return !any([=](const job &j) { return j.work == work; }); });
        canceled_.erase(std::find(canceled_.begin(), canceled_.end(), work));
        return pending;
    }
    /// Waits until the runs of @p work that are queued or run now have ended; whether there were any.
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
    workqueues::get().queue(
        static_cast<workqueue_struct *>(std::atomic_ref(work->timer).load()), &work->work);
}
inline bool queue_later(workqueue_struct *wq, delayed_work *work, unsigned long delay,
                        bool change) noexcept
{
    std::atomic_ref(work->timer).store(wq);
    if (delay == 0)
        return workqueues::get().queue(wq, &work->work);
    return in_softirq().add(work, time_of(now_in_jiffies() + delay), fire_delayed, change);
}

} // namespace kctx::host
KCTX_HOST_END
