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

// Callbacks that know whose they are, and so cannot wait for themselves. The object has a type of
// its own, and its callback takes the token that names it:
//
//     struct reset_work : kctx::work_struct {};
//     void reset(kctx::CallbackOf<reset_work, kctx::WorkCtx> ctx, kctx::work_struct *work);
//
// A lock whose type says that the callback takes it, used_in<CallbackOf<...>>, must not be held
// where something waits for the callback. What is no object of the driver's has a name of such a
// type: an interrupt line irq_of<card>, a thread kthread_of<poller>, and a workqueue
// workqueue_of<reset_work, poll_work>, which names what runs on it.

/// The callback of @p Object runs, in context @p Ctx. It converts to what Ctx converts to.
template <class Object, context Ctx> struct CallbackOf : detail::token_base {
    using outer = Ctx;   ///< the context that it runs in
    using runs = Object; ///< what the callback belongs to
    /// As Ctx: that it is a callback forbids only waiting for its object.
    static constexpr context_state at(bool rt) noexcept { return Ctx::at(rt); }
    constexpr explicit CallbackOf(detail::mint) noexcept {}
    template <context To>
        requires requires(Ctx ctx, void (&take)(To)) { take(ctx); }
    constexpr operator To() const noexcept
    {
        return detail::mint::make<To>();
    }
};

namespace detail {

/// Whether the callback of @p Object runs in context @p C, or waits for a lock that is held there.
template <class Object, class C> inline constexpr bool waits_for_callback = false;
template <class Object, class C>
    requires requires { typename C::outer; }
inline constexpr bool waits_for_callback<Object, C> =
    requires { requires __is_same(typename C::runs, Object); } || requires {
        requires C::lock::used_in::template by_callback_of<Object>;
    } || waits_for_callback<Object, typename C::outer>;

/// An object whose callback cannot end before who waits for it in context @p C goes on.
template <class Object, class Plain, class C>
concept waiting_in = !__is_same(Object, Plain) && __is_base_of(Plain, Object) && !checks_nothing &&
                     waits_for_callback<Object, C>;
/// A name for callbacks one of which cannot end before who waits for them in context @p C goes on.
template <class Name, class C>
concept names_waiting_in = !checks_nothing && Name::template awaited_in<C>;
/// Handler @p H is written as the callback of @p Object alone.
template <auto H, class Object, class Plain, class C>
concept callback_of = !__is_same(Object, Plain) && __is_base_of(Plain, Object) &&
                      takes_token<H, CallbackOf<Object, C>, Plain *> && !handles<H, C, Plain *>;

} // namespace detail

#define KCTX_TEXT_waits_for_callback                                                               \
    "kctx[wait-for-self]: this waits for a callback that runs right here, or that waits for a "    \
    "lock held here; fix: the form that does not wait (cancel_work(), timer_delete(), "            \
    "hrtimer_try_to_cancel(), disable_irq_nosync()), or wait outside"
#if !defined(__clang__)
template <class Call, class Context> struct waits_for_callback {
    KCTX_UNAVAILABLE(KCTX_TEXT_waits_for_callback) waits_for_callback() noexcept;
};
#endif
/// The overload of a function that waits for the callback of a @p plain_t, for where it must not.
#define KCTX_WAITS_FOR_CALLBACK(ret, name, plain_t)                                                \
    template <may<call::name> C, detail::waiting_in<plain_t, C> Object>                            \
    KCTX_ERROR(KCTX_TEXT_waits_for_callback)                                                       \
    ret name(C, Object * KCTX_ERROR_ARG(::kctx::waits_for_callback<call::name, C>));
/// The same of a function that waits for the callbacks of a Name, one of its @p params.
#define KCTX_WAITS_FOR_NAMED(ret, name, params)                                                    \
    template <may<call::name> C, detail::names_waiting_in<C> Name>                                 \
    KCTX_ERROR(KCTX_TEXT_waits_for_callback)                                                       \
    ret name KCTX_ERROR_PARAMS(params, ::kctx::waits_for_callback<call::name, C>);

} // namespace kctx
