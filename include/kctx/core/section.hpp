// SPDX-License-Identifier: BSL-1.0
/// @file
/// Sections: a lock held, interrupts off, an RCU read side. Entering one yields a token whose type
/// tells the story from the inside out: RawSpinLocked<tx_lock, IrqCtx>.
#pragma once

#include <kctx/core/contract.hpp>

// g++ reports an error inside a macro where the macro is written, unless that is a system header.
// The errors of a section belong on the line of its user.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

namespace kctx {

namespace detail {
/// How a guard takes the outer context: what its constructor excluded, it would also release.
template <class Call> struct entry_to {};
struct entry_from {
    template <class Call>
        requires(Call::needs < wait_type::config)
    constexpr operator entry_to<Call>() const noexcept
    {
        return {};
    }
    template <class Call>
        requires(Call::needs == wait_type::config)
    constexpr operator entry_to<Call>() const noexcept KCTX_EXCLUDES_config
    {
        return {};
    }
    template <class Call>
        requires(Call::needs == wait_type::sleep)
    constexpr operator entry_to<Call>() const noexcept KCTX_EXCLUDES_sleep
    {
        return {};
    }
};
} // namespace detail

/// The base of a section's token, `Held<Outer>` or `Held<Lock, Outer>`: the contract of entering
/// the section, and the functions that enter and leave it. A section that changes the state of its
/// outer context has an at() of its own.
template <class Call, auto Enter, auto Leave, context Outer, class Lock = void>
struct held : detail::token_base {
    using call = Call;                   ///< the contract of entering it
    using outer = Outer;                 ///< the token from before, which leaving gives back
    using lock = Lock;                   ///< the lock's class; void for a section without one
    static constexpr auto enter = Enter; ///< the environment's function that enters
    static constexpr auto leave = Leave; ///< the one that leaves, with what enter returned
    /// Nothing changes but that it is held, unless the token has an at() of its own.
    static constexpr context_state at(bool rt) noexcept { return Outer::at(rt); }
    constexpr explicit held(detail::mint) noexcept {}
    /// What is held in a work item is held in process context: what takes the one takes the other.
    template <class To>
        requires(__is_same(typename To::call, Call) && __is_same(typename To::lock, Lock) &&
                 requires(Outer from, void (&take)(typename To::outer)) { take(from); })
    constexpr operator To() const noexcept
    {
        return detail::mint::make<To>();
    }
};

namespace detail {
struct nothing {};
/// Enters; the result is what leaving needs.
template <class Inner>
KCTX_ALWAYS_INLINE constexpr auto entered(typename Inner::lock *lock) noexcept
{
    constexpr bool locks = !__is_same(typename Inner::lock, void);
    if constexpr (locks && requires { Inner::leave(lock); })
        return Inner::enter(lock), nothing{};
    else if constexpr (locks)
        return Inner::enter(lock);
    else if constexpr (requires { Inner::leave(); })
        return Inner::enter(), nothing{};
    else
        return Inner::enter();
}
} // namespace detail

/// Keeps section @p Inner open from its construction to the end of its block.
template <class Inner> class KCTX_SCOPED_CAPABILITY section
{
    typename Inner::lock *lock_ = nullptr;
    [[no_unique_address]] decltype(detail::entered<Inner>(nullptr)) saved_;

public:
    KCTX_ALWAYS_INLINE section(detail::entry_to<typename Inner::call>,
                               typename Inner::lock *lock) noexcept
        KCTX_ACQUIRE(lock, KCTX_CLOSES(Inner))
        : lock_(lock), saved_(detail::entered<Inner>(lock))
    {}
    KCTX_ALWAYS_INLINE explicit section(detail::entry_to<typename Inner::call>) noexcept
        KCTX_ACQUIRE(KCTX_CLOSES(Inner))
        : saved_(detail::entered<Inner>(nullptr))
    {}
    KCTX_ALWAYS_INLINE ~section() KCTX_RELEASE()
    {
        if constexpr (requires { Inner::leave(lock_, saved_); })
            Inner::leave(lock_, saved_);
        else if constexpr (requires { Inner::leave(saved_); })
            Inner::leave(saved_);
        else if constexpr (requires { Inner::leave(lock_); })
            Inner::leave(lock_);
        else
            Inner::leave();
    }
    section(const section &) = delete;
    section &operator=(const section &) = delete;
    /// The token of the block that it is opened for.
    static constexpr Inner inner() noexcept { return detail::mint::make<Inner>(); }
};

} // namespace kctx

/// Runs the block that follows inside a section: `KCTX_SECTION(ctx, entering(ctx, &l), &l) { … }`.
/// The block sees @p ctx as the section's token; the outer one cannot be named. An `if`, not a
/// `for`: break, continue and return keep their meaning. (Of two words for the type of an
/// expression g++ reports an error in decltype() twice, in __typeof__() once.)
#define KCTX_SECTION(ctx, entering, ...)                                                           \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wshadow\"")                  \
    _Pragma("GCC diagnostic ignored \"-Wdangling-else\"")                                          \
    if (::kctx::section<__typeof__(entering)> kctx_section_(                                       \
            ::kctx::detail::entry_from{}__VA_OPT__(, ) __VA_ARGS__);                               \
        false) {                                                                                   \
        __builtin_unreachable(); /* says so to -Wreturn-type without optimisation */               \
    } else if ([[maybe_unused]] const auto ctx = kctx_section_.inner(); false) {                   \
        __builtin_unreachable();                                                                   \
    } else                                                                                         \
        _Pragma("GCC diagnostic pop")
