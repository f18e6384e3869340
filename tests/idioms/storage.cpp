// SPDX-License-Identifier: BSL-1.0
// The I/O path, which must get on without more memory: pools, scopes, requests.
#include <kctx/api/block.hpp>
#include <kctx/api/dma.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/memalloc.hpp>
#include <kctx/api/mempool.hpp>
#include <kctx/api/usb.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

namespace raid {
struct list_lock : spinlock_t {};
struct r1bio {
    r1bio *next;
    bio *original;
};
struct conf {
    mempool_t *pool;
    list_lock lock;
    r1bio *retry KCTX_GUARDED_BY(lock) = nullptr;
    work_struct retry_work;
};

// idiom: a pool in the I/O path: with GFP_NOIO it waits for an element, and gets one -- drivers/md/raid1.c, alloc_r1bio
int make_request(WorkCtx ctx, conf *c, bio *b)
{
    r1bio *r = KCTX_TRY(mempool_alloc(ctx, c->pool, GFP_NOIO), return -ENOMEM);
    r->original = b;
    submit_bio(ctx, b);
    return 0;
}

// idiom: where it must not wait the pool is asked with GFP_NOWAIT, and a work item goes on -- drivers/md/dm-crypt.c, crypt_convert
irqreturn_t end_io(IrqCtx ctx, int, void *dev)
{
    auto *c = static_cast<conf *>(dev);
    r1bio *r = KCTX_TRY(mempool_alloc(ctx, c->pool, GFP_NOWAIT | __GFP_NOWARN), {
        schedule_work(ctx, &c->retry_work);
        return IRQ_HANDLED;
    });
    KCTX_SPIN_LOCK(ctx, c->lock) {
        r->next = c->retry;
        c->retry = r;
    }
    return IRQ_HANDLED;
}

// idiom: an element goes back to its pool in an interrupt -- drivers/md/raid1.c, free_r1bio
void done(IrqCtx ctx, conf *c, r1bio *r) { mempool_free(ctx, r, c->pool); }
irqreturn_t done_isr(IrqCtx ctx, int, void *dev)
{
    done(ctx, static_cast<conf *>(dev), nullptr);
    return IRQ_HANDLED;
}

// idiom: what failed is tried again in process context -- drivers/md/raid1.c, raid1d
void retry(WorkCtx ctx, work_struct *work)
{
    conf *c = container_of(work, conf, retry_work);
    for (;;) {
        r1bio *r = nullptr;
        KCTX_SPIN_LOCK_IRQ(ctx, c->lock) {
            r = c->retry;
            if (!r)
                return;
            c->retry = r->next;
        }
        submit_bio(ctx, r->original);
        mempool_free(ctx, r, c->pool);
    }
}

// idiom: probe makes the pool, its reserve included -- drivers/md/raid1.c, setup_conf
int probe(ProcessCtx ctx, conf *c, unsigned int irq)
{
    INIT_WORK(&c->retry_work, handler<retry>);
    c->pool = KCTX_TRY(mempool_create_kmalloc_pool(ctx, 256, sizeof(r1bio)), return -ENOMEM);
    int error = request_irq(ctx, irq, handler<end_io>, IRQF_SHARED, "raid", c);
    if (error == 0)
        error = request_irq(ctx, irq, handler<done_isr>, IRQF_SHARED, "raid-done", c);
    if (error != 0)
        mempool_destroy(ctx, c->pool);
    return error;
}

// idiom: a pool over a cache of objects -- block/bio.c, bioset_init
int probe_with_cache(ProcessCtx ctx, conf *c, kmem_cache *&cache)
{
    cache = KCTX_TRY(kmem_cache_create(ctx, "r1bio", sizeof(r1bio), 0, 0, nullptr), return -ENOMEM);
    c->pool = KCTX_TRY(mempool_create_slab_pool(ctx, 16, cache), {
        kmem_cache_destroy(ctx, cache);
        return -ENOMEM;
    });
    return 0;
}
} // namespace raid

