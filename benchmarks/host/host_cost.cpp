// SPDX-License-Identifier: BSL-1.0
// What the environment in userspace costs: the same work with kctx's calls, and written by hand
// with the standard library's. Both are measured in one run, turn by turn, so that whatever else
// the machine does hits both; of each the best turn counts.
#include <kctx/host.hpp>

#include <kctx/lock/rwsem.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <shared_mutex>
#include <thread>

using namespace kctx;

namespace {

constexpr int turns = 41;
constexpr int rounds = 20'000;
constexpr double budget = 1.5; ///< of kctx's time over that of std:: code

unsigned long counter; ///< what the locks guard

mutex a_mutex;
std::mutex std_mutex;
spinlock_t a_spinlock;
rw_semaphore a_rwsem;
std::shared_mutex std_rwlock;

/// As it is written where no library has one: tests before it sets, and yields after a while.
class hand_written_spinlock
{
    std::atomic<unsigned> held_{0};

public:
    void lock() noexcept
    {
        unsigned looks = 0;
        while (held_.exchange(1, std::memory_order_acquire) != 0) {
            while (held_.load(std::memory_order_relaxed) != 0) {
                if (++looks > 64)
                    std::this_thread::yield();
            }
        }
    }
    void unlock() noexcept { held_.store(0, std::memory_order_release); }
};
hand_written_spinlock std_spinlock;

/// Keeps the compiler from knowing what is behind a pointer.
template <class T> void touch(T *object) { asm volatile("" : : "r"(object) : "memory"); }

void kctx_mutex(ProcessCtx ctx)
{
    KCTX_MUTEX_LOCK(ctx, a_mutex) {
        touch(&++counter);
    }
}
void hand_mutex(ProcessCtx)
{
    const std::lock_guard held(std_mutex);
    touch(&++counter);
}
void kctx_spinlock(ProcessCtx ctx)
{
    KCTX_SPIN_LOCK(ctx, a_spinlock) {
        touch(&++counter);
    }
}
void kctx_irqsave(ProcessCtx ctx)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, a_spinlock) {
        touch(&++counter);
    }
}
void hand_spinlock(ProcessCtx)
{
    const std::lock_guard held(std_spinlock);
    touch(&++counter);
}
void kctx_reader(ProcessCtx ctx)
{
    KCTX_DOWN_READ(ctx, a_rwsem) {
        touch(&counter);
    }
}
void hand_reader(ProcessCtx)
{
    const std::shared_lock held(std_rwlock);
    touch(&counter);
}
template <size_t Size> void kctx_kmalloc(ProcessCtx ctx)
{
    void *const p = KCTX_TRY(kmalloc(ctx, Size, GFP_KERNEL), return);
    touch(p);
    kfree(ctx, p);
}
template <size_t Size> void kctx_kzalloc(ProcessCtx ctx)
{
    void *const p = KCTX_TRY(kzalloc(ctx, Size, GFP_KERNEL), return);
    touch(p);
    kfree(ctx, p);
}
void use(void *p)
{
    if (p)
        touch(p);
    std::free(p);
}
template <size_t Size> void hand_malloc(ProcessCtx) { use(std::malloc(Size)); }
template <size_t Size> void hand_calloc(ProcessCtx) { use(std::calloc(1, Size)); }
// What kmalloc() promises of a power of two (Documentation/core-api/memory-allocation.rst).
template <size_t Size> void hand_aligned(ProcessCtx) { use(std::aligned_alloc(Size, Size)); }

using work = void (*)(ProcessCtx);
struct pair {
    const char *name;
    work by_kctx, by_hand;
};
constexpr pair pairs[] = {
    {"mutex, std::mutex", kctx_mutex, hand_mutex},
    {"spinlock_t, an atomic", kctx_spinlock, hand_spinlock},
    {"spin_lock_irqsave(), an atomic", kctx_irqsave, hand_spinlock},
    {"rw_semaphore read, std::shared_mutex", kctx_reader, hand_reader},
    {"kmalloc(100), malloc()", kctx_kmalloc<100>, hand_malloc<100>},
    {"kmalloc(1000), malloc()", kctx_kmalloc<1000>, hand_malloc<1000>},
    {"kzalloc(200), calloc()", kctx_kzalloc<200>, hand_calloc<200>},
    {"kmalloc(64), aligned_alloc()", kctx_kmalloc<64>, hand_aligned<64>},
    {"kmalloc(4096), aligned_alloc()", kctx_kmalloc<4096>, hand_aligned<4096>},
};

/// Nanoseconds that one round takes.
double turn(work run, ProcessCtx ctx)
{
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < rounds; ++i)
        run(ctx);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    return took.count() / rounds;
}

} // namespace

int main()
{
    std::thread([] {}).join(); // libstdc++ locks nothing before the first thread
    double worst = 0;
    host::run<ProcessCtx>([&](ProcessCtx ctx) {
        std::printf("%-38s %8s %8s %7s\n", "", "kctx, ns", "std, ns", "ratio");
        for (const pair &p : pairs) {
            double kctx_ns = turn(p.by_kctx, ctx);
            double hand_ns = turn(p.by_hand, ctx);
            for (int i = 1; i < turns; ++i) {
                kctx_ns = std::min(kctx_ns, turn(p.by_kctx, ctx));
                hand_ns = std::min(hand_ns, turn(p.by_hand, ctx));
            }
            std::printf("%-38s %8.2f %8.2f %7.2f\n", p.name, kctx_ns, hand_ns, kctx_ns / hand_ns);
            worst = std::max(worst, kctx_ns / hand_ns);
        }
    });
    if (worst > budget)
        std::printf("above the budget of %.2f\n", budget);
    std::printf("host-cost: %.2f times the time of std:: code at most, %zu kinds of work\n", worst,
                std::size(pairs));
    return worst > budget ? 1 : 0;
}
