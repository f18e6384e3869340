// SPDX-License-Identifier: BSL-1.0
// How the measurement made its calls: see docs/agreement.md.
#include "subject.hpp"

#include <kctx/sim/paths.hpp>

namespace agreement {
namespace {

namespace env = kctx::env;

/// Names: how it is prepared; the call; what cleans up.
#define CALL(name, prepare, call, clean)                                                           \
    measured_call{                                                                                 \
        #name,                                                                                     \
        [](subject &s) {                                                                           \
            (void)s;                                                                               \
            prepare;                                                                               \
        },                                                                                         \
        [](subject &s) {                                                                           \
            (void)s;                                                                               \
            call;                                                                                  \
        },                                                                                         \
        [](subject &s) {                                                                           \
            (void)s;                                                                               \
            clean;                                                                                 \
        }},
#define UNTRAINED(name, prepare, call, clean)                                                      \
    measured_call{#name,                                                                           \
                  [](subject &s) {                                                                 \
                      (void)s;                                                                     \
                      prepare;                                                                     \
                  },                                                                               \
                  [](subject &s) {                                                                 \
                      (void)s;                                                                     \
                      call;                                                                        \
                  },                                                                               \
                  [](subject &s) {                                                                 \
                      (void)s;                                                                     \
                      clean;                                                                       \
                  },                                                                               \
                  false},
#define PLAIN(name, call) CALL(name, , call, )
/// A lock in its forms.
#define FORMS(lock_fn, unlock_fn, lock)                                                            \
    PLAIN(lock_fn, env::lock_fn(lock); env::unlock_fn(lock))                                       \
    PLAIN(lock_fn##_bh, env::lock_fn##_bh(lock); env::unlock_fn##_bh(lock))                        \
    PLAIN(lock_fn##_irq, env::lock_fn##_irq(lock); env::unlock_fn##_irq(lock))                     \
    PLAIN(lock_fn##_irqsave, s.saved = env::lock_fn##_irqsave(lock);                               \
          env::unlock_fn##_irqrestore(lock, s.saved))
#define TRY(try_fn, unlock_fn, lock)                                                               \
    PLAIN(try_fn, if ((s.result = env::try_fn(lock)) != 0) env::unlock_fn(lock))

constexpr gfp_t gfp_kernel{kctx::detail::gfp_bits<flag::GFP_KERNEL>};

template <class T> vmalloc_ptr<const void> scattered(T *p) { return vmalloc_ptr<const void>(p); }
user_ptr<void> to_user(subject &s) { return user_ptr<void>(s.user); }
user_ptr<const void> from_user(subject &s) { return user_ptr<const void>(s.user); }
/// A task that waits as @p wait does, until stop_other().
void start_other(subject &s, void (*wait)(subject &))
{
    s.other =
        &s.m.kthread({.comm = "ctxm_other", .cpu = 0, .serves = true}, [&s, wait] { wait(s); });
    env::msleep(2);
}
void stop_other(subject &s) { s.other = nullptr; }
void loop(subject &)
{
    for (;;) {
        env::set_current_state(TASK_INTERRUPTIBLE);
        env::schedule();
    }
}
void wait_in_queue(subject &s)
{
    for (;;) {
        wait_queue_entry entry;
        env::prepare_to_wait(&s.the_queue, &entry, TASK_INTERRUPTIBLE);
        env::schedule();
        env::finish_wait(&s.the_queue, &entry);
    }
}
void wait_in_simple_queue(subject &s)
{
    for (;;)
        s.m.sleep_on(&s.the_simple_queue, TASK_INTERRUPTIBLE);
}
int exits(void *) { return 0; }
int loops_until_stopped(void *)
{
    while (!env::kthread_should_stop()) {
        env::set_current_state(TASK_INTERRUPTIBLE);
        env::schedule();
    }
    return 0;
}
irqreturn_t does_nothing(int, void *) { return IRQ_HANDLED; }
void nothing_on_cpu(void *) {}
int nothing_stopped(void *) { return 0; }
void thunk_of_rcu(RcuCallbackCtx, rcu_head *) {}

constexpr unsigned line_of_call = 12;
int request(subject &s)
{
    return env::request_threaded_irq(line_of_call, does_nothing, nullptr, 0, "ctxm_k", &s);
}
void free_line(subject &s) { env::free_irq(line_of_call, &s); }

constexpr measured_call calls[] = {
#include "calls.inc"
};

} // namespace

const measured_call *find_call(std::string_view name)
{
    for (const measured_call &c : calls) {
        if (c.name == name)
            return &c;
    }
    return nullptr;
}

} // namespace agreement
