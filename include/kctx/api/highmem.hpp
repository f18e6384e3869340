// SPDX-License-Identifier: BSL-1.0
/// @file
/// Pages that the kernel has no lasting address for.
/// @par Kernel source
/// include/linux/highmem.h, include/linux/highmem-internal.h (6.12).
#pragma once

#include <kctx/api/page.hpp>
#include <kctx/lock/section_calls.hpp>

namespace kctx {

/// An address for all CPUs.
KCTX_CALL(sleeps, void *, kmap, (page * p), (p), "waits for a free slot", "kmap_local_page()",
          "include/linux/highmem-internal.h kmap()")
KCTX_CALL(sleeps, void, kunmap, (page * p), (p), "gives a slot back",
          "kmap_local_page() and kunmap_local()", "include/linux/highmem-internal.h kunmap()")

namespace env::inline KCTX_ENV_NAMESPACE {
/// An address for this task or handler, to be given back in the reverse order; legal in every
/// context.
void *kmap_local_page(page *p) noexcept KCTX_EFFECT_spin;
/// Gives it back; legal in every context.
void kunmap_local(const void *address) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::kmap_local_page;
using env::kunmap_local;
KCTX_LEGAL_ANYWHERE(kmap_local_page, "maps the page for this task or handler",
                    "include/linux/highmem-internal.h kmap_local_page()")
KCTX_LEGAL_ANYWHERE(kunmap_local, "ends the mapping",
                    "include/linux/highmem-internal.h kunmap_local()")

namespace detail {
/// include/linux/highmem-internal.h: PREEMPT_RT leaves preemption on and turns migration off.
constexpr void hold_kmap_atomic(auto &s, bool rt) noexcept
{
    if (!rt)
        hold_preempt(s, rt);
    s.migrate_disabled = true;
    s.user_memory = false;
}
} // namespace detail

namespace env::inline KCTX_ENV_NAMESPACE {
void *kmap_atomic(page *p) noexcept KCTX_EFFECT_spin;
/// Unmaps the page that kmap_atomic() mapped at @p address.
void kunmap_atomic(const void *address) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
KCTX_CONTRACT(anywhere, kmap_atomic, "disables page faults, and preemption or migration",
              KCTX_NO_FIX, "include/linux/highmem-internal.h kmap_atomic()")
/// KmapAtomic: a page is mapped by kmap_atomic(). Deprecated: kmap_local_page() disables nothing.
template <context C>
struct KmapAtomic : held<call::kmap_atomic, env::kmap_atomic, env::kunmap_atomic, C> {
    using KmapAtomic::held::held;
    /// Preemption and page faults are off; on PREEMPT_RT the task is kept on its CPU instead.
    static constexpr auto at(bool rt) noexcept
    {
        auto s = C::at(rt);
        detail::hold_kmap_atomic(s, rt);
        return s;
    }
};
KCTX_SECTION_TEXT(KmapAtomic, kmap_atomic, hold_kmap_atomic, KmapAtomic<C>)
/// Maps the page at @p address until `kunmap_atomic(in, address)`.
template <may<call::kmap_atomic> C>
KCTX_SECTION_TOKEN_OF(kmap_atomic)
KCTX_ALWAYS_INLINE KmapAtomic<C> kmap_atomic(C, page *p, void *&address) noexcept KCTX_EFFECT_spin
    KCTX_ACQUIRE(KCTX_CLOSES(KmapAtomic<C>)) KCTX_NO_ANALYSIS
{
    address = env::kmap_atomic(p);
    return detail::mint::make<KmapAtomic<C>>();
}
/// Ends what kmap_atomic() began; returns the token from before.
template <class C>
KCTX_ALWAYS_INLINE C kunmap_atomic(KmapAtomic<C>, const void *address) noexcept KCTX_EFFECT_spin
    KCTX_RELEASE(KCTX_CLOSES(KmapAtomic<C>)) KCTX_NO_ANALYSIS
{
    env::kunmap_atomic(address);
    return detail::mint::make<C>();
}
KCTX_NOT_HELD(kmap_atomic, kunmap_atomic)
KCTX_NO_TOKEN(kmap_atomic)

} // namespace kctx
