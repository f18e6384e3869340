// SPDX-License-Identifier: BSL-1.0
/// @file
/// A card reader: a memory-mapped controller with a FIFO and one interrupt line, which it shares.
#pragma once

#include <kctx/api/completion.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/io.hpp>
#include <kctx/api/kfifo.hpp>
#include <kctx/api/uaccess.hpp>
#include <kctx/api/wait.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

namespace card_reader {

using namespace kctx;

// Registers, and the bits of STATUS and ACK.
inline constexpr unsigned STATUS = 0x00; ///< what has happened since the last ACK, and CARD_PRESENT
inline constexpr unsigned ACK = 0x04;
inline constexpr unsigned CONTROL = 0x08;
inline constexpr unsigned COUNT = 0x0c; ///< bytes in the FIFO
inline constexpr unsigned FIFO = 0x10;
inline constexpr unsigned REGISTERS = 0x14;

inline constexpr u32 CARD_CHANGED = 0x01;
inline constexpr u32 RECEIVED = 0x02;
inline constexpr u32 COMMAND_DONE = 0x04;
inline constexpr u32 EVENTS = CARD_CHANGED | RECEIVED | COMMAND_DONE;
inline constexpr u32 CARD_PRESENT = 0x80;

inline constexpr u32 POWER = 0x01;
inline constexpr u32 RESET_CARD = 0x02;
inline constexpr u32 IRQ_ENABLE = 0x04;

// Who takes which lock, and in which order: power_lock, then fifo_lock, then events_lock.
struct events_lock : raw_spinlock_t {}; ///< the primary handler and the thread
struct fifo_lock : spinlock_t {};       ///< the thread and whoever reads
struct power_lock : mutex {};           ///< the work item, sysfs, remove

struct card { ///< a card that has answered
    u8 answer_to_reset[32];
    size_t length;
};

struct reader {
    iomem *base = nullptr;
    unsigned int irq = 0;

    events_lock events_guard;
    u32 events KCTX_GUARDED_BY(events_guard) = 0;

    fifo_lock fifo_guard;
    kfifo<u8, 256> received KCTX_GUARDED_BY(fifo_guard);
    unsigned long lost KCTX_GUARDED_BY(fifo_guard) = 0;
    wait_queue_head_t readers;

    power_lock power_guard;
    card *inserted = nullptr; ///< under power_guard
    completion command_done;
    workqueue_struct *work = nullptr;
    delayed_work detect;
};

int probe(ProcessCtx ctx, reader *r, iomem *base, unsigned int irq);
void remove(ProcessCtx ctx, reader *r);

// What user space reaches: read(2), and two files in sysfs.
ssize_t read(SyscallCtx ctx, reader *r, user_ptr<char> to, size_t count);
ssize_t state_show(SyscallCtx ctx, reader *r, char *page);
ssize_t eject_store(SyscallCtx ctx, reader *r, const char *page, size_t count);

} // namespace card_reader
