// SPDX-License-Identifier: BSL-1.0
/// @file
/// The attributes behind the names: an error with a message, clang's thread-safety analysis
/// (-Wthread-safety), clang's function effects (-Wfunction-effects, clang 20 and later).
#pragma once

#include <kctx/core/context.hpp>

/// A declaration that, when chosen, is an error with this text on the line of its user.
#define KCTX_UNAVAILABLE(text) __attribute__((unavailable(text)))

#if defined(__clang__) && !defined(KCTX_UNCHECKED)
#define KCTX_TSA_(x) __attribute__((x))
#else
#define KCTX_TSA_(x)
#endif
#define KCTX_CAPABILITY(text) KCTX_TSA_(capability(text))
#define KCTX_SCOPED_CAPABILITY KCTX_TSA_(scoped_lockable)
#define KCTX_ACQUIRE(...) KCTX_TSA_(acquire_capability(__VA_ARGS__))
#define KCTX_RELEASE(...) KCTX_TSA_(release_capability(__VA_ARGS__))
#define KCTX_MUST_NOT_HOLD(...) KCTX_TSA_(locks_excluded(__VA_ARGS__))
#define KCTX_NO_ANALYSIS KCTX_TSA_(no_thread_safety_analysis)
/// Data that only the holder of a lock may touch: `int count KCTX_GUARDED_BY(lock);`
#define KCTX_GUARDED_BY(lock) KCTX_TSA_(guarded_by(lock))

// Function effects are the two lower levels of the lattice: nonblocking implies nonallocating.
#if defined(__clang__) && !defined(KCTX_UNCHECKED) && __has_cpp_attribute(clang::nonblocking)
#define KCTX_EFFECTS 1
#define KCTX_EFFECT_spin [[clang::nonblocking]]
#if KCTX_PREEMPT_RT == KCTX_RT_OFF
#define KCTX_EFFECT_config_unless(sleeps) [[clang::nonblocking(!(sleeps))]]
#else
#define KCTX_EFFECT_config_unless(sleeps) [[clang::nonallocating(!(sleeps))]]
#endif
#define KCTX_EFFECT_sleep [[clang::allocating]] [[clang::blocking]]
#else
#define KCTX_EFFECT_spin
#define KCTX_EFFECT_config_unless(sleeps)
#define KCTX_EFFECT_sleep
#endif
#define KCTX_EFFECT_config KCTX_EFFECT_config_unless(false)

namespace kctx::detail {

/// What a section holds beside its lock: a call that needs more than the section allows must not be
/// made while it is held, whatever token the call names.
struct KCTX_CAPABILITY("kctx[outer-token]: a section that does not allow it (fix: name the "
                       "section's own token, or leave the section first) through") section_cap {};

struct closed_to_config { // and to sleep
    static section_cap section;
};
struct closed_to_sleep {
    static section_cap section;
};
/// A section inside one that is as strict closes nothing more: it holds a stand-in that no call
/// excludes, since a capability cannot be held twice.
template <class Outer, wait_type ClosedFrom> struct section_of {
    static section_cap section;
};
template <class Outer> struct section_of<Outer, wait_type::config> : closed_to_config {};
template <class Outer> struct section_of<Outer, wait_type::sleep> : closed_to_sleep {};

// Older clangs look at the attributes of an overload before its constraints: any type may come.
template <class T> struct outer_of {
    using type = T;
};
template <class T>
    requires requires { typename T::outer; }
struct outer_of<T> {
    using type = typename T::outer;
};

template <class Inner, class Outer> constexpr wait_type closes_from() noexcept
{
    if (allows<Outer, wait_type::config> && !allows<Inner, wait_type::config>)
        return wait_type::config;
    if (allows<Outer, wait_type::sleep> && !allows<Inner, wait_type::sleep>)
        return wait_type::sleep;
    return wait_type::free;
}
/// What entering section @p Inner closes, as a capability.
template <class Inner, class Outer = typename outer_of<Inner>::type>
using closed_by = section_of<Outer, closes_from<Inner, Outer>()>;

} // namespace kctx::detail

/// What entering a section closes; the calls that need a level exclude what closes it.
#define KCTX_CLOSES(...) ::kctx::detail::closed_by<__VA_ARGS__>::section
#define KCTX_EXCLUDES_spin
#define KCTX_EXCLUDES_config KCTX_MUST_NOT_HOLD(::kctx::detail::closed_to_config::section)
#define KCTX_EXCLUDES_sleep                                                                        \
    KCTX_MUST_NOT_HOLD(::kctx::detail::closed_to_sleep::section,                                   \
                       ::kctx::detail::closed_to_config::section)
