// SPDX-License-Identifier: BSL-1.0
/// @file
/// Timers of the wheel and hrtimers, in virtual time.
/// @par Kernel source
/// kernel/time/timer.c, kernel/time/hrtimer.c (6.12).
#pragma once

#include <kctx/api/hrtimer.hpp>
#include <kctx/api/jiffies.hpp>
#include <kctx/api/softirq.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/sim/definitions.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

/// What is armed, and what runs, of a kind of timer.
template <class Timer> class armed_timers
{
protected:
    machine &m_;                                       ///< the machine whose timers they are
    std::unordered_map<Timer *, std::uint64_t> armed_; ///< the interrupt that each waits for
    std::vector<Timer *> running_;                     ///< those whose functions run now

public:
    explicit armed_timers(machine &m) : m_(m) {}

    bool is_armed(Timer *timer) const { return armed_.contains(timer); } ///< whether it is armed
    /// Whether its function runs now.
    bool is_running(Timer *timer) const
    {
        return std::ranges::find(running_, timer) != running_.end();
    }
    /// Whether it was armed.
    bool disarm(Timer *timer)
    {
        const auto found = armed_.find(timer);
        if (found == armed_.end())
            return false;
        m_.cancel(found->second);
        armed_.erase(found);
        return true;
    }

protected:
    /// The time of @p timer has come; whether it is still armed.
    bool begin(Timer *timer)
    {
        if (armed_.erase(timer) == 0)
            return false; // disarmed between the interrupt and the softirq
        running_.push_back(timer);
        return true;
    }
    void end(Timer *timer) { std::erase(running_, timer); } ///< its function has returned
};

/// Held while a timer's callback runs, and taken by who waits for its end.
inline constexpr lock_kind timer_map{"(&timer)", lock_wait::unchecked};

/// The wheel: run_timer_softirq().
class timer_wheel : public armed_timers<timer_list>
{
    spinlock_t expiry_lock_; ///< base->expiry_lock of PREEMPT_RT, which who deletes waits for

public:
    using armed_timers::armed_timers;

    /// Whether it was armed already.
    bool arm(timer_list *timer, unsigned long expires)
    {
        const bool was = disarm(timer);
        timer->expires = expires;
        armed_[timer] = m_.irq_at(
            expires * m_.jiffy_ns(),
            [this, timer] {
                m_.raise_softirq([this, timer] { run(timer); },
                                 {"run_timer_softirq", "__run_timers"}, softirq_thread::timers);
            },
            {}, m_.cpu_number());
        return was;
    }
    /// timer_delete_sync(): waits until its function does not run.
    void wait_for_running()
    {
        if (m_.config.rt()) { // del_timer_wait_running()
            rt_might_resched(m_, 48);
            rt_lock(m_, expiry_lock_, taken, written);
            rt_unlock(m_, expiry_lock_, written);
        }
    }

private:
    void run(timer_list *timer)
    {
        if (!begin(timer))
            return;
        if (m_.config.rt())
            rt_lock(m_, expiry_lock_, taken, written);
        {
            const frame in("call_timer_fn");
            lockdep_acquire(m_, timer, timer_map);
            timer->function(timer);
            lockdep_release(m_, timer);
        }
        if (m_.config.rt())
            rt_unlock(m_, expiry_lock_, written);
        end(timer);
    }
};

/// The high-resolution timers, each in an interrupt of its own.
class hrtimers : public armed_timers<hrtimer>
{
public:
    using armed_timers::armed_timers;
    static constexpr unsigned relative = 0x1; ///< HRTIMER_MODE_REL
    static constexpr unsigned soft = 0x4;     ///< HRTIMER_MODE_SOFT
    static constexpr unsigned hard = 0x8;     ///< HRTIMER_MODE_HARD

    /// Arms it for virtual time @p at, in ns.
    void arm(hrtimer *timer, std::uint64_t at)
    {
        disarm(timer);
        timer->expires = static_cast<ktime_t>(at);
        const unsigned mode = timer->mode;
        const bool in_softirq = (mode & soft) != 0 || (m_.config.rt() && (mode & hard) == 0);
        armed_[timer] = m_.irq_at(
            at,
            [this, timer, in_softirq] {
                if (in_softirq)
                    m_.raise_softirq([this, timer] { run(timer); },
                                     {"hrtimer_run_softirq", "__hrtimer_run_queues"},
                                     softirq_thread::timers);
                else
                    run(timer);
            },
            in_softirq ? call_path{} : call_path{"hrtimer_interrupt", "__hrtimer_run_queues"},
            m_.cpu_number(), (mode & hard) == 0);
    }

private:
    void run(hrtimer *timer)
    {
        if (!begin(timer))
            return;
        const hrtimer_restart again = timer->function(timer);
        end(timer);
        if (again == HRTIMER_RESTART && !is_armed(timer))
            arm(timer, static_cast<std::uint64_t>(timer->expires));
    }
};

