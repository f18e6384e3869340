// SPDX-License-Identifier: BSL-1.0
/// @file
/// Interrupt lines, their handlers and threads; irq_work.
/// @par Kernel source
/// kernel/irq/manage.c, kernel/irq/handle.c, kernel/irq/chip.c, kernel/irq_work.c (6.12).
#pragma once

#include <map>

#include <kctx/api/interrupt.hpp>
#include <kctx/api/irq_work.hpp>
#include <kctx/host/background.hpp>
#include <kctx/host/memory.hpp>

KCTX_HOST_BEGIN
namespace kctx::host {

inline constexpr unsigned long irqf_shared = 0x80, irqf_oneshot = 0x2000, irqf_no_autoen = 0x80000;

/// A handler on a line, and its thread if it has one.
struct irq_action {
    irq_handler_t primary;
    irq_handler_t threaded;
    unsigned long flags;
    const char *name;
    void *dev;
    std::thread thread{};
    bool wanted = false; ///< the thread is to run
    bool runs = false;   ///< it does
    bool ends = false;
};

/// A line. It latches one interrupt while it cannot be delivered.
class irq_line
{
    const unsigned number_;
    std::mutex lock_;
    std::condition_variable changed_;
    std::vector<std::unique_ptr<irq_action>> actions_;
    unsigned disabled_ = 0;
    unsigned masked_ = 0; ///< one-shot threads that have yet to finish
    bool latched_ = false;
    bool delivering_ = false;
    bool coming_ = false; ///< on its way to a CPU with interrupts off
    std::thread::id deliverer_;
    irq_statistics seen_;

    bool deliverable() const noexcept { return disabled_ == 0 && masked_ == 0; }
    static bool busy(const std::unique_ptr<irq_action> &a) noexcept { return a->wanted || a->runs; }
    bool idle() const noexcept
    {
        return !delivering_ && std::none_of(actions_.begin(), actions_.end(), busy);
    }

    /// In a hard irq: calls the handlers as often as the line has latched an interrupt.
    void deliver() noexcept
    {
        std::unique_lock held(lock_);
        coming_ = false;
        latched_ = true;
        if (delivering_)
            return;
        delivering_ = true;
        deliverer_ = std::this_thread::get_id();
        while (latched_ && deliverable()) {
            latched_ = false;
            call_handlers(held);
        }
        delivering_ = false;
        deliverer_ = {};
        changed_.notify_all();
    }
    void call_handlers(std::unique_lock<std::mutex> &held) noexcept
    {
        std::vector<irq_action *> actions; // free_irq() waits for us before one goes
        actions.reserve(actions_.size());
        for (const auto &a : actions_)
            actions.push_back(a.get());
        bool handled = false;
        for (irq_action *action : actions) {
            irqreturn_t result = IRQ_WAKE_THREAD;
            if (action->primary) {
                held.unlock();
                result = call(action->primary, action->dev);
                held.lock();
            }
            handled = handled || result != IRQ_NONE;
            if (result == IRQ_WAKE_THREAD)
                wake_thread(*action);
        }
        ++(handled ? seen_.handled : seen_.unhandled);
    }
    irqreturn_t call(irq_handler_t handler, void *dev) noexcept
    {
        const calling_driver same("irq handler");
        return handler(static_cast<int>(number_), dev);
    }
    void wake_thread(irq_action &action) noexcept
    {
        if (!action.threaded) {
            env::printk_at(
                KERN_WARNING,
                "IRQ %u device %s returned IRQ_WAKE_THREAD but no thread function available.\n",
                number_, action.name);
            return;
        }
        if (action.wanted)
            return;
        action.wanted = true;
        masked_ += (action.flags & irqf_oneshot) != 0;
        changed_.notify_all();
    }
    void run_thread(irq_action &action) noexcept
    {
        std::unique_lock held(lock_);
        for (;;) {
            changed_.wait(held, [&] { return action.wanted || action.ends; });
            if (!action.wanted)
                return;
            action.wanted = false;
            action.runs = true;
            held.unlock();
            {
                const driver_activity running("irq thread");
                const calling_driver same("irq thread");
                action.threaded(static_cast<int>(number_), action.dev);
            }
            held.lock();
            action.runs = false;
            masked_ -= (action.flags & irqf_oneshot) != 0;
            changed_.notify_all();
            resend(held);
        }
    }
    /// What was latched while the line could not deliver comes now.
    void resend(std::unique_lock<std::mutex> &held) noexcept
    {
        if (!latched_ || !deliverable() || delivering_)
            return;
        held.unlock();
        raise();
        held.lock();
    }
    auto action_of(const void *dev) noexcept
    {
        return std::find_if(actions_.begin(), actions_.end(),
                            [=](const auto &a) { return a->dev == dev; });
    }
    void check_self(const char *function) const noexcept
    {
        const bool in_own_thread = std::any_of(actions_.begin(), actions_.end(), [](const auto &a) {
            return a->thread.get_id() == std::this_thread::get_id();
        });
        if (in_own_thread || deliverer_ == std::this_thread::get_id())
            bug("BUG: %s(%u) waits for its own caller, %s\n", function, number_,
                comm_and_pid().c_str());
    }

public:
    explicit irq_line(unsigned number) noexcept : number_(number) {}

