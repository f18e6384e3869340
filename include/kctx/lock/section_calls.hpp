// SPDX-License-Identifier: BSL-1.0
/// @file
/// How a kind of section is declared: its token, the pair of kernel functions that enter and leave
/// it, the functions that may enter it. The pair passes tokens:
/// `auto in = raw_spin_lock(ctx, &l); ... raw_spin_unlock(in, &l);`
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/core/section.hpp>
#include <kctx/declare/call.hpp>
#include <kctx/lock/state.hpp>

namespace kctx::detail {

template <class T, class Base>
concept lock_of = __is_base_of(Base, T);

// A type derived from one of the kernel's locks is a class of locks as lockdep has them: what the
// type says of itself, lock_class.hpp, and that it must not be taken twice.
template <class L, class C, class Call> inline constexpr bool misuses = false;

/// Whether those who take a lock by @p Call may take it again: readers that never wait for readers.
template <class Call> inline constexpr bool recursive = false;
/// Whether context @p C holds the lock that @p Call waits for.
template <class L, class C, class Call> inline constexpr bool waits_for_self = false;
template <class L, class C, class Call>
    requires requires { typename C::lock; }
inline constexpr bool waits_for_self<L, C, Call> =
    (__is_same(L, typename C::lock) && !(recursive<Call> && recursive<typename C::call>)) ||
    waits_for_self<L, typename C::outer, Call>;

/// A lock that @p Call would take for the second time. Of a plain @p Lock nobody knows which it is,
/// and a call that needs nothing, a trylock, waits for nobody.
template <class L, class Lock, class C, class Call>
concept taken_twice = !__is_same(L, Lock) && __is_base_of(Lock, L) && !checks_nothing &&
                      Call::needs > wait_type::free &&waits_for_self<L, C, Call>;
/// A lock that @p Call may take in context @p C.
template <class L, class Lock, class C, class Call>
concept lock_for = __is_same(L, Lock) || (__is_base_of(Lock, L) && !taken_twice<L, Lock, C, Call> &&
                                          (checks_nothing || !misuses<L, C, Call>));

/// Stands for the flags argument where a block form asks only for the type of the token.
template <class Saved> extern Saved saved;

/// The token that a trylock points to when it took the lock.
template <class Inner> inline constexpr Inner token = mint::make<Inner>();

/// Keeps the section that @p Enter may enter open to the end of its block, if it entered it.
template <class Call, auto Enter, class Token> class try_section;
template <class Call, auto Enter, class Inner>
class KCTX_SCOPED_CAPABILITY try_section<Call, Enter, const Inner *>
{
    typename Inner::lock *lock_;
    bool locked_;

public:
    template <class... A>
    KCTX_ALWAYS_INLINE try_section(entry_to<Call>, typename Inner::lock *lock, A... args) noexcept
        KCTX_MUST_NOT_HOLD(lock, KCTX_CLOSES(Inner))
        : lock_(lock), locked_(Enter(lock, args...))
    {}
    KCTX_ALWAYS_INLINE ~try_section() KCTX_RELEASE()
    {
        if (locked_)
            Inner::leave(lock_);
    }
    try_section(const try_section &) = delete;
    try_section &operator=(const try_section &) = delete;
    bool locked() const noexcept KCTX_TSA_(try_acquire_capability(true)) { return locked_; }
    static constexpr Inner inner() noexcept { return mint::make<Inner>(); }
};

} // namespace kctx::detail

/// `KCTX_TRY_SECTION(ctx, spin_trylock, &l) { holds it } else { does not }`; the else may be left
/// out.
#define KCTX_TRY_SECTION(ctx, fn, ...)                                                             \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wshadow\"")                  \
    _Pragma("GCC diagnostic ignored \"-Wdangling-else\"")                                          \
    if (::kctx::detail::try_section<::kctx::call::fn, ::kctx::env::fn,                             \
                                    __typeof__(fn(ctx, __VA_ARGS__))>                              \
            kctx_section_(::kctx::detail::entry_from{}, __VA_ARGS__);                              \
        kctx_section_.locked())                                                                    \
        if ([[maybe_unused]] const auto ctx = kctx_section_.inner(); false) {                      \
            __builtin_unreachable();                                                               \
        } else                                                                                     \
            _Pragma("GCC diagnostic pop")