/// The wheel of the machine that runs.
inline timer_wheel &wheel() { return here().part<timer_wheel>(); }

/// timer_delete_sync(): not of one that this interrupt may have interrupted.
inline int delete_and_wait(timer_list *timer)
{
    machine &m = called("timer_delete_sync");
    const bool irqsafe = (timer->flags & 0x00200000) != 0;
    if (m.config.prove_locking) { // the callback may wait for what the caller holds
        const frame in("__timer_delete_sync");
        const bool off = m.local_irq_save();
        lockdep_acquire(m, timer, timer_map);
        lockdep_release(m, timer);
        m.local_irq_restore(off);
    }
    if (m.in_hardirq() && !irqsafe)
        m.warn_once({"kernel/time/timer.c", m.config.since(6, 12) ? 1658 : 0},
                    "__timer_delete_sync");
    if (m.config.rt() && !irqsafe && !m.is_preemptible()) // lockdep_assert_preemption_enabled()
        m.warn_once({"kernel/time/timer.c", m.config.since(6, 12) ? 1665 : 0},
                    "__timer_delete_sync");
    const bool was = wheel().disarm(timer);
    if (wheel().is_running(timer))
        wheel().wait_for_running();
    return was ? 1 : 0;
}

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

unsigned long get_jiffies() noexcept { return sim::here().jiffies(); }
unsigned long msecs_to_jiffies(unsigned int msecs) noexcept
{
    return (1ul * msecs * sim::here().config.hz + 999) / 1000;
}

int mod_timer(timer_list *timer, unsigned long expires) noexcept
{
    sim::called("mod_timer");
    return sim::wheel().arm(timer, expires);
}
void add_timer(timer_list *timer) noexcept
{
    sim::called("add_timer");
    sim::wheel().arm(timer, timer->expires);
}
int timer_delete(timer_list *timer) noexcept
{
    sim::called("timer_delete");
    return sim::wheel().disarm(timer);
}
int try_to_del_timer_sync(timer_list *timer) noexcept
{
    sim::called("try_to_del_timer_sync");
    return sim::wheel().is_running(timer) ? -1 : sim::wheel().disarm(timer);
}
int timer_delete_sync(timer_list *timer) noexcept { return sim::delete_and_wait(timer); }
int timer_shutdown(timer_list *timer) noexcept
{
    timer->function = nullptr;
    return env::timer_delete(timer);
}
int timer_shutdown_sync(timer_list *timer) noexcept
{
    const int was = sim::delete_and_wait(timer);
    timer->function = nullptr;
    return was;
}
int del_timer(timer_list *timer) noexcept { return env::timer_delete(timer); }
int del_timer_sync(timer_list *timer) noexcept { return sim::delete_and_wait(timer); }

void hrtimer_start(hrtimer *timer, ktime_t time, unsigned mode) noexcept
{
    sim::machine &m = sim::called("hrtimer_start");
    const auto ns = static_cast<std::uint64_t>(time);
    m.part<sim::hrtimers>().arm(timer, (mode & sim::hrtimers::relative) != 0 ? m.now() + ns : ns);
}
int hrtimer_try_to_cancel(hrtimer *timer) noexcept
{
    auto &timers = sim::called("hrtimer_try_to_cancel").part<sim::hrtimers>();
    return timers.is_running(timer) ? -1 : timers.disarm(timer);
}
int hrtimer_cancel(hrtimer *timer) noexcept
{
    return sim::called("hrtimer_cancel").part<sim::hrtimers>().disarm(timer);
}
unsigned long long hrtimer_forward_now(hrtimer *timer, ktime_t interval) noexcept
{
    sim::machine &m = sim::called("hrtimer_forward_now");
    const auto now = static_cast<ktime_t>(m.now());
    if (now < timer->expires || interval <= 0)
        return 0;
    const auto times = (now - timer->expires) / interval + 1;
    timer->expires += times * interval;
    return static_cast<unsigned long long>(times);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
