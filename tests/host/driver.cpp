// SPDX-License-Identifier: BSL-1.0
// A whole driver as a driver author writes it, and a program that runs it: interrupts from a thread
// that plays the device, readers and a control file in system calls, a watchdog, unplugging while
// everything runs, every allocation of its probe function failing once. Run with sanitizers.
#include <kctx/api/dma.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/io.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/kmalloc.hpp>
#include <kctx/api/printk.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/uaccess.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/host/control.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/rcu.hpp>

#include <atomic>
#include <chrono>
#include <cstring>
#include <doctest/doctest.h>
#include <thread>
#include <vector>

using namespace kctx;

namespace {

// The driver.

constexpr unsigned irq_number = 40;
constexpr size_t frame_size = 64;

/// What the device writes: a ring of frames, each with its number.
struct frame_ring {
    std::atomic<u32> written; ///< frames so far; the hardware's register
    u32 frames[16][frame_size / sizeof(u32)];
};

struct frame {
    frame *next = nullptr;
    u32 data[frame_size / sizeof(u32)];
};

struct rx_lock : spinlock_t {};

struct settings {
    unsigned most_queued = 1000;
    rcu_head rcu;
};

struct sensor {
    device *dev = nullptr;
    frame_ring *ring = nullptr;
    dma_addr_t ring_handle = 0;

    rx_lock lock;
    u32 taken = 0;          // of the ring's frames, by the interrupt; guarded by lock
    frame *first = nullptr; // frames that wait for a reader; guarded by lock
    frame **last = &first;
    unsigned queued = 0;
    unsigned long dropped = 0;

