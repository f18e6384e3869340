// SPDX-License-Identifier: BSL-1.0
/// @file
/// How a kind of section is declared: the pair of kernel functions that enter and leave it, its
/// closure form, and what its block form calls. The pair passes tokens:
/// `auto in = raw_spin_lock(ctx, &l); ... raw_spin_unlock(in, &l);`
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/core/section.hpp>

namespace kctx::detail {

template <class T, class Base>
concept lock_of = __is_base_of(Base, T);

/// What is left of token @p T when the lock @p L, held as @p Held, is given back: the innermost
/// section holds it, or the one around that (hand over hand).
template <template <class, class> class Held, class L, class T> struct given_back;
template <template <class, class> class Held, class L, class C>
struct given_back<Held, L, Held<L, C>> {
    using type = C;
};
template <template <class, class> class Held, class L, template <class, class> class In, class InL,
          class C>
struct given_back<Held, L, In<InL, Held<L, C>>> {
    using type = In<InL, C>;
};
template <template <class, class> class Held, class L, class C>
struct given_back<Held, L, Held<L, Held<L, C>>> {
    using type = Held<L, C>;
};

template <class T, template <class, class> class Held, class L>
concept holds = requires { typename given_back<Held, L, T>::type; };
template <class T, template <class> class Held> inline constexpr bool is_open = false;
template <template <class> class Held, class C> inline constexpr bool is_open<Held<C>, Held> = true;

/// Stands for the flags argument where a block form asks only for the type of the token.
extern unsigned long saved_flags;

template <class F, class... Data>
concept carries_no_token = __is_empty(F) && !(context<Data> || ...);

} // namespace kctx::detail

#define KCTX_TEXT_not_held(fn)                                                                     \
    "kctx[not-held]: " #fn "() gives back what its token does not hold; fix: " #fn                 \
    "(in, ...) with the token of the matching call"
#define KCTX_TEXT_carries_token(fn)                                                                \
    "kctx[closure-carries-token]: a token reaches the body of " #fn                                \
    "() from outside; fix: a lambda without captures, its data as arguments"
