// SPDX-License-Identifier: BSL-1.0
// A write to a slow device, with the lock of its buffer held.
#include <kctx/kctx.hpp>

using namespace kctx;

struct text_lock : spinlock_t {};

struct screen {
    text_lock lock;
    mutex bus;
    char text[80];
};

void refresh(WorkCtx ctx, screen &s)
{
    KCTX_SPIN_LOCK(ctx, s.lock) {
        KCTX_MUTEX_LOCK(ctx, s.bus) { // <-- rejected
            s.text[0] = ' ';
        }
    }
}
