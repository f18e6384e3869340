// SPDX-License-Identifier: BSL-1.0
// The text is copied under its lock, and written without it.
#include <kctx/kctx.hpp>

using namespace kctx;

struct text_lock : spinlock_t {};

struct screen {
    text_lock lock;
    mutex bus;
    char text[80];
};

void refresh([[maybe_unused]] WorkCtx ctx, screen &s)
{
    char copy[sizeof s.text];
    KCTX_SPIN_LOCK(ctx, s.lock) {
        __builtin_memcpy(copy, s.text, sizeof copy);
    }
    KCTX_MUTEX_LOCK(ctx, s.bus) {
        __builtin_memcpy(s.text, copy, sizeof copy);
    }
}
