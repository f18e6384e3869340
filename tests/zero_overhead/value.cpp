// SPDX-License-Identifier: BSL-1.0
// The same driver, its context passed as a number.
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

[[gnu::noinline]] static int enqueue(unsigned context, port *p, void *item, unsigned long size)
{
    p->head = context == 0 ? nullptr : item;
    p->bytes += size;
    return static_cast<int>(++p->queued);
}

[[gnu::noinline]] static void refill(unsigned context, port *p, unsigned long size)
{
    if (context == 0)
        env::kfree(p->spare);
    p->spare = env::kmalloc(size, gfp_t{gfp_mask(GFP_KERNEL | __GFP_ZERO)});
}

int transmit(unsigned context, port *p, unsigned long size)
{
    int queued = 0;
    refill(context, p, size);
    {
        guard held(&p->lock);
        void *item = env::kmalloc(size, gfp_t{gfp_mask(GFP_ATOMIC | __GFP_NOWARN)});
        if (!item)
            return -12;
        queued = enqueue(context + 1, p, item, size);
    }
    return queued;
}
