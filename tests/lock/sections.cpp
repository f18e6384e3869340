// SPDX-License-Identifier: BSL-1.0
// What pairs and blocks do at run time, with an environment of the test's own.
#include <kctx/all.hpp>

#include <doctest/doctest.h>

#include <string>
#include <type_traits>

using namespace kctx;

namespace {

constexpr auto task = assume_context<ProcessCtx>("the test's own thread");

std::string trace;    ///< what the environment was asked for
bool free_to_take;    ///< what its trylocks answer
bool signal_comes;    ///< what waits for
unsigned long irqs;   ///< the interrupt state that it saves
const void *freed;    ///< what kfree_rcu() was given
rcu_head *freed_head; ///< and the head inside

/// Writes down a step; a '#' in it is @p number.
void say(const char *step, unsigned long number = 0)
{
    for (; *step != '\0'; ++step)
        trace += *step == '#' ? std::to_string(number) : std::string(1, *step);
}

std::string traced()
{
    std::string t;
    t.swap(trace);
    return t;
}

struct named_mutex : mutex {};
struct item {
    int value = 0;
    rcu_head rcu;
};
struct card {
    named_mutex config;
    spinlock_t data;
    raw_spinlock_t hw;
    rw_semaphore map;
    semaphore slots;
    srcu_struct readers;
    ww_mutex buffer;
    unsigned long bits = 0;
    item *current = nullptr;
};

} // namespace

