// SPDX-License-Identifier: BSL-1.0
// The same driver without tokens: it calls what is behind the calls of kctx.
#include "port.hpp"

class guard
{
    port_lock *lock_;
    unsigned long flags_;

public:
    explicit guard(port_lock *lock) noexcept : lock_(lock), flags_(env::spin_lock_irqsave(lock)) {}
    ~guard() { env::spin_unlock_irqrestore(lock_, flags_); }
    guard(const guard &) = delete;
    guard &operator=(const guard &) = delete;
};

[[gnu::noinline]] static int enqueue(port *p, void *item, unsigned long size)
{
    p->head = item;
    p->bytes += size;
    return static_cast<int>(++p->queued);
}

[[gnu::noinline]] static void refill(port *p, unsigned long size)
{
    env::kfree(p->spare);
    p->spare = env::kmalloc(size, gfp_t{gfp_mask(GFP_KERNEL | __GFP_ZERO)});
}

int transmit(port *p, unsigned long size)
{
    int queued = 0;
    refill(p, size);
    {
        guard held(&p->lock);
        void *item = env::kmalloc(size, gfp_t{gfp_mask(GFP_ATOMIC | __GFP_NOWARN)});
        if (!item)
            return -12;
        queued = enqueue(p, item, size);
    }
    return queued;
}
