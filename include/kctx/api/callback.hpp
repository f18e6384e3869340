// SPDX-License-Identifier: BSL-1.0
/// @file
/// Handlers as arguments and members: `smp_call_function_single(ctx, cpu, handler<flush>, ...)`.
#pragma once

#include <kctx/api/handler.hpp>

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

// Calling back: function effects see a pointer, which says nothing; what it points to was checked
// when the callback was made.
#ifdef KCTX_EFFECTS
#define KCTX_EFFECT_OF(...)                                                                        \
    [[clang::nonallocating(!::kctx::detail::can_sleep<__VA_ARGS__>)]]                              \
    [[clang::nonblocking(::kctx::detail::can_only_spin<__VA_ARGS__>)]]
namespace kctx::detail {
template <class C> inline constexpr wait_type allowed_in = state_off<C>.allows & state_rt<C>.allows;
template <class C> inline constexpr bool can_sleep = allowed_in<C> == wait_type::sleep;
template <class C>
inline constexpr bool can_only_spin =
    !can_sleep<C> && (!checks_rt || allowed_in<C> < wait_type::config);
} // namespace kctx::detail
#define KCTX_TRUST_BEGIN                                                                           \
    _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wfunction-effects\"")
#define KCTX_TRUST_END _Pragma("clang diagnostic pop")
#else
#define KCTX_EFFECT_OF(...)
#define KCTX_TRUST_BEGIN
#define KCTX_TRUST_END
#endif
/// @def KCTX_TRUST_BEGIN
/// From here to KCTX_TRUST_END clang's function effects are not checked: where a driver's function
/// is called back, whose token was checked before.
/// @def KCTX_TRUST_END
/// Ends KCTX_TRUST_BEGIN.

/// @def KCTX_CALLBACK(Name, registrar, Context, R, ...)
/// The type of a function that is called in @p Context: `R fn(Context, args...)`, or without the
/// token. It is made from `handler<fn>`, which must fit; @p registrar is what errors name. A driver
/// has its own operations so, and calls them with the token: `chip->ops->mask(ctx, line)`.
#define KCTX_CALLBACK(Name, registrar, Context, R, ...)                                            \
    class Name                                                                                     \
    {                                                                                              \
        R (*run_)(__VA_ARGS__) = nullptr;                                                          \
                                                                                                   \
    public:                                                                                        \
        constexpr Name() noexcept = default;                                                       \
        template <auto H>                                                                          \
            requires ::kctx::handles<H, Context __VA_OPT__(, ) __VA_ARGS__>                        \
        constexpr Name(::kctx::handler_t<H>) noexcept                                              \
            : run_(::kctx::detail::thunk_for<H, Context, R __VA_OPT__(, ) __VA_ARGS__>)            \
        {                                                                                          \
        }                                                                                          \
        template <auto H>                                                                          \
            requires(!::kctx::handles<H, Context __VA_OPT__(, ) __VA_ARGS__>)                      \
        KCTX_UNAVAILABLE(KCTX_TEXT_handler(registrar, #Context))                                   \
        Name(::kctx::handler_t<H>);                                                                \
        /** For a driver's own structures: calls it. */                                            \
        KCTX_TRUST_BEGIN                                                                           \
        template <class... A>                                                                      \
        R operator()(Context, A... args) const noexcept KCTX_EFFECT_OF(Context)                    \
        {                                                                                          \
            return run_(args...);                                                                  \
        }                                                                                          \
        KCTX_TRUST_END                                                                             \
        constexpr explicit operator bool() const noexcept { return run_ != nullptr; }              \
        /** For the environment: the function to call. */                                          \
        constexpr auto function() const noexcept { return run_; }                                  \
    };
