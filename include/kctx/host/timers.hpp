// SPDX-License-Identifier: BSL-1.0
/// @file
/// Timers, hrtimers and tasklets. Two threads call what is due: one in hard irqs, as the interrupt
/// of the clock does (hrtimers that are not soft), one in softirqs (the rest). To the second a
/// tasklet is a timer that is due at once.
/// @par Kernel source
/// kernel/time/timer.c, kernel/time/hrtimer.c, kernel/softirq.c (6.12).
#pragma once

#include <climits>
#include <map>
#include <unordered_map>

#include <kctx/api/hrtimer.hpp>
#include <kctx/api/tasklet.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/host/background.hpp>

KCTX_HOST_BEGIN
namespace kctx::host {

/// What is due when, and the thread that calls it.
class due_list
{
public:
    using when = clock::time_point;
    /// What is called for an object. The driver's part of it is in a driver_call.
    using call = void (*)(void *object);

    explicit due_list(const char *thread)
    {
        start_background(thread, [this] { run(); });
    }

    /// Has @p fire(@p object) called at @p time. False if it was to be called already: then the
    /// time changes, or stays what it was.
    bool add(void *object, when time, call fire, bool change = true) noexcept
    {
        const std::lock_guard held(lock_);
        const bool pending = at_.count(object) != 0;
        if (pending && !change)
            return false;
        take_off(object);
        at_[object] = due_.emplace(time, entry{object, fire});
        changed_.notify_all();
        return !pending;
    }
    /// Whether it was to be called.
    bool remove(const void *object) noexcept
    {
        const std::lock_guard held(lock_);
        return take_off(object);
    }
    bool is_pending(const void *object) noexcept
    {
        const std::lock_guard held(lock_);
        return at_.count(object) != 0;
    }
    /// The same, or -1 while its call runs.
    int try_remove(const void *object) noexcept
    {
        const std::lock_guard held(lock_);
        return running_ == object ? -1 : take_off(object);
    }
    /// The same, after a call that runs has ended.
    bool remove_sync(const void *object, const char *function) noexcept
    {
        std::unique_lock held(lock_);
        const bool pending = take_off(object);
        wait(held, object, function);
        return take_off(object) || pending;
    }
    /// Waits until a call that runs has ended.
    void wait_for_call(const void *object, const char *function) noexcept
    {
        std::unique_lock held(lock_);
        wait(held, object, function);
    }

private:
    struct entry {
        void *object;
        call fire;
    };
    using entries = std::multimap<when, entry>;

    std::mutex lock_;
    std::condition_variable changed_;
    entries due_; ///< of the same time in the order they came
    std::unordered_map<const void *, entries::iterator> at_;
    const void *running_ = nullptr;
    std::thread::id thread_;

