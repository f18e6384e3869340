// SPDX-License-Identifier: BSL-1.0
/// @file
/// Handlers as arguments and members: `smp_call_function_single(ctx, cpu, handler<flush>, ...)`.
#pragma once

#include <kctx/api/handler.hpp>

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

/// @def KCTX_CALLBACK(Name, registrar, Context, R, ...)
/// The type of a function that is called in @p Context: `R fn(Context, args...)`, or without the
/// token. It is made from `handler<fn>`, which must fit; @p registrar is what errors name.
#define KCTX_CALLBACK(Name, registrar, Context, R, ...)                                            \
    class Name                                                                                     \
    {                                                                                              \
        R (*run_)(__VA_ARGS__) = nullptr;                                                          \
                                                                                                   \
    public:                                                                                        \
        constexpr Name() noexcept = default;                                                       \
        template <auto H>                                                                          \
            requires handles<H, Context, __VA_ARGS__>                                              \
        constexpr Name(handler_t<H>) noexcept                                                      \
            : run_(detail::thunk_for<H, Context, R, __VA_ARGS__>)                                  \
        {                                                                                          \
        }                                                                                          \
        template <auto H>                                                                          \
            requires(!handles<H, Context, __VA_ARGS__>)                                            \
        KCTX_UNAVAILABLE(KCTX_TEXT_handler(registrar, #Context))                                   \
        Name(handler_t<H>);                                                                        \
        /** For the environment: the function to call. */                                          \
        constexpr auto function() const noexcept { return run_; }                                  \
    };
