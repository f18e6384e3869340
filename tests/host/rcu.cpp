// SPDX-License-Identifier: BSL-1.0
// What RCU and SRCU protect is plain data: a sanitizer sees it if a reader is not waited for.
#include <kctx/api/sched.hpp>
#include <kctx/api/slab.hpp>
#include <kctx/host/control.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/bottom_half.hpp>
#include <kctx/lock/irqflags.hpp>
#include <kctx/lock/preempt.hpp>
#include <kctx/lock/rcu.hpp>

#include <atomic>
#include <chrono>
#include <doctest/doctest.h>
#include <thread>
#include <vector>

using namespace kctx;
using std::chrono::milliseconds;

namespace {

template <class Condition> bool soon(Condition condition)
{
    for (int i = 0; i < 5000 && !condition(); ++i)
        std::this_thread::sleep_for(milliseconds(1));
    return condition();
}

/// What readers see: both the same, as long as it is theirs.
struct config {
    long a = 1, b = 1;
    rcu_head rcu;
};

/// Readers read a pointer while an updater replaces it, and @p retire()s what they may still see.
template <class Read, class Retire> void readers_and_an_updater(Read read, Retire retire)
{
    config *current = new config;
    std::atomic<bool> over{false};
    std::atomic<long> reads{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            host::run<SyscallCtx>([&](SyscallCtx ctx) {
                while (!over) {
                    read(ctx, current);
                    ++reads;
                }
            });
        });
    }
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        for (long i = 0; i < 100 || reads < 1000; ++i) {
            config *old = rcu_access_pointer(current);
            config *fresh = new config;
            fresh->a = fresh->b = i;
            rcu_assign_pointer(current, fresh);
            retire(ctx, old);
        }
        over = true;
        for (std::thread &t : readers)
            t.join();
        rcu_barrier(ctx);
    });
    delete current;
}

void end_of(config *old)
{
    old->a = -1; // a reader would see the two differ
    delete old;
}

/// Whether @p wait(ctx) lasts until a reader that is inside now has left.
template <class Enter, class Wait> void waits_for_reader(Enter enter, Wait wait)
{
    std::atomic<bool> inside{false}, leave{false}, waited{false};
    std::thread reader([&] {
        host::run<SyscallCtx>([&](SyscallCtx ctx) {
            enter(ctx, [&] {
                inside = true;
                while (!leave)
                    udelay(100);
            });
        });
    });
    CHECK(soon([&] { return inside.load(); }));
    std::thread updater([&] {
        host::run<ProcessCtx>([&](ProcessCtx ctx) { wait(ctx); });
        waited = true;
    });
    std::this_thread::sleep_for(milliseconds(20));
    CHECK(!waited);
    leave = true;
    updater.join();
    reader.join();
}

} // namespace

TEST_CASE("synchronize_rcu() waits for readers of every kind")
{
    const auto wait = [](ProcessCtx ctx) { synchronize_rcu(ctx); };
    waits_for_reader(
        [](SyscallCtx ctx, auto body) {
            KCTX_RCU_READ_LOCK(ctx) {
                KCTX_RCU_READ_LOCK(ctx) {
                    body();
                }
                udelay(1);
            }
        },
        wait);
    waits_for_reader(
        [](SyscallCtx ctx, auto body) {
            KCTX_RCU_READ_LOCK_BH(ctx) {
                body();
            }
        },
        wait);
    waits_for_reader(
        [](SyscallCtx ctx, auto body) {
            KCTX_RCU_READ_LOCK_SCHED(ctx) {
                body();
            }
        },
        [](ProcessCtx ctx) { synchronize_rcu_expedited(ctx); });
    waits_for_reader(
        [](SyscallCtx ctx, auto body) {
            KCTX_PREEMPT_DISABLE(ctx) {
                body();
            }
        },
        wait);
    waits_for_reader(
        [](SyscallCtx ctx, auto body) {
            KCTX_LOCAL_IRQ_SAVE(ctx) {
                body();
            }
        },
        wait);
    waits_for_reader(
        [](SyscallCtx ctx, auto body) {
            KCTX_LOCAL_BH_DISABLE(ctx) {
                body();
            }
        },
        wait);
    waits_for_reader(
        [](SyscallCtx, auto body) { host::run<HardIrqCtx>([&](HardIrqCtx) { body(); }); }, wait);
    waits_for_reader(
        [](SyscallCtx, auto body) { host::run<SoftirqCtx>([&](SoftirqCtx) { body(); }); }, wait);
}

