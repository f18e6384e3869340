// SPDX-License-Identifier: BSL-1.0
/// @file
/// The environment's own threads, and the driver's functions that they call.
#pragma once

#include <functional>

#include <kctx/host/task.hpp>

KCTX_HOST_BEGIN
namespace kctx::host {

/// Functions of the driver that run on the environment's threads. When main() has returned none
/// begins any more, and the program ends only after those that run: static objects may then go.
class driver_activities
{
    std::mutex lock_;
    std::condition_variable changed_;
    std::vector<const char *> running_;
    bool over_ = false;

public:
    void begin(const char *what) noexcept
    {
        std::unique_lock held(lock_);
        changed_.wait(held, [&] { return !over_; }); // for ever, if it is
        running_.push_back(what);
    }
    void end(const char *what) noexcept
    {
        const std::lock_guard held(lock_);
        running_.erase(std::find(running_.begin(), running_.end(), what));
        changed_.notify_all();
    }
    void finish() noexcept
    {
        std::unique_lock held(lock_);
        over_ = true;
        if (changed_.wait_for(held, std::chrono::seconds(5), [&] { return running_.empty(); }))
            return;
        for (const char *what : running_)
            env::printk_at(KERN_EMERG, "INFO: task %s still runs after main(); who stops it?\n",
                           what);
        std::_Exit(EXIT_FAILURE);
    }
};

/// While a function of the driver runs on a thread of the environment.
class driver_activity
{
    const char *what_;

public:
    explicit driver_activity(const char *what) noexcept : what_(what)
    {
        immortal<driver_activities>().begin(what_);
    }
    ~driver_activity() { immortal<driver_activities>().end(what_); }
    driver_activity(const driver_activity &) = delete;
    driver_activity &operator=(const driver_activity &) = delete;
};

/// A thread named as its like in the kernel.
template <class F> inline std::thread start_thread(const std::string &name, F run)
{
    static struct at_exit {
        ~at_exit() { immortal<driver_activities>().finish(); }
    } finish;
    return std::thread([name, run = std::move(run)]() mutable {
        pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
        run();
    });
}
/// One that waits for work until the process ends.
template <class F> inline void start_background(const std::string &name, F run)
{
    start_thread(name, std::move(run)).detach();
}

/// in_serving_softirq().
class softirq_section
{
    cpu &c_ = this_cpu();

public:
    softirq_section() noexcept { c_.enter_section(); }
    ~softirq_section() { c_.leave_section(); }
    softirq_section(const softirq_section &) = delete;
    softirq_section &operator=(const softirq_section &) = delete;
};

} // namespace kctx::host
KCTX_HOST_END
