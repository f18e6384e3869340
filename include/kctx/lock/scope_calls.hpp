// SPDX-License-Identifier: BSL-1.0
/// @file
/// How a kind of section without a lock is declared: bottom halves off, an RCU read side.
/// `auto in = rcu_read_lock(ctx); ... rcu_read_unlock(in);`
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/lock/section_calls.hpp>

/// Declares a section without a lock that every context may enter: the token `Held<C>`,
/// `Held<C> enter_fn(ctx)` and `C leave_fn(token)`.
#define KCTX_SCOPE_PAIR(Held, hold, enter_fn, leave_fn, why, source)                               \
    KCTX_SCOPE_(anywhere, Held, hold, enter_fn, leave_fn, none)                                    \
    KCTX_CONTRACT_TEXT(enter_fn, KCTX_SLUG_anywhere, why, KCTX_NO_FIX, source)

/// The same of one that may not, because of the level or the rule of its kind.
#define KCTX_LEVEL_SCOPE_PAIR(kind, Held, hold, enter_fn, leave_fn, why, fix, source)              \
    KCTX_SCOPE_(kind, Held, hold, enter_fn, leave_fn, none)                                        \
    KCTX_SCOPE_REJECTED_(forbidden, Held, enter_fn, KCTX_TEXT_in(kind, enter_fn, why, fix))        \
    KCTX_CONTRACT_TEXT(enter_fn, KCTX_SLUG_##kind, why, fix, source)
/// The same of a section with a rule of its own, as KCTX_RULED_CALL() has it.
#define KCTX_RULED_SCOPE_PAIR(kind, Held, hold, enter_fn, leave_fn, why, fix, source)              \
    KCTX_SCOPE_(kind, Held, hold, enter_fn, leave_fn, KCTX_RULE_##kind)                            \
    KCTX_SCOPE_REJECTED_(forbidden_by_rule, Held, enter_fn, KCTX_TEXT_breaks(kind, enter_fn))      \
    KCTX_CONTRACT_TEXT(enter_fn, KCTX_SLUG_##kind, why, fix, source)
#define KCTX_SCOPE_REJECTED_(refused, Held, enter_fn, text)                                        \
    namespace call {                                                                               \
    KCTX_ERROR_TYPE(enter_fn##_in, text)                                                           \
    }                                                                                              \
    template <refused<call::enter_fn> C>                                                           \
    KCTX_ERROR(text)                                                                               \
    Held<C> enter_fn(C KCTX_ERROR_ARG(call::enter_fn##_in<C>));
#define KCTX_SCOPE_(kind, Held, hold, enter_fn, leave_fn, own_rule)                                \
    namespace call {                                                                               \
    struct enter_fn : contract<wait_type::KCTX_LEVEL_##kind, rule::own_rule> {};                   \
    }                                                                                              \
    namespace env::inline KCTX_ENV_NAMESPACE {                                                     \
    void enter_fn() noexcept KCTX_EFFECT(kind);                                                    \
    void leave_fn() noexcept KCTX_EFFECT_spin;                                                     \
    }                                                                                              \
    template <context C>                                                                           \
    struct Held : held<call::enter_fn, env::enter_fn, env::leave_fn, C> {                          \
        using Held::held::held;                                                                    \
        static constexpr auto at(bool rt) noexcept                                                 \
        {                                                                                          \
            auto s = C::at(rt);                                                                    \
            detail::hold(s, rt);                                                                   \
            return s;                                                                              \
        }                                                                                          \
    };                                                                                             \
    template <may<call::enter_fn> C>                                                               \
    KCTX_SECTION_TOKEN_OF(enter_fn)                                                                \
    KCTX_ALWAYS_INLINE Held<C> enter_fn(C) noexcept KCTX_EFFECT(kind) KCTX_EXCLUDES(kind)                      \
        KCTX_ACQUIRE(KCTX_CLOSES(Held<C>)) KCTX_NO_ANALYSIS                                        \
    {                                                                                              \
        env::enter_fn();                                                                           \
        return detail::mint::make<Held<C>>();                                                      \
    }                                                                                              \
    template <class C>                                                                             \
    KCTX_ALWAYS_INLINE C leave_fn(Held<C>) noexcept KCTX_EFFECT_spin                                           \
        KCTX_RELEASE(KCTX_CLOSES(Held<C>)) KCTX_NO_ANALYSIS                                        \
    {                                                                                              \
        env::leave_fn();                                                                           \
        return detail::mint::make<C>();                                                            \
    }                                                                                              \
    KCTX_NOT_HELD(enter_fn, leave_fn)                                                              \
    KCTX_PLAIN_PAIR_(kind, enter_fn, (), env::enter_fn(), leave_fn, (), env::leave_fn())           \
    KCTX_SECTION_TEXT(Held, enter_fn, hold, Held<C>)

/// KCTX_SCOPE_PAIR() of a section that saves something: `enter_fn(ctx, saved_t &saved)`.
#define KCTX_SCOPE_PAIR_SAVING(Held, hold, saved_t, enter_fn, leave_fn, why, source)               \
    namespace call {                                                                               \
    struct enter_fn : contract<wait_type::free> {};                                                \
    }                                                                                              \
    namespace env::inline KCTX_ENV_NAMESPACE {                                                     \
    saved_t enter_fn() noexcept KCTX_EFFECT_spin;                                                  \
    void leave_fn(saved_t saved) noexcept KCTX_EFFECT_spin;                                        \
    }                                                                                              \
    template <context C>                                                                           \
    struct Held : held<call::enter_fn, env::enter_fn, env::leave_fn, C> {                          \
        using Held::held::held;                                                                    \
        static constexpr auto at(bool rt) noexcept                                                 \
        {                                                                                          \
            auto s = C::at(rt);                                                                    \
            detail::hold(s, rt);                                                                   \
            return s;                                                                              \
        }                                                                                          \
    };                                                                                             \
    template <may<call::enter_fn> C>                                                               \
    KCTX_SECTION_TOKEN_OF(enter_fn)                                                                \
    KCTX_ALWAYS_INLINE Held<C> enter_fn(C, saved_t &saved) noexcept KCTX_EFFECT_spin                           \
        KCTX_ACQUIRE(KCTX_CLOSES(Held<C>)) KCTX_NO_ANALYSIS                                        \
    {                                                                                              \
        saved = env::enter_fn();                                                                   \
        return detail::mint::make<Held<C>>();                                                      \
    }                                                                                              \
    template <class C>                                                                             \
    KCTX_ALWAYS_INLINE C leave_fn(Held<C>, saved_t saved) noexcept KCTX_EFFECT_spin                            \
        KCTX_RELEASE(KCTX_CLOSES(Held<C>)) KCTX_NO_ANALYSIS                                        \
    {                                                                                              \
        env::leave_fn(saved);                                                                      \
        return detail::mint::make<C>();                                                            \
    }                                                                                              \
    KCTX_NOT_HELD(enter_fn, leave_fn)                                                              \
    KCTX_PLAIN_PAIR_(anywhere, enter_fn, (saved_t & saved), saved = env::enter_fn(), leave_fn,     \
                     (saved_t saved), env::leave_fn(saved))                                        \
    KCTX_CONTRACT_TEXT(enter_fn, KCTX_SLUG_anywhere, why, KCTX_NO_FIX, source)                     \
    KCTX_SECTION_TEXT(Held, enter_fn, hold, Held<C>)
