// SPDX-License-Identifier: BSL-1.0
/// @file
/// How a kind of section is declared: its token, the pair of kernel functions that enter and leave
/// it, its closure form, and what its block form calls. The pair passes tokens:
/// `auto in = raw_spin_lock(ctx, &l); ... raw_spin_unlock(in, &l);`
#pragma once

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#include <kctx/core/section.hpp>

// The kind of a call that waits for nothing and nobody: no context refuses it.
#define KCTX_LEVEL_anywhere free
#define KCTX_EFFECT_free KCTX_EFFECT_spin
#define KCTX_EXCLUDES_free

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

template <template <class, class> class Held, class L, class T>
using without = typename given_back<Held, L, T>::type;

template <class F, class... Data>
concept carries_no_token = __is_empty(F) && !(context<Data> || ...);

struct any {
    any();
    template <class T> any(T &&) noexcept {}
};

/// Stands for the flags argument where a block form asks only for the type of the token.
template <class Flags> extern Flags saved;

/// The token that a function of the trylock kind points to when it got the lock.
template <class Inner> inline constexpr Inner token = mint::make<Inner>();

/// Keeps the section that @p Enter may enter open to the end of its block, if it entered it.
template <auto Enter, class Token> class try_section;
template <auto Enter, class Inner>
class KCTX_SCOPED_CAPABILITY try_section<Enter, const Inner *>
{
    typename Inner::lock *lock_;
    bool locked_;

public:
    template <class... A>
    try_section(typename Inner::outer, typename Inner::lock *lock, A... args) noexcept
        KCTX_MUST_NOT_HOLD(lock, KCTX_CLOSES(Inner))
        : lock_(lock), locked_(Enter(lock, args...))
    {
    }
    ~try_section() KCTX_RELEASE()
    {
        if (locked_)
            Inner::calls::leave(lock_);
    }
    try_section(const try_section &) = delete;
    try_section &operator=(const try_section &) = delete;
    bool locked() const noexcept KCTX_TSA_(try_acquire_capability(true)) { return locked_; }
    static constexpr Inner inner() noexcept { return mint::make<Inner>(); }
};

} // namespace kctx::detail

/// `KCTX_TRY_SECTION(ctx, spin_trylock, &l) { holds it } else { does not }`.
#define KCTX_TRY_SECTION(ctx, fn, ...)                                                             \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wshadow\"")                  \
    _Pragma("GCC diagnostic ignored \"-Wdangling-else\"")                                          \
    if (::kctx::detail::try_section<::kctx::env::fn, __typeof__(fn(ctx, __VA_ARGS__))>             \
            kctx_section_((ctx), __VA_ARGS__);                                                     \
        kctx_section_.locked())                                                                    \
        if ([[maybe_unused]] const auto ctx = kctx_section_.inner(); false) {                      \
        } else                                                                                     \
            _Pragma("GCC diagnostic pop")

#define KCTX_MUST_CHECK __attribute__((warn_unused_result))
#define KCTX_TEXT_not_held                                                                         \
    " gives back what its token does not hold; fix: pass the token of the call that took it"
#define KCTX_TEXT_carries_token                                                                    \
    " must not bring a token into its section from outside; fix: a lambda without captures, its "  \
    "data as arguments"
