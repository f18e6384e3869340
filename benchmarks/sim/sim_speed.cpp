// SPDX-License-Identifier: BSL-1.0
// How many calls the simulated machine does a second, what a task switch costs, and what memory a
// machine takes. In CPU time, on one core.
#include <algorithm>
#include <cstdio>
#include <ctime>

#include <sys/resource.h>

#include <kctx/sim.hpp>

namespace env = kctx::env;
namespace sim = kctx::sim;

namespace {

constexpr double least_calls = 2e6; ///< a second
constexpr double most_switch_ns = 200;

double cpu_ns()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}
long most_kib()
{
    rusage use{};
    getrusage(RUSAGE_SELF, &use);
    return use.ru_maxrss;
}

/// The best of several measurements, in nanoseconds a turn.
template <class F> double ns_each(unsigned turns, F once)
{
    double best = 1e18;
    for (int i = 0; i < 5; ++i) {
        const double begin = cpu_ns();
        once(turns);
        best = std::min(best, (cpu_ns() - begin) / turns);
    }
    return best;
}

/// What a driver does over and over: a lock, memory, a completion, a delay.
double calls_a_second(bool checked)
{
    sim::machine_config config;
    config.debug_atomic_sleep = config.debug_preempt = true;
    config.prove_locking = config.prove_raw_lock_nesting = checked;
    double ns = 0;
    sim::machine m(config);
    m.spawn({.comm = "calls", .pid = 2}, [&] {
        kctx::spinlock_t lock;
        kctx::mutex mutex;
        kctx::completion done;
        constexpr kctx::gfp_t atomic{kctx::detail::gfp_bits<kctx::flag::GFP_ATOMIC>};
        ns = ns_each(20'000, [&](unsigned turns) {
            for (unsigned i = 0; i < turns; ++i) {
                const unsigned long flags = env::spin_lock_irqsave(&lock);
                env::spin_unlock_irqrestore(&lock, flags);
                env::mutex_lock(&mutex);
                env::mutex_unlock(&mutex);
                env::kfree(env::kmalloc(64, atomic));
                env::complete(&done);
                env::wait_for_completion(&done);
                env::preempt_disable();
                env::preempt_enable();
            }
        });
    });
    m.run();
    return 10 / ns * 1e9;
}

double switch_ns()
{
    sim::machine m({});
    double ns = 0;
    bool ends = false;
    m.spawn({.comm = "one", .pid = 2}, [&] {
        ns = ns_each(100'000, [](unsigned turns) {
            for (unsigned i = 0; i < turns; ++i)
                env::schedule();
        });
        ends = true;
    });
    m.spawn({.comm = "other", .pid = 3}, [&] {
        while (!ends)
            env::schedule();
    });
    m.run();
    return ns / 2; // there and back
}

} // namespace

int main()
{
    const double checked = calls_a_second(true);
    const double plain = calls_a_second(false);
    const double ns = switch_ns();
    const long before = most_kib();
    for (int i = 0; i < 1000; ++i) { // the memory of a machine comes back with it
        sim::machine m({});
        m.spawn({.comm = "task", .pid = 2}, [] { env::msleep(1); });
        m.run();
    }
    const long grown = most_kib() - before;
    std::printf("a second: %.2f million calls, with lockdep %.2f; 1000 machines grew the process "
                "by %ld KiB, at most %ld KiB in all\n",
                plain / 1e6, checked / 1e6, grown, most_kib());
    std::printf("sim-speed: %.2f million calls a second, %.0f ns a task switch, %ld KiB\n",
                plain / 1e6, ns, most_kib());
    return plain < least_calls || ns > most_switch_ns || grown > 4096;
}