namespace scopes {
struct reset_lock : mutex {};

// idiom: a device that swap may lie on is reset without starting I/O -- drivers/usb/core/hub.c, usb_reset_device
int reset_device(WorkCtx ctx, reset_lock *lock)
{
    KCTX_MEMALLOC_NOIO(ctx) {
        KCTX_MUTEX_LOCK(ctx, *lock) {
            void *p = KCTX_TRY(kmalloc(ctx, 4096, GFP_KERNEL), return -ENOMEM);
            kfree(ctx, p);
        }
    }
    return 0;
}

// idiom: a transaction allocates without calling the file system -- fs/jbd2/transaction.c, start_this_handle
int transaction(SyscallCtx ctx)
{
    KCTX_MEMALLOC_NOFS(ctx) {
        void *p = KCTX_TRY(kzalloc(ctx, 128, GFP_KERNEL), return -ENOMEM);
        kfree(ctx, p);
    }
    return 0;
}

// idiom: the pair with what was saved, across a callback -- drivers/base/power/runtime.c, rpm_callback
void resume(WorkCtx ctx)
{
    unsigned int saved;
    auto scope = memalloc_noio_save(ctx, saved);
    msleep(scope, 1);
    memalloc_noio_restore(scope, saved);
}

// idiom: inside the scope atomic allocations are as ever -- mm/mempool.c, mempool_alloc
struct queue_lock : spinlock_t {};
int in_scope(WorkCtx ctx, queue_lock *lock)
{
    KCTX_MEMALLOC_NOIO(ctx) {
        KCTX_SPIN_LOCK(ctx, *lock) {
            void *p = KCTX_TRY(kmalloc(ctx, 32, GFP_ATOMIC), return -ENOMEM);
            kfree(ctx, p);
        }
    }
    return 0;
}
} // namespace scopes

namespace blk {
struct queue_lock : spinlock_t {};
struct disk {
    queue_lock lock;
    request *current = nullptr;
    work_struct run;
};

// idiom: an interrupt completes the request -- drivers/nvme/host/pci.c, nvme_irq
irqreturn_t isr(HardIrqCtx ctx, int, void *dev)
{
    if (request *rq = static_cast<disk *>(dev)->current)
        blk_mq_complete_request(ctx, rq);
    return IRQ_HANDLED;
}
int setup(ProcessCtx ctx, disk *d)
{
    return request_irq(ctx, 16, handler<isr>, IRQF_SHARED, "disk", d);
}

// idiom: the driver starts a request under its own lock -- drivers/block/virtio_blk.c, virtio_queue_rq
void queue_rq(WorkCtx ctx, disk *d, request *rq)
{
    blk_mq_start_request(ctx, rq);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, d->lock) {
        d->current = rq;
    }
}

// idiom: an interrupt has the queue run later, in a work item -- block/blk-mq.c, blk_mq_dispatch_rq_list
void run_later(IrqCtx ctx, blk_mq_hw_ctx *queue) { blk_mq_delay_run_hw_queue(ctx, queue, 3); }

// idiom: a bio allocated with GFP_NOIO, sent and waited for -- drivers/md/md.c, sync_page_io
int build(WorkCtx ctx, block_device *bdev)
{
    bio *b = KCTX_TRY(bio_alloc(ctx, bdev, 4, 0, GFP_NOIO), return -ENOMEM);
    const int error = submit_bio_wait(ctx, b);
    bio_put(ctx, b);
    return error;
}
} // namespace blk

