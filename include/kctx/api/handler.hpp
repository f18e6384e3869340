// SPDX-License-Identifier: BSL-1.0
/// @file
/// Handlers: functions that the kernel calls. A handler is registered as `handler<card_isr>`; the
/// registration knows its context, hands it the token, and tells clang's function effects what the
/// context bears, so that a plain handler is checked through every function it calls.
#pragma once

#include <kctx/declare/call.hpp>

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

namespace kctx {

template <auto H> struct handler_t {};
/// Function @p H as an argument of its registration: `request_irq(ctx, irq, handler<isr>, ...)`.
template <auto H> inline constexpr handler_t<H> handler{};

namespace detail {

template <auto H, class C, class... A>
concept takes_token = requires(C ctx, A... args) { H(ctx, args...); };
template <auto H, class... A>
concept takes_no_token = requires(A... args) { H(args...); };

/// What the environment calls in place of the handler.
template <wait_type Allows, auto H, class C, class R, class... A> struct thunk {
    static R run(A... args) noexcept KCTX_NO_ANALYSIS
    {
        if constexpr (takes_token<H, C, A...>)
            return H(mint::make<C>(), args...);
        else
            return H(args...);
    }
};
#ifdef KCTX_EFFECTS
template <auto H, class C, class R, class... A> struct thunk<wait_type::config, H, C, R, A...> {
    static R run(A... args) noexcept KCTX_EFFECT_config KCTX_NO_ANALYSIS
    {
        if constexpr (takes_token<H, C, A...>)
            return H(mint::make<C>(), args...);
        else
            return H(args...);
    }
};
template <auto H, class C, class R, class... A> struct thunk<wait_type::spin, H, C, R, A...> {
    static R run(A... args) noexcept KCTX_EFFECT_spin KCTX_NO_ANALYSIS
    {
        if constexpr (takes_token<H, C, A...>)
            return H(mint::make<C>(), args...);
        else
            return H(args...);
    }
};
template <auto H, class C, class R, class... A>
struct thunk<wait_type::free, H, C, R, A...> : thunk<wait_type::spin, H, C, R, A...> {};
#endif

/// @p H as a plain function for context @p C.
template <auto H, class C, class R, class... A>
inline constexpr R (*thunk_for)(A...) =
    &thunk<state_off<C>.allows & state_rt<C>.allows, H, C, R, A...>::run;

} // namespace detail

/// A handler that may run in context @p C with these arguments: it takes the token of C, or none.
template <auto H, class C, class... A>
concept handles = detail::takes_token<H, C, A...> || detail::takes_no_token<H, A...>;

/// Of a registration that calls its handler in context @p where, in words.
#define KCTX_TEXT_handler(fn, where)                                                               \
    "kctx[handler-context]: " #fn "() runs the handler in " where ", and it takes another "        \
    "context or other arguments; fix: give it that token, or none"

} // namespace kctx
