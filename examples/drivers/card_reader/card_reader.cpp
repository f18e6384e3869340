// SPDX-License-Identifier: BSL-1.0
#include "card_reader.hpp"

#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>

namespace card_reader {

// The primary handler of a threaded irq: a true hard irq on every kernel. It finds out whether the
// line was raised by this device, silences it, and leaves the rest to the thread.
static irqreturn_t isr(HardIrqCtx ctx, int, void *dev)
{
    auto *r = static_cast<reader *>(dev);
    const u32 events = readl(r->base + STATUS) & EVENTS;
    if (events == 0)
        return IRQ_NONE;
    writel(events, r->base + ACK);
    KCTX_RAW_SPIN_LOCK(ctx, r->events_guard) {
        r->events |= events;
    }
    return IRQ_WAKE_THREAD;
}

static void receive(ThreadedIrqCtx ctx, reader *r)
{
    KCTX_SPIN_LOCK(ctx, r->fifo_guard) {
        for (u32 n = readl(r->base + COUNT); n != 0; --n) {
            if (kfifo_put(&r->received, static_cast<u8>(readl(r->base + FIFO))) == 0)
                r->lost++;
        }
    }
    wake_up_interruptible(ctx, &r->readers);
}

// The thread of the irq. It may sleep, but whoever waits for the next event waits for it meanwhile:
// what takes long is for the work item.
static irqreturn_t isr_thread(ThreadedIrqCtx ctx, int, void *dev)
{
    auto *r = static_cast<reader *>(dev);
    u32 events = 0;
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, r->events_guard) {
        events = r->events;
        r->events = 0;
    }
    if ((events & RECEIVED) != 0)
        receive(ctx, r);
    if ((events & COMMAND_DONE) != 0)
        complete(ctx, &r->command_done);
    if ((events & CARD_CHANGED) != 0) // which bounces: the last change counts
        mod_delayed_work(ctx, r->work, &r->detect, msecs_to_jiffies(20));
    return IRQ_HANDLED;
}

// For whoever holds the mutex, which the type of the token says.
template <context C> static void power_off(MutexLocked<power_lock, C> ctx, reader *r)
{
    writel(IRQ_ENABLE, r->base + CONTROL);
    kfree(ctx, r->inserted);
    r->inserted = nullptr;
}

template <context C> static int power_on(MutexLocked<power_lock, C> ctx, reader *r)
{
    card *c = KCTX_TRY(kzalloc(ctx, sizeof(card), GFP_KERNEL), return -ENOMEM);
    writel(IRQ_ENABLE | POWER, r->base + CONTROL);
    msleep(ctx, 10); // until the supply is stable
    reinit_completion(&r->command_done);
    writel(IRQ_ENABLE | POWER | RESET_CARD, r->base + CONTROL);
    if (wait_for_completion_timeout(ctx, &r->command_done, msecs_to_jiffies(500)) == 0) {
        power_off(ctx, r);
        kfree(ctx, c);
        return -ETIMEDOUT;
    }
    KCTX_SPIN_LOCK(ctx, r->fifo_guard) {
        while (c->length < sizeof c->answer_to_reset &&
               kfifo_get(&r->received, &c->answer_to_reset[c->length]) != 0)
            c->length++;
    }
    r->inserted = c;
    return 0;
}

// A card came or went. Process context: it may wait for the card, for memory and for the mutex.
static void detect(WorkCtx ctx, work_struct *work)
{
    reader *r = container_of(to_delayed_work(work), reader, detect);
    KCTX_MUTEX_LOCK(ctx, r->power_guard) {
        const bool present = (readl(r->base + STATUS) & CARD_PRESENT) != 0;
        if (present == (r->inserted != nullptr))
            return;
        if (!present)
            power_off(ctx, r);
        else if (const int error = power_on(ctx, r); error != 0)
            pr_warn("card_reader: the card cannot be used: %d\n", error);
    }
}

// Waits for data, and copies it out piece by piece: not with the lock held, since the page that it
// is copied to may be away.
ssize_t read(SyscallCtx ctx, reader *r, user_ptr<char> to, size_t count)
{
    u8 piece[64];
    size_t done = 0;
    if (wait_event_interruptible(ctx, r->readers, !kfifo_is_empty(&r->received)) != 0)
        return -ERESTARTSYS;
    while (done < count) {
        size_t n = 0;
        KCTX_SPIN_LOCK(ctx, r->fifo_guard) {
            while (n < sizeof piece && done + n < count && kfifo_get(&r->received, &piece[n]) != 0)
                n++;
        }
        if (n == 0)
            break;
        if (copy_to_user(ctx, to + done, piece, n) != 0)
            return -EFAULT;
        done += n;
    }
    return static_cast<ssize_t>(done);
}

ssize_t state_show(SyscallCtx ctx, reader *r, char *page)
{
    ssize_t length = -ERESTARTSYS;
    KCTX_MUTEX_LOCK_INTERRUPTIBLE(ctx, r->power_guard) {
        length = r->inserted ? 5 : 6;
        __builtin_memcpy(page, r->inserted ? "card\n" : "empty\n", static_cast<size_t>(length));
    }
    return length;
}

// The work item takes the mutex, so that it is waited for before the mutex is taken.
ssize_t eject_store(SyscallCtx ctx, reader *r, const char *, size_t count)
{
    cancel_delayed_work_sync(ctx, &r->detect);
    KCTX_MUTEX_LOCK(ctx, r->power_guard) {
        if (!r->inserted)
            return -ENODEV;
        power_off(ctx, r);
    }
    return static_cast<ssize_t>(count);
}

int probe(ProcessCtx ctx, reader *r, iomem *base, unsigned int irq)
{
    r->base = base;
    r->irq = irq;
    init_waitqueue_head(&r->readers);
    init_completion(&r->command_done);
    mutex_init(&r->power_guard);
    INIT_DELAYED_WORK(&r->detect, handler<detect>);
    r->work = KCTX_TRY(alloc_workqueue(ctx, "card_reader", 0, 1), return -ENOMEM);
    // From here on the handlers may run.
    if (const int error = request_threaded_irq(ctx, irq, handler<isr>, handler<isr_thread>,
                                               IRQF_SHARED, "card_reader", r);
        error != 0) {
        destroy_workqueue(ctx, r->work);
        return error;
    }
    writel(IRQ_ENABLE, base + CONTROL);
    queue_delayed_work(ctx, r->work, &r->detect, 0); // a card may be in it already
    return 0;
}

// First whatever queues work, then the work, then what the work uses.
void remove(ProcessCtx ctx, reader *r)
{
    writel(0, r->base + CONTROL);
    free_irq(ctx, r->irq, r);
    cancel_delayed_work_sync(ctx, &r->detect);
    KCTX_MUTEX_LOCK(ctx, r->power_guard) {
        power_off(ctx, r);
    }
    destroy_workqueue(ctx, r->work);
}

} // namespace card_reader