namespace usb {
struct dev_lock : spinlock_t {};
struct serial {
    urb *read = nullptr;
    usb_device *dev = nullptr;
    dev_lock lock;
    unsigned long bytes KCTX_GUARDED_BY(lock) = 0;
    u8 buffer[64];
};

// idiom: the completion function submits its URB again, with GFP_ATOMIC -- drivers/usb/serial/generic.c, usb_serial_generic_read_bulk_callback
void read_done(IrqCtx ctx, urb *u)
{
    auto *s = static_cast<serial *>(u->context);
    if (u->status != 0)
        return;
    KCTX_SPIN_LOCK_IRQSAVE(ctx, s->lock) {
        s->bytes += u->actual_length;
    }
    if (usb_submit_urb(ctx, u, GFP_ATOMIC) != 0)
        pr_err("serial: cannot go on\n");
}

// idiom: open allocates and submits with GFP_KERNEL -- drivers/usb/serial/generic.c, usb_serial_generic_open
int open(SyscallCtx ctx, serial *s)
{
    s->read = KCTX_TRY(usb_alloc_urb(ctx, 0, GFP_KERNEL), return -ENOMEM);
    usb_fill_bulk_urb(s->read, s->dev, usb_rcvbulkpipe(s->dev, 1), s->buffer, sizeof s->buffer,
                      handler<read_done>, s);
    return usb_submit_urb(ctx, s->read, GFP_KERNEL);
}

// idiom: the flags are an argument of whoever submits -- drivers/usb/serial/generic.c, usb_serial_generic_submit_read_urb
template <context C, gfp_set G> int submit(C ctx, serial *s, G flags)
{
    return usb_submit_urb(ctx, s->read, flags);
}
int submit_in_task(SyscallCtx ctx, serial *s) { return submit(ctx, s, GFP_KERNEL); }
int submit_in_irq(IrqCtx ctx, serial *s) { return submit(ctx, s, GFP_ATOMIC); }

// idiom: under a lock a URB is unlinked, after it killed -- drivers/net/usb/usbnet.c, unlink_urbs
void close(SyscallCtx ctx, serial *s)
{
    KCTX_SPIN_LOCK_IRQ(ctx, s->lock) {
        usb_unlink_urb(ctx, s->read);
    }
    usb_kill_urb(ctx, s->read);
    usb_free_urb(ctx, s->read);
}

// idiom: a control message, which is waited for, in memory of kmalloc() -- drivers/usb/serial/ftdi_sio.c, ftdi_get_modem_status
int get_status(SyscallCtx ctx, serial *s)
{
    u8 *answer = KCTX_TRY(kmalloc(ctx, 2, GFP_KERNEL), return -ENOMEM);
    const int n =
        usb_control_msg(ctx, s->dev, usb_rcvctrlpipe(s->dev, 0), 5, 0xc0, 0, 0, answer, 2, 1000);
    kfree(ctx, answer);
    return n;
}
} // namespace usb

namespace mapping {
struct ring_lock : spinlock_t {};
struct ring {
    ring_lock lock;
    device *dev;
    void *memory;
    dma_addr_t address;
    dma_pool *pool;
    scatterlist pages[4];
};

// idiom: a coherent ring at probe time, freed at remove time -- drivers/net/ethernet/intel/e1000e/netdev.c, e1000_alloc_ring_dma
int alloc_ring(ProcessCtx ctx, ring *r)
{
    r->memory =
        KCTX_TRY(dma_alloc_coherent(ctx, r->dev, 4096, &r->address, GFP_KERNEL), return -ENOMEM);
    return 0;
}
void free_ring(ProcessCtx ctx, ring *r)
{
    dma_free_coherent(ctx, r->dev, 4096, r->memory, r->address);
}

// idiom: a streaming mapping under a lock, checked for failure -- drivers/mmc/host/sdhci.c, sdhci_pre_dma_transfer
int map(IrqCtx ctx, ring *r, void *buffer)
{
    KCTX_SPIN_LOCK(ctx, r->lock) {
        const dma_addr_t address = dma_map_single(ctx, r->dev, buffer, 512, DMA_TO_DEVICE);
        if (dma_mapping_error(r->dev, address) != 0)
            return -ENOMEM;
        r->address = address;
    }
    return 0;
}

// idiom: the CPU looks at a buffer that stays mapped -- drivers/net/ethernet/intel/e1000e/netdev.c, e1000_clean_rx_irq
void look(SoftirqCtx, ring *r)
{
    dma_sync_single_for_cpu(r->dev, r->address, 64, DMA_FROM_DEVICE);
    dma_sync_single_for_device(r->dev, r->address, 64, DMA_FROM_DEVICE);
}

// idiom: a descriptor from a pool, atomic, under the lock -- drivers/usb/host/ehci-mem.c, ehci_qtd_alloc
void *descriptor(IrqCtx ctx, ring *r, dma_addr_t *address)
{
    KCTX_SPIN_LOCK(ctx, r->lock) {
        return KCTX_TRY(dma_pool_alloc(ctx, r->pool, GFP_ATOMIC, address), return nullptr);
    }
    return nullptr;
}

// idiom: a list of pages, mapped and unmapped -- drivers/mmc/host/sdhci.c, sdhci_pre_dma_transfer and sdhci_post_req
bool map_list(WorkCtx ctx, ring *r)
{
    sg_init_table(r->pages, 4);
    if (dma_map_sg(ctx, r->dev, r->pages, 4, DMA_BIDIRECTIONAL) == 0)
        return false;
    dma_unmap_sg(ctx, r->dev, r->pages, 4, DMA_BIDIRECTIONAL);
    return true;
}
} // namespace mapping