    bool take_off(const void *object) noexcept
    {
        const auto found = at_.find(object);
        if (found == at_.end())
            return false;
        due_.erase(found->second);
        at_.erase(found);
        return true;
    }
    void wait(std::unique_lock<std::mutex> &held, const void *object, const char *function) noexcept
    {
        if (running_ == object && std::this_thread::get_id() == thread_)
            bug("BUG: %s() of %px waits for its own caller, %s\n", function, object,
                comm_and_pid().c_str());
        changed_.wait(held, [&] { return running_ != object; });
    }
    void run() noexcept
    {
        std::unique_lock held(lock_);
        thread_ = std::this_thread::get_id();
        for (;;) {
            if (due_.empty()) {
                changed_.wait(held);
                continue;
            }
            const auto first = due_.begin();
            if (first->first > clock::now()) {
                const when time = first->first;
                changed_.wait_until(held, time);
                continue;
            }
            const entry next = first->second;
            take_off(next.object);
            running_ = next.object;
            held.unlock();
            next.fire(next.object);
            held.lock();
            running_ = nullptr;
            changed_.notify_all();
        }
    }
};

/// The interrupt of the clock, and the softirqs.
struct clock_interrupt : due_list {
    clock_interrupt() : due_list("hrtimer/0") {}
};
struct softirqs : due_list {
    softirqs() : due_list("ksoftirqd/0") {}
};
inline due_list &in_clock_interrupt() noexcept { return immortal<clock_interrupt>(); }
inline due_list &in_softirq() noexcept { return immortal<softirqs>(); }

/// Calls a function of the driver in a softirq.
template <class F> inline void call_in_softirq(const char *what, F function) noexcept
{
    const driver_activity running(what);
    const calling_driver same(what);
    const softirq_section serving;
    function();
}
/// The same in a hard irq.
template <class F> inline void call_in_hardirq(const char *what, F function) noexcept
{
    const driver_activity running(what);
    const calling_driver same(what);
    cpu &c = this_cpu();
    irqs_disable(c);
    run_in_hardirq(c, {[](void *f) { (*static_cast<F *>(f))(); }, &function});
    irqs_restore(c, false);
}

// Timers.
inline unsigned long now_in_jiffies() noexcept
{
    return initial_jiffies + static_cast<unsigned long>(since_boot() / jiffy);
}
inline clock::time_point time_of(unsigned long expires) noexcept
{
    const long ahead =
        std::clamp(static_cast<long>(expires - initial_jiffies), -for_ever, for_ever);
    return boot_time + ahead * jiffy;
}
inline void fire_timer(void *object) noexcept
{
    auto *const timer = static_cast<timer_list *>(object);
    if (auto *const function = std::atomic_ref(timer->function).load())
        call_in_softirq("timer callback", [=] { function(timer); });
}
inline bool arm(timer_list *timer, unsigned long expires) noexcept
{
    if (!std::atomic_ref(timer->function).load()) // shut down
        return false;
    std::atomic_ref(timer->expires).store(expires);
    return !in_softirq().add(timer, time_of(expires), fire_timer);
}

// High-resolution timers.
inline constexpr unsigned hrtimer_rel = 0x1, hrtimer_soft = 0x4;

inline std::chrono::nanoseconds now_of_clock(int id) noexcept
{
    if (id == CLOCK_REALTIME)
        return std::chrono::system_clock::now().time_since_epoch();
    return since_boot();
}
inline due_list &list_of(const hrtimer *timer) noexcept
{
    return timer->mode & hrtimer_soft ? in_softirq() : in_clock_interrupt();
}
inline void fire_hrtimer(void *object) noexcept;
inline void arm(hrtimer *timer) noexcept
{
    const ktime_t left =
        std::atomic_ref(timer->expires).load() - now_of_clock(timer->clock).count();
    const ktime_t limit = std::chrono::nanoseconds(for_ever * jiffy).count();
    list_of(timer).add(timer, clock::now() + std::clamp(left, -limit, limit) * one_ns,
                       fire_hrtimer);
}
inline void fire_hrtimer(void *object) noexcept
{
    auto *const timer = static_cast<hrtimer *>(object);
    hrtimer_restart again = HRTIMER_NORESTART;
    const auto function = [&] { again = timer->function(timer); };
    if (timer->mode & hrtimer_soft)
        call_in_softirq("hrtimer callback", function);
    else
        call_in_hardirq("hrtimer callback", function);
    if (again == HRTIMER_RESTART && !list_of(timer).is_pending(timer))
        arm(timer);
}

// Tasklets. Times that are always past keep those of tasklet_hi_schedule() before the others. One
// that is due while it is disabled leaves in its state that it was.
enum : unsigned long { tasklet_normal = 1, tasklet_hi = 2 };

inline std::atomic_ref<unsigned> disabled(tasklet_struct *t) noexcept
{
    return std::atomic_ref(t->count);
}
template <unsigned long Kind> inline void fire_tasklet(void *object) noexcept
{
    auto *const t = static_cast<tasklet_struct *>(object);
    if (disabled(t) != 0) {
        // tasklet_enable() looks at the two in the other order: one of us has it run
        std::atomic_ref missed(t->state);
        missed.fetch_or(Kind);
        if (disabled(t) != 0 || missed.fetch_and(~Kind) == 0)
            return;
    }
    call_in_softirq("tasklet", [=] { t->callback(t); });
}
inline void schedule_tasklet(tasklet_struct *t, unsigned long kind) noexcept
{
    if (kind & tasklet_hi)
        in_softirq().add(t, due_list::when{}, fire_tasklet<tasklet_hi>, false);
    else
        in_softirq().add(t, due_list::when{one_ns}, fire_tasklet<tasklet_normal>, false);
}

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

unsigned long get_jiffies() noexcept { return host::now_in_jiffies(); }
unsigned long msecs_to_jiffies(unsigned int msecs) noexcept
{
    if (msecs > INT_MAX) // MAX_JIFFY_OFFSET
        return (LONG_MAX >> 1) - 1;
    return (msecs * host::hz + 999) / 1000;
}

int mod_timer(timer_list *timer, unsigned long expires) noexcept
{
    return host::arm(timer, expires);
}
void add_timer(timer_list *timer) noexcept
{
    if (host::debug && host::in_softirq().is_pending(timer))
        host::bug("kernel BUG at kernel/time/timer.c: add_timer() of a pending timer %px\n", timer);
    host::arm(timer, timer->expires);
}
int timer_delete(timer_list *timer) noexcept { return host::in_softirq().remove(timer); }
int try_to_del_timer_sync(timer_list *timer) noexcept
{
    return host::in_softirq().try_remove(timer);
}
int timer_delete_sync(timer_list *timer) noexcept
{
    return host::in_softirq().remove_sync(timer, "timer_delete_sync");
}
int timer_shutdown(timer_list *timer) noexcept
{
    std::atomic_ref(timer->function).store(nullptr);
    return host::in_softirq().remove(timer);
}
int timer_shutdown_sync(timer_list *timer) noexcept
{
    std::atomic_ref(timer->function).store(nullptr);
    return host::in_softirq().remove_sync(timer, "timer_shutdown_sync");
}
int del_timer(timer_list *timer) noexcept { return env::timer_delete(timer); }
int del_timer_sync(timer_list *timer) noexcept { return env::timer_delete_sync(timer); }

void hrtimer_start(hrtimer *timer, ktime_t time, unsigned mode) noexcept
{
    host::list_of(timer).remove(timer);
    const ktime_t from = mode & host::hrtimer_rel ? host::now_of_clock(timer->clock).count() : 0;
    std::atomic_ref(timer->expires).store(from + time);
    host::arm(timer);
}
int hrtimer_try_to_cancel(hrtimer *timer) noexcept
{
    return host::list_of(timer).try_remove(timer);
}
int hrtimer_cancel(hrtimer *timer) noexcept
{
    return host::list_of(timer).remove_sync(timer, "hrtimer_cancel");
}
unsigned long long hrtimer_forward_now(hrtimer *timer, ktime_t interval) noexcept
{
    std::atomic_ref expires(timer->expires);
    const ktime_t late = host::now_of_clock(timer->clock).count() - expires.load();
    if (late < 0)
        return 0;
    const ktime_t times = late / interval + 1;
    expires.store(expires.load() + times * interval);
    return static_cast<unsigned long long>(times);
}

void tasklet_schedule(tasklet_struct *t) noexcept
{
    host::schedule_tasklet(t, host::tasklet_normal);
}
void tasklet_hi_schedule(tasklet_struct *t) noexcept
{
    host::schedule_tasklet(t, host::tasklet_hi);
}
void tasklet_disable_nosync(tasklet_struct *t) noexcept { ++host::disabled(t); }
void tasklet_disable(tasklet_struct *t) noexcept
{
    host::may_sleep("tasklet_disable");
    env::tasklet_disable_nosync(t);
    host::in_softirq().wait_for_call(t, "tasklet_disable");
}
void tasklet_enable(tasklet_struct *t) noexcept
{
    if (--host::disabled(t) != 0)
        return;
    if (const unsigned long missed = std::atomic_ref(t->state).exchange(0))
        host::schedule_tasklet(t, missed);
}
void tasklet_kill(tasklet_struct *t) noexcept
{
    host::may_sleep("tasklet_kill");
    host::in_softirq().remove_sync(t, "tasklet_kill");
    std::atomic_ref(t->state).store(0);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END
