// SPDX-License-Identifier: BSL-1.0
/// @file
/// Threads of a driver, and kthread_worker.
/// @par Kernel source
/// kernel/kthread.c (6.12).
#pragma once

#include <kctx/api/kthread.hpp>
#include <kctx/sim/memory.hpp>
#include <kctx/sim/wait.hpp>

namespace kctx {

/// A thread that runs kthread_works one by one.
struct kthread_worker {
    std::deque<kthread_work *> queue{}; ///< the next one first
    kthread_work *running = nullptr;    ///< what it runs; nullptr: nothing
    task_struct *task = nullptr;        ///< the thread
    bool ends = false;                  ///< kthread_destroy_worker() waits for its end
};

} // namespace kctx

KCTX_SIM_BEGIN
namespace kctx::sim {

/// The kernel threads of a machine, and the workers among them.
class kthreads
{
    machine &m_;
    struct thread {
        bool should_stop = false;
        bool has_ended = false;
        int result = 0;
    };
    std::unordered_map<const task_struct *, thread> threads_;
    std::deque<kthread_worker> workers_;
    std::unordered_map<const kthread_work *, kthread_worker *> queued_;

public:
    explicit kthreads(machine &m) : m_(m) {}

    /// A thread that runs @p function when it is woken; @p state is that of its wait for that.
    task_struct *create(std::function<int()> function, const char *name, unsigned state)
    {
        task_struct &task = m_.kthread({.comm = name, .cpu = m_.cpu_number()}, {});
        thread &t = threads_[&task];
        task.body = [this, &task, &t, run = std::move(function)] {
            t.result = t.should_stop ? -4 : run(); // EINTR: it was stopped before it was started
            t.has_ended = true;
            m_.wake_all(&task);
        };
        if (state != TASK_RUNNING)
            m_.put_to_sleep(task, state);
        return &task;
    }
    /// The thread is to end; waits until it has, and returns its result.
    int stop(task_struct *task)
    {
        thread &t = threads_[task];
        t.should_stop = true;
        m_.wake_up(*task, TASK_NORMAL);
        while (!t.has_ended && !task->exited)
            m_.sleep_on(task, TASK_UNINTERRUPTIBLE);
        return t.result;
    }
    /// Whether kthread_stop() waits for the thread that runs.
    bool should_stop() { return threads_[&m_.current()].should_stop; }

