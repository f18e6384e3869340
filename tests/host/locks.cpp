// SPDX-License-Identifier: BSL-1.0
// Every lock excludes; what is guarded is a plain variable, so that a sanitizer sees it if not.
#include <kctx/host/control.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/bottom_half.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/rt_mutex.hpp>
#include <kctx/lock/rwlock.hpp>
#include <kctx/lock/rwsem.hpp>
#include <kctx/lock/semaphore.hpp>
#include <kctx/lock/spinlock_irq.hpp>

#include <kctx/api/sched.hpp>

#include <atomic>
#include <chrono>
#include <doctest/doctest.h>
#include <thread>
#include <vector>

using namespace kctx;

namespace {

constexpr int threads = 4;
constexpr int rounds = 2000;

/// Calls @p body(ctx, which) in @p threads system calls at the same time.
template <class Body> void in_parallel(Body body)
{
    std::vector<std::thread> all;
    for (int which = 0; which < threads; ++which)
        all.emplace_back([=] { host::run<SyscallCtx>(body, which); });
    for (std::thread &t : all)
        t.join();
}

/// Adds to a counter in each of the parallel calls, inside a section that @p section makes.
template <class Section> void excludes(Section section)
{
    long counter = 0;
    in_parallel([&](SyscallCtx ctx, int) {
        for (int i = 0; i < rounds; ++i)
            section(ctx, counter);
    });
    CHECK(counter == long{threads} * rounds);
}

void eventually(auto condition)
{
    for (int i = 0; i < 5000 && !condition(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    CHECK(condition());
}

} // namespace

TEST_CASE("raw_spinlock_t")
{
    raw_spinlock_t lock;
    excludes([&](SyscallCtx ctx, long &n) {
        KCTX_RAW_SPIN_LOCK(ctx, lock) {
            ++n;
        }
    });
    excludes([&](SyscallCtx ctx, long &n) {
        KCTX_RAW_SPIN_LOCK_IRQ(ctx, lock) {
            ++n;
        }
    });
    excludes([&](SyscallCtx ctx, long &n) {
        KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, lock) {
            ++n;
        }
    });
    excludes([&](SyscallCtx ctx, long &n) {
        KCTX_RAW_SPIN_LOCK_BH(ctx, lock) {
            ++n;
        }
    });
}

TEST_CASE("spinlock_t")
{
    spinlock_t lock;
    excludes([&](SyscallCtx ctx, long &n) {
        KCTX_SPIN_LOCK(ctx, lock) {
            ++n;
        }
    });
    excludes([&](SyscallCtx ctx, long &n) {
        KCTX_SPIN_LOCK_IRQ(ctx, lock) {
            ++n;
        }
    });
    excludes([&](SyscallCtx ctx, long &n) {
        KCTX_SPIN_LOCK_IRQSAVE(ctx, lock) {
            ++n;
        }
    });
    excludes([&](SyscallCtx ctx, long &n) {
        KCTX_SPIN_LOCK_BH(ctx, lock) {
            ++n;
        }
    });
    // in pairs
    excludes([&](SyscallCtx ctx, long &n) {
        unsigned long flags;
        auto held = spin_lock_irqsave(ctx, &lock, flags);
        ++n;
        spin_unlock_irqrestore(held, &lock, flags);
    });
}

TEST_CASE("rwlock_t: one writer or many readers")
{
    rwlock_t lock;
    excludes([&](SyscallCtx ctx, long &n) {
        KCTX_WRITE_LOCK(ctx, lock) {
            ++n;
        }
    });
    excludes([&](SyscallCtx ctx, long &n) {
        KCTX_WRITE_LOCK_IRQSAVE(ctx, lock) {
            ++n;
        }
    });

    long a = 0, b = 0;
    in_parallel([&](SyscallCtx ctx, int which) {
        for (int i = 0; i < rounds; ++i) {
            if (which == 0) {
                KCTX_WRITE_LOCK_BH(ctx, lock) {
                    ++a;
                    ++b;
                }
            } else {
                KCTX_READ_LOCK(ctx, lock) {
                    CHECK(a == b);
                }
                KCTX_READ_LOCK_IRQ(ctx, lock) {
                    CHECK(a == b);
                }
            }
        }
    });
    CHECK(a == rounds);

    std::atomic<int> readers{0}; // all inside at the same time
    in_parallel([&](SyscallCtx ctx, int) {
        KCTX_READ_LOCK(ctx, lock) {
            ++readers;
            while (readers != threads)
                cpu_relax();
        }
    });
}

TEST_CASE("mutex and rt_mutex")
{
    mutex lock;
    excludes([&](SyscallCtx ctx, long &n) {
        KCTX_MUTEX_LOCK(ctx, lock) {
            ++n;
        }
    });
    rt_mutex rt;
    excludes([&](SyscallCtx ctx, long &n) {
        KCTX_RT_MUTEX_LOCK(ctx, rt) {
            ++n;
        }
    });
    excludes([&](SyscallCtx ctx, long &n) { // trylock, and the rest by waiting
        bool done = false;
        KCTX_MUTEX_TRYLOCK(ctx, lock) {
            ++n;
            done = true;
        }
        if (!done)
            KCTX_MUTEX_LOCK_INTERRUPTIBLE(ctx, lock) {
                ++n;
            }
    });
}

TEST_CASE("a mutex is held while its owner sleeps; trylock fails meanwhile")
{
    mutex lock;
    std::atomic<bool> held{false}, tried{false};
    std::thread owner([&] {
        host::run<ProcessCtx>([&](ProcessCtx ctx) {
            KCTX_MUTEX_LOCK(ctx, lock) {
                held = true;
                while (!tried)
                    msleep(ctx, 1);
            }
        });
    });
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        while (!held)
            msleep(ctx, 1);
        bool taken = false;
        KCTX_MUTEX_TRYLOCK(ctx, lock) {
            taken = true;
        }
        CHECK(!taken);
        tried = true;
        KCTX_MUTEX_LOCK(ctx, lock) {
            taken = true;
        }
        CHECK(taken);
    });
    owner.join();
}