    wait_queue_head_t readers;
    work_struct refill;     ///< gives the interrupt frames to fill
    frame *spare = nullptr; // guarded by lock
    unsigned spares = 0;
    timer_list watchdog;
    std::atomic<unsigned> barks{0};
    workqueue_struct *wq = nullptr;
    settings *limits = nullptr; ///< RCU
    mutex control;
    std::atomic<bool> gone{false};
};

irqreturn_t sensor_isr(IrqCtx ctx, int, void *data)
{
    auto *s = static_cast<sensor *>(data);
    bool any = false;
    unsigned most = 0;
    KCTX_RCU_READ_LOCK(ctx) {
        most = rcu_dereference(ctx, s->limits)->most_queued;
    }
    KCTX_SPIN_LOCK(ctx, s->lock) {
        const u32 written = s->ring->written.load(std::memory_order_acquire);
        while (s->taken != written) {
            const u32 *source = s->ring->frames[s->taken % 16];
            any = true;
            ++s->taken;
            frame *f = s->spare;
            if (!f || s->queued >= most) {
                ++s->dropped;
                continue;
            }
            s->spare = f->next;
            --s->spares;
            memcpy(f->data, source, frame_size);
            f->next = nullptr;
            *s->last = f;
            s->last = &f->next;
            ++s->queued;
        }
    }
    if (!any)
        return IRQ_NONE;
    wake_up_interruptible(ctx, &s->readers);
    queue_work(ctx, s->wq, &s->refill);
    return IRQ_HANDLED;
}

int give_spares(ProcessCtx ctx, sensor *s, unsigned enough)
{
    for (;;) {
        bool full = false;
        KCTX_SPIN_LOCK_IRQSAVE(ctx, s->lock) {
            full = s->spares >= enough;
        }
        if (full)
            return 0;
        void *memory =
            KCTX_TRY(kmalloc(ctx, sizeof(frame), GFP_KERNEL | __GFP_NOWARN), return -ENOMEM);
        frame *f = new (memory) frame;
        KCTX_SPIN_LOCK_IRQSAVE(ctx, s->lock) {
            f->next = s->spare;
            s->spare = f;
            ++s->spares;
        }
    }
}

void sensor_refill(WorkCtx ctx, work_struct *work)
{
    auto *s = container_of(work, sensor, refill);
    if (give_spares(ctx, s, 32) != 0)
        pr_warn("sensor: no memory for frames\n");
}

void sensor_watchdog(TimerCtx ctx, timer_list *timer)
{
    auto *s = container_of(timer, sensor, watchdog);
    KCTX_SPIN_LOCK_IRQSAVE(ctx, s->lock) {
        s->barks += s->taken != ~0u;
    }
    mod_timer(ctx, timer, jiffies + 2);
}

long sensor_read(SyscallCtx ctx, sensor *s, user_ptr<u32> buffer)
{
    frame *f = nullptr;
    if (wait_event_interruptible(
            ctx, s->readers, s->gone.load() || [&] {
                KCTX_SPIN_LOCK_IRQSAVE(ctx, s->lock) {
                    f = s->first;
                    if (f) {
                        s->first = f->next;
                        if (!s->first)
                            s->last = &s->first;
                        --s->queued;
                    }
                }
                return f != nullptr;
            }()) != 0)
        return -ERESTARTSYS;
    if (!f)
        return -ENODEV;
    const unsigned long missing = copy_to_user(ctx, buffer, f->data, frame_size);
    kfree(ctx, f);
    return missing != 0 ? -EFAULT : static_cast<long>(frame_size);
}

int sensor_set_limit(SyscallCtx ctx, sensor *s, unsigned most)
{
    void *memory = KCTX_TRY(kmalloc(ctx, sizeof(settings), GFP_KERNEL), return -ENOMEM);
    settings *fresh = new (memory) settings{most, {}};
    KCTX_MUTEX_LOCK(ctx, s->control) {
        settings *old = rcu_access_pointer(s->limits);
        rcu_assign_pointer(s->limits, fresh);
        kfree_rcu(ctx, old, &settings::rcu);
    }
    return 0;
}

void free_frames(ProcessCtx ctx, frame *f)
{
    while (f) {
        frame *next = f->next;
        kfree(ctx, f);
        f = next;
    }
}

int sensor_probe(ProcessCtx ctx, sensor *s, device *dev)
{
    int error = -ENOMEM;
    s->dev = dev;
    INIT_WORK(&s->refill, handler<sensor_refill>);
    timer_setup(&s->watchdog, handler<sensor_watchdog>, 0);
    s->limits = KCTX_TRY(kmalloc(ctx, sizeof(settings), GFP_KERNEL), return -ENOMEM);
    new (s->limits) settings;
    s->ring =
        KCTX_TRY(dma_alloc_coherent(ctx, dev, sizeof(frame_ring), &s->ring_handle, GFP_KERNEL),
                 goto free_limits);
    s->wq = KCTX_TRY(alloc_workqueue(ctx, "sensor", 0, 1), goto free_ring);
    if (give_spares(ctx, s, 32) != 0)
        goto destroy_wq;
    error = request_irq(ctx, irq_number, handler<sensor_isr>, IRQF_TRIGGER_HIGH, "sensor", s);
    if (error)
        goto destroy_wq;
    mod_timer(ctx, &s->watchdog, jiffies + 2);
    return 0;

destroy_wq:
    destroy_workqueue(ctx, s->wq);
    free_frames(ctx, s->spare);
free_ring:
    dma_free_coherent(ctx, dev, sizeof(frame_ring), s->ring, s->ring_handle);
free_limits:
    kfree(ctx, s->limits);
    return error;
}

void sensor_remove(ProcessCtx ctx, sensor *s)
{
    free_irq(ctx, irq_number, s);
    timer_delete_sync(ctx, &s->watchdog);
    cancel_work_sync(ctx, &s->refill);
    destroy_workqueue(ctx, s->wq);
    s->gone = true;
    wake_up_all(ctx, &s->readers);
}

void sensor_release(ProcessCtx ctx, sensor *s) // after the last reader
{
    free_frames(ctx, s->first);
    free_frames(ctx, s->spare);
    dma_free_coherent(ctx, s->dev, sizeof(frame_ring), s->ring, s->ring_handle);
    rcu_barrier(ctx);
    kfree(ctx, s->limits);
}

// The program.

/// The hardware: writes frames and raises its interrupt.
void play_device(frame_ring *ring, u32 frames)
{
    for (u32 n = 0; n < frames; ++n) {
        u32 *frame = ring->frames[n % 16];
        for (size_t i = 0; i < frame_size / sizeof(u32); ++i)
            frame[i] = n;
        ring->written.store(n + 1, std::memory_order_release);
        host::raise_irq(irq_number);
    }
}

} // namespace

