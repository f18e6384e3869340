// SPDX-License-Identifier: BSL-1.0
// What a debug build reports at run time and ends the program for: each case in a process of its
// own. Most of it does not compile with tokens, so that the functions behind the calls are called
// directly, as by code that knew better.
#include <kctx/api/dma.hpp>
#include <kctx/api/hrtimer.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/sched.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/api/tasklet.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/host/control.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/preempt.hpp>
#include <kctx/lock/rcu.hpp>
#include <kctx/lock/rt_mutex.hpp>
#include <kctx/lock/rwlock.hpp>
#include <kctx/lock/rwsem.hpp>

#include <csignal>
#include <doctest/doctest.h>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#if defined(__has_feature)
#define KCTX_SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#endif

using namespace kctx;

namespace {

raw_spinlock_t raw;
spinlock_t lock;
rwlock_t rwlock;
mutex mtx;
rt_mutex rtm;
rw_semaphore rwsem;

template <class F> void elsewhere(F f) { std::thread(f).join(); }
void for_a_while() { std::this_thread::sleep_for(std::chrono::seconds(5)); }

// Handlers that promise what they do not keep: without the promise clang's function effects find
// them.
#ifdef KCTX_EFFECTS
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wfunction-effects"
#endif
irqreturn_t isr_frees_itself(IrqCtx, int irq, void *dev) noexcept KCTX_EFFECT_config
{
    env::free_irq(static_cast<unsigned>(irq), dev);
    return IRQ_HANDLED;
}
void kills_itself(TaskletCtx, tasklet_struct *t) noexcept KCTX_EFFECT_config
{
    env::tasklet_kill(t);
}
void sleeps_in_softirq(TaskletCtx, tasklet_struct *) noexcept KCTX_EFFECT_config { env::msleep(1); }
#ifdef KCTX_EFFECTS
#pragma clang diagnostic pop
#endif

irqreturn_t isr_takes_lock(IrqCtx ctx, int, void *)
{
    KCTX_SPIN_LOCK(ctx, lock) {
    }
    return IRQ_HANDLED;
}
irqreturn_t isr_keeps_lock(IrqCtx, int, void *)
{
    env::spin_lock(&lock);
    return IRQ_HANDLED;
}
irqreturn_t thread_disables_itself(ThreadedIrqCtx ctx, int irq, void *)
{
    disable_irq(ctx, static_cast<unsigned>(irq));
    return IRQ_HANDLED;
}
template <auto Isr> void with_isr()
{
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        CHECK(request_irq(ctx, 5, handler<Isr>, IRQF_TRIGGER_NONE, "card", &lock) == 0);
    });
    host::raise_irq(5);
}

template <auto F> void run_work()
{
    static work_struct work;
    INIT_WORK(&work, handler<F>);
    env::schedule_work(&work);
    for_a_while();
}
workqueue_struct *own_queue;
void flushes_own_queue(WorkCtx ctx, work_struct *) { flush_workqueue(ctx, own_queue); }
void cancels_itself(WorkCtx ctx, work_struct *work) { cancel_work_sync(ctx, work); }
void keeps_lock(WorkCtx, work_struct *) { env::raw_spin_lock(&raw); }
void never_ends(WorkCtx ctx, work_struct *)
{
    for (;;)
        msleep(ctx, 10);
}
void deletes_itself(TimerCtx ctx, timer_list *timer) { timer_delete_sync(ctx, timer); }
hrtimer_restart cancels_own(HrtimerCtx<soft> ctx, hrtimer *timer)
{
    hrtimer_cancel(ctx, timer);
    return HRTIMER_NORESTART;
}
template <auto F> void run_tasklet()
{
    static tasklet_struct t;
    tasklet_setup(&t, handler<F>);
    env::tasklet_schedule(&t);
    for_a_while();
}