// The environment is where clang's function effects end: they hold for the calls, not for it.
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunknown-warning-option"
#pragma clang diagnostic ignored "-Wfunction-effects"
#endif
namespace kctx::env::inline KCTX_ENV_NAMESPACE {

void mutex_lock(mutex *) noexcept { say("mutex+ "); }
void mutex_unlock(mutex *) noexcept { say("mutex- "); }
bool mutex_trylock(mutex *) noexcept { return free_to_take; }
bool mutex_lock_interruptible(mutex *) noexcept { return !signal_comes; }
void spin_lock(spinlock_t *) noexcept { say("spin+ "); }
void spin_unlock(spinlock_t *) noexcept { say("spin- "); }
unsigned long spin_lock_irqsave(spinlock_t *) noexcept
{
    say("irqsave+ ");
    return irqs;
}
void spin_unlock_irqrestore(spinlock_t *, unsigned long flags) noexcept
{
    say("irqrestore# ", flags);
}
void raw_spin_lock(raw_spinlock_t *) noexcept { say("raw+ "); }
void raw_spin_unlock(raw_spinlock_t *) noexcept { say("raw- "); }
unsigned long local_irq_save() noexcept
{
    say("irqs+ ");
    return irqs;
}
void local_irq_restore(unsigned long flags) noexcept { say("irqs# ", flags); }
void down_write(rw_semaphore *) noexcept { say("write+ "); }
void up_write(rw_semaphore *) noexcept { say("write- "); }
void up_read(rw_semaphore *) noexcept { say("read- "); }
void downgrade_write(rw_semaphore *) noexcept { say("downgrade "); }
void down(semaphore *sem) noexcept
{
    say("down ");
    --sem->count;
}
void up(semaphore *sem) noexcept
{
    say("up ");
    ++sem->count;
}
int down_trylock(semaphore *) noexcept { return free_to_take ? 0 : 1; }
void rcu_read_lock() noexcept { say("rcu+ "); }
void rcu_read_unlock() noexcept { say("rcu- "); }
void rcu_dereference() noexcept { say("deref "); }
int srcu_read_lock(srcu_struct *) noexcept
{
    say("srcu+ ");
    return 1;
}
void srcu_read_unlock(srcu_struct *, int index) noexcept
{
    say("srcu# ", static_cast<unsigned long>(index));
}
void kvfree_call_rcu(rcu_head *head, void *object) noexcept
{
    freed = object;
    freed_head = head;
}
bool ww_mutex_lock(ww_mutex *lock, ww_acquire_ctx *acquire) noexcept
{
    lock->holder = acquire;
    return free_to_take;
}
void ww_mutex_unlock(ww_mutex *) noexcept { say("ww- "); }
void bit_spin_lock(int bit, unsigned long *word) noexcept { *word |= 1UL << bit; }
void bit_spin_unlock(int bit, unsigned long *word) noexcept { *word &= ~(1UL << bit); }
bool bit_spin_trylock(int bit, unsigned long *word) noexcept
{
    const unsigned long taken = *word;
    *word |= 1UL << bit;
    return *word != taken;
}

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
#ifdef __clang__
#pragma clang diagnostic pop
#endif

TEST_CASE("a pair passes its token")
{
    card dev;
    const auto outer = mutex_lock(task, &dev.config);
    static_assert(__is_same(decltype(outer), const MutexLocked<named_mutex, ProcessCtx>));
    const auto inner = spin_lock(outer, &dev.data);
    const auto back = spin_unlock(inner, &dev.data);
    static_assert(__is_same(decltype(back), decltype(outer)));
    const auto first = mutex_unlock(back, &dev.config);
    static_assert(__is_same(decltype(first), decltype(task)));
    CHECK(traced() == "mutex+ spin+ spin- mutex- ");
}

TEST_CASE("a token costs nothing")
{
    static_assert(sizeof(RawSpinLocked<raw_spinlock_t, ProcessCtx>) == 1);
    static_assert(__is_empty(SpinLocked<spinlock_t, MutexLocked<mutex, ProcessCtx>>));
    static_assert(__is_trivially_copyable(RcuReader<ProcessCtx>));
    static_assert(!__is_constructible(RcuReader<ProcessCtx>));
}

TEST_CASE("what a lock saves comes back")
{
    card dev;
    irqs = 7;
    unsigned long flags = 0;
    const auto in = spin_lock_irqsave(task, &dev.data, flags);
    CHECK(flags == 7);
    spin_unlock_irqrestore(in, &dev.data, flags);
    KCTX_SPIN_LOCK_IRQSAVE(task, dev.data) {
        irqs = 9;
        KCTX_LOCAL_IRQ_SAVE(task) {
        }
    }
    KCTX_SRCU_READ_LOCK(task, dev.readers) {
    }
    CHECK(traced() == "irqsave+ irqrestore7 irqsave+ irqs+ irqs9 irqrestore7 srcu+ srcu1 ");
}

TEST_CASE("a block leaves its section however it ends")
{
    card dev;
    const auto returns = [&dev] {
        KCTX_RAW_SPIN_LOCK(task, dev.hw) {
            return 1;
        }
        return 2;
    };
    CHECK(returns() == 1);
    const auto ends_with_a_section = [&dev]() -> int {
        KCTX_RAW_SPIN_LOCK(task, dev.hw) {
            return 3;
        }
    };
    CHECK(ends_with_a_section() == 3);
    for (int i = 0; i < 3; ++i) {
        KCTX_SPIN_LOCK(task, dev.data) {
            if (i == 0)
                continue;
            break;
        }
    }
    CHECK(traced() == "raw+ raw- raw+ raw- spin+ spin- spin+ spin- ");
}

TEST_CASE("a block is one statement, as under an if without braces")
{
    card c;
    for (const bool busy : {true, false}) {
        const auto ctx = task;
        if (busy)
            KCTX_RAW_SPIN_LOCK(ctx, c.hw)
                say("held ");
            else
                say("not ");
        CHECK(traced() == (busy ? "raw+ held raw- " : "not "));
    }
}

TEST_CASE("a block names the token of its section as it names the outer one")
{
    card dev;
    KCTX_MUTEX_LOCK(task, dev.config) {
        static_assert(__is_same(decltype(task), const MutexLocked<named_mutex, ProcessCtx>));
        KCTX_RCU_READ_LOCK(task) {
            static_assert(
                __is_same(decltype(task), const RcuReader<MutexLocked<named_mutex, ProcessCtx>>));
        }
    }
    CHECK(traced() == "mutex+ rcu+ rcu- mutex- ");
}

TEST_CASE("what is held in a work item is held in process context")
{
    card dev;
    const auto helper = [](SpinLocked<spinlock_t, MutexLocked<named_mutex, ProcessCtx>>) {};
    const auto in_work = [&](WorkCtx ctx) {
        KCTX_MUTEX_LOCK(ctx, dev.config) {
            KCTX_SPIN_LOCK(ctx, dev.data) {
                helper(ctx);
            }
        }
    };
    in_work(assume_context<WorkCtx>("the test's own thread"));
    using in_process = MutexLocked<named_mutex, ProcessCtx>;
    static_assert(std::is_convertible_v<MutexLocked<named_mutex, KthreadCtx>, in_process>);
    static_assert(!std::is_convertible_v<MutexLocked<mutex, KthreadCtx>, in_process>);
    static_assert(!std::is_convertible_v<MutexLocked<named_mutex, IrqCtx>, in_process>);
    static_assert(!std::is_convertible_v<SpinLocked<named_mutex, WorkCtx>, in_process>);
    static_assert(!std::is_convertible_v<in_process, MutexLocked<named_mutex, WorkCtx>>);
    CHECK(traced() == "mutex+ spin+ spin- mutex- ");
}

TEST_CASE("a closure gets its token and its data, and its section ends before it returns")
{
    card dev;
    dev.bits = 5;
    const unsigned long bits = with<MutexLocked>(
        task, &dev.config,
        [](auto in, card &d) {
            static_assert(__is_same(decltype(in), MutexLocked<named_mutex, ProcessCtx>));
            say("body ");
            return d.bits;
        },
        dev);
    CHECK(bits == 5);
    with<RcuReader>(task, [](auto) { say("reads "); });
    CHECK(traced() == "mutex+ body mutex- rcu+ reads rcu- ");
}

TEST_CASE("a trylock gives NULL, or the token of its section")
{
    card dev;
    free_to_take = false;
    CHECK(mutex_trylock(task, &dev.config) == nullptr);
    free_to_take = true;
    if (const auto *in = mutex_trylock(task, &dev.config))
        mutex_unlock(*in, &dev.config);
    CHECK(traced() == "mutex- ");
}

TEST_CASE("the block of a trylock runs its else when the lock was not taken")
{
    card dev;
    const auto tries = [&dev] {
        KCTX_MUTEX_TRYLOCK(task, dev.config) {
            say("held ");
            return true;
        } else {
            static_assert(__is_same(decltype(task), const ProcessCtx));
            say("else ");
        }
        return false;
    };
    free_to_take = true;
    CHECK(tries());
    CHECK(traced() == "held mutex- ");
    free_to_take = false;
    CHECK_FALSE(tries());
    CHECK(traced() == "else ");

    KCTX_MUTEX_TRYLOCK(task, dev.config) {
        say("held ");
    }
    CHECK(traced().empty());
}

TEST_CASE("the block of a wait that a signal may end")
{
    card dev;
    for (const bool comes : {false, true}) {
        signal_comes = comes;
        KCTX_MUTEX_LOCK_INTERRUPTIBLE(task, dev.config) {
            CHECK_FALSE(comes);
        } else {
            CHECK(comes);
        }
    }
    CHECK(traced() == "mutex- ");
}

TEST_CASE("the block of a ww_mutex passes on what is acquired with it")
{
    card dev;
    ww_class buffers;
    ww_acquire_ctx acquire;
    ww_acquire_init(&acquire, &buffers);
    free_to_take = true;
    KCTX_WW_MUTEX_LOCK(task, dev.buffer, &acquire) {
        CHECK(dev.buffer.holder == &acquire);
    } else {
        FAIL("not taken");
    }
    CHECK(traced() == "ww- ");
}

TEST_CASE("a writer becomes a reader")
{
    card dev;
    const auto writer = down_write(task, &dev.map);
    const auto reader = downgrade_write(writer, &dev.map);
    static_assert(__is_same(decltype(reader), const RwsemReadLocked<rw_semaphore, ProcessCtx>));
    up_read(reader, &dev.map);
    CHECK(traced() == "write+ downgrade read- ");
}

TEST_CASE("a semaphore has no owner, and may be a lock")
{
    card dev;
    sema_init(&dev.slots, 2);
    CHECK(dev.slots.count == 2);
    down(task, &dev.slots);
    up(assume_context<HardIrqCtx>("whoever raises the count"), &dev.slots);
    KCTX_DOWN(task, dev.slots) {
        CHECK(dev.slots.count == 1);
    }
    CHECK(dev.slots.count == 2);
    free_to_take = true;
    CHECK(down_trylock(task, &dev.slots) == 0);
    CHECK(traced() == "down up down up ");
}

TEST_CASE("pointers that RCU protects")
{
    card dev;
    item a;
    CHECK(rcu_access_pointer(dev.current) == nullptr);
    rcu_assign_pointer(dev.current, &a);
    KCTX_RCU_READ_LOCK(task) {
        CHECK(rcu_dereference(task, dev.current) == &a);
    }
    kfree_rcu(task, &a, &item::rcu);
    CHECK(freed == &a);
    CHECK(freed_head == &a.rcu);
    CHECK(traced() == "rcu+ deref rcu- ");
}

TEST_CASE("a bit is a lock")
{
    card dev;
    KCTX_BIT_SPIN_LOCK(task, 3, dev.bits) {
        CHECK(dev.bits == 8);
    }
    CHECK(dev.bits == 0);
    if (const auto *in = bit_spin_trylock(task, 0, &dev.bits)) {
        CHECK(dev.bits == 1);
        bit_spin_unlock(*in, 0, &dev.bits);
    }
    CHECK(dev.bits == 0);
    dev.bits = 1;
    CHECK(bit_spin_trylock(task, 0, &dev.bits) == nullptr);
}
