// SPDX-License-Identifier: BSL-1.0
/// @file
/// The attributes behind the names: an error with a message, clang's thread-safety analysis
/// (-Wthread-safety), clang's function effects (-Wfunction-effects, clang 20 and later).
#pragma once

#include <kctx/core/context.hpp>

/// A declaration that, when chosen, is an error with this text on the line of its user.
#define KCTX_UNAVAILABLE(text) __attribute__((unavailable(text)))

/// A function that hands on to the environment: inlined always, because the linker keeps one copy
/// of what is merely inline, and with it the environment of one file for all (KCTX_ENV_NAMESPACE).
#define KCTX_ALWAYS_INLINE inline __attribute__((always_inline))

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

#if defined(__clang__)
namespace kctx::detail {

/// What a section holds beside its lock: a call that needs more than the section allows must not be
/// made while it is held, whatever token the call names.
struct KCTX_CAPABILITY("kctx[outer-token]: a section that does not allow it (fix: name the "
                       "section's own token, or leave the section first) through") section_cap {
    const section_cap &operator!() const; // that it is not held
};
extern section_cap raw_section;    // closed to config and to sleep
extern section_cap atomic_section; // closed to sleep

/// What entering a section closes, from a level on. One inside a section that is as strict closes
/// nothing more, and holds a stand-in, since a capability cannot be held twice.
template <class Outer, wait_type ClosedFrom> struct section_of {
    static section_cap stand_in;
    static section_cap &section() noexcept KCTX_EFFECT_spin KCTX_TSA_(lock_returned(stand_in));
};
template <class Outer> struct section_of<Outer, wait_type::config> {
    static section_cap &section() noexcept KCTX_EFFECT_spin KCTX_TSA_(lock_returned(raw_section));
};
template <class Outer> struct section_of<Outer, wait_type::sleep> {
    static section_cap &section() noexcept KCTX_EFFECT_spin
        KCTX_TSA_(lock_returned(atomic_section));
};

// Older clangs look at the attributes of an overload before its constraints: any type may come.
template <class T> T outer_of(long);
template <class T> typename T::outer outer_of(int);

template <class Inner, class Outer> constexpr wait_type closes_from() noexcept
{
    if (allows<Outer, wait_type::config> && !allows<Inner, wait_type::config>)
        return wait_type::config;
    if (allows<Outer, wait_type::sleep> && !allows<Inner, wait_type::sleep>)
        return wait_type::sleep;
    return wait_type::free;
}
template <class Inner, class Outer = decltype(outer_of<Inner>(0))>
struct closed_by : section_of<Outer, closes_from<Inner, Outer>()> {};

} // namespace kctx::detail
#endif

/// What entering a section closes.
#define KCTX_CLOSES(...) detail::closed_by<__VA_ARGS__>::section()

/// A function that sleeps, or takes a spinlock_t, which no section that is closed to it may call.
/// KCTX_STRICT: whatever does so must say so, and no closure or stored token hides the call.
#ifdef KCTX_STRICT
#define KCTX_CLOSED_(a, ...) KCTX_TSA_(requires_capability(!a __VA_OPT__(, !) __VA_ARGS__))
#else
#define KCTX_CLOSED_(...) KCTX_MUST_NOT_HOLD(__VA_ARGS__)
#endif
/// A function that takes a spinlock_t: sections that are raw are closed to it.
#define KCTX_MAY_LOCK KCTX_CLOSED_(::kctx::detail::raw_section)
/// The same of a function that may sleep: neither raw sections nor those that only forbid sleeping.
#define KCTX_MAY_SLEEP KCTX_CLOSED_(::kctx::detail::atomic_section, ::kctx::detail::raw_section)
#define KCTX_EXCLUDES_spin
#define KCTX_EXCLUDES_config KCTX_MAY_LOCK
#define KCTX_EXCLUDES_sleep KCTX_MAY_SLEEP
