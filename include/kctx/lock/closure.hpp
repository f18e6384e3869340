// SPDX-License-Identifier: BSL-1.0
/// @file
/// The closure form of a section, the soundest by types alone: the body is a lambda without
/// captures, so that no token from outside can be named in it, by no alias either.
/// `with<RawSpinLocked>(ctx, &card.lock, [](auto ctx, card &c) { ... }, card);`
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/lock_class.hpp>

namespace kctx {

/// Data that carry no token into a section. (What a token hides in, a struct, is not seen.)
template <class F, class... Data>
concept carries_no_token = __is_empty(F) && !(context<Data> || ...);

namespace detail {
template <class R, class Lock, class... A> Lock plain_lock(R (*enter)(Lock *, A...));
/// A section whose lock is a class of its own.
template <class Section>
concept holds_class = requires { plain_lock(Section::enter); } &&
                      !__is_same(decltype(plain_lock(Section::enter)), typename Section::lock);
template <class C, class Section>
concept takes_twice =
    holds_class<Section> && !checks_nothing &&
    Section::call::needs >
        wait_type::free &&waits_for_self<typename Section::lock, C, typename Section::call>;
template <class C, class Section, misuse How>
concept takes_amiss = holds_class<Section> && !checks_nothing && !takes_twice<C, Section> &&
                      misuse_of<Section, typename Section::call>() == How;
/// A section that this context may enter, as far as its lock goes.
template <class C, class Section>
concept lock_in_order = !takes_twice<C, Section> && !takes_amiss<C, Section, misuse::order> &&
                        !takes_amiss<C, Section, misuse::irq_unsafe>;
} // namespace detail

/// Calls body(token, data...) inside section @p Held of @p lock; returns what the body returns.
template <template <class, class> class Held, context C, class L, class F, class... Data>
    requires(may<C, typename Held<L, C>::call> && carries_no_token<F, Data...> &&
             detail::lock_in_order<C, Held<L, C>>)
KCTX_ALWAYS_INLINE decltype(auto) with(C, L *lock, F body, Data &...data)
{
    const section<Held<L, C>> held(detail::entry_from{}, lock);
    return body(held.inner(), data...);
}
/// The same for a section without a lock: `with<PreemptDisabled>(ctx, body, data...)`.
template <template <class> class Held, context C, class F, class... Data>
    requires(may<C, typename Held<C>::call> && carries_no_token<F, Data...>)
KCTX_ALWAYS_INLINE decltype(auto) with(C, F body, Data &...data)
{
    const section<Held<C>> held(detail::entry_from{});
    return body(held.inner(), data...);
}

// Why not.
namespace detail {
template <class C, class Section, class F, class... Data>
concept with_token = may<C, typename Section::call> && !carries_no_token<F, Data...>;
template <class C, class Section, class F, class... Data>
concept with_taken_twice =
    may<C, typename Section::call> && carries_no_token<F, Data...> && takes_twice<C, Section>;
template <class C, class Section, class F, class... Data>
concept with_order = may<C, typename Section::call> && carries_no_token<F, Data...> &&
                     takes_amiss<C, Section, misuse::order>;
template <class C, class Section, class F, class... Data>
concept with_irq_unsafe = may<C, typename Section::call> && carries_no_token<F, Data...> &&
                          takes_amiss<C, Section, misuse::irq_unsafe>;
template <class C, class Section, class...>
concept with_rule = forbidden_by_rule<C, typename Section::call>;
template <class C, class Section, wait_type Needs>
concept with_level = forbidden<C, typename Section::call> && Section::call::needs == Needs;
template <class C, class Section, class...>
concept with_sleep = with_level<C, Section, wait_type::sleep>;
template <class C, class Section, class...>
concept with_lock = with_level<C, Section, wait_type::config>;
template <class C, class Section, class...>
concept with_raw_lock = with_level<C, Section, wait_type::spin>;
} // namespace detail

#define KCTX_TEXT_with_token                                                                       \
    "kctx[closure-carries-token]: with<>() takes no token into its section but its own; fix: a "   \
    "lambda without captures, its data as further arguments"
#define KCTX_TEXT_with_taken_twice                                                                 \
    "kctx[lock-taken-twice]: with<>() takes a lock of a type that is held already, and waits for " \
    "itself; fix: give it back first, or take another object's by the _nested() form"
#define KCTX_TEXT_with_order                                                                       \
    "kctx[lock-order]: with<>() takes a lock where one of the same or a greater lock_order<> is "  \
    "held, and who does it the other way around deadlocks with this; fix: take this one first"
#define KCTX_TEXT_with_irq_unsafe                                                                  \
    "kctx[irq-unsafe-lock]: with<>() takes a lock whose owner, by its used_in<>, an interrupt "    \
    "would wait for for ever; fix: an Irqsave section, against softirqs a Bh one, or name all "    \
    "that take it in used_in<>"
#define KCTX_TEXT_with_rule                                                                        \
    "kctx[section-rule]: with<>() enters a section that this context must not enter, whatever it " \
    "may wait for; fix: call what enters the section by itself here, which says why not and what " \
    "to do"
#define KCTX_TEXT_with_sleep                                                                       \
    "kctx[sleep-in-atomic]: with<>() enters a section that may sleep, and this context must not; " \
    "fix: enter it in a work item or threaded irq"
#define KCTX_TEXT_with_lock                                                                        \
    "kctx[rt-lock-in-raw-section]: with<>() enters a section of spinlock_t kind, and this context " \
    "does not bear it; fix: a raw_spinlock_t, or enter it outside raw sections and hard irqs"
#define KCTX_TEXT_with_raw_lock                                                                    \
    "kctx[lock-in-nmi]: with<>() enters a section with a raw lock, which the NMI may have "        \
    "interrupted; fix: irq_work_queue() it, and enter the section in the irq_work"
#if defined(__clang__)
#define KCTX_WITH_REJECTED_(reason)                                                                \
    template <template <class, class> class Held, context C, class L, class F, class... Data>      \
        requires detail::with_##reason<C, Held<L, C>, F, Data...>                                  \
    KCTX_UNAVAILABLE(KCTX_TEXT_with_##reason)                                                      \
    void with(C, L *, F, Data &...);                                                               \
    template <template <class> class Held, context C, class F, class... Data>                      \
        requires detail::with_##reason<C, Held<C>, F, Data...>                                     \
    KCTX_UNAVAILABLE(KCTX_TEXT_with_##reason)                                                      \
    void with(C, F, Data &...);
#else // as in declare/call.hpp
#define KCTX_WITH_REJECTED_(reason)                                                                \
    template <class Section> struct with_##reason : anything {                                     \
        KCTX_UNAVAILABLE(KCTX_TEXT_with_##reason) ~with_##reason();                                \
    };                                                                                             \
    template <template <class, class> class Held, context C, class L, class F, class... Data>      \
        requires detail::with_##reason<C, Held<L, C>, F, Data...>                                  \
    with_##reason<Held<L, C>> with(C, L *, F, Data &...)                                           \
    {                                                                                              \
        __builtin_unreachable();                                                                   \
    }                                                                                              \
    template <template <class> class Held, context C, class F, class... Data>                      \
        requires detail::with_##reason<C, Held<C>, F, Data...>                                     \
    with_##reason<Held<C>> with(C, F, Data &...)                                                   \
    {                                                                                              \
        __builtin_unreachable();                                                                   \
    }
#endif
KCTX_WITH_REJECTED_(token)
KCTX_WITH_REJECTED_(rule)
KCTX_WITH_REJECTED_(taken_twice)
KCTX_WITH_REJECTED_(order)
KCTX_WITH_REJECTED_(irq_unsafe)
KCTX_WITH_REJECTED_(sleep)
KCTX_WITH_REJECTED_(lock)
KCTX_WITH_REJECTED_(raw_lock)

} // namespace kctx