// As KCTX_NO_TOKEN(): overloads that take every call which is not legal.
#if defined(__clang__)
#define KCTX_NOT_HELD(fn, leave_fn)                                                                \
    template <class T>                                                                             \
    KCTX_UNAVAILABLE("kctx[not-held]: " #leave_fn "()" KCTX_TEXT_not_held)                         \
    void leave_fn(T, ...);
#define KCTX_CARRIES_TOKEN(fn, with_fn)                                                            \
    template <class T>                                                                             \
    KCTX_UNAVAILABLE("kctx[closure-carries-token]: " #with_fn "()" KCTX_TEXT_carries_token)        \
    void with_fn(T, ...);
#else
#define KCTX_NOT_HELD(fn, leave_fn)                                                                \
    template <class T> not_held<call::fn, T> leave_fn(T, ...);
#define KCTX_CARRIES_TOKEN(fn, with_fn)                                                            \
    template <class T> carries_token<call::fn, T> with_fn(T, ...);
namespace kctx {
template <class Call, class Token> struct not_held : anything {
    KCTX_UNAVAILABLE("kctx[not-held]: this call" KCTX_TEXT_not_held) ~not_held();
};
template <class Call, class Context> struct carries_token : anything {
    KCTX_UNAVAILABLE("kctx[closure-carries-token]: a closure form" KCTX_TEXT_carries_token)
    ~carries_token();
};
} // namespace kctx
#endif
/// The rest of the arguments of a closure form, whatever they are.
#define KCTX_ANY_ARGS                                                                              \
    detail::any, detail::any = {}, detail::any = {}, detail::any = {}, detail::any = {},           \
        detail::any = {}
#define KCTX_SECTION_TOKEN_OF(fn)                                                                  \
    [[nodiscard("kctx[discarded-token]: " #fn "() returns the token of its section, dropped here"  \
                "; fix: auto in = " #fn "(ctx, ...)")]]

// Leaving never waits longer than entering did, and never sleeps.
#define KCTX_LEAVING_free KCTX_EFFECT_spin
#define KCTX_LEAVING_spin KCTX_EFFECT_spin
#define KCTX_LEAVING_config KCTX_EFFECT_config
#define KCTX_LEAVING_sleep KCTX_EFFECT_spin
#define KCTX_LEAVING(kind) KCTX_PASTE(KCTX_LEAVING_, KCTX_LEVEL_##kind)

/// Declares a section that holds a lock: the token `Held<L, C>`, the functions
/// `Held<L, C> lock_fn(ctx, L *)` and `outer unlock_fn(token, L *)`, and the closure form
/// `with_lock_fn(ctx, L *, f, data...)`, which calls f(token, data...), for every L derived from
/// @p lock_t. Deriving names a lock in errors: `struct tx_lock : kctx::raw_spinlock_t {};`
/// @param hold  what holding it does to the context_state (state.hpp); the rest as in KCTX_CALL()
#define KCTX_LOCK_PAIR(kind, lock_t, Held, hold, lock_fn, unlock_fn, with_fn, why, fix, source)             \
    namespace call {                                                                               \
    struct lock_fn : contract<wait_type::KCTX_LEVEL_##kind> {                                      \
        KCTX_ERROR_TYPE(in, KCTX_TEXT_in(kind, lock_fn, why, fix))                                    \
    };                                                                                             \
    }                                                                                              \
    KCTX_LOCK_FUNCTIONS_(kind, lock_t, Held, hold, lock_fn, unlock_fn, with_fn)                             \
    KCTX_LOCK_REJECTED_(lock_t, Held, lock_fn, with_fn, KCTX_TEXT_in(kind, lock_fn, why, fix), forbidden, in, )\
    KCTX_CONTRACT_TEXT(lock_fn, KCTX_SLUG_##kind, why, fix, source)

/// KCTX_LOCK_PAIR() of a kind with a rule of its own (see KCTX_RULED_CALL).
#define KCTX_RULED_LOCK_PAIR(kind, lock_t, Held, hold, lock_fn, unlock_fn, with_fn, why, fix, source)       \
    namespace call {                                                                               \
    struct lock_fn : contract<wait_type::KCTX_LEVEL_##kind, rule::KCTX_RULE_##kind> {              \
        KCTX_ERROR_TYPE(in, KCTX_TEXT_in(kind, lock_fn, why, fix))                                    \
        KCTX_ERROR_TYPE(against_rule, KCTX_TEXT_breaks(kind, lock_fn))                                \
    };                                                                                             \
    }                                                                                              \
    KCTX_LOCK_FUNCTIONS_(kind, lock_t, Held, hold, lock_fn, unlock_fn, with_fn)                             \
    KCTX_LOCK_REJECTED_(lock_t, Held, lock_fn, with_fn, KCTX_TEXT_in(kind, lock_fn, why, fix), forbidden, in, )\
    KCTX_LOCK_REJECTED_(lock_t, Held, lock_fn, with_fn, KCTX_TEXT_breaks(kind, lock_fn), forbidden_by_rule,    \
                        against_rule, )                                                            \
    KCTX_CONTRACT_TEXT(lock_fn, KCTX_SLUG_##kind, why, fix, source)

/// KCTX_LOCK_PAIR() of a lock that saves something: `lock_fn(ctx, L *, saved_t &saved)`.
#define KCTX_LOCK_PAIR_SAVING(kind, lock_t, Held, hold, saved_t, lock_fn, unlock_fn, with_fn, why, fix,     \
                              source)                                                              \
    namespace call {                                                                               \
    struct lock_fn : contract<wait_type::KCTX_LEVEL_##kind> {                                      \
        KCTX_ERROR_TYPE(in, KCTX_TEXT_in(kind, lock_fn, why, fix))                                    \
    };                                                                                             \
    }                                                                                              \
    KCTX_LOCK_FUNCTIONS_SAVING_(kind, lock_t, Held, hold, saved_t, lock_fn, unlock_fn, with_fn)             \
    KCTX_LOCK_REJECTED_(lock_t, Held, lock_fn, with_fn, KCTX_TEXT_in(kind, lock_fn, why, fix), forbidden, in,  \
                        saved_t &)                                                                 \
    KCTX_CONTRACT_TEXT(lock_fn, KCTX_SLUG_##kind, why, fix, source)

/// The same of a lock that every context may take.
#define KCTX_FREE_LOCK_PAIR_SAVING(lock_t, Held, hold, saved_t, lock_fn, unlock_fn, with_fn, why, source)   \
    namespace call {                                                                               \
    struct lock_fn : contract<wait_type::free> {};                                                 \
    }                                                                                              \
    KCTX_LOCK_FUNCTIONS_SAVING_(anywhere, lock_t, Held, hold, saved_t, lock_fn, unlock_fn, with_fn)         \
    KCTX_CONTRACT_TEXT(lock_fn, "", why, "", source)

#define KCTX_LOCK_FUNCTIONS_(kind, lock_t, Held, hold, lock_fn, unlock_fn, with_fn)                         \
    KCTX_SECTION_CALLS_(kind, lock_fn, unlock_fn, hold, detail::nothing, void, (lock_t * lock),    \
                        (lock_t * lock))                                                           \
    KCTX_LOCK_TEMPLATES_(kind, lock_t, Held, lock_fn, unlock_fn, with_fn, , (), (), (lock))
#define KCTX_LOCK_FUNCTIONS_SAVING_(kind, lock_t, Held, hold, saved_t, lock_fn, unlock_fn, with_fn)         \
    KCTX_SECTION_CALLS_(kind, lock_fn, unlock_fn, hold, saved_t, saved_t, (lock_t * lock),         \
                        (lock_t * lock, saved_t saved))                                            \
    KCTX_LOCK_TEMPLATES_(kind, lock_t, Held, lock_fn, unlock_fn, with_fn, saved =,          \
                         (saved_t & saved), (saved_t saved), (lock, saved))

/// What a section's token and its guard need to know.
#define KCTX_SECTION_CALLS_(kind, enter_fn, leave_fn, hold_fn, saved_t, result, enter_params,      \
                            leave_params)                                                          \
    namespace env::inline KCTX_ENV_NAMESPACE {                                                     \
    result enter_fn enter_params noexcept KCTX_EFFECT(kind);                                       \
    void leave_fn leave_params noexcept KCTX_LEAVING(kind);                                        \
    }                                                                                              \
    namespace calls {                                                                              \
    struct enter_fn {                                                                              \
        using saved = saved_t;                                                                     \
        static constexpr auto enter = env::enter_fn;                                               \
        static constexpr auto leave = env::leave_fn;                                               \
        static constexpr auto hold = detail::hold_fn;                                              \
    };                                                                                             \
    }

#define KCTX_LOCK_TEMPLATES_(kind, lock_t, Held, lock_fn, unlock_fn, with_fn, result, in_params,   \
                             out_params, out_args)                                                 \
    template <class L, context C> struct Held : held<calls::lock_fn, C, L> {                       \
        using Held::held::held;                                                                    \
    };                                                                                             \
    template <may<call::lock_fn> C, detail::lock_of<lock_t> L>                                     \
    KCTX_SECTION_TOKEN_OF(lock_fn)                                                                 \
    inline Held<L, C> lock_fn(C, L *lock KCTX_AND in_params) noexcept KCTX_EFFECT(kind)            \
        KCTX_ACQUIRE(lock, KCTX_CLOSES(Held<L, C>)) KCTX_NO_ANALYSIS                               \
    {                                                                                              \
        result env::lock_fn(lock);                                                                 \
        return detail::mint::make<Held<L, C>>();                                                   \
    }                                                                                              \
    template <class T, class L>                                                                    \
    inline detail::without<Held, L, T> unlock_fn(T, L *lock KCTX_AND out_params) noexcept          \
        KCTX_LEAVING(kind) KCTX_RELEASE(lock, KCTX_CLOSES(T)) KCTX_NO_ANALYSIS                     \
    {                                                                                              \
        env::unlock_fn out_args;                                                                   \
        return detail::mint::make<detail::without<Held, L, T>>();                                  \
    }                                                                                              \
    template <may<call::lock_fn> C, detail::lock_of<lock_t> L, class F, class... Data>             \
        requires detail::carries_no_token<F, Data...>                                              \
    inline decltype(auto) with_fn(C ctx, L *lock, F body, Data &...data)                           \
    {                                                                                              \
        const section<Held<L, C>> held(ctx, lock);                                                 \
        return body(held.inner(), data...);                                                        \
    }                                                                                              \
    KCTX_PLAIN_PAIR_(kind, lock_fn, unlock_fn, with_fn, result, (lock_t * lock KCTX_AND in_params),\
                     (lock), (lock_t * lock KCTX_AND out_params), out_args)

// An overload of a lock function, and of its closure form, that says why not.
#define KCTX_LOCK_REJECTED_(lock_t, Held, lock_fn, with_fn, text, refused, tag, ...)                        \
    template <refused<call::lock_fn> C, detail::lock_of<lock_t> L>                                 \
    KCTX_ERROR(text)                                                                               \
    Held<L, C> lock_fn KCTX_ERROR_PARAMS((C, L * __VA_OPT__(, ) __VA_ARGS__),                      \
                                         call::lock_fn::template tag<C>);                          \
    template <refused<call::lock_fn> C>                                                            \
    KCTX_ERROR(text)                                                                               \
    void with_fn KCTX_ERROR_PARAMS((C, KCTX_ANY_ARGS), call::lock_fn::template tag<C>);

/// Declares a section without a lock: `Held<C> enter_fn(ctx)`, `C leave_fn(token)` and
/// `with_enter_fn(ctx, f, data...)`.
#define KCTX_SCOPE_PAIR(kind, Held, hold, enter_fn, leave_fn, with_fn, why, fix, source)                    \
    namespace call {                                                                               \
    struct enter_fn : contract<wait_type::KCTX_LEVEL_##kind> {                                     \
        KCTX_ERROR_TYPE(in, KCTX_TEXT_in(kind, enter_fn, why, fix))                                   \
    };                                                                                             \
    }                                                                                              \
    KCTX_SCOPE_FUNCTIONS_(kind, Held, hold, enter_fn, leave_fn, with_fn)                                    \
    KCTX_SCOPE_REJECTED_(Held, enter_fn, with_fn, KCTX_TEXT_in(kind, enter_fn, why, fix), forbidden, in)       \
    KCTX_CONTRACT_TEXT(enter_fn, KCTX_SLUG_##kind, why, fix, source)

/// KCTX_SCOPE_PAIR() of a kind with a rule of its own, which needs no level.
#define KCTX_RULED_SCOPE_PAIR(kind, Held, hold, enter_fn, leave_fn, with_fn, why, fix, source)              \
    namespace call {                                                                               \
    struct enter_fn : contract<wait_type::KCTX_LEVEL_##kind, rule::KCTX_RULE_##kind> {             \
        KCTX_ERROR_TYPE(against_rule, KCTX_TEXT_breaks(kind, enter_fn))                               \
    };                                                                                             \
    }                                                                                              \
    KCTX_SCOPE_FUNCTIONS_(kind, Held, hold, enter_fn, leave_fn, with_fn)                                    \
    KCTX_SCOPE_REJECTED_(Held, enter_fn, with_fn, KCTX_TEXT_breaks(kind, enter_fn), forbidden_by_rule,         \
                         against_rule)                                                             \
    KCTX_CONTRACT_TEXT(enter_fn, KCTX_SLUG_##kind, why, fix, source)

/// KCTX_SCOPE_PAIR() of a section that every context may enter.
#define KCTX_FREE_SCOPE_PAIR(Held, hold, enter_fn, leave_fn, with_fn, why, source)                          \
    namespace call {                                                                               \
    struct enter_fn : contract<wait_type::free> {};                                                \
    }                                                                                              \
    KCTX_SCOPE_FUNCTIONS_(anywhere, Held, hold, enter_fn, leave_fn, with_fn)                                \
    KCTX_CONTRACT_TEXT(enter_fn, "", why, "", source)

/// The same of one that saves something: `enter_fn(ctx, saved_t &saved)`.
#define KCTX_FREE_SCOPE_PAIR_SAVING(Held, hold, saved_t, enter_fn, leave_fn, with_fn, why, source)          \
    namespace call {                                                                               \
    struct enter_fn : contract<wait_type::free> {};                                                \
    }                                                                                              \
    KCTX_SECTION_CALLS_(anywhere, enter_fn, leave_fn, hold, saved_t, saved_t, (), (saved_t saved)) \
    KCTX_SCOPE_TEMPLATES_(anywhere, Held, enter_fn, leave_fn, with_fn, saved =,            \
                          (saved_t & saved), (saved_t saved), (saved))                             \
    KCTX_CONTRACT_TEXT(enter_fn, "", why, "", source)

#define KCTX_SCOPE_FUNCTIONS_(kind, Held, hold, enter_fn, leave_fn, with_fn)                                \
    KCTX_SECTION_CALLS_(kind, enter_fn, leave_fn, hold, detail::nothing, void, (), ())             \
    KCTX_SCOPE_TEMPLATES_(kind, Held, enter_fn, leave_fn, with_fn, , (), (), ())

#define KCTX_SCOPE_TEMPLATES_(kind, Held, enter_fn, leave_fn, with_fn, result, in_params,          \
                              out_params, out_args)                                                \
    template <context C> struct Held : held<calls::enter_fn, C> {                                  \
        using Held::held::held;                                                                    \
    };                                                                                             \
    template <may<call::enter_fn> C>                                                               \
    KCTX_SECTION_TOKEN_OF(enter_fn)                                                                \
    inline Held<C> enter_fn(C KCTX_AND in_params) noexcept KCTX_EFFECT(kind)                       \
        KCTX_ACQUIRE(KCTX_CLOSES(Held<C>)) KCTX_NO_ANALYSIS                                        \
    {                                                                                              \
        result env::enter_fn();                                                                    \
        return detail::mint::make<Held<C>>();                                                      \
    }                                                                                              \
    template <class C>                                                                             \
    inline C leave_fn(Held<C> KCTX_AND out_params) noexcept KCTX_LEAVING(kind)                     \
        KCTX_RELEASE(KCTX_CLOSES(Held<C>)) KCTX_NO_ANALYSIS                                        \
    {                                                                                              \
        env::leave_fn out_args;                                                                    \
        return detail::mint::make<C>();                                                            \
    }                                                                                              \
    template <may<call::enter_fn> C, class F, class... Data>                                       \
        requires detail::carries_no_token<F, Data...>                                              \
    inline decltype(auto) with_fn(C ctx, F body, Data &...data)                                    \
    {                                                                                              \
        const section<Held<C>> held(ctx);                                                          \
        return body(held.inner(), data...);                                                        \
    }                                                                                              \
    KCTX_PLAIN_PAIR_(kind, enter_fn, leave_fn, with_fn, result, in_params, (), out_params, out_args)

#define KCTX_SCOPE_REJECTED_(Held, enter_fn, with_fn, text, refused, tag)                                   \
    template <refused<call::enter_fn> C>                                                           \
    KCTX_ERROR(text)                                                                               \
    Held<C> enter_fn KCTX_ERROR_PARAMS((C), call::enter_fn::template tag<C>);                      \
    template <refused<call::enter_fn> C>                                                           \
    KCTX_ERROR(text)                                                                               \
    void with_fn KCTX_ERROR_PARAMS((C, KCTX_ANY_ARGS), call::enter_fn::template tag<C>);

// The pair without a token, or what is wrong without one; and what is wrong with another token.
#ifdef KCTX_PLAIN_CALLS
#define KCTX_PLAIN_PAIR_(kind, enter_fn, leave_fn, with_fn, result, in_params, in_args,            \
                         out_params, out_args)                                                     \
    inline void enter_fn in_params noexcept KCTX_EFFECT(kind) KCTX_EXCLUDES(kind)                  \
    {                                                                                              \
        result env::enter_fn in_args;                                                              \
    }                                                                                              \
    inline void leave_fn out_params noexcept KCTX_LEAVING(kind) { env::leave_fn out_args; }