    /// A worker with a thread of this name, started.
    kthread_worker *create_worker(const char *name)
    {
        kthread_worker &w = workers_.emplace_back();
        w.task = create(
            [this, &w] {
                const frame in("kthread_worker_fn");
                while (!w.ends || !w.queue.empty())
                    run_next(w);
                return 0;
            },
            name, TASK_RUNNING);
        w.task->is.serves = true;
        return &w;
    }
    /// Has it run what is queued, and end.
    void destroy_worker(kthread_worker *w)
    {
        w->ends = true;
        stop(w->task);
    }
    /// Queues @p work: whether it was not queued.
    bool queue(kthread_worker *w, kthread_work *work)
    {
        if (std::ranges::find(w->queue, work) != w->queue.end())
            return false;
        queued_[work] = w;
        w->queue.push_back(work);
        m_.wake_up(*w->task, TASK_NORMAL);
        return true;
    }
    /// Takes @p work out of its queue: whether it was there.
    bool cancel(kthread_work *work)
    {
        kthread_worker *const w = worker_of(work);
        return w && std::erase(w->queue, work) != 0;
    }
    /// Waits until @p work does not run, and, if asked to, is not queued.
    void wait_for(kthread_work *work, bool queued_too)
    {
        kthread_worker *const w = worker_of(work);
        while (w && (w->running == work ||
                     (queued_too && std::ranges::find(w->queue, work) != w->queue.end())))
            m_.sleep_on(w, TASK_UNINTERRUPTIBLE);
    }

private:
    kthread_worker *worker_of(const kthread_work *work) const
    {
        const auto found = queued_.find(work);
        return found == queued_.end() ? nullptr : found->second;
    }
    void run_next(kthread_worker &w)
    {
        if (w.queue.empty()) {
            m_.set_state(TASK_INTERRUPTIBLE);
            m_.schedule();
            return;
        }
        w.running = w.queue.front();
        w.queue.pop_front();
        w.running->func.function()(w.running);
        w.running = nullptr;
        m_.wake_all(&w);
    }
};

/// The raw lock of a worker; a wait for its work turns interrupts on when it gives it back.
inline const kernel_lock<raw_spinlock_t> kthread_worker_lock("&worker->lock");
inline void pass_worker_lock_irq()
{
    env::raw_spin_lock_irq(kthread_worker_lock.get());
    env::raw_spin_unlock_irq(kthread_worker_lock.get());
}
/// The kernel threads of the machine that runs.
inline kthreads &threads() { return here().part<kthreads>(); }
/// What kthread_create() begins with: it allocates and waits for kthreadd.
inline void may_create()
{
    allocates(gfp_kernel);
    awaits();
}

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

task_struct *kthread_run(kthread_fn_t fn, void *data, const char *name) noexcept
{
    sim::called("kthread_run");
    const sim::frame in("kthread_create_on_node");
    sim::may_create();
    return sim::threads().create([fn, data] { return fn.function()(data); }, name, TASK_RUNNING);
}
task_struct *kthread_create(kthread_fn_t fn, void *data, const char *name) noexcept
{
    sim::called("kthread_create");
    const sim::frame in("kthread_create_on_node");
    sim::may_create();
    return sim::threads().create([fn, data] { return fn.function()(data); }, name,
                                 TASK_UNINTERRUPTIBLE);
}
int kthread_stop(task_struct *thread) noexcept
{
    sim::machine &m = sim::called("kthread_stop");
    const sim::frame in("kthread_stop");
    m.might_sleep("kernel/sched/completion.c", m.config.since(6, 12) ? 111 : 0);
    return sim::threads().stop(thread);
}
bool kthread_should_stop() noexcept { return sim::threads().should_stop(); }
kthread_worker *kthread_create_worker(unsigned int, const char *name) noexcept
{
    sim::called("kthread_create_worker");
    sim::may_create();
    return sim::threads().create_worker(name);
}
void kthread_destroy_worker(kthread_worker *worker) noexcept
{
    sim::called("kthread_destroy_worker");
    sim::threads().destroy_worker(worker);
}
bool kthread_queue_work(kthread_worker *worker, kthread_work *work) noexcept
{
    sim::called("kthread_queue_work");
    sim::passes(sim::kthread_worker_lock);
    return sim::threads().queue(worker, work);
}
void kthread_flush_work(kthread_work *work) noexcept
{
    sim::called("kthread_flush_work");
    const sim::frame in("kthread_flush_work");
    sim::pass_worker_lock_irq();
    sim::threads().wait_for(work, true);
}
bool kthread_cancel_work_sync(kthread_work *work) noexcept
{
    sim::called("kthread_cancel_work_sync");
    const sim::frame in("kthread_cancel_work_sync");
    sim::passes(sim::kthread_worker_lock);
    const bool was = sim::threads().cancel(work);
    sim::threads().wait_for(work, false);
    return was;
}

bool kthread_cancel_delayed_work_sync(kthread_delayed_work *work) noexcept
{
    return env::kthread_cancel_work_sync(&work->work);
}
void kthread_unpark(task_struct *thread) noexcept
{
    const sim::in_call in("kthread_unpark");
    sim::here().wake_up(*thread, TASK_NORMAL);
}
/// The thread parks where it asks for it, which it may do in its own time.
int kthread_park(task_struct *) noexcept
{
    const sim::in_call in("kthread_park");
    sim::awaits();
    return 0;
}
bool try_to_freeze() noexcept
{
    const sim::source_line caller = sim::source_of_caller();
    const sim::in_call in("try_to_freeze");
    sim::here().might_sleep(caller.file, caller.line);
    return false;
}
KCTX_SIM_CALL(void, put_task_struct, (task_struct *), nothing())

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
