// SPDX-License-Identifier: BSL-1.0
/// @file
/// Counters that anybody may change at any time: atomic_t, refcount_t, kref. Legal in every
/// context, so that no call takes a token.
/// @par Kernel source
/// include/linux/atomic.h, include/linux/refcount.h, include/linux/kref.h (6.12).
#pragma once

#include <kctx/declare/call.hpp>

namespace kctx {

/// A counter.
struct atomic_t {
    int counter = 0; ///< read and written by the atomic_*() alone
};
inline int atomic_read(const atomic_t *v) noexcept
{
    return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);
}
inline void atomic_set(atomic_t *v, int i) noexcept
{
    __atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);
}
inline void atomic_add(int i, atomic_t *v) noexcept
{
    __atomic_fetch_add(&v->counter, i, __ATOMIC_RELAXED);
}
inline void atomic_sub(int i, atomic_t *v) noexcept { atomic_add(-i, v); }
inline void atomic_inc(atomic_t *v) noexcept { atomic_add(1, v); }
inline void atomic_dec(atomic_t *v) noexcept { atomic_add(-1, v); }
/// Those that return something are full barriers as well.
inline int atomic_add_return(int i, atomic_t *v) noexcept
{
    return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST);
}
inline int atomic_inc_return(atomic_t *v) noexcept { return atomic_add_return(1, v); }
inline int atomic_dec_return(atomic_t *v) noexcept { return atomic_add_return(-1, v); }
inline bool atomic_dec_and_test(atomic_t *v) noexcept { return atomic_dec_return(v) == 0; }
inline int atomic_xchg(atomic_t *v, int i) noexcept
{
    return __atomic_exchange_n(&v->counter, i, __ATOMIC_SEQ_CST);
}
/// Writes @p i if the value is @p old; returns the value that was.
inline int atomic_cmpxchg(atomic_t *v, int old, int i) noexcept
{
    __atomic_compare_exchange_n(&v->counter, &old, i, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return old;
}

/// A count of references that is freed at 0: it never rises from there.
struct refcount_t {
    atomic_t refs; ///< 0: freed; it stays there
};
inline void refcount_set(refcount_t *r, int n) noexcept { atomic_set(&r->refs, n); }
inline unsigned refcount_read(const refcount_t *r) noexcept
{
    return static_cast<unsigned>(atomic_read(&r->refs));
}
inline void refcount_inc(refcount_t *r) noexcept { atomic_inc(&r->refs); }
inline void refcount_dec(refcount_t *r) noexcept { atomic_dec(&r->refs); }
/// Whether there was a reference left to add one to.
[[nodiscard]] inline bool refcount_inc_not_zero(refcount_t *r) noexcept
{
    for (int n = atomic_read(&r->refs); n != 0;) {
        const int seen = atomic_cmpxchg(&r->refs, n, n + 1);
        if (seen == n)
            return true;
        n = seen;
    }
    return false;
}
/// Whether it was the last.
[[nodiscard]] inline bool refcount_dec_and_test(refcount_t *r) noexcept
{
    return atomic_dec_and_test(&r->refs);
}

/// The references to an object; it is a member of it.
struct kref {
    refcount_t refcount; ///< at kref_init() 1, at 0 kref_put() releases
};
/// Begins with one reference, the maker's.
inline void kref_init(kref *k) noexcept { refcount_set(&k->refcount, 1); }
/// One reference more; the caller holds one already.
inline void kref_get(kref *k) noexcept { refcount_inc(&k->refcount); }
/// The same where the caller holds none: false if the last one is gone.
[[nodiscard]] inline bool kref_get_unless_zero(kref *k) noexcept
{
    return refcount_inc_not_zero(&k->refcount);
}
/// Drops a reference; the last one has @p release(k) called, here and now: what it needs its
/// closure names, `kref_put(&card->refs, [&](kref *k) { release_card(ctx, k); })`. Whether it was
/// the last.
template <class F> inline bool kref_put(kref *k, F &&release) noexcept
{
    if (!refcount_dec_and_test(&k->refcount))
        return false;
    release(k);
    return true;
}

#define KCTX_ATOMIC_WHY "is an atomic access"
KCTX_LEGAL_ANYWHERE(atomic_read, KCTX_ATOMIC_WHY, "include/linux/atomic.h")
KCTX_LEGAL_ANYWHERE(atomic_set, KCTX_ATOMIC_WHY, "include/linux/atomic.h")
KCTX_LEGAL_ANYWHERE(atomic_add, KCTX_ATOMIC_WHY, "include/linux/atomic.h")
KCTX_LEGAL_ANYWHERE(atomic_sub, KCTX_ATOMIC_WHY, "include/linux/atomic.h")
KCTX_LEGAL_ANYWHERE(atomic_inc, KCTX_ATOMIC_WHY, "include/linux/atomic.h")
KCTX_LEGAL_ANYWHERE(atomic_dec, KCTX_ATOMIC_WHY, "include/linux/atomic.h")
KCTX_LEGAL_ANYWHERE(atomic_add_return, KCTX_ATOMIC_WHY, "include/linux/atomic.h")
KCTX_LEGAL_ANYWHERE(atomic_inc_return, KCTX_ATOMIC_WHY, "include/linux/atomic.h")
KCTX_LEGAL_ANYWHERE(atomic_dec_return, KCTX_ATOMIC_WHY, "include/linux/atomic.h")
KCTX_LEGAL_ANYWHERE(atomic_dec_and_test, KCTX_ATOMIC_WHY, "include/linux/atomic.h")
KCTX_LEGAL_ANYWHERE(atomic_xchg, KCTX_ATOMIC_WHY, "include/linux/atomic.h")
KCTX_LEGAL_ANYWHERE(atomic_cmpxchg, KCTX_ATOMIC_WHY, "include/linux/atomic.h")
KCTX_LEGAL_ANYWHERE(refcount_set, KCTX_ATOMIC_WHY, "include/linux/refcount.h")
KCTX_LEGAL_ANYWHERE(refcount_read, KCTX_ATOMIC_WHY, "include/linux/refcount.h")
KCTX_LEGAL_ANYWHERE(refcount_inc, KCTX_ATOMIC_WHY, "include/linux/refcount.h")
KCTX_LEGAL_ANYWHERE(refcount_dec, KCTX_ATOMIC_WHY, "include/linux/refcount.h")
KCTX_LEGAL_ANYWHERE(refcount_inc_not_zero, KCTX_ATOMIC_WHY, "include/linux/refcount.h")
KCTX_LEGAL_ANYWHERE(refcount_dec_and_test, KCTX_ATOMIC_WHY, "include/linux/refcount.h")
KCTX_LEGAL_ANYWHERE(kref_init, KCTX_ATOMIC_WHY, "include/linux/kref.h")
KCTX_LEGAL_ANYWHERE(kref_get, KCTX_ATOMIC_WHY, "include/linux/kref.h")
KCTX_LEGAL_ANYWHERE(kref_get_unless_zero, KCTX_ATOMIC_WHY, "include/linux/kref.h")
KCTX_LEGAL_ANYWHERE(kref_put, "is an atomic access; what it releases, its closure names",
                    "include/linux/kref.h kref_put()")

} // namespace kctx
