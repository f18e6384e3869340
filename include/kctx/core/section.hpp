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

/// The token of a section, `Name<Outer>`. The rest are statements on the context_state `s` of the
/// outer context, which may depend on `bool rt`.
#define KCTX_HELD(Name, ...)                                                                       \
    template <context Outer> KCTX_SECTION_TOKEN_(Name, , __VA_ARGS__)
/// The same for a section that holds a lock, `Name<Lock, Outer>`.
#define KCTX_HELD_LOCK(Name, ...)                                                                  \
    template <class Lock, context Outer>                                                           \
    KCTX_SECTION_TOKEN_(Name, using lock = Lock;, __VA_ARGS__)
#define KCTX_SECTION_TOKEN_(Name, member, ...)                                                     \
    class Name : public detail::token_base                                                         \
    {                                                                                              \
        friend struct detail::mint;                                                                \
        constexpr Name() noexcept {}                                                               \
                                                                                                   \
    public:                                                                                        \
        using outer = Outer;                                                                       \
        member static constexpr context_state at([[maybe_unused]] bool rt) noexcept                \
        {                                                                                          \
            context_state s = Outer::at(rt);                                                       \
            __VA_ARGS__;                                                                           \
            return s;                                                                              \
        }                                                                                          \
    }

/// What entering @p Inner closes, as capabilities for the thread-safety analysis.
#define KCTX_CLOSES(...)                                                                           \
    ::kctx::detail::closes<__VA_ARGS__, ::kctx::wait_type::sleep>::is_open,                        \
        ::kctx::detail::closes<__VA_ARGS__, ::kctx::wait_type::config>::is_open

namespace kctx {

/// How a section is entered and left. lock/ specialises it for each kind.
template <class Inner> struct section_calls;

/// Keeps section @p Inner open from its construction to the end of its block.
template <class Inner> class KCTX_SCOPED_CAPABILITY section
{
    [[no_unique_address]] section_calls<Inner> calls_;

public:
    template <class Lock>
    section(typename Inner::outer, Lock *lock) noexcept KCTX_ACQUIRE(lock, KCTX_CLOSES(Inner))
        : calls_{lock}
    {
        calls_.enter();
    }
    explicit section(typename Inner::outer) noexcept KCTX_ACQUIRE(KCTX_CLOSES(Inner))
    {
        calls_.enter();
    }
    ~section() KCTX_RELEASE() { calls_.leave(); }
    section(const section &) = delete;
    section &operator=(const section &) = delete;
    static constexpr Inner inner() noexcept { return detail::mint::make<Inner>(); }
};

} // namespace kctx

/// Runs the block that follows inside a section: `KCTX_SECTION(ctx, entering(ctx, &l), &l) { … }`.
/// The block sees @p ctx as the section's token; the outer one cannot be named. An `if`, not a
/// `for`: break, continue and return keep their meaning.
#define KCTX_SECTION(ctx, entering, ...)                                                           \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wshadow\"")                  \
    if (::kctx::section<decltype(entering)> kctx_section_((ctx)__VA_OPT__(, ) __VA_ARGS__); false) \
    {                                                                                              \
    } else if ([[maybe_unused]] const auto ctx = kctx_section_.inner(); false) {                   \
    } else                                                                                         \
        _Pragma("GCC diagnostic pop")