TEST_CASE("a signal ends waiting for a mutex, a semaphore, an rw_semaphore")
{
    mutex lock;
    semaphore sem;
    sema_init(&sem, 0);
    rw_semaphore rwsem;
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        KCTX_MUTEX_LOCK(ctx, lock) {
            KCTX_DOWN_WRITE(ctx, rwsem) {
                std::atomic<task_struct *> waiter{nullptr};
                std::atomic<int> interrupted{0};
                std::thread other([&] {
                    waiter = get_current();
                    host::run<SyscallCtx>([&](SyscallCtx inner) {
                        bool taken = false;
                        KCTX_MUTEX_LOCK_INTERRUPTIBLE(inner, lock) {
                            taken = true;
                        }
                        interrupted += !taken;
                        interrupted += down_interruptible(inner, &sem) == -EINTR;
                        KCTX_DOWN_READ_KILLABLE(inner, rwsem) {
                            taken = true;
                        }
                        interrupted += !taken;
                        interrupted += down_killable(inner, &sem) == -EINTR;
                    });
                });
                while (!waiter)
                    msleep(ctx, 1);
                host::send_signal(waiter, 2); // SIGINT: the interruptible ones only
                for (int i = 0; i < 1000 && interrupted < 2; ++i)
                    msleep(ctx, 1);
                msleep(ctx, 20);
                CHECK(interrupted == 2);
                host::send_signal(waiter, 9);
                other.join();
                CHECK(interrupted == 4);
            }
        }
    });
}