/// A result that must be looked at, as __must_check of the kernel.
#define KCTX_MUST_CHECK __attribute__((warn_unused_result))
/// Makes the compiler warn where the token that @p fn returns is dropped.
#define KCTX_SECTION_TOKEN_OF(fn)                                                                  \
    [[nodiscard("kctx[discarded-token]: " #fn "() returns the token of its section, dropped here"  \
                "; fix: auto in = " #fn "(ctx, ...), or a block, as KCTX_SPIN_LOCK(ctx, lock) { }")]]
#define KCTX_TEXT_not_held                                                                         \
    " gives back what its token does not hold; fix: pass the token of the call that took it, or "  \
    "include <kctx/lock/out_of_order.hpp> to leave the outer of two first"
// With KCTX_PLAIN_CALLS a lock in place of the token is meant for the function without tokens.
#ifdef KCTX_PLAIN_CALLS
#define KCTX_OTHER_TOKEN context
#else
#define KCTX_OTHER_TOKEN class
#endif
/// The overload of a function that leaves a section for every other token, as KCTX_NO_TOKEN().
#if defined(__clang__)
#define KCTX_NOT_HELD(enter_fn, leave_fn)                                                          \
    template <KCTX_OTHER_TOKEN T>                                                                  \
    KCTX_UNAVAILABLE("kctx[not-held]: " #leave_fn "()" KCTX_TEXT_not_held)                         \
    anything leave_fn(T, ...);
#else
#define KCTX_NOT_HELD(enter_fn, leave_fn)                                                          \
    template <KCTX_OTHER_TOKEN T> not_held<call::enter_fn, T> leave_fn(T, ...);
namespace kctx {
template <class Call, class Token> struct not_held : anything {
    KCTX_UNAVAILABLE("kctx[not-held]: this call" KCTX_TEXT_not_held) ~not_held();
};
} // namespace kctx
#endif

// Leaving never waits, on PREEMPT_RT neither: what gives a spinlock_t back takes raw locks at most
// (kernel/locking/spinlock_rt.c, rt_spin_unlock()), so that a hard irq may leave what it has tried.

// The pair without tokens, or what is wrong without one.
#ifdef KCTX_PLAIN_CALLS
#define KCTX_PLAIN_PAIR_(kind, enter_fn, in_params, enter, leave_fn, out_params, leave)            \
    KCTX_ALWAYS_INLINE void enter_fn in_params noexcept KCTX_EFFECT(kind) KCTX_EXCLUDES(kind) { enter; }       \
    KCTX_ALWAYS_INLINE void leave_fn out_params noexcept KCTX_EFFECT_spin { leave; }
#else
#define KCTX_PLAIN_PAIR_(kind, enter_fn, in_params, enter, leave_fn, out_params, leave)            \
    KCTX_NO_TOKEN(enter_fn)
#endif

/// Under KCTX_TEXTS: the section for tables, as KCTX_CONTRACT_TEXT() for calls. The last arguments
/// are its token around context C.
#ifdef KCTX_TEXTS
#define KCTX_SECTION_TEXT(Held, enter_fn, hold_fn, ...)                                            \
    template <> struct nth_section<__COUNTER__> {                                                  \
        static constexpr const char *name = #Held;                                                 \
        using entered_by = call::enter_fn;                                                         \
        static constexpr void (*hold)(context_state &, bool) = detail::hold_fn;                    \
        template <context C> using in = __VA_ARGS__;                                               \
    };
#else
#define KCTX_SECTION_TEXT(...)
#endif

#define KCTX_TEXT_taken_twice                                                                      \
    "kctx[lock-taken-twice]: a lock of this type is held already, and who takes a lock twice "     \
    "waits for itself; fix: give it back first, or take another object's by the _nested() form"
#if !defined(__clang__)
namespace kctx {
template <class Call, class Token> struct taken_twice {
    KCTX_UNAVAILABLE(KCTX_TEXT_taken_twice) taken_twice() noexcept;
};
} // namespace kctx
#endif

/// Declares a section that holds a lock: the token `Held<L, C>`, and the functions
/// `Held<L, C> lock_fn(ctx, L *)` and `outer unlock_fn(token, L *)`, for every L derived from
/// @p lock_t. Deriving names a lock in errors: `struct tx_lock : kctx::raw_spinlock_t {};`
/// @param hold  what holding it does to the context_state (state.hpp); the rest as in KCTX_CALL()
#define KCTX_LOCK_PAIR(kind, lock_t, Held, hold, lock_fn, unlock_fn, why, fix, source)             \
    namespace call {                                                                               \
    struct lock_fn : contract<wait_type::KCTX_LEVEL_##kind, rule::KCTX_RULE_##kind> {              \
        KCTX_ERROR_TYPE(in, KCTX_TEXT_in(kind, lock_fn, why, fix))                                 \
    };                                                                                             \
    }                                                                                              \
    namespace env::inline KCTX_ENV_NAMESPACE {                                                     \
    void lock_fn(lock_t *lock) noexcept KCTX_EFFECT(kind);                                         \
    void unlock_fn(lock_t *lock) noexcept KCTX_EFFECT_spin;                                        \
    }                                                                                              \
    template <class L, class C>                                                                    \
    struct Held : held<call::lock_fn, env::lock_fn, env::unlock_fn, C, L> {                        \
        using Held::held::held;                                                                    \
        static constexpr auto at(bool rt) noexcept                                                 \
        {                                                                                          \
            auto s = C::at(rt);                                                                    \
            detail::hold(s, rt);                                                                   \
            return s;                                                                              \
        }                                                                                          \
    };                                                                                             \
    template <may<call::lock_fn> C, detail::lock_for<lock_t, C, call::lock_fn> L>                  \
    KCTX_SECTION_TOKEN_OF(lock_fn)                                                                 \
    KCTX_ALWAYS_INLINE Held<L, C> lock_fn(C, L *lock) noexcept KCTX_EFFECT(kind) KCTX_EXCLUDES(kind)           \
        KCTX_ACQUIRE(lock, KCTX_CLOSES(Held<L, C>)) KCTX_NO_ANALYSIS                               \
    {                                                                                              \
        env::lock_fn(lock);                                                                        \
        return detail::mint::make<Held<L, C>>();                                                   \
    }                                                                                              \
    template <forbidden<call::lock_fn> C, detail::lock_of<lock_t> L>                               \
    KCTX_ERROR(KCTX_TEXT_in(kind, lock_fn, why, fix))                                              \
    Held<L, C> lock_fn(C, L * KCTX_ERROR_ARG(call::lock_fn::template in<C>));                      \
    template <may<call::lock_fn> C, detail::taken_twice<lock_t, C, call::lock_fn> L>               \
    KCTX_ERROR(KCTX_TEXT_taken_twice)                                                              \
    Held<L, C> lock_fn(C, L * KCTX_ERROR_ARG(::kctx::taken_twice<call::lock_fn, Held<L, C>>));             \
    template <class C, class L>                                                                    \
    KCTX_ALWAYS_INLINE C unlock_fn(Held<L, C>, L *lock) noexcept KCTX_EFFECT_spin                              \
        KCTX_RELEASE(lock, KCTX_CLOSES(Held<L, C>)) KCTX_NO_ANALYSIS                               \
    {                                                                                              \
        env::unlock_fn(lock);                                                                      \
        return detail::mint::make<C>();                                                            \
    }                                                                                              \
    KCTX_NOT_HELD(lock_fn, unlock_fn)                                                              \
    KCTX_PLAIN_PAIR_(kind, lock_fn, (lock_t * lock), env::lock_fn(lock), unlock_fn,                \
                     (lock_t * lock), env::unlock_fn(lock))                                        \
    KCTX_CONTRACT_TEXT(lock_fn, KCTX_SLUG_##kind, why, fix, source)                                \
    KCTX_SECTION_TEXT(Held, lock_fn, hold, Held<lock_t, C>)

/// KCTX_LOCK_PAIR() of a kind with a rule of its own.
#define KCTX_RULED_LOCK_PAIR(kind, lock_t, Held, hold, lock_fn, unlock_fn, why, fix, source)       \
    KCTX_LOCK_PAIR(kind, lock_t, Held, hold, lock_fn, unlock_fn, why, fix, source)                 \
    namespace call {                                                                               \
    KCTX_ERROR_TYPE(lock_fn##_against_rule, KCTX_TEXT_breaks(kind, lock_fn))                       \
    }                                                                                              \
    template <forbidden_by_rule<call::lock_fn> C, detail::lock_of<lock_t> L>                       \
    KCTX_ERROR(KCTX_TEXT_breaks(kind, lock_fn))                                                    \
    Held<L, C> lock_fn(C, L * KCTX_ERROR_ARG(call::lock_fn##_against_rule<C>));

/// KCTX_LOCK_PAIR() of a lock that saves something: `lock_fn(ctx, L *, saved_t &saved)`.
#define KCTX_LOCK_PAIR_SAVING(kind, lock_t, Held, hold, saved_t, lock_fn, unlock_fn, why, fix,     \
                              source)                                                              \
    namespace call {                                                                               \
    struct lock_fn : contract<wait_type::KCTX_LEVEL_##kind, rule::KCTX_RULE_##kind> {              \
        KCTX_ERROR_TYPE(in, KCTX_TEXT_in(kind, lock_fn, why, fix))                                 \
    };                                                                                             \
    }                                                                                              \
    namespace env::inline KCTX_ENV_NAMESPACE {                                                     \
    saved_t lock_fn(lock_t *lock) noexcept KCTX_EFFECT(kind);                                      \
    void unlock_fn(lock_t *lock, saved_t saved) noexcept KCTX_EFFECT_spin;                         \
    }                                                                                              \
    template <class L, class C>                                                                    \
    struct Held : held<call::lock_fn, env::lock_fn, env::unlock_fn, C, L> {                        \
        using Held::held::held;                                                                    \
        static constexpr auto at(bool rt) noexcept                                                 \
        {                                                                                          \
            auto s = C::at(rt);                                                                    \
            detail::hold(s, rt);                                                                   \
            return s;                                                                              \
        }                                                                                          \
    };                                                                                             \
    template <may<call::lock_fn> C, detail::lock_for<lock_t, C, call::lock_fn> L>                  \
    KCTX_SECTION_TOKEN_OF(lock_fn)                                                                 \
    KCTX_ALWAYS_INLINE Held<L, C> lock_fn(C, L *lock, saved_t &saved) noexcept KCTX_EFFECT(kind)               \
        KCTX_EXCLUDES(kind) KCTX_ACQUIRE(lock, KCTX_CLOSES(Held<L, C>)) KCTX_NO_ANALYSIS           \
    {                                                                                              \
        saved = env::lock_fn(lock);                                                                \
        return detail::mint::make<Held<L, C>>();                                                   \
    }                                                                                              \
    template <forbidden<call::lock_fn> C, detail::lock_of<lock_t> L>                               \
    KCTX_ERROR(KCTX_TEXT_in(kind, lock_fn, why, fix))                                              \
    Held<L, C> lock_fn(C, L *, saved_t & KCTX_ERROR_ARG(call::lock_fn::template in<C>));           \
    template <may<call::lock_fn> C, detail::taken_twice<lock_t, C, call::lock_fn> L>               \
    KCTX_ERROR(KCTX_TEXT_taken_twice)                                                              \
    Held<L, C> lock_fn(C, L *, saved_t & KCTX_ERROR_ARG(::kctx::taken_twice<call::lock_fn, Held<L, C>>));  \
    template <class C, class L>                                                                    \
    KCTX_ALWAYS_INLINE C unlock_fn(Held<L, C>, L *lock, saved_t saved) noexcept KCTX_EFFECT_spin               \
        KCTX_RELEASE(lock, KCTX_CLOSES(Held<L, C>)) KCTX_NO_ANALYSIS                               \
    {                                                                                              \
        env::unlock_fn(lock, saved);                                                               \
        return detail::mint::make<C>();                                                            \
    }                                                                                              \
    KCTX_NOT_HELD(lock_fn, unlock_fn)                                                              \
    KCTX_PLAIN_PAIR_(kind, lock_fn, (lock_t * lock, saved_t & saved), saved = env::lock_fn(lock),  \
                     unlock_fn, (lock_t * lock, saved_t saved), env::unlock_fn(lock, saved))       \
    KCTX_CONTRACT_TEXT(lock_fn, KCTX_SLUG_##kind, why, fix, source)                                \
    KCTX_SECTION_TEXT(Held, lock_fn, hold, Held<lock_t, C>)

/// Declares a function that enters section @p Held, or does not: `const Held<L, C> *try_fn(ctx,
/// L *)` is NULL when the lock was not taken, and else points to the token of its section.
#define KCTX_LOCK_TRY(kind, lock_t, Held, try_fn, why, fix, source)                                \
    KCTX_TRY_(kind, lock_t, Held, try_fn, none)                                                    \
    KCTX_TRY_REJECTED_(forbidden, lock_t, Held, try_fn, KCTX_TEXT_in(kind, try_fn, why, fix))      \
    template <may<call::try_fn> C, detail::taken_twice<lock_t, C, call::try_fn> L>                 \
    KCTX_ERROR(KCTX_TEXT_taken_twice)                                                              \
    const Held<L, C> * try_fn(C, L * KCTX_ERROR_ARG(::kctx::taken_twice<call::try_fn, Held<L, C>>));       \
    KCTX_CONTRACT_TEXT(try_fn, KCTX_SLUG_##kind, why, fix, source)
/// The same of one that every context may call, and of one whose kind has a rule only.
#define KCTX_FREE_LOCK_TRY(lock_t, Held, try_fn, why, source)                                      \
    KCTX_TRY_(anywhere, lock_t, Held, try_fn, none)                                                \
    KCTX_CONTRACT_TEXT(try_fn, KCTX_SLUG_anywhere, why, KCTX_NO_FIX, source)
/// KCTX_LOCK_TRY() of a lock with a rule of its own.
#define KCTX_RULED_LOCK_TRY(kind, lock_t, Held, try_fn, why, fix, source)                          \
    KCTX_TRY_(kind, lock_t, Held, try_fn, KCTX_RULE_##kind)                                        \
    KCTX_TRY_REJECTED_(forbidden_by_rule, lock_t, Held, try_fn, KCTX_TEXT_breaks(kind, try_fn))    \
    KCTX_CONTRACT_TEXT(try_fn, KCTX_SLUG_##kind, why, fix, source)
#define KCTX_TRY_REJECTED_(refused, lock_t, Held, try_fn, text)                                    \
    namespace call {                                                                               \
    KCTX_ERROR_TYPE(try_fn##_in, text)                                                             \
    }                                                                                              \
    template <refused<call::try_fn> C, detail::lock_of<lock_t> L>                                  \
    KCTX_ERROR(text)                                                                               \
    const Held<L, C> *try_fn(C, L * KCTX_ERROR_ARG(call::try_fn##_in<C>));
#define KCTX_TRY_(kind, lock_t, Held, try_fn, own_rule)                                            \
    namespace call {                                                                               \
    struct try_fn : contract<wait_type::KCTX_LEVEL_##kind, rule::own_rule> {};                     \
    }                                                                                              \
    namespace env::inline KCTX_ENV_NAMESPACE {                                                     \
    bool try_fn(lock_t *lock) noexcept KCTX_EFFECT(kind); /* whether it was taken */               \
    }                                                                                              \
    template <may<call::try_fn> C, detail::lock_for<lock_t, C, call::try_fn> L>                    \
    KCTX_SECTION_TOKEN_OF(try_fn)                                                                  \
    KCTX_ALWAYS_INLINE const Held<L, C> *try_fn(C, L *lock) noexcept KCTX_EFFECT(kind) KCTX_EXCLUDES(kind)     \
        KCTX_TSA_(try_acquire_capability(true, lock, KCTX_CLOSES(Held<L, C>))) KCTX_NO_ANALYSIS    \
    {                                                                                              \
        return env::try_fn(lock) ? &detail::token<Held<L, C>> : nullptr;                           \
    }                                                                                              \
    KCTX_TOKENLESS(kind, (bool), try_fn, (lock_t * lock), (lock))
