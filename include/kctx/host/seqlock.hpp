// SPDX-License-Identifier: BSL-1.0
/// @file
/// seqlock_t and seqcount_t. What readers read while a writer writes must be atomic in itself, or
/// ThreadSanitizer is right to complain: READ_ONCE() and WRITE_ONCE() in the kernel.
/// @par Kernel source
/// include/linux/seqlock.h (6.12).
#pragma once

#include <kctx/host/spinlock.hpp>
#include <kctx/lock/seqlock.hpp>

KCTX_HOST_BEGIN
namespace kctx::host {

inline std::atomic_ref<unsigned> sequence_of(const seqcount_t &s) noexcept
{
    return std::atomic_ref(const_cast<seqcount_t &>(s).sequence);
}
/// Odd while a writer is inside.
inline void begin_write(seqcount_t &s) noexcept
{
    sequence_of(s).fetch_add(1, std::memory_order_acq_rel);
}
inline void end_write(seqcount_t &s) noexcept
{
    sequence_of(s).fetch_add(1, std::memory_order_release);
}
inline unsigned begin_read(const seqcount_t &s) noexcept
{
    spin_wait wait;
    for (;;) {
        const unsigned now = sequence_of(s).load(std::memory_order_acquire);
        if (now % 2 == 0)
            return now;
        wait.pause("seqcount", &s);
    }
}
/// Adding nothing keeps the reads before it from being made after it, as a fence would.
inline bool wrote_since(const seqcount_t &s, unsigned start) noexcept
{
    return sequence_of(s).fetch_add(0, std::memory_order_acq_rel) != start;
}

inline void spin(cpu &c, seqlock_t *sl) noexcept
{
    spin(c, &sl->lock);
    begin_write(sl->seqcount);
}
inline void unspin(cpu &c, seqlock_t *sl) noexcept
{
    end_write(sl->seqcount);
    unspin(c, &sl->lock);
}

} // namespace kctx::host

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

KCTX_HOST_LOCK_FORMS(seqlock_t, write_seqlock, write_sequnlock, spin, unspin)

unsigned read_seqbegin(const seqlock_t *sl) noexcept { return host::begin_read(sl->seqcount); }
bool read_seqretry(const seqlock_t *sl, unsigned start) noexcept
{
    return host::wrote_since(sl->seqcount, start);
}
unsigned read_seqcount_begin(const seqcount_t *s) noexcept { return host::begin_read(*s); }
unsigned read_seqcount_begin(const seqcount_spinlock_t *s) noexcept
{
    return host::begin_read(s->seqcount);
}
bool read_seqcount_retry(const seqcount_t *s, unsigned start) noexcept
{
    return host::wrote_since(*s, start);
}

void write_seqcount_begin(seqcount_t *s) noexcept { host::begin_write(*s); }
void write_seqcount_end(seqcount_t *s) noexcept { host::end_write(*s); }
void write_seqcount_begin_locked(seqcount_spinlock_t *s) noexcept
{
    if (host::debug && host::owner_of(s->lock->owner) != host::this_cpu().id)
        host::bug("WARNING: write_seqcount_begin() of %px without its lock, %s\n", s,
                  host::comm_and_pid().c_str());
    host::begin_write(s->seqcount);
}
void write_seqcount_end_locked(seqcount_spinlock_t *s) noexcept { host::end_write(s->seqcount); }

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_HOST_END
