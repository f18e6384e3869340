// SPDX-License-Identifier: BSL-1.0
// With KCTX_UNCHECKED every call compiles in every context and reaches the environment, for
// programs that are meant to fail there. The verdicts stay what they are.
#include <doctest/doctest.h>

#include "contexts.hpp"

#include <kctx/api/completion.hpp>
#include <kctx/api/page.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

#include <string>

using namespace kctx;

namespace {

std::string trace; ///< what the environment was asked for
unsigned mask;     ///< the flags of the last allocation
int memory;        ///< what allocations return
bool empty;        ///< no memory is left

struct a_lock : raw_spinlock_t {};

} // namespace

// The environment is where clang's function effects end: they hold for the calls, not for it.
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunknown-warning-option"
#pragma clang diagnostic ignored "-Wfunction-effects"
#endif
namespace kctx::env::inline KCTX_ENV_NAMESPACE {
void msleep(unsigned int) noexcept { trace += "msleep "; }
void mutex_lock(mutex *) noexcept { trace += "mutex_lock "; }
void mutex_unlock(mutex *) noexcept { trace += "mutex_unlock "; }
void raw_spin_lock(raw_spinlock_t *) noexcept { trace += "raw_spin_lock "; }
void raw_spin_unlock(raw_spinlock_t *) noexcept { trace += "raw_spin_unlock "; }
void wait_for_completion(completion *) noexcept { trace += "wait_for_completion "; }
bool cancel_work_sync(work_struct *) noexcept
{
    trace += "cancel_work_sync ";
    return true;
}
void rcu_read_lock() noexcept { trace += "rcu_read_lock "; }
void rcu_read_unlock() noexcept { trace += "rcu_read_unlock "; }
void synchronize_rcu() noexcept { trace += "synchronize_rcu "; }
void *kmalloc(size_t, gfp_t flags) noexcept
{
    trace += "kmalloc ";
    mask = flags.value;
    return empty ? nullptr : &memory;
}
page *alloc_pages(gfp_t flags, unsigned int) noexcept
{
    trace += "alloc_pages ";
    mask = flags.value;
    return nullptr;
}
} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
#ifdef __clang__
#pragma clang diagnostic pop
#endif

namespace {

/// What a call asked the environment for.
std::string traced()
{
    std::string t;
    t.swap(trace);
    return t;
}

} // namespace

TEST_CASE("every context may make every call, and the verdict stays")
{
    tests::for_each(tests::all{}, []<class C> {
        INFO(tests::name_of<C>());
        CHECK(may<C, call::msleep>);
        CHECK_FALSE(forbidden<C, call::msleep>);
        CHECK_FALSE(forbidden_by_rule<C, call::msleep>);
        CHECK(is_legal<call::msleep, C> == tests::is_one_of<C>(tests::tasks{}));

        msleep(assume_context<C>("it is meant to fail"), 10);
        CHECK(traced() == "msleep ");
    });
    CHECK_FALSE(may<int, call::msleep>);
}

TEST_CASE("what sleeps reaches the environment from an interrupt")
{
    const auto ctx = assume_context<IrqCtx>("it is meant to fail");
    completion done;
    work_struct work;
    wait_for_completion(ctx, &done);
    CHECK(cancel_work_sync(ctx, &work));
    CHECK(traced() == "wait_for_completion cancel_work_sync ");
}

TEST_CASE("sections nest as they should not")
{
    [[maybe_unused]] const auto ctx = assume_context<NmiCtx>("it is meant to fail");
    a_lock lock;
    mutex config;
    KCTX_RAW_SPIN_LOCK(ctx, lock) {
        KCTX_MUTEX_LOCK(ctx, config) {
            msleep(ctx, 1);
        }
    }
    CHECK(traced() == "raw_spin_lock mutex_lock msleep mutex_unlock raw_spin_unlock ");

    auto in = rcu_read_lock(ctx);
    synchronize_rcu(in);
    rcu_read_unlock(in);
    CHECK(traced() == "rcu_read_lock synchronize_rcu rcu_read_unlock ");
}

TEST_CASE("an allocation that may sleep is asked for as it is")
{
    const auto ctx = assume_context<HardIrqCtx>("it is meant to fail");
    int *checked = KCTX_TRY(kmalloc(ctx, sizeof(int), GFP_KERNEL), return);
    CHECK(checked == &memory);
    CHECK(mask == gfp_mask(GFP_KERNEL));
    CHECK(traced() == "kmalloc ");
}

TEST_CASE("a result is used unchecked, as in C")
{
    const auto ctx = assume_context<WorkCtx>("it is legal");
    int *used = kmalloc(ctx, sizeof(int), GFP_ATOMIC);
    CHECK(used == &memory);
    empty = true;
    used = kmalloc(ctx, sizeof(int), GFP_ATOMIC);
    CHECK(used == nullptr);
    empty = false;
    page *pages = alloc_pages(ctx, GFP_ATOMIC, 4);
    CHECK(pages == nullptr);
    CHECK(traced() == "kmalloc kmalloc alloc_pages ");
}

TEST_CASE("flags that contradict each other reach the environment")
{
    const auto ctx = assume_context<TimerCtx>("it is meant to fail");
    int *memory_of = KCTX_TRY(kmalloc(ctx, 4, GFP_ATOMIC | __GFP_NOFAIL), return);
    CHECK(memory_of == &memory);
    CHECK(mask == (gfp_mask(GFP_ATOMIC) | gfp_mask(__GFP_NOFAIL)));
    CHECK(traced() == "kmalloc ");
}

TEST_CASE("such files do not link with checked ones")
{
    const std::string name = tests::symbol_of<&kctx::env::msleep>();
    INFO(name);
    CHECK(name.find("_portable_unchecked6msleep") != std::string::npos);
}
