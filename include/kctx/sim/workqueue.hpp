// SPDX-License-Identifier: BSL-1.0
/// @file
/// Workqueues and their workers: since 2.6.36 pools shared by all queues of a CPU, before a thread
/// for each queue and CPU.
/// @par Kernel source
/// kernel/workqueue.c (2.6.32, 6.12).
#pragma once

#include <kctx/api/workqueue.hpp>
#include <kctx/sim/memory.hpp>
#include <kctx/sim/timers.hpp>

namespace kctx {

/// A workqueue.
struct workqueue_struct {
    std::string name;        ///< as its kworkers are called
    unsigned flags = 0;      ///< WQ_*
    unsigned max_active = 0; ///< 0: as many as there are
};

} // namespace kctx

KCTX_SIM_BEGIN
namespace kctx::sim {

/// Held while a work item runs, and taken by who waits for it.
inline constexpr lock_kind work_map{"(work_completion)(&work)", lock_wait::unchecked};

/// The workqueues of a machine: what is queued, and the kworkers that run it.
class workqueues
{
    machine &m_;
    static constexpr unsigned unbound = 1u << 1;

    /// A queued item that waits for a worker, or runs.
    struct job {
        work_struct *work;
        workqueue_struct *queue;
        unsigned cpu;
        std::uint64_t number;
        task_struct *worker = nullptr;
        std::string function; ///< for "Workqueue:"
    };
    struct worker {
        task_struct *task;
        unsigned cpu;
        const workqueue_struct *only; ///< before the pools: the queue it serves
        bool unbound;
        bool idle = true;
    };
    std::list<job> jobs_;
    std::deque<worker> workers_;
    std::uint64_t number_ = 0;
    std::unordered_map<delayed_work *, std::uint64_t> timers_;
    std::unordered_map<const void *, std::string> names_;
    std::vector<const work_struct *> canceled_; ///< somebody waits for their end
    workqueue_struct system_{"events"};

public:
    explicit workqueues(machine &m) : m_(m) {}

    /// The function of such work is called @p name where "Workqueue:" shows it.
    void name_function(const void *function, std::string name)
    {
        names_.insert_or_assign(function, std::move(name));
    }

    /// Queues @p work, on a CPU if one is given: whether it was not queued.
    bool queue(workqueue_struct *wq, work_struct *work, int cpu = -1)
    {
        if (work->data != 0 || is_canceled(work)) // WORK_STRUCT_PENDING
            return false;
        work->data = 1;
        enqueue(wq, work, cpu);
        return true;
    }
    /// The same after @p delay jiffies.
    bool queue_delayed(workqueue_struct *wq, delayed_work *work, unsigned long delay)
    {
        if (delay == 0)
            return queue(wq, &work->work);
        if (work->work.data != 0 || is_canceled(&work->work))
            return false;
        work->work.data = 1;
        timers_[work] = m_.irq_at((m_.jiffies() + delay) * m_.jiffy_ns(),
                                  [this, wq, work] {
                                      m_.raise_softirq(
                                          [this, wq, work] {
                                              if (timers_.erase(work) == 0)
                                                  return;
                                              const frame in("delayed_work_timer_fn");
                                              enqueue(wq, &work->work, -1);
                                          },
                                          {"run_timer_softirq", "__run_timers", "call_timer_fn"},
                                          softirq_thread::timers);
                                  },
                                  {}, m_.cpu_number());
        return true;
    }
    /// Takes it off its queue, or its timer away; whether it was pending.
    bool take_off(work_struct *work)
    {
        const auto found = std::ranges::find_if(
            jobs_, [work](const job &j) { return j.work == work && !j.worker; });
        if (found != jobs_.end()) {
            jobs_.erase(found);
            work->data = 0;
            return true;
        }
        for (const auto &[delayed, timer] : timers_)
            if (&delayed->work == work) {
                m_.cancel(timer);
                timers_.erase(delayed);
                work->data = 0;
                return true;
            }
        return false;
    }
    /// Queues what its timer would queue later: whether the timer ran.
    bool fire_now(delayed_work *work, workqueue_struct *wq)
    {
        const auto found = timers_.find(work);
        if (found == timers_.end())
            return false;
        m_.cancel(found->second);
        timers_.erase(found);
        enqueue(wq, &work->work, -1);
        return true;
    }
    /// From now on it may not be queued: somebody cancels it.
    void forbid(const work_struct *work) { canceled_.push_back(work); }
    /// Ends forbid().
    void allow(const work_struct *work)
    {
        const auto found = std::ranges::find(canceled_, work);
        if (found != canceled_.end())
            canceled_.erase(found);
    }

