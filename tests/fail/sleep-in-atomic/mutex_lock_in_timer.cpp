// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: mutex_lock
// EXPECT context: TimerCtx
// EXPECT fix: spinlock_t
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct stats_lock : spinlock_t {};
struct config_lock : mutex {};

struct link {
    timer_list poll;
    stats_lock stats;
    config_lock config;
    int errors;
};

void link_poll([[maybe_unused]] TimerCtx ctx, timer_list *t)
{
    link *l = container_of(t, link, poll);
#ifdef FIXED
    KCTX_SPIN_LOCK(ctx, l->stats) {
#else
    KCTX_MUTEX_LOCK(ctx, l->config) { // <-- error
#endif
        l->errors = 0;
    }
}