    void raise() noexcept
    {
        {
            const std::lock_guard held(lock_);
            if (std::exchange(coming_, true) && this_cpu().irqs_off)
                return;
        }
        interrupt_this_cpu({[](void *line) { static_cast<irq_line *>(line)->deliver(); }, this});
    }
    irq_statistics seen() noexcept
    {
        const std::lock_guard held(lock_);
        return seen_;
    }

    int request(std::unique_ptr<irq_action> action) noexcept
    {
        const std::lock_guard held(lock_);
        constexpr unsigned long must_agree = irqf_shared | irqf_oneshot | 0xf; // and the trigger
        if (!actions_.empty()) {
            const irq_action &old = *actions_.front();
            if (!(action->flags & old.flags & irqf_shared) ||
                ((action->flags ^ old.flags) & must_agree) != 0) {
                env::printk_at(KERN_ERR,
                               "genirq: Flags mismatch irq %u. %08lx (%s) vs. %08lx (%s)\n",
                               number_, action->flags, action->name, old.flags, old.name);
                return -EBUSY;
            }
        } else {
            disabled_ = (action->flags & irqf_no_autoen) != 0;
            latched_ = false;
        }
        actions_.push_back(std::move(action));
        irq_action &a = *actions_.back();
        if (a.threaded)
            a.thread = start_thread("irq/" + std::to_string(number_) + "-" + a.name,
                                    [this, &a] { run_thread(a); });
        return 0;
    }
    const void *free(const void *dev) noexcept
    {
        std::unique_ptr<irq_action> action;
        {
            std::unique_lock held(lock_);
            check_self("free_irq");
            const auto found = action_of(dev);
            if (found == actions_.end()) {
                env::printk_at(KERN_WARNING, "Trying to free already-free IRQ %u\n", number_);
                return nullptr;
            }
            action = std::move(*found);
            actions_.erase(found);
            changed_.wait(held, [&] { return !delivering_ && !busy(action); });
            action->ends = true;
            changed_.notify_all();
        }
        if (action->thread.joinable())
            action->thread.join();
        return action->name;
    }
    void disable() noexcept
    {
        const std::lock_guard held(lock_);
        ++disabled_;
    }
    void enable() noexcept
    {
        std::unique_lock held(lock_);
        if (disabled_ == 0) {
            env::printk_at(KERN_WARNING, "Unbalanced enable for IRQ %u\n", number_);
            return;
        }
        --disabled_;
        resend(held);
    }
    void synchronize(const char *function) noexcept
    {
        std::unique_lock held(lock_);
        check_self(function);
        changed_.wait(held, [&] { return idle(); });
    }
    /// Whether the threads are idle once the handlers are.
    bool spin_for_hardirq(const char *function) noexcept
    {
        std::unique_lock held(lock_);
        check_self(function);
        changed_.wait(held, [&] { return !delivering_; });
        return std::none_of(actions_.begin(), actions_.end(), busy);
    }
    void wake_thread_of(const void *dev) noexcept
    {
        const std::lock_guard held(lock_);
        if (const auto found = action_of(dev); found != actions_.end() && (*found)->threaded)
            wake_thread(**found);
    }
};

/// All lines; one is there as soon as it is spoken of.
struct irq_lines {
    std::mutex lock;
    std::map<unsigned, irq_line> all;
};
inline irq_line &line_of(unsigned irq) noexcept
{
    irq_lines &lines = immortal<irq_lines>();
    const std::lock_guard held(lines.lock);
    return lines.all.try_emplace(irq, irq).first->second;
}

void raise_irq(unsigned irq) { line_of(irq).raise(); }
irq_statistics statistics_of_irq(unsigned irq) { return line_of(irq).seen(); }

// irq_work: a hard irq on this CPU.
inline constexpr unsigned irq_work_pending = 0x1, irq_work_busy = 0x2;

inline void run_irq_work(void *object) noexcept
{
    auto *const work = static_cast<irq_work *>(object);
    std::atomic_ref flags(work->flags);
    flags.fetch_or(irq_work_busy);
    flags.fetch_and(~irq_work_pending);
    {
        const calling_driver same("irq_work");
        work->func(work);
    }
    flags.fetch_and(~irq_work_busy);
}

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

int request_threaded_irq(unsigned int irq, irq_handler_t primary, irq_handler_t thread,
                         unsigned long flags, const char *name, void *dev) noexcept
{
    host::may_sleep("request_threaded_irq");
    const bool shared = (flags & host::irqf_shared) != 0;
    if ((shared && !dev) || (!primary && !thread) || (!primary && !(flags & host::irqf_oneshot)) ||
        (shared && (flags & host::irqf_no_autoen)))
        return -EINVAL;
    if (host::should_fail(host::this_cpu(), sizeof(host::irq_action), host::gfp_kernel))
        return -ENOMEM;
    return host::line_of(irq).request(
        // NOLINTNEXTLINE(modernize-make-unique): clang 14 makes no aggregate from parentheses
        std::unique_ptr<host::irq_action>(new host::irq_action{primary, thread, flags, name, dev}));
}
const void *free_irq(unsigned int irq, void *dev) noexcept
{
    host::may_sleep("free_irq");
    return host::line_of(irq).free(dev);
}
void disable_irq(unsigned int irq) noexcept
{
    host::may_sleep("disable_irq");
    host::line_of(irq).disable();
    host::line_of(irq).synchronize("disable_irq");
}
void synchronize_irq(unsigned int irq) noexcept
{
    host::may_sleep("synchronize_irq");
    host::line_of(irq).synchronize("synchronize_irq");
}
bool disable_hardirq(unsigned int irq) noexcept
{
    host::line_of(irq).disable();
    return host::line_of(irq).spin_for_hardirq("disable_hardirq");
}
bool synchronize_hardirq(unsigned int irq) noexcept
{
    return host::line_of(irq).spin_for_hardirq("synchronize_hardirq");
}
/// Nothing sleeps here that could be woken, and a thread's CPU is its own.
int irq_set_irq_wake(unsigned int, unsigned int) noexcept { return 0; }
int irq_set_affinity(unsigned int, const void *) noexcept { return 0; }
void disable_irq_nosync(unsigned int irq) noexcept { host::line_of(irq).disable(); }
void enable_irq(unsigned int irq) noexcept { host::line_of(irq).enable(); }
void irq_wake_thread(unsigned int irq, void *dev) noexcept
{
    host::line_of(irq).wake_thread_of(dev);
}

bool irq_work_queue(irq_work *work) noexcept
{
    if (std::atomic_ref(work->flags).fetch_or(host::irq_work_pending) & host::irq_work_pending)
        return false;
    host::interrupt_this_cpu({host::run_irq_work, work});
    return true;
}
void irq_work_sync(irq_work *work) noexcept
{
    host::may_sleep("irq_work_sync");
    while (std::atomic_ref(work->flags).load() & (host::irq_work_pending | host::irq_work_busy))
        std::this_thread::sleep_for(host::one_ns * 50'000);
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END