    /// Whether a kworker runs it now.
    bool is_running(const work_struct *work) const
    {
        return std::ranges::any_of(jobs_,
                                   [work](const job &j) { return j.work == work && j.worker; });
    }
    /// Whether it waits for a kworker, or runs.
    bool is_queued(const work_struct *work) const
    {
        return std::ranges::any_of(jobs_, [work](const job &j) { return j.work == work; });
    }
    /// wait_for_completion() of a barrier behind what is there: @p such jobs.
    template <class F> void wait_while(F such)
    {
        while (std::ranges::any_of(jobs_, such)) {
            const frame in("wait_for_completion");
            const frame inner(m_.config.since(4, 15) ? "__wait_for_common" : "wait_for_common");
            m_.sleep_on_timeout(this, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
        }
    }
    /// Waits until it does not run.
    void wait_for_run(const work_struct *work)
    {
        wait_while([work](const job &j) { return j.work == work && j.worker; });
    }
    /// flush_work(): waits until what is queued now has run.
    void wait_for(const work_struct *work)
    {
        const std::uint64_t last = number_;
        wait_while([work, last](const job &j) { return j.work == work && j.number <= last; });
    }
    /// flush_workqueue(): waits until what is queued there now has run.
    void wait_for(const workqueue_struct *wq)
    {
        const std::uint64_t last = number_;
        if (!wq)
            wq = &system_;
        wait_while([wq, last](const job &j) { return j.queue == wq && j.number <= last; });
    }

private:
    bool is_canceled(const work_struct *work) const
    {
        return std::ranges::find(canceled_, work) != canceled_.end();
    }
    void enqueue(workqueue_struct *wq, work_struct *work, int cpu)
    {
        if (!wq)
            wq = &system_;
        const auto named = names_.find(reinterpret_cast<const void *>(work->func));
        jobs_.push_back({work, wq, cpu < 0 ? m_.cpu_number() : static_cast<unsigned>(cpu),
                         ++number_, nullptr, named == names_.end() ? "" : named->second});
        wake_worker(jobs_.back());
    }
    bool pools() const { return m_.config.since(2, 6, 36); }
    bool serves(const worker &w, const job &j) const
    {
        if (!pools())
            return w.only == j.queue && w.cpu == j.cpu;
        const bool any_cpu = (j.queue->flags & unbound) != 0;
        return w.unbound == any_cpu && (any_cpu || w.cpu == j.cpu);
    }
    /// The first that may run: an item never runs twice at once, a queue not beyond max_active.
    job *next_for(const worker &w)
    {
        for (job &j : jobs_) {
            if (j.worker || !serves(w, j) || is_running(j.work))
                continue;
            const auto active = std::ranges::count_if(
                jobs_, [&j](const job &other) { return other.queue == j.queue && other.worker; });
            if (j.queue->max_active == 0 || static_cast<unsigned>(active) < j.queue->max_active)
                return &j;
        }
        return nullptr;
    }
    void wake_worker(const job &j)
    {
        for (worker &w : workers_)
            if (serves(w, j) && (w.idle || !pools())) {
                m_.wake_up(*w.task, TASK_NORMAL);
                return;
            }
        workers_.push_back({nullptr, j.cpu, pools() ? nullptr : j.queue,
                            (j.queue->flags & unbound) != 0 && pools()});
        worker &w = workers_.back();
        const auto mates = std::ranges::count_if(workers_, [&w](const worker &other) {
            return other.unbound == w.unbound && (w.unbound || other.cpu == w.cpu);
        });
        const unsigned id = static_cast<unsigned>(mates - 1);
        w.task = &m_.kthread({.comm = !pools()    ? text("%s/%u", j.queue->name.c_str(), j.cpu)
                                      : w.unbound ? text("kworker/u%u:%u", m_.config.cpus * 2, id)
                                                  : text("kworker/%u:%u", j.cpu, id),
                              .entry = {"worker_thread"},
                              .cpu = j.cpu,
                              .serves = true},
                             [this, &w] { serve(w); });
        w.task->bound_to_cpu = !w.unbound;
    }
    void serve(worker &w)
    {
        for (;;) {
            job *const j = next_for(w);
            if (!j) {
                w.idle = true;
                m_.set_state(TASK_INTERRUPTIBLE); // TASK_IDLE since 4.15
                m_.schedule();
                m_.set_state(TASK_RUNNING);
                continue;
            }
            w.idle = false;
            j->worker = w.task;
            work_struct *const work = j->work;
            work->data = 0; // it may be queued again from here on
            if (m_.config.since(3, 10) && !j->function.empty())
                w.task->workqueue = j->queue->name + " " + j->function;
            if (pools()) {
                const frame in("process_one_work");
                run(work);
            } else {
                run(work);
            }
            w.task->workqueue.clear();
            jobs_.remove_if([j](const job &other) { return &other == j; });
            m_.wake_all(this);
            // A job that was kept back by this one may be another worker's.
            for (const job &waiting : jobs_)
                if (!waiting.worker && !serves(w, waiting))
                    wake_worker(waiting);
        }
    }
    void run(work_struct *work)
    {
        const auto function = work->func;
        lockdep_acquire(m_, work, work_map);
        function(work); // the item may be gone afterwards
        lockdep_release(m_, work);
    }
};

/// The workqueues of the machine that runs.
inline workqueues &queues() { return here().part<workqueues>(); }

inline const kernel_lock<raw_spinlock_t> worker_pool_lock("&pool->lock");
inline const kernel_lock<mutex> wq_pool_mutex("wq_pool_mutex");
/// The same, as a call reaches them that takes the pool's lock on its way.
inline workqueues &locked_queues()
{
    passes(worker_pool_lock);
    return queues();
}
/// wq->mutex
inline mutex *mutex_of_queue(const workqueue_struct *wq) { return mutex_of(wq, "&wq->mutex"); }
/// __flush_workqueue()
inline void flush_queue(workqueue_struct *wq)
{
    passes(mutex_of_queue(wq));
    queues().wait_for(wq);
}

/// lockdep hears that somebody waits for the end of @p work: the work item may wait for what he
/// holds. A cancel says so since 6.0; since 6.9 both do only if there is something to wait for.
/// Before 4.19 there were other rules, which are not modelled.
inline void waits_for_work(machine &m, const work_struct *work, bool cancels)
{
    if (!(cancels ? m.config.since(6, 0) : m.config.since(4, 19)))
        return;
    if (m.config.since(6, 9) && !(cancels ? queues().is_running(work) : queues().is_queued(work)))
        return;
    lockdep_acquire(m, work, work_map);
    lockdep_release(m, work);
}

/// cancel_work_sync(), and cancel_delayed_work_sync() of the latter's work.
inline bool cancel_and_wait(work_struct *work, const char *function)
{
    machine &m = called(function);
    const frame in(function);
    const frame inner(m.config.since(6, 10) ? "__cancel_work_sync" : "__cancel_work_timer");
    const bool was = queues().take_off(work);
    if (m.config.since(6, 10)) // __cancel_work_timer() has no might_sleep()
        m.might_sleep("kernel/workqueue.c", m.config.since(6, 12) ? 4393 : 0);
    queues().forbid(work);
    if (m.config.since(2, 6, 36)) {
        const frame flush("__flush_work");
        waits_for_work(m, work, true);
        queues().wait_for_run(work);
    } else {
        queues().wait_for_run(work);
    }
    queues().allow(work);
    return was;
}
inline bool flush_and_wait(work_struct *work)
{
    machine &m = here();
    const frame in("__flush_work");
    m.might_sleep("kernel/workqueue.c", m.config.since(6, 12) ? 4300 : 0);
    const bool was = queues().is_queued(work);
    waits_for_work(m, work, false);
    queues().wait_for(work);
    return was;
}

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

bool schedule_work(work_struct *work) noexcept
{
    sim::called("schedule_work");
    return sim::locked_queues().queue(nullptr, work);
}
bool queue_work(workqueue_struct *wq, work_struct *work) noexcept
{
    sim::called("queue_work");
    return sim::locked_queues().queue(wq, work);
}
bool queue_work_on(int cpu, workqueue_struct *wq, work_struct *work) noexcept
{
    sim::called("queue_work_on");
    return sim::locked_queues().queue(wq, work, cpu);
}
bool schedule_work_on(int cpu, work_struct *work) noexcept
{
    sim::called("schedule_work_on");
    return sim::locked_queues().queue(nullptr, work, cpu);
}
bool schedule_delayed_work(delayed_work *work, unsigned long delay) noexcept
{
    sim::called("schedule_delayed_work");
    return sim::locked_queues().queue_delayed(nullptr, work, delay);
}
bool queue_delayed_work(workqueue_struct *wq, delayed_work *work, unsigned long delay) noexcept
{
    sim::called("queue_delayed_work");
    return sim::locked_queues().queue_delayed(wq, work, delay);
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
    sim::called("mod_delayed_work");
    const bool was = sim::locked_queues().take_off(&work->work);
    sim::locked_queues().queue_delayed(wq, work, delay);
    return was;
}
bool cancel_work(work_struct *work) noexcept
{
    sim::called("cancel_work");
    return sim::locked_queues().take_off(work);
}
bool cancel_delayed_work(delayed_work *work) noexcept
{
    sim::called("cancel_delayed_work");
    return sim::locked_queues().take_off(&work->work);
}
bool cancel_work_sync(work_struct *work) noexcept
{
    return sim::cancel_and_wait(work, "cancel_work_sync");
}
bool cancel_delayed_work_sync(delayed_work *work) noexcept
{
    return sim::cancel_and_wait(&work->work, "cancel_delayed_work_sync");
}
bool flush_work(work_struct *work) noexcept
{
    sim::called("flush_work");
    const sim::frame in("flush_work");
    return sim::flush_and_wait(work);
}
bool flush_delayed_work(delayed_work *work) noexcept
{
    sim::called("flush_delayed_work");
    const sim::frame in("flush_delayed_work");
    sim::queues().fire_now(work, nullptr);
    return sim::flush_and_wait(&work->work);
}

void flush_workqueue(workqueue_struct *wq) noexcept
{
    const sim::in_call in("__flush_workqueue");
    sim::flush_queue(wq);
}
void drain_workqueue(workqueue_struct *wq) noexcept
{
    const sim::in_call in("drain_workqueue");
    sim::flush_queue(wq);
}
void destroy_workqueue(workqueue_struct *wq) noexcept
{
    const sim::in_call in("destroy_workqueue");
    sim::flush_queue(wq);
    sim::passes(sim::wq_pool_mutex);
    delete wq;
}
workqueue_struct *alloc_workqueue(const char *name, unsigned int flags, int max_active) noexcept
{
    const sim::in_call in("alloc_workqueue");
    sim::allocates(sim::gfp_kernel);
    sim::passes(sim::wq_pool_mutex);
    return new workqueue_struct{name, flags, static_cast<unsigned>(max_active)};
}
workqueue_struct *alloc_ordered_workqueue(const char *name, unsigned int flags) noexcept
{
    return env::alloc_workqueue(name, flags | 2, 1); // WQ_UNBOUND
}
int schedule_on_each_cpu(work_func_t func) noexcept
{
    const sim::in_call in("schedule_on_each_cpu");
    sim::allocates(sim::gfp_kernel);
    env::cpus_read_lock();
    std::vector<work_struct> works(sim::here().config.cpus);
    for (unsigned cpu = 0; cpu < works.size(); ++cpu) {
        works[cpu].func = func.function();
        sim::queues().queue(nullptr, &works[cpu], static_cast<int>(cpu));
    }
    for (work_struct &work : works)
        sim::flush_and_wait(&work);
    env::cpus_read_unlock();
    return 0;
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
