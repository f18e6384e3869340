// SPDX-License-Identifier: BSL-1.0
/// @file
/// Kernel threads and their work.
/// @par Kernel source
/// include/linux/kthread.h, kernel/kthread.c, include/linux/freezer.h (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/callback.hpp>
#include <kctx/api/sched.hpp>

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

namespace kctx {

/// What a thread runs: `int fn(KthreadCtx, void *)`.
KCTX_CALLBACK(kthread_fn_t, kthread_run, KthreadCtx, int, void *)
/// A thread that runs work items one by one; the environment's.
struct kthread_worker;
struct kthread_work;
/// What it runs: `void fn(KthreadCtx, kthread_work *)`.
KCTX_CALLBACK(kthread_work_func_t, kthread_init_work, KthreadCtx, void, kthread_work *)
/// A piece of work for a kthread_worker.
struct kthread_work {
    kthread_work_func_t func;     ///< what it runs
    kthread_work *next = nullptr; ///< the environment's queue
};
/// The same, queued by a timer.
struct kthread_delayed_work {
    kthread_work work;     ///< what the timer queues
    void *timer = nullptr; ///< the environment's timer
};
/// Makes @p work one that runs @p func.
inline void kthread_init_work(kthread_work *work, kthread_work_func_t func) noexcept
{
    *work = {func, nullptr};
}
namespace detail {
/// A function that takes the token CallbackOf<> as one that takes KthreadCtx.
template <auto H, class Object, class R, class... A> R as_kthread(KthreadCtx, A... args) noexcept
{
    return H(mint::make<CallbackOf<Object, KthreadCtx>>(), args...);
}
} // namespace detail
/// The same for work of a type of its own: `void fn(CallbackOf<W, KthreadCtx>, kthread_work *)`.
template <class W, auto H>
    requires detail::callback_of<H, W, kthread_work, KthreadCtx>
inline void kthread_init_work(W *work, handler_t<H>) noexcept
{
    static_cast<kthread_work &>(*work) = {handler<detail::as_kthread<H, W, void, kthread_work *>>,
                                          nullptr};
}

/// A thread whose type says whose it is: `kthread_of<poller> thread;`, which kthread_run() returns
/// for a function that takes the token CallbackOf<kthread_of<poller>, KthreadCtx>.
template <class Owner> class kthread_of
{
    task_struct *task_ = nullptr;

public:
    constexpr kthread_of() noexcept = default;
    constexpr explicit kthread_of(task_struct *task) noexcept : task_(task) {}
    constexpr operator task_struct *() const noexcept { return task_; }
    /// Whether a thread's function in context C would wait for itself.
    template <class C> static constexpr bool awaited_in = detail::waits_for_callback<kthread_of, C>;
};
namespace detail {
/// The thread that a function names in its token; never defined.
template <class Owner>
kthread_of<Owner> named_thread(int (*)(CallbackOf<kthread_of<Owner>, KthreadCtx>, void *));
template <auto H> using thread_for = decltype(named_thread(H));
} // namespace detail

#define KCTX_KTHREAD_WHY "waits until the thread has been made"
#define KCTX_KTHREAD_STOP_WHY "waits until the thread has ended"

/// Starts a thread; an error pointer if that fails.
KCTX_CALL(sleeps, task_struct *, kthread_run, (kthread_fn_t fn, void *data, const char *name),
          (fn, data, name), KCTX_KTHREAD_WHY, KCTX_DO_AT_PROBE,
          "include/linux/kthread.h kthread_run()")
/// A thread that wake_up_process() starts.
KCTX_CALL(sleeps, task_struct *, kthread_create, (kthread_fn_t fn, void *data, const char *name),
          (fn, data, name), KCTX_KTHREAD_WHY, KCTX_DO_AT_PROBE,
          "include/linux/kthread.h kthread_create()")
/// Declares the call for functions that name their thread: detail::thread_for.
#define KCTX_KTHREAD_NAMED(name)                                                                   \
    template <may<call::name> C, auto H>                                                           \
    KCTX_ALWAYS_INLINE detail::thread_for<H> name(C, handler_t<H>, void *data,                                 \
                                      const char *text) noexcept KCTX_EXCLUDES_sleep               \
    {                                                                                              \
        return detail::thread_for<H>(                                                              \
            env::name(handler<detail::as_kthread<H, detail::thread_for<H>, int, void *>>, data,    \
                      text));                                                                      \
    }                                                                                              \
    KCTX_REJECTED(sleeps, (detail::thread_for<H>), name,                                           \
                  (C, handler_t<H>, void *, const char *), KCTX_KTHREAD_WHY, KCTX_DO_AT_PROBE,     \
                  auto H)
KCTX_KTHREAD_NAMED(kthread_run)
KCTX_KTHREAD_NAMED(kthread_create)
/// Has the thread end; returns what its function returned.
KCTX_CALL(sleeps, int, kthread_stop, (task_struct * thread), (thread), KCTX_KTHREAD_STOP_WHY,
          KCTX_DO_AT_PROBE, "kernel/kthread.c kthread_stop()")
KCTX_WAITS_FOR_NAMED(int, kthread_stop, (C, Name))
KCTX_CALL(sleeps, int, kthread_park, (task_struct * thread), (thread),
          "waits until the thread has parked", KCTX_DO_AT_PROBE, "kernel/kthread.c kthread_park()")

/// Lets a parked thread go on.
KCTX_CALL(spins, void, kthread_unpark, (task_struct * thread), (thread), "wakes the thread",
          KCTX_DO_IN_IRQ_WORK, "kernel/kthread.c kthread_unpark()")
/// A thread that runs work items; an error pointer if that fails.
KCTX_CALL(sleeps, kthread_worker *, kthread_create_worker, (unsigned int flags, const char *name),
          (flags, name), KCTX_KTHREAD_WHY, KCTX_DO_AT_PROBE,
          "kernel/kthread.c kthread_create_worker()")
/// Has it finish its work and end.
KCTX_CALL(sleeps, void, kthread_destroy_worker, (kthread_worker * worker), (worker),
          KCTX_KTHREAD_STOP_WHY, KCTX_DO_AT_PROBE, "kernel/kthread.c kthread_destroy_worker()")

namespace env::inline KCTX_ENV_NAMESPACE {
/// Whether somebody calls kthread_stop(); legal in every context, of use in the thread.
bool kthread_should_stop() noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::kthread_should_stop;
KCTX_LEGAL_ANYWHERE(kthread_should_stop, "reads a flag", "kernel/kthread.c kthread_should_stop()")

/// Queues work; false if it was queued already.
KCTX_CALL(spins, bool, kthread_queue_work, (kthread_worker * worker, kthread_work *work),
          (worker, work), "takes the raw lock of the worker", KCTX_DO_IN_IRQ_WORK,
          "kernel/kthread.c kthread_queue_work()")
KCTX_CALL(sleeps, void, kthread_flush_work, (kthread_work * work), (work),
          "waits until the work has finished", "wait in process context",
          "kernel/kthread.c kthread_flush_work()")
KCTX_CALL(sleeps, bool, kthread_cancel_work_sync, (kthread_work * work), (work),
          "waits until the work has finished", "cancel it in process context",
          "kernel/kthread.c kthread_cancel_work_sync()")
KCTX_CALL(sleeps, bool, kthread_cancel_delayed_work_sync, (kthread_delayed_work * work), (work),
          "waits until the work has finished", "cancel it in process context",
          "kernel/kthread.c kthread_cancel_delayed_work_sync()")
KCTX_WAITS_FOR_CALLBACK(void, kthread_flush_work, kthread_work)
KCTX_WAITS_FOR_CALLBACK(bool, kthread_cancel_work_sync, kthread_work)
/// Lets the system suspend.
KCTX_CALL(sleeps, bool, try_to_freeze, (), (), "sleeps while the system is suspended",
          "freeze in a thread", "include/linux/freezer.h try_to_freeze()")
/// Drops a reference to a task.
KCTX_CALL(spins, void, put_task_struct, (task_struct * task), (task),
          "leaves the last reference to RCU where it must not sleep", KCTX_DO_IN_IRQ_WORK,
          "include/linux/sched/task.h put_task_struct()")

} // namespace kctx
