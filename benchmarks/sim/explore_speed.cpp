// SPDX-License-Identifier: BSL-1.0
// How long it takes to run a driver with two interrupt lines and 12 calls in every order.
#include <cstdio>
#include <ctime>

#include <kctx/sim.hpp>
#include <kctx/sim/explore.hpp>

namespace env = kctx::env;
namespace sim = kctx::sim;

namespace {

constexpr double most_seconds = 2;

/// Both lines take the lock that the task takes, which keeps them out: nothing goes wrong.
struct card {
    kctx::spinlock_t lock;
    kctx::completion done;
    int packets = 0;
};

kctx::irqreturn_t receive(int, void *dev)
{
    auto *const c = static_cast<card *>(dev);
    env::spin_lock(&c->lock);
    ++c->packets;
    env::spin_unlock(&c->lock);
    return kctx::IRQ_HANDLED;
}

} // namespace

int main()
{
    sim::machine_config config;
    config.prove_locking = config.debug_atomic_sleep = true;
    sim::exploration_limits limits;
    limits.events = 100;
    timespec begin{}, end{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    const sim::exploration found = sim::explore<card>(
        config,
        [](card &c, sim::scenario &s) {
            s.task("open", [&c] {
                env::request_threaded_irq(5, receive, nullptr, 0, "rx", &c);
                env::request_threaded_irq(6, receive, nullptr, 0, "tx", &c);
                for (int i = 0; i < 2; ++i) {
                    const unsigned long flags = env::spin_lock_irqsave(&c.lock);
                    ++c.packets;
                    env::spin_unlock_irqrestore(&c.lock, flags);
                }
                env::complete(&c.done);
                env::wait_for_completion(&c.done);
                env::disable_irq(5);
                env::disable_irq(6);
                env::free_irq(5, &c);
                env::free_irq(6, &c);
            });
            s.interrupt(5, "rx");
            s.interrupt(6, "tx");
        },
        limits);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    const double seconds = static_cast<double>(end.tv_sec - begin.tv_sec) +
                           static_cast<double>(end.tv_nsec - begin.tv_nsec) / 1e9;
    if (found.failed)
        std::printf("%s\n%s", found.failed->what.c_str(), found.failed->timeline.c_str());
    std::printf("explore: %.3f s for all %llu orders of two lines and 12 calls (%s, %zu orders "
                "waited at most)\n",
                seconds, static_cast<unsigned long long>(found.runs),
                found.complete ? "complete" : "not complete", found.most_waiting);
    return !found.complete || found.failed || seconds > most_seconds;
}