#else
#define KCTX_PLAIN_PAIR_(kind, enter_fn, leave_fn, with_fn, ...)                                   \
    KCTX_NO_TOKEN((void), enter_fn)                                                                \
    KCTX_IF_CHECKED(KCTX_NOT_HELD(enter_fn, leave_fn) KCTX_CARRIES_TOKEN(enter_fn, with_fn))
#endif

/// Declares a function that enters section @p Held, or does not: `const Held<L, C> *try_fn(ctx,
/// L *)` is NULL when the lock was not taken, and else points to the token of its section.
#define KCTX_LOCK_TRY(kind, lock_t, Held, try_fn, why, fix, source)                                \
    namespace call {                                                                               \
    struct try_fn : contract<wait_type::KCTX_LEVEL_##kind> {                                       \
        KCTX_ERROR_TYPE(in, KCTX_TEXT_in(kind, try_fn, why, fix))                                     \
    };                                                                                             \
    }                                                                                              \
    KCTX_TRY_FUNCTION_(kind, lock_t, Held, try_fn)                                                 \
    KCTX_TRY_REJECTED_(lock_t, Held, try_fn, KCTX_TEXT_in(kind, try_fn, why, fix), forbidden, in)     \
    KCTX_CONTRACT_TEXT(try_fn, KCTX_SLUG_##kind, why, fix, source)

/// KCTX_LOCK_TRY() of a kind with a rule of its own, which needs no level.
#define KCTX_RULED_LOCK_TRY(kind, lock_t, Held, try_fn, why, fix, source)                          \
    namespace call {                                                                               \
    struct try_fn : contract<wait_type::free, rule::KCTX_RULE_##kind> {                            \
        KCTX_ERROR_TYPE(against_rule, KCTX_TEXT_breaks(kind, try_fn))                                 \
    };                                                                                             \
    }                                                                                              \
    KCTX_TRY_FUNCTION_(anywhere, lock_t, Held, try_fn)                                             \
    KCTX_TRY_REJECTED_(lock_t, Held, try_fn, KCTX_TEXT_breaks(kind, try_fn), forbidden_by_rule,       \
                       against_rule)                                                               \
    KCTX_CONTRACT_TEXT(try_fn, KCTX_SLUG_##kind, why, fix, source)

/// KCTX_LOCK_TRY() of a function that every context may call.
#define KCTX_FREE_LOCK_TRY(lock_t, Held, try_fn, why, source)                                      \
    namespace call {                                                                               \
    struct try_fn : contract<wait_type::free> {};                                                  \
    }                                                                                              \
    KCTX_TRY_FUNCTION_(anywhere, lock_t, Held, try_fn)                                             \
    KCTX_CONTRACT_TEXT(try_fn, "", why, "", source)

#define KCTX_TRY_FUNCTION_(kind, lock_t, Held, try_fn)                                             \
    namespace env::inline KCTX_ENV_NAMESPACE {                                                     \
    bool try_fn(lock_t *lock) noexcept KCTX_EFFECT(kind); /* whether it was taken */               \
    }                                                                                              \
    template <may<call::try_fn> C, detail::lock_of<lock_t> L>                                      \
    KCTX_SECTION_TOKEN_OF(try_fn)                                                                  \
    inline const Held<L, C> *try_fn(C, L *lock) noexcept KCTX_EFFECT(kind)                         \
        KCTX_TSA_(try_acquire_capability(true, lock, KCTX_CLOSES(Held<L, C>))) KCTX_NO_ANALYSIS    \
    {                                                                                              \
        return env::try_fn(lock) ? &detail::token<Held<L, C>> : nullptr;                           \
    }                                                                                              \
    KCTX_TOKENLESS(kind, (bool), try_fn, (lock_t * lock), (lock))

#define KCTX_TRY_REJECTED_(lock_t, Held, try_fn, text, refused, tag)                               \
    template <refused<call::try_fn> C, detail::lock_of<lock_t> L>                                  \
    KCTX_ERROR(text)                                                                               \
    const Held<L, C> *try_fn KCTX_ERROR_PARAMS((C, L *), call::try_fn::template tag<C>);
