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
struct nothing {};
} // namespace detail

/// The base of a section's token, `Held<Outer>` or `Held<Lock, Outer>`. @p Calls says what the
/// section does to the state of its outer context, and which functions enter and leave it.
template <class Calls, context Outer, class Lock = void> struct held : detail::token_base {
    using outer = Outer;
    using calls = Calls;
    using lock = Lock;
    static constexpr context_state at(bool rt) noexcept
    {
        context_state s = Outer::at(rt);
        Calls::hold(s, rt);
        return s;
    }
    constexpr explicit held(detail::mint) noexcept {}
};

/// Keeps section @p Inner open from its construction to the end of its block.
template <class Inner> class KCTX_SCOPED_CAPABILITY section
{
    using calls = typename Inner::calls;
    using lock = typename Inner::lock;
    static constexpr bool locks = !__is_same(lock, void);
    static constexpr bool saves = !__is_same(typename calls::saved, detail::nothing);
    lock *lock_ = nullptr;
    [[no_unique_address]] typename calls::saved saved_{};

public:
    section(typename Inner::outer, lock *of) noexcept KCTX_ACQUIRE(of, KCTX_CLOSES(Inner))
        : lock_(of)
    {
        if constexpr (saves)
            saved_ = calls::enter(of);
        else
            calls::enter(of);
    }
    explicit section(typename Inner::outer) noexcept KCTX_ACQUIRE(KCTX_CLOSES(Inner))
    {
        if constexpr (saves)
            saved_ = calls::enter();
        else
            calls::enter();
    }
    ~section() KCTX_RELEASE()
    {
        if constexpr (locks && saves)
            calls::leave(lock_, saved_);
        else if constexpr (locks)
            calls::leave(lock_);
        else if constexpr (saves)
            calls::leave(saved_);
        else
            calls::leave();
    }
    section(const section &) = delete;
    section &operator=(const section &) = delete;
    static constexpr Inner inner() noexcept { return detail::mint::make<Inner>(); }
};

} // namespace kctx

/// Runs the block that follows inside a section: `KCTX_SECTION(ctx, entering(ctx, &l), &l) { … }`.
/// The block sees @p ctx as the section's token; the outer one cannot be named. An `if`, not a
/// `for`: break, continue and return keep their meaning. (Of two words for the type of an
/// expression g++ reports an error in decltype() twice, in __typeof__() once.)
#define KCTX_SECTION(ctx, entering, ...)                                                           \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wshadow\"")                  \
    if (::kctx::section<__typeof__(entering)> kctx_section_((ctx)__VA_OPT__(, ) __VA_ARGS__);      \
        false) {                                                                                   \
    } else if ([[maybe_unused]] const auto ctx = kctx_section_.inner(); false) {                   \
    } else                                                                                         \
        _Pragma("GCC diagnostic pop")
