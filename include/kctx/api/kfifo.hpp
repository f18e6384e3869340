// SPDX-License-Identifier: BSL-1.0
/// @file
/// A ring buffer for one reader and one writer, who need no lock.
/// @par Kernel source
/// include/linux/kfifo.h (6.12).
#pragma once

#include <kctx/api/types.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// A ring of @p Size objects, a power of two: `kfifo<u8, 64> rx;` is DECLARE_KFIFO(rx, u8, 64).
template <class T, unsigned int Size> struct kfifo {
    static_assert(Size != 0 && (Size & (Size - 1)) == 0, "kctx: a kfifo's size is a power of two");
    unsigned int in = 0;  ///< objects ever put; the writer's
    unsigned int out = 0; ///< objects ever taken; the reader's
    T ring[Size] = {};    ///< object number n is at n % Size
};

// All are legal in every context.
template <class T, unsigned int Size>
inline unsigned int kfifo_len(const kfifo<T, Size> *fifo) noexcept KCTX_EFFECT_spin
{
    return __atomic_load_n(&fifo->in, __ATOMIC_ACQUIRE) -
           __atomic_load_n(&fifo->out, __ATOMIC_ACQUIRE);
}
/// Whether nothing is left to take.
template <class T, unsigned int Size>
inline bool kfifo_is_empty(const kfifo<T, Size> *fifo) noexcept KCTX_EFFECT_spin
{
    return kfifo_len(fifo) == 0;
}
/// Whether no object more would fit.
template <class T, unsigned int Size>
inline bool kfifo_is_full(const kfifo<T, Size> *fifo) noexcept KCTX_EFFECT_spin
{
    return kfifo_len(fifo) == Size;
}
/// Puts an object in; returns how many: 1, or 0 if the ring is full.
template <class T, unsigned int Size>
inline unsigned int kfifo_put(kfifo<T, Size> *fifo, const T &value) noexcept KCTX_EFFECT_spin
{
    if (kfifo_is_full(fifo))
        return 0;
    fifo->ring[fifo->in & (Size - 1)] = value;
    __atomic_store_n(&fifo->in, fifo->in + 1, __ATOMIC_RELEASE);
    return 1;
}
/// Takes the oldest object; returns how many: 1, or 0 if the ring is empty.
template <class T, unsigned int Size>
inline unsigned int kfifo_get(kfifo<T, Size> *fifo, T *value) noexcept KCTX_EFFECT_spin
{
    if (kfifo_is_empty(fifo))
        return 0;
    *value = fifo->ring[fifo->out & (Size - 1)];
    __atomic_store_n(&fifo->out, fifo->out + 1, __ATOMIC_RELEASE);
    return 1;
}
#define KCTX_KFIFO_WHY "has one reader and one writer, who wait for nobody"
KCTX_LEGAL_ANYWHERE(kfifo_len, KCTX_KFIFO_WHY, "include/linux/kfifo.h kfifo_len()")
KCTX_LEGAL_ANYWHERE(kfifo_put, KCTX_KFIFO_WHY, "include/linux/kfifo.h kfifo_put()")
KCTX_LEGAL_ANYWHERE(kfifo_get, KCTX_KFIFO_WHY, "include/linux/kfifo.h kfifo_get()")

} // namespace kctx