TEST_CASE("synchronize_rcu() does not wait for readers who come later, nor for tasks")
{
    std::atomic<bool> over{false};
    std::atomic<int> started{0};
    std::vector<std::thread> others;
    for (int i = 0; i < 2; ++i) {
        others.emplace_back([&] {
            host::run<SyscallCtx>([&](SyscallCtx ctx) {
                ++started;
                while (!over)
                    KCTX_RCU_READ_LOCK(ctx) {
                        udelay(50);
                    }
            });
        });
    }
    others.emplace_back([&] {
        host::run<SyscallCtx>([&](SyscallCtx ctx) {
            ++started;
            while (!over)
                msleep(ctx, 1);
        });
    });
    CHECK(soon([&] { return started == 3; }));
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        for (int i = 0; i < 20; ++i)
            synchronize_rcu(ctx);
    });
    over = true;
    for (std::thread &t : others)
        t.join();
}

TEST_CASE("an updater frees after synchronize_rcu()")
{
    readers_and_an_updater(
        [](SyscallCtx ctx, config *&current) {
            KCTX_RCU_READ_LOCK(ctx) {
                config *c = rcu_dereference(ctx, current);
                CHECK(c->a == c->b);
            }
        },
        [](ProcessCtx ctx, config *old) {
            synchronize_rcu(ctx);
            end_of(old);
        });
}

namespace {
std::atomic<int> called_back{0};
void free_config(RcuCallbackCtx, rcu_head *head)
{
    ++called_back;
    end_of(reinterpret_cast<config *>(reinterpret_cast<char *>(head) - offsetof(config, rcu)));
}
} // namespace

TEST_CASE("call_rcu() calls back after the readers, rcu_barrier() waits for that")
{
    int retired = 0;
    readers_and_an_updater(
        [](SyscallCtx ctx, config *&current) {
            KCTX_RCU_READ_LOCK(ctx) {
                config *c = rcu_dereference(ctx, current);
                CHECK(c->a == c->b);
            }
        },
        [&](ProcessCtx ctx, config *old) {
            ++retired;
            call_rcu(ctx, &old->rcu, free_config);
        });
    CHECK(called_back == retired);
}

TEST_CASE("kfree_rcu() frees after the readers")
{
    struct item {
        long value = 7;
        rcu_head rcu;
    };
    const std::size_t before = host::memory_in_use();
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        item *p = KCTX_TRY(kzalloc(ctx, sizeof(item), GFP_KERNEL), return);
        void *q = KCTX_TRY(kmalloc(ctx, 100, GFP_KERNEL), return);
        KCTX_RCU_READ_LOCK(ctx) {
            kfree_rcu(ctx, p, &item::rcu);
            mdelay(5);
            CHECK(p->value == 0); // still there
        }
        kfree_rcu_mightsleep(ctx, q);
        rcu_barrier(ctx);
    });
    CHECK(host::memory_in_use() == before);
}

TEST_CASE("SRCU: readers may sleep, and only those of the domain are waited for")
{
    static srcu_struct domain, other;
    waits_for_reader(
        [](SyscallCtx ctx, auto body) {
            KCTX_SRCU_READ_LOCK(ctx, domain) {
                msleep(ctx, 1);
                body();
            }
        },
        [](ProcessCtx ctx) {
            synchronize_srcu(ctx, &other); // returns at once
            synchronize_srcu(ctx, &domain);
        });
    readers_and_an_updater(
        [](SyscallCtx ctx, config *&current) {
            KCTX_SRCU_READ_LOCK(ctx, domain) {
                config *c = __atomic_load_n(&current, __ATOMIC_CONSUME);
                CHECK(c->a == c->b);
                cond_resched(ctx);
            }
        },
        [](ProcessCtx ctx, config *old) {
            synchronize_srcu(ctx, &domain);
            end_of(old);
        });
    called_back = 0;
    host::run<ProcessCtx>([](ProcessCtx ctx) {
        call_srcu(ctx, &domain, &(new config)->rcu, free_config);
        rcu_barrier(ctx);
    });
    CHECK(called_back == 1);
}