TEST_CASE("rw_semaphore: one writer or many readers; a writer becomes a reader")
{
    rw_semaphore sem;
    excludes([&](SyscallCtx ctx, long &n) {
        KCTX_DOWN_WRITE(ctx, sem) {
            ++n;
        }
    });

    long a = 0, b = 0;
    in_parallel([&](SyscallCtx ctx, int which) {
        for (int i = 0; i < rounds; ++i) {
            if (which == 0) {
                KCTX_DOWN_WRITE(ctx, sem) {
                    ++a;
                    ++b;
                }
            } else if (which == 1) {
                auto writing = down_write(ctx, &sem);
                ++a;
                ++b;
                auto reading = downgrade_write(writing, &sem);
                CHECK(a == b);
                up_read(reading, &sem);
            } else {
                KCTX_DOWN_READ(ctx, sem) {
                    CHECK(a == b);
                }
            }
        }
    });
    CHECK(a == 2 * rounds);

    std::atomic<int> readers{0};
    in_parallel([&](SyscallCtx ctx, int) {
        KCTX_DOWN_READ(ctx, sem) {
            ++readers;
            while (readers != threads)
                cond_resched(ctx);
        }
    });
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        KCTX_DOWN_READ(ctx, sem) {
            bool second = false, writer = false;
            std::thread([&] {
                host::run<SyscallCtx>([&](SyscallCtx other) {
                    KCTX_DOWN_READ_TRYLOCK(other, sem) {
                        second = true;
                    }
                    KCTX_DOWN_WRITE_TRYLOCK(other, sem) {
                        writer = true;
                    }
                });
            }).join();
            CHECK(second);
            CHECK(!writer);
        }
    });
}

TEST_CASE("readers do not keep a writer out for ever")
{
    rw_semaphore sem;
    std::atomic<bool> wrote{false}, start{false};
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            host::run<SyscallCtx>([&](SyscallCtx ctx) {
                while (!wrote) { // with the others there is always a reader
                    KCTX_DOWN_READ(ctx, sem) {
                        start = true;
                        msleep(ctx, 3);
                    }
                }
            });
        });
    }
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        while (!start)
            msleep(ctx, 1);
        KCTX_DOWN_WRITE(ctx, sem) {
            wrote = true;
        }
    });
    for (std::thread &t : readers)
        t.join();
    CHECK(wrote);
}

TEST_CASE("a semaphore lets as many in as it was made for")
{
    semaphore sem;
    sema_init(&sem, 2);
    std::atomic<int> inside{0}, most{0};
    in_parallel([&](SyscallCtx ctx, int) {
        for (int i = 0; i < 50; ++i) {
            KCTX_DOWN(ctx, sem) {
                const int now = ++inside;
                if (now > most)
                    most = now;
                CHECK(now <= 2);
                usleep_range(ctx, 50, 100);
                --inside;
            }
        }
    });
    CHECK(most == 2);
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        CHECK(down_trylock(ctx, &sem) == 0);
        CHECK(down_trylock(ctx, &sem) == 0);
        CHECK(down_trylock(ctx, &sem) == 1);
        CHECK(down_timeout(ctx, &sem, 5) == -ETIME);
        up(ctx, &sem);
        CHECK(down_timeout(ctx, &sem, 5) == 0);
    });
    // it has no owner: another thread may raise it
    std::thread giver([&] { host::run<ProcessCtx>([&](ProcessCtx ctx) { up(ctx, &sem); }); });
    host::run<ProcessCtx>([&](ProcessCtx ctx) { down(ctx, &sem); });
    giver.join();
}

TEST_CASE("sections nest, and turn on what they turned off")
{
    spinlock_t outer, inner;
    raw_spinlock_t raw;
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        for (int i = 0; i < 3; ++i) {
            KCTX_SPIN_LOCK_IRQSAVE(ctx, outer) {
                KCTX_SPIN_LOCK_IRQSAVE(ctx, inner) {
                    KCTX_RAW_SPIN_LOCK(ctx, raw) {
                        udelay(1);
                    }
                }
            }
            KCTX_LOCAL_BH_DISABLE(ctx) {
                udelay(1);
            }
            KCTX_LOCAL_IRQ_SAVE(ctx) {
                udelay(1);
            }
            msleep(ctx, 0); // sleeping is legal again: might_sleep() checks at run time
        }
    });
}