struct misuse {
    const char *what;
    const char *report; ///< is in what the process prints
    void (*commit)();
};
const misuse all[] = {
    {"spin_lock() twice", "BUG: spinlock recursion on CPU#0, ",
     [] {
         env::spin_lock(&lock);
         env::spin_lock(&lock);
     }},
    {"raw_spin_lock_irqsave() twice", "BUG: spinlock recursion on CPU#0, ",
     [] {
         env::raw_spin_lock_irqsave(&raw);
         env::raw_spin_lock_irqsave(&raw);
     }},
    {"a lock of an interrupt, taken with interrupts on", "BUG: spinlock recursion on CPU#0, ",
     [] {
         host::run<ProcessCtx>([](ProcessCtx ctx) {
             CHECK(request_irq(ctx, 5, handler<isr_takes_lock>, IRQF_TRIGGER_NONE, "card", &lock) ==
                   0);
             KCTX_SPIN_LOCK(ctx, lock) {
                 host::raise_irq(5);
             }
         });
     }},
    {"spin_unlock() of a free lock", "BUG: spinlock already unlocked on CPU#0, ",
     [] { env::spin_unlock(&lock); }},
    {"spin_unlock() of somebody else's lock", "BUG: spinlock wrong owner on CPU#1, ",
     [] {
         env::spin_lock(&lock);
         elsewhere([] { env::spin_unlock(&lock); });
     }},
    {"a spinlock held for seconds", "BUG: spinlock lockup suspected on CPU#1, ",
     [] {
         env::spin_lock(&lock);
         std::thread([] { env::spin_lock(&lock); }).detach();
         for_a_while();
         std::abort();
     }},
    {"write_lock() twice", "BUG: rwlock recursion on CPU#0, ",
     [] {
         env::write_lock(&rwlock);
         env::write_lock(&rwlock);
     }},
    {"read_lock() by the writer", "BUG: rwlock recursion on CPU#0, ",
     [] {
         env::write_lock_bh(&rwlock);
         env::read_lock_bh(&rwlock);
     }},
    {"read_unlock() of a free lock", "BUG: rwlock already unlocked on CPU#0, ",
     [] { env::read_unlock(&rwlock); }},
    {"write_unlock() by a reader", "BUG: rwlock already unlocked on CPU#0, ",
     [] {
         env::read_lock(&rwlock);
         env::write_unlock(&rwlock);
     }},
    {"write_unlock() by somebody else", "BUG: rwlock wrong owner on CPU#1, ",
     [] {
         env::write_lock(&rwlock);
         elsewhere([] { env::write_unlock(&rwlock); });
     }},
    {"mutex_lock() twice", "WARNING: possible recursive locking detected",
     [] {
         env::mutex_lock(&mtx);
         env::mutex_lock_interruptible(&mtx);
     }},
    {"mutex_unlock() by somebody else", "DEBUG_LOCKS_WARN_ON(__owner_task(owner) != get_current())",
     [] {
         env::mutex_lock(&mtx);
         elsewhere([] { env::mutex_unlock(&mtx); });
     }},
    {"rt_mutex_unlock() of a free lock",
     "DEBUG_LOCKS_WARN_ON(__owner_task(owner) != get_current())",
     [] { env::rt_mutex_unlock(&rtm); }},
    {"down_read() by the writer", "but task is already holding lock",
     [] {
         env::down_write(&rwsem);
         env::down_read(&rwsem);
     }},
    {"up_read() of a free rw_semaphore", "DEBUG_RWSEMS_WARN_ON", [] { env::up_read(&rwsem); }},
    {"up_write() by a reader", "DEBUG_RWSEMS_WARN_ON",
     [] {
         env::down_read(&rwsem);
         env::up_write(&rwsem);
     }},
    {"downgrade_write() by a reader", "DEBUG_RWSEMS_WARN_ON",
     [] {
         env::down_read(&rwsem);
         env::downgrade_write(&rwsem);
     }},
    {"msleep() under a spinlock", "BUG: sleeping function called from invalid context: msleep()",
     [] {
         env::spin_lock(&lock);
         env::msleep(1);
     }},
    {"mutex_lock() in an interrupt, the mutex being free", "in_atomic(): 1, irqs_disabled(): 1, ",
     [] { host::run<IrqCtx>([](IrqCtx) { env::mutex_lock(&mtx); }); }},
    {"schedule() in an RCU reader", "RCU nest depth: 1, expected: 0",
     [] {
         env::rcu_read_lock();
         env::schedule();
     }},
    {"vmalloc() with preemption off",
     "BUG: sleeping function called from invalid context: vmalloc()",
     [] {
         env::preempt_disable();
         env::vmalloc(100);
     }},
    {"msleep() in a tasklet", "BUG: sleeping function called from invalid context: msleep()",
     run_tasklet<sleeps_in_softirq>},
    {"process context in an atomic section",
     "BUG: sleeping function called from invalid context: run()",
     [] {
         env::local_irq_disable();
         host::run<ProcessCtx>([](ProcessCtx) {});
     }},
    {"rcu_dereference() outside readers", "WARNING: suspicious RCU usage",
     [] { env::rcu_dereference(); }},
    {"a thread that ends with a lock held", "exited with preempt_count 1",
     [] { elsewhere([] { env::spin_lock(&lock); }); }},
    {"an interrupt handler that keeps a lock",
     "BUG: irq handler leaked atomic, lock or RCU: ", with_isr<isr_keeps_lock>},
    {"free_irq() in the handler of the line",
     "BUG: sleeping function called from invalid context: free_irq()", with_isr<isr_frees_itself>},
    {"disable_irq() in the thread of the line", "BUG: disable_irq(5) waits for its own caller",
     [] {
         host::run<ProcessCtx>([](ProcessCtx ctx) {
             CHECK(request_threaded_irq(ctx, 5, nullptr, handler<thread_disables_itself>,
                                        IRQF_ONESHOT, "card", nullptr) == 0);
         });
         host::raise_irq(5);
         for_a_while();
     }},
    {"a work item that keeps a lock",
     "BUG: workqueue leaked atomic, lock or RCU: ", run_work<keeps_lock>},
    {"cancel_work_sync() of the work that runs", "BUG: cancel_work_sync() of work ",
     run_work<cancels_itself>},
    {"flush_workqueue() from its own worker", "BUG: flush_workqueue() of workqueue own waits",
     [] {
         static work_struct work;
         INIT_WORK(&work, handler<flushes_own_queue>);
         own_queue = env::alloc_workqueue("own", 0, 0);
         env::queue_work(own_queue, &work);
         for_a_while();
     }},
    {"timer_delete_sync() in its own callback", "BUG: timer_delete_sync() of ",
     [] {
         static timer_list timer;
         timer_setup(&timer, handler<deletes_itself>, 0);
         env::mod_timer(&timer, jiffies);
         for_a_while();
     }},
    {"hrtimer_cancel() in its own callback", "BUG: hrtimer_cancel() of ",
     [] {
         static hrtimer timer;
         hrtimer_setup(&timer, handler<cancels_own>, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
         env::hrtimer_start(&timer, 0, 5);
         for_a_while();
     }},
    {"tasklet_kill() of the tasklet that runs",
     "BUG: sleeping function called from invalid context: tasklet_kill()",
     run_tasklet<kills_itself>},
    {"add_timer() of a pending timer", "add_timer() of a pending timer",
     [] {
         static timer_list timer;
         timer_setup(&timer, handler<deletes_itself>, 0);
         env::mod_timer(&timer, jiffies + 100'000);
         env::add_timer(&timer);
     }},
    {"DMA memory freed with the address of other memory", "DMA-API: device driver frees DMA memory",
     [] {
         dma_addr_t handle = 0;
         void *p = env::dma_alloc_coherent(nullptr, 100, &handle, gfp_t{0});
         env::dma_free_coherent(nullptr, 100, p, handle + 1);
     }},
};

/// What a process that commits @p m prints, and the signal that ends it.
std::string outcome(const misuse &m, int *signal)
{
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        const rlimit no_core{0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        std::signal(SIGABRT, SIG_DFL);
        alarm(30);
        m.commit();
        _exit(0);
    }
    close(ends[1]);
    std::string printed;
    char part[4096];
    for (ssize_t n = 0; (n = read(ends[0], part, sizeof part)) > 0;)
        printed.append(part, static_cast<std::size_t>(n));
    close(ends[0]);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    *signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return printed;
}

} // namespace

TEST_CASE("misuse is reported in the kernel's words, and ends the program")
{
    for (const misuse &m : all) {
        CAPTURE(m.what);
        int signal = 0;
        const std::string printed = outcome(m, &signal);
        CAPTURE(printed);
        CHECK(signal == SIGABRT);
        CHECK(printed.find(m.report) != printed.npos);
        CHECK(printed.find("Call Trace:") != printed.npos);
    }
}

TEST_CASE("what still runs after main() is named")
{
    const misuse leftover{"", "", [] {
                              static work_struct work;
                              INIT_WORK(&work, handler<never_ends>);
                              env::schedule_work(&work);
                              std::this_thread::sleep_for(std::chrono::milliseconds(50));
                              std::exit(0);
                          }};
    int signal = 0;
    const std::string printed = outcome(leftover, &signal);
    CHECK(signal == 0);
    CHECK(printed.find("INFO: task kworker still runs after main(); who stops it?") !=
          printed.npos);
}

// Sanitizers need an address space of their own size.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !KCTX_SANITIZED
TEST_CASE("__GFP_NOFAIL ends the program where memory does")
{
    const misuse endless{"", "", [] {
                             const rlimit little{1 << 28, 1 << 28};
                             setrlimit(RLIMIT_AS, &little);
                             host::run<ProcessCtx>([](ProcessCtx ctx) {
                                 size_t size = 1 << 20; // a constant would not compile
                                 for (;;) {
                                     void *p = KCTX_TRY(
                                         kmalloc(ctx, size, GFP_KERNEL | __GFP_NOFAIL), return);
                                     asm volatile("" ::"r"(p));
                                 }
                             });
                         }};
    int signal = 0;
    const std::string printed = outcome(endless, &signal);
    CHECK(signal == SIGABRT);
    CHECK(printed.find("Out of memory: 1048576 bytes with __GFP_NOFAIL") != printed.npos);
}
#endif
