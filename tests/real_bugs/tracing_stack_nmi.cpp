// SPDX-License-Identifier: BSL-1.0
// BUG: tracing, stack tracer: a function traced in an NMI waits for the lock of the interrupted one
// CONTEXT: NMI
// CHAIN: exc_nmi > stack_trace_call > check_stack > arch_spin_lock
// SOURCE: 1904be1b6bb9, https://git.zx2c4.com/linux-dev/commit/?id=1904be1b6bb92058c8e00063dd59df2df294e258
// EXPECT slug: lock-in-nmi
// EXPECT call: raw_spin_lock
// EXPECT context: NmiCtx
// EXPECT fix: irq_work
#include <kctx/kctx.hpp>

using namespace kctx;

struct stack_trace_max_lock : raw_spinlock_t {};
struct stack_trace {
    stack_trace_max_lock lock;
    unsigned long max = 0;
};

template <context C>
void check_stack(C ctx, [[maybe_unused]] stack_trace *trace, [[maybe_unused]] unsigned long size)
{
#ifdef FIXED
    if constexpr (!allows<C, wait_type::spin>) // the kernel asks in_nmi()
        return;
    else
#endif
        KCTX_RAW_SPIN_LOCK(ctx, trace->lock) { // <-- error
        if (size > trace->max)
            trace->max = size;
    }
}

void exc_nmi(NmiCtx ctx, stack_trace *trace) { check_stack(ctx, trace, 512); }
