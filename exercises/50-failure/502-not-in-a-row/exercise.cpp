// SPDX-License-Identifier: BSL-1.0
// Video capture: a timer refills the ring when it runs dry. The device reads each block by DMA, in
// blocks of a page or in larger ones: it has a scatter list of 16 entries.
#include <kctx/api/slab.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/vmalloc.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

constexpr unsigned BLOCKS = 16; // of 4 kB

struct frame {
    timer_list refill;
    void *block[BLOCKS]; // for DMA
    unsigned filled;
};

void frame_drop(TimerCtx ctx, frame *f)
{
    while (f->filled != 0)
        kfree(ctx, f->block[--f->filled]);
}

// Fills all blocks, or none. Whether it did.
bool frame_fill(TimerCtx ctx, frame *f)
{
    // [[solve]]
    for (f->filled = 0; f->filled < BLOCKS; f->filled++)
        f->block[f->filled] = KCTX_TRY(kmalloc(ctx, 4096, GFP_ATOMIC | __GFP_NOWARN),
                                       frame_drop(ctx, f); return false);
    return true;
    // [[stub]]
    u8 *all = KCTX_TRY(kmalloc(ctx, size_c<BLOCKS * 4096>, GFP_ATOMIC), return false); // TODO 1
    for (f->filled = 0; f->filled < BLOCKS; f->filled++)
        f->block[f->filled] = all + f->filled * 4096;
    return true;
    // [[wrong vmalloc]]
    u8 *all = KCTX_TRY(vmalloc(ctx, BLOCKS * 4096), return false);
    for (f->filled = 0; f->filled < BLOCKS; f->filled++)
        f->block[f->filled] = all + f->filled * 4096;
    return true;
    // [[wrong half]]
    for (f->filled = 0; f->filled < BLOCKS; f->filled++)
        f->block[f->filled] = KCTX_TRY(kmalloc(ctx, 4096, GFP_ATOMIC | __GFP_NOWARN), return false);
    return true;
    // [[wrong waits]]
    for (f->filled = 0; f->filled < BLOCKS; f->filled++)
        f->block[f->filled] = KCTX_TRY(kmalloc(ctx, 4096, GFP_KERNEL), frame_drop(ctx, f); return false);
    return true;
    // [[end]]
}
