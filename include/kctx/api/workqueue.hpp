// SPDX-License-Identifier: BSL-1.0
/// @file
/// Work items: what an interrupt leaves for process context.
/// @par Kernel source
/// include/linux/workqueue.h, kernel/workqueue.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/callback.hpp>
#include <kctx/api/handler.hpp>
#include <kctx/api/jiffies.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/gfp/allocation.hpp>

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

namespace kctx {

/// A piece of work; INIT_WORK() gives it its function.
struct work_struct {
    void (*func)(work_struct *) = nullptr; ///< what it runs
    work_struct *next = nullptr;           ///< the environment's queue
    unsigned long data = 0;                ///< the environment's state
};
/// A piece of work that a timer queues.
struct delayed_work {
    work_struct work;      ///< what the timer queues
    void *timer = nullptr; ///< the environment's timer
};
/// Where work is queued; the environment's.
struct workqueue_struct;

/// A workqueue whose type says whose work runs on it, `workqueue_of<reset_work, poll_work> wq;`:
/// who waits for the queue waits for them.
template <class... Work> class workqueue_of
{
    workqueue_struct *wq_ = nullptr;

public:
    constexpr workqueue_of() noexcept = default;
    constexpr workqueue_of(workqueue_struct *wq) noexcept : wq_(wq) {}
    constexpr operator workqueue_struct *() const noexcept { return wq_; }
    /// Whether a work item in context C would wait for itself.
    template <class C>
    static constexpr bool awaited_in = (detail::waits_for_callback<Work, C> || ...);
    /// Whether work of type W runs on it.
    template <class W> static constexpr bool runs = (__is_same(W, Work) || ...);
};

/// The workqueue of schedule_work(): `queue_work(ctx, system_wq, &work)`.
inline constexpr workqueue_struct *system_wq = nullptr;

/// Makes @p H the function of @p work: `void fn(WorkCtx, work_struct *)`. It runs in a kworker,
/// which is process context.
template <auto H>
    requires handles<H, WorkCtx, work_struct *>
inline void INIT_WORK(work_struct *work, handler_t<H>) noexcept
{
    *work = {detail::thunk_for<H, WorkCtx, void, work_struct *>, nullptr, 0};
}
template <auto H>
    requires handles<H, WorkCtx, work_struct *>
inline void INIT_DELAYED_WORK(delayed_work *work, handler_t<H>) noexcept
{
    *work = {{detail::thunk_for<H, WorkCtx, void, work_struct *>, nullptr, 0}, nullptr};
}
/// The same for work of a type of its own: `void fn(CallbackOf<W, WorkCtx>, work_struct *)`.
template <class W, auto H>
    requires detail::callback_of<H, W, work_struct, WorkCtx>
inline void INIT_WORK(W *work, handler_t<H>) noexcept
{
    static_cast<work_struct &>(*work) = {
        detail::thunk_for<H, CallbackOf<W, WorkCtx>, void, work_struct *>, nullptr, 0};
}
template <class W, auto H>
    requires(__is_base_of(delayed_work, W) && !__is_same(delayed_work, W) &&
             !handles<H, WorkCtx, work_struct *> &&
             handles<H, CallbackOf<W, WorkCtx>, work_struct *>)
inline void INIT_DELAYED_WORK(W *work, handler_t<H>) noexcept
{
    static_cast<delayed_work &>(*work) = {
        {detail::thunk_for<H, CallbackOf<W, WorkCtx>, void, work_struct *>, nullptr, 0}, nullptr};
}
/// The delayed work that @p work is part of.
inline delayed_work *to_delayed_work(work_struct *work) noexcept
{
    return reinterpret_cast<delayed_work *>(work);
}
#ifndef KCTX_UNCHECKED
template <auto H>
KCTX_UNAVAILABLE(KCTX_TEXT_handler(INIT_WORK, "a WorkCtx"))
void INIT_WORK(work_struct *, handler_t<H>);
template <auto H>
KCTX_UNAVAILABLE(KCTX_TEXT_handler(INIT_DELAYED_WORK, "a WorkCtx"))
void INIT_DELAYED_WORK(delayed_work *, handler_t<H>);
#endif

KCTX_LEGAL_ANYWHERE(INIT_WORK, "fills in the work", "include/linux/workqueue.h INIT_WORK()")
KCTX_LEGAL_ANYWHERE(INIT_DELAYED_WORK, "fills in the work",
                    "include/linux/workqueue.h INIT_DELAYED_WORK()")

#define KCTX_WORK_QUEUE_WHY "takes the pool's raw lock"
#define KCTX_WORK_QUEUE_FIX "irq_work_queue() it, and queue the work in the irq_work"
#define KCTX_WORK_WAIT_WHY "waits until the work has finished"
#define KCTX_WORK_WAIT_FIX "cancel_work() or cancel_delayed_work(), which do not wait, or wait in " \
                           "a work item or threaded irq"

/// Queues @p work on the system workqueue; false if it was queued already.
KCTX_CALL(spins, bool, schedule_work, (work_struct * work), (work), KCTX_WORK_QUEUE_WHY,
          KCTX_WORK_QUEUE_FIX, "include/linux/workqueue.h schedule_work()")
/// Queues @p work on @p wq; false if it was queued already.
KCTX_CALL(spins, bool, queue_work, (workqueue_struct * wq, work_struct *work), (wq, work),
          KCTX_WORK_QUEUE_WHY, KCTX_WORK_QUEUE_FIX, "kernel/workqueue.c queue_work_on()")
/// The same on one CPU.
KCTX_CALL(spins, bool, queue_work_on, (int cpu, workqueue_struct *wq, work_struct *work),
          (cpu, wq, work), KCTX_WORK_QUEUE_WHY, KCTX_WORK_QUEUE_FIX,
          "kernel/workqueue.c queue_work_on()")
/// schedule_work() on one CPU.
KCTX_CALL(spins, bool, schedule_work_on, (int cpu, work_struct *work), (cpu, work),
          KCTX_WORK_QUEUE_WHY, KCTX_WORK_QUEUE_FIX, "include/linux/workqueue.h schedule_work_on()")
/// Queues @p work after @p delay jiffies; false if it was pending.
KCTX_CALL(spins, bool, schedule_delayed_work, (delayed_work * work, unsigned long delay),
          (work, delay), KCTX_WORK_QUEUE_WHY, KCTX_WORK_QUEUE_FIX,
          "include/linux/workqueue.h schedule_delayed_work()")
KCTX_CALL(spins, bool, queue_delayed_work,
          (workqueue_struct * wq, delayed_work *work, unsigned long delay), (wq, work, delay),
          KCTX_WORK_QUEUE_WHY, KCTX_WORK_QUEUE_FIX, "kernel/workqueue.c queue_delayed_work_on()")
/// The same on one CPU.
KCTX_CALL(spins, bool, queue_delayed_work_on,
          (int cpu, workqueue_struct *wq, delayed_work *work, unsigned long delay),
          (cpu, wq, work, delay), KCTX_WORK_QUEUE_WHY, KCTX_WORK_QUEUE_FIX,
          "kernel/workqueue.c queue_delayed_work_on()")
KCTX_CALL(spins, bool, schedule_delayed_work_on, (int cpu, delayed_work *work, unsigned long delay),
          (cpu, work, delay), KCTX_WORK_QUEUE_WHY, KCTX_WORK_QUEUE_FIX,
          "include/linux/workqueue.h schedule_delayed_work_on()")
/// Changes the delay, or queues it; true if it was pending.
KCTX_CALL(spins, bool, mod_delayed_work,
          (workqueue_struct * wq, delayed_work *work, unsigned long delay), (wq, work, delay),
          KCTX_WORK_QUEUE_WHY, KCTX_WORK_QUEUE_FIX, "kernel/workqueue.c mod_delayed_work_on()")
/// Takes pending work off its queue and does not wait for one that runs.
KCTX_CALL(spins, bool, cancel_work, (work_struct * work), (work), KCTX_WORK_QUEUE_WHY,
          KCTX_WORK_QUEUE_FIX, "kernel/workqueue.c cancel_work()")
KCTX_CALL(spins, bool, cancel_delayed_work, (delayed_work * work), (work), KCTX_WORK_QUEUE_WHY,
          KCTX_WORK_QUEUE_FIX, "kernel/workqueue.c cancel_delayed_work()")
/// Cancels @p work and waits until it has finished; true if it was pending.
KCTX_CALL(sleeps, bool, cancel_work_sync, (work_struct * work), (work), KCTX_WORK_WAIT_WHY,
          KCTX_WORK_WAIT_FIX, "kernel/workqueue.c cancel_work_sync()")
KCTX_CALL(sleeps, bool, cancel_delayed_work_sync, (delayed_work * work), (work), KCTX_WORK_WAIT_WHY,
          KCTX_WORK_WAIT_FIX, "kernel/workqueue.c cancel_delayed_work_sync()")
/// Waits until @p work has finished.
KCTX_CALL(sleeps, bool, flush_work, (work_struct * work), (work), KCTX_WORK_WAIT_WHY,
          KCTX_WORK_WAIT_FIX, "kernel/workqueue.c flush_work()")
KCTX_CALL(sleeps, bool, flush_delayed_work, (delayed_work * work), (work), KCTX_WORK_WAIT_WHY,
          KCTX_WORK_WAIT_FIX, "kernel/workqueue.c flush_delayed_work()")
KCTX_WAITS_FOR_CALLBACK(bool, cancel_work_sync, work_struct)
KCTX_WAITS_FOR_CALLBACK(bool, cancel_delayed_work_sync, delayed_work)
KCTX_WAITS_FOR_CALLBACK(bool, flush_work, work_struct)
KCTX_WAITS_FOR_CALLBACK(bool, flush_delayed_work, delayed_work)
/// Waits until everything queued so far has finished.
KCTX_CALL(sleeps, void, flush_workqueue, (workqueue_struct * wq), (wq),
          "waits until the queued work has finished", KCTX_WORK_WAIT_FIX,
          "kernel/workqueue.c __flush_workqueue()")
KCTX_CALL(sleeps, void, drain_workqueue, (workqueue_struct * wq), (wq),
          "waits until the queue is empty", KCTX_WORK_WAIT_FIX,
          "kernel/workqueue.c drain_workqueue()")
KCTX_CALL(sleeps, void, destroy_workqueue, (workqueue_struct * wq), (wq),
          "drains the queue and takes a mutex", KCTX_DO_AT_PROBE,
          "kernel/workqueue.c destroy_workqueue()")
KCTX_WAITS_FOR_NAMED(void, flush_workqueue, (C, Name))
KCTX_WAITS_FOR_NAMED(void, drain_workqueue, (C, Name))
KCTX_WAITS_FOR_NAMED(void, destroy_workqueue, (C, Name))

// A workqueue_of<> runs what it names, or who waits for it would not know for whom.
namespace detail {
template <class W, class Queue, class Plain>
concept not_named_by = !checks_nothing && __is_base_of(Plain, W) && !Queue::template runs<W>;
} // namespace detail
#define KCTX_TEXT_not_named                                                                        \
    "kctx[wait-for-self]: the type of this workqueue does not name this work, and who waits for "  \
    "the queue would not know that it waits for it; fix: give the work a type, and name it in "    \
    "workqueue_of<>"
#if !defined(__clang__)
template <class Call, class Context, class Work> struct not_named {
    KCTX_UNAVAILABLE(KCTX_TEXT_not_named) not_named() noexcept;
};
#endif
/// Declares the error of @p name for a queue that does not name the type of the work.
#define KCTX_QUEUES(name, work_t, params)                                                          \
    template <may<call::name> C, class Queue, detail::not_named_by<Queue, work_t> W>               \
    KCTX_ERROR(KCTX_TEXT_not_named)                                                                \
    bool name KCTX_ERROR_PARAMS(params, ::kctx::not_named<call::name, C, W>);
KCTX_QUEUES(queue_work, work_struct, (C, Queue, W *))
KCTX_QUEUES(queue_work_on, work_struct, (C, int, Queue, W *))
KCTX_QUEUES(queue_delayed_work, delayed_work, (C, Queue, W *, unsigned long))
KCTX_QUEUES(queue_delayed_work_on, delayed_work, (C, int, Queue, W *, unsigned long))
KCTX_QUEUES(mod_delayed_work, delayed_work, (C, Queue, W *, unsigned long))
/// What schedule_on_each_cpu() calls: `void fn(WorkCtx, work_struct *)`.
KCTX_CALLBACK(work_func_t, schedule_on_each_cpu, WorkCtx, void, work_struct *)
/// Has `handler<fn>` called on every CPU, in a work item each, and waits for all: 0 or -errno.
KCTX_CALL(sleeps, int, schedule_on_each_cpu, (work_func_t func), (func),
          "waits until the work has finished on every CPU", KCTX_WORK_WAIT_FIX,
          "kernel/workqueue.c schedule_on_each_cpu()")
#define KCTX_WORKQUEUE_WHY "allocates and takes a mutex"
/// A new workqueue, or NULL.
KCTX_MEMORY_CALL(sleeps, workqueue_struct, alloc_workqueue,
                 (const char *name, unsigned int flags, int max_active), (name, flags, max_active),
                 KCTX_WORKQUEUE_WHY, KCTX_DO_AT_PROBE, "kernel/workqueue.c alloc_workqueue()")
/// One that runs its work one by one, in the order of queueing.
KCTX_MEMORY_CALL(sleeps, workqueue_struct, alloc_ordered_workqueue,
                 (const char *name, unsigned int flags), (name, flags), KCTX_WORKQUEUE_WHY,
                 KCTX_DO_AT_PROBE, "include/linux/workqueue.h alloc_ordered_workqueue()")

} // namespace kctx

/// The object whose member @p member a work item is: `card *c = from_work(c, work, reset)`.
/// include/linux/workqueue.h from_work()
#define from_work(var, callback_work, member)                                                      \
    container_of(callback_work, __typeof__(*(var)), member)
