// SPDX-License-Identifier: BSL-1.0
// BUG: tty, n_gsm: a line discipline writes to the console with interrupts off, which takes a semaphore
// CONTEXT: spin_lock_irqsave
// CHAIN: gsmld_write > con_write > console_lock
// SOURCE: syzbot 06fa1063cca8163ea541, https://lore.kernel.org/r/9cd9d3eb-418f-44cc-afcf-7283d51252d6@I-love.SAKURA.ne.jp
// EXPECT slug: sleep-in-atomic
// EXPECT call: console_lock
// EXPECT context: SpinLockedIrqsave<.*tx_lock, kctx::SyscallCtx>
// EXPECT fix: work item
#include <kctx/api/console.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct tx_lock : spinlock_t {};
struct gsm_mux {
    tx_lock lock;
};

template <context C> int con_write(C ctx, int count)
{
#ifdef FIXED
    if constexpr (!allows<C, wait_type::sleep>) // the kernel asks irqs_disabled()
        return 0;
    else
#endif
    {
        console_lock(ctx); // <-- error
        console_unlock(ctx);
        return count;
    }
}

int gsmld_write(SyscallCtx ctx, gsm_mux *gsm, int count)
{
    KCTX_SPIN_LOCK_IRQSAVE(ctx, gsm->lock) {
        return con_write(ctx, count);
    }
    return 0;
}