TEST_CASE("a driver at work, and unplugged")
{
    const std::size_t before = host::memory_in_use();
    constexpr u32 frames = 2000;
    sensor s;
    device dev{"sensor0", nullptr, nullptr};
    REQUIRE(host::run<ProcessCtx>(sensor_probe, &s, &dev) == 0);

    std::atomic<unsigned long> read{0};
    std::atomic<int> wrong{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            u32 last = 0;
            for (;;) {
                u32 data[frame_size / sizeof(u32)];
                const long n = host::run<SyscallCtx>(sensor_read, &s, user_ptr<u32>(data));
                if (n == -ENODEV)
                    return;
                wrong +=
                    n != static_cast<long>(frame_size) || data[0] != data[15] || data[0] < last;
                last = data[0];
                ++read;
            }
        });
    }
    std::thread control([&] {
        for (unsigned i = 0; i < 50; ++i)
            host::run<SyscallCtx>(sensor_set_limit, &s, 1000 - i);
    });
    std::thread hardware([&] { play_device(s.ring, frames); });
    hardware.join();
    control.join();
    for (int i = 0; i < 1000 && (read + s.dropped != frames || s.barks < 2); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    CHECK(read + s.dropped == frames);
    CHECK(read > 0);
    CHECK(s.barks >= 2);

    host::run<ProcessCtx>(sensor_remove, &s);
    for (std::thread &t : readers)
        t.join();
    CHECK(wrong == 0);
    host::run<ProcessCtx>(sensor_release, &s);
    CHECK(host::memory_in_use() == before);
}

TEST_CASE("readers see a signal and a bad buffer")
{
    sensor s;
    device dev{"sensor0", nullptr, nullptr};
    REQUIRE(host::run<ProcessCtx>(sensor_probe, &s, &dev) == 0);
    u32 data[frame_size / sizeof(u32)];
    {
        const host::bad_user_memory unmapped(data, sizeof data);
        play_device(s.ring, 1);
        CHECK(host::run<SyscallCtx>(sensor_read, &s, user_ptr<u32>(data)) == -EFAULT);
    }
    host::send_signal(get_current(), 15);
    CHECK(host::run<SyscallCtx>(sensor_read, &s, user_ptr<u32>(data)) == -ERESTARTSYS);
    host::flush_signals(get_current());
    host::run<ProcessCtx>(sensor_remove, &s);
    host::run<ProcessCtx>(sensor_release, &s);
}

TEST_CASE("every allocation of probe may fail, and nothing leaks")
{
    const std::size_t before = host::memory_in_use();
    host::set_printk_sink([](int, std::string_view) {});
    unsigned n = 1;
    for (;; ++n) {
        sensor s;
        device dev{"sensor0", nullptr, nullptr};
        host::fail_nth(n);
        const int error = host::run<ProcessCtx>(sensor_probe, &s, &dev);
        const bool failed = host::fail_nth_left() == 0;
        host::fail_nth(0);
        CHECK((error != 0) == failed);
        if (error == 0) {
            host::run<ProcessCtx>(sensor_remove, &s);
            host::run<ProcessCtx>(sensor_release, &s);
        }
        CHECK(host::memory_in_use() == before);
        if (!failed)
            break;
    }
    host::set_printk_sink({});
    CHECK(n > 30); // limits, ring, workqueue, 32 frames, interrupt
}
