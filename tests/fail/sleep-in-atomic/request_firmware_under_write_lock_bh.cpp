// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: sleep-in-atomic
// EXPECT call: request_firmware
// EXPECT context: WriteLockedBh<image_lock, kctx::WorkCtx>
// EXPECT fix: request_firmware_nowait
#include <kctx/api/firmware.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rwlock.hpp>

using namespace kctx;

struct image_lock : rwlock_t {};

struct loader {
    image_lock lock;
    device *dev;
    const firmware *image;
};

void load([[maybe_unused]] WorkCtx ctx, loader *l)
{
    const firmware *fresh = nullptr;
#ifdef FIXED
    if (request_firmware(ctx, &fresh, "card.bin", l->dev) != 0)
        return;
#endif
    KCTX_WRITE_LOCK_BH(ctx, l->lock) {
#ifndef FIXED
        if (request_firmware(ctx, &fresh, "card.bin", l->dev) != 0) // <-- error
            return;
#endif
        l->image = fresh;
    }
}
