// SPDX-License-Identifier: BSL-1.0
// A user's driver with its self-test: takes memory, counts under a lock, gives the memory back.
#include <cstdio>

#include <kctx/kctx.hpp>

struct port_lock : kctx::spinlock_t {};

struct port {
    port_lock lock;
    unsigned sent = 0;
};

static int transmit(kctx::ProcessCtx ctx, port *p)
{
    void *buffer = KCTX_TRY(kmalloc(ctx, 64, kctx::GFP_KERNEL), return -1);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, p->lock) {
        p->sent++;
    }
    kfree(ctx, buffer);
    return 0;
}

int main()
{
    const auto ctx = kctx::assume_context<kctx::ProcessCtx>("main() is process context");
    port p;
    if (transmit(ctx, &p) != 0 || p.sent != 1)
        return 1;
    std::puts("transmitted");
    return 0;
}