#define KCTX_SECTION_TOKEN_OF(fn)                                                                  \
    [[nodiscard("kctx[discarded-token]: " #fn "() returns the token of its section, dropped here"  \
                "; fix: auto in = " #fn "(ctx, ...)")]]
/// The errors of a function that leaves a section.
#define KCTX_LEAVE_ERRORS(fn)                                                                      \
    namespace call {                                                                               \
    struct fn {                                                                                    \
        KCTX_ERROR_TYPE(not_held, KCTX_TEXT_not_held(fn))                                          \
        KCTX_ERROR_TYPE(without_token, KCTX_TEXT_without_token(fn))                                \
    };                                                                                             \
    }

/// Declares `Held<L, C> lock_fn(ctx, L *)`, `outer unlock_fn(token, L *)` and the closure form
/// `with_fn(ctx, L *, f, data...)`, which calls f(token, data...), for every L derived from
/// @p lock_t. Deriving names a lock in errors: `struct tx_lock : kctx::raw_spinlock_t {};`
#define KCTX_LOCK_PAIR(kind, lock_t, Held, lock_fn, unlock_fn, with_fn, why, fix, source)          \
    KCTX_CONTRACT(kind, lock_fn, why, fix, source)                                                 \
    KCTX_ENV(kind, void, lock_fn, (lock_t * lock))                                                 \
    KCTX_ENV(kind, void, unlock_fn, (lock_t * lock))                                               \
    template <class L, class C> struct section_calls<Held<L, C>> {                                 \
        L *lock;                                                                                   \
        void enter() noexcept { env::lock_fn(lock); }                                              \
        void leave() noexcept { env::unlock_fn(lock); }                                            \
    };                                                                                             \
    KCTX_LOCK_PAIR_(kind, lock_t, Held, lock_fn, unlock_fn, with_fn, why, fix, (), , (), (lock))

/// The same for a lock that saves the interrupt state: `lock_fn(ctx, L *, unsigned long &flags)`.
#define KCTX_LOCK_PAIR_IRQSAVE(kind, lock_t, Held, lock_fn, unlock_fn, with_fn, why, fix, source)  \
    KCTX_CONTRACT(kind, lock_fn, why, fix, source)                                                 \
    KCTX_ENV(kind, unsigned long, lock_fn, (lock_t * lock))                                        \
    KCTX_ENV(kind, void, unlock_fn, (lock_t * lock, unsigned long flags))                          \
    template <class L, class C> struct section_calls<Held<L, C>> {                                 \
        L *lock;                                                                                   \
        unsigned long flags = 0;                                                                   \
        void enter() noexcept { flags = env::lock_fn(lock); }                                      \
        void leave() noexcept { env::unlock_fn(lock, flags); }                                     \
    };                                                                                             \
    KCTX_LOCK_PAIR_(kind, lock_t, Held, lock_fn, unlock_fn, with_fn, why, fix,                     \
                    (unsigned long &flags), flags =, (unsigned long flags), (lock, flags))

#define KCTX_LOCK_PAIR_(kind, lock_t, Held, lock_fn, unlock_fn, with_fn, why, fix, lock_params,    \
                        lock_result, unlock_params, unlock_args)                                   \
    template <may<call::lock_fn> C, detail::lock_of<lock_t> L>                                     \
    KCTX_SECTION_TOKEN_OF(lock_fn)                                                                 \
    inline Held<L, C> lock_fn(C, L *lock KCTX_AND lock_params) noexcept                     \
        KCTX_EFFECT(kind) KCTX_ACQUIRE(lock, KCTX_CLOSES(Held<L, C>)) KCTX_NO_ANALYSIS             \
    {                                                                                              \
        lock_result env::lock_fn(lock);                                                            \
        return detail::mint::make<Held<L, C>>();                                                   \
    }                                                                                              \
    template <context T, class L>                                                                  \
        requires detail::holds<T, Held, L>                                                         \
    inline auto unlock_fn(T, L *lock KCTX_AND unlock_params) noexcept KCTX_EFFECT(kind)     \
        KCTX_RELEASE(lock, KCTX_CLOSES(T)) KCTX_NO_ANALYSIS                                        \
    {                                                                                              \
        env::unlock_fn unlock_args;                                                                \
        return detail::mint::make<typename detail::given_back<Held, L, T>::type>();                \
    }                                                                                              \
    template <may<call::lock_fn> C, detail::lock_of<lock_t> L, class F, class... Data>             \
        requires detail::carries_no_token<F, Data...>                                              \
    inline decltype(auto) with_fn(C ctx, L *lock, F body, Data &...data)                           \
    {                                                                                              \
        const section<Held<L, C>> held(ctx, lock);                                                 \
        return body(held.inner(), data...);                                                        \
    }                                                                                              \
    KCTX_LOCK_REJECTED_(kind, lock_t, Held, lock_fn, unlock_fn, with_fn, why, fix, lock_params,    \
                        unlock_params)

#ifdef KCTX_UNCHECKED
#define KCTX_LOCK_REJECTED_(...)
#else
#define KCTX_LOCK_REJECTED_(kind, lock_t, Held, lock_fn, unlock_fn, with_fn, why, fix,             \
                            lock_params, unlock_params)                                            \
    KCTX_LEAVE_ERRORS(unlock_fn)                                                                   \
    KCTX_REJECTED(kind, (Held<L, C>), lock_fn, (C, L * KCTX_AND lock_params), why, fix,            \
                  detail::lock_of<lock_t> L)                                                       \
    KCTX_TOKENLESS(kind, (void), lock_fn, (lock_t * KCTX_AND lock_params), (lock))                       \
    template <context C, class L>                                                                  \
        requires(!detail::holds<C, Held, L>)                                                       \
    KCTX_ERROR(KCTX_TEXT_not_held(unlock_fn))                                                      \
    C unlock_fn KCTX_ERROR_PARAMS((C, L * KCTX_AND unlock_params),                                 \
                                  call::unlock_fn::template not_held<C>);                          \
    KCTX_TOKENLESS(kind, (void), unlock_fn, (lock_t * KCTX_AND unlock_params), ())                   \
    template <may<call::lock_fn> C, detail::lock_of<lock_t> L, class F, class... Data>             \
        requires(!detail::carries_no_token<F, Data...>)                                            \
    KCTX_UNAVAILABLE(KCTX_TEXT_carries_token(with_fn))                                             \
    void with_fn(C, L *, F, Data &...);                                                            \
    template <context C, detail::lock_of<lock_t> L, class F, class... Data>                        \
        requires(!may<C, call::lock_fn>)                                                           \
    KCTX_UNAVAILABLE(KCTX_TEXT_in(kind, lock_fn, why, fix))                                        \
    void with_fn(C, L *, F, Data &...);
#endif

/// Declares a section without a lock: `Held<C> enter_fn(ctx)` and `C leave_fn(token)`.
#define KCTX_SCOPE_PAIR(kind, Held, enter_fn, leave_fn, why, fix, source)                          \
    KCTX_CONTRACT(kind, enter_fn, why, fix, source)                                                \
    KCTX_ENV(kind, void, enter_fn, ())                                                             \
    KCTX_ENV(kind, void, leave_fn, ())                                                             \
    template <class C> struct section_calls<Held<C>> {                                             \
        void enter() noexcept { env::enter_fn(); }                                                 \
        void leave() noexcept { env::leave_fn(); }                                                 \
    };                                                                                             \
    KCTX_SCOPE_PAIR_(kind, Held, enter_fn, leave_fn, why, fix, (), , (), ())

/// The same for one that saves a state: `enter_fn(ctx, unsigned long &flags)`.
#define KCTX_SCOPE_PAIR_SAVE(kind, Held, enter_fn, leave_fn, why, fix, source)                     \
    KCTX_CONTRACT(kind, enter_fn, why, fix, source)                                                \
    KCTX_ENV(kind, unsigned long, enter_fn, ())                                                    \
    KCTX_ENV(kind, void, leave_fn, (unsigned long flags))                                          \
    template <class C> struct section_calls<Held<C>> {                                             \
        unsigned long flags = 0;                                                                   \
        void enter() noexcept { flags = env::enter_fn(); }                                         \
        void leave() noexcept { env::leave_fn(flags); }                                            \
    };                                                                                             \
    KCTX_SCOPE_PAIR_(kind, Held, enter_fn, leave_fn, why, fix, (unsigned long &flags), flags =,    \
                     (unsigned long flags), (flags))

#define KCTX_SCOPE_PAIR_(kind, Held, enter_fn, leave_fn, why, fix, enter_params, enter_result,     \
                         leave_params, leave_args)                                                 \
    template <may<call::enter_fn> C>                                                               \
    KCTX_SECTION_TOKEN_OF(enter_fn)                                                                \
    inline Held<C> enter_fn(C KCTX_AND enter_params) noexcept KCTX_EFFECT(kind)             \
        KCTX_ACQUIRE(KCTX_CLOSES(Held<C>)) KCTX_NO_ANALYSIS                                        \
    {                                                                                              \
        enter_result env::enter_fn();                                                              \
        return detail::mint::make<Held<C>>();                                                      \
    }                                                                                              \
    template <class C>                                                                             \
    inline C leave_fn(Held<C> KCTX_AND leave_params) noexcept KCTX_EFFECT(kind)             \
        KCTX_RELEASE(KCTX_CLOSES(Held<C>)) KCTX_NO_ANALYSIS                                        \
    {                                                                                              \
        env::leave_fn leave_args;                                                                  \
        return detail::mint::make<C>();                                                            \
    }                                                                                              \
    KCTX_SCOPE_REJECTED_(kind, Held, enter_fn, leave_fn, why, fix, enter_params, leave_params)

#ifdef KCTX_UNCHECKED
#define KCTX_SCOPE_REJECTED_(...)
#else
#define KCTX_SCOPE_REJECTED_(kind, Held, enter_fn, leave_fn, why, fix, enter_params, leave_params) \
    KCTX_LEAVE_ERRORS(leave_fn)                                                                    \
    KCTX_REJECTED(kind, (Held<C>), enter_fn, (C KCTX_AND enter_params), why, fix)                  \
    KCTX_TOKENLESS(kind, (void), enter_fn, enter_params, ())                                         \
    template <context C>                                                                           \
        requires(!detail::is_open<C, Held>)                                                        \
    KCTX_ERROR(KCTX_TEXT_not_held(leave_fn))                                                       \
    C leave_fn KCTX_ERROR_PARAMS((C KCTX_AND leave_params),                                        \
                                 call::leave_fn::template not_held<C>);                            \
    KCTX_TOKENLESS(kind, (void), leave_fn, leave_params, ())
#endif
