// SPDX-License-Identifier: BSL-1.0
/// @file
/// Calls that take a GFP set: what they need depends on its flags, and what they return must be
/// checked before it is used.
#pragma once

#include <kctx/declare/call.hpp>
#include <kctx/gfp/flags.hpp>

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

namespace kctx {

/// The contract of an allocation with set @p G: it may wait for reclaim, or else takes the
/// allocator's spinlock_t, whatever the flags.
template <class G>
using allocation_contract = contract<gfp_may_sleep<G> ? wait_type::sleep : wait_type::config>;

/// An allocation by @p Call with set @p G in context @p C: legal, or why not.
// Each part asks about one of the three, so that the compiler answers it once for all calls.
#ifdef KCTX_UNCHECKED
template <class C, class Call, class G>
concept may_allocate = context<C> && gfp_set<G>;
#else
template <class C, class Call, class G>
concept may_allocate = allows<C, wait_type::config> && gfp_set<G> && Call::template takes<G> &&
                       (!gfp_may_sleep<G> || allows<C, wait_type::sleep>);
#endif
template <class C, class Call, class G>
concept forbidden_flags = gfp_set<G> && !Call::template takes<G>;
template <class C, class Call, class G>
concept forbidden_to_wait =
    gfp_may_sleep<G> && context<C> && !allows<C, wait_type::sleep> && Call::template takes<G>;
template <class C, class Call, class G>
concept forbidden_to_allocate = gfp_set<G> && !gfp_may_sleep<G> && context<C> &&
                                !allows<C, wait_type::config> && Call::template takes<G>;

namespace detail {
/// What a checked `void *` converts to, as in C.
struct memory {
    void *p;
    template <class T> constexpr operator T *() const noexcept { return static_cast<T *>(p); }
};
/// What a checked result is to its user: a pointer, unless a header says otherwise of its type.
template <class T> struct checked_form {
    static constexpr T *of(T *p) noexcept { return p; }
};
template <> struct checked_form<void> {
    static constexpr memory of(void *p) noexcept { return {p}; }
};
} // namespace detail

/// Memory, or NULL: what an allocation returns. It has no pointer to give before it was checked:
/// `buf = KCTX_TRY(kmalloc(ctx, n, GFP_KERNEL), return -ENOMEM);`
template <class T> class unchecked
{
    T *p_;

public:
    constexpr explicit unchecked(T *p) noexcept : p_(p) {}
    constexpr explicit operator bool() const noexcept { return p_ != nullptr; }

    // For KCTX_TRY(): whether there is none, and what there is.
    /// Whether it is NULL: asked by KCTX_TRY().
    constexpr bool failed() const noexcept { return p_ == nullptr; }
    /// The pointer, for KCTX_TRY(), which has asked failed() before.
    constexpr auto checked() const noexcept { return detail::checked_form<T>::of(p_); }
#ifdef KCTX_UNCHECKED
    /// What __get_free_pages() returns is used as an address, unchecked as well.
    constexpr operator unsigned long() const noexcept
        requires requires(unsigned long address, T *p) { address = detail::checked_form<T>::of(p); }
    {
        return detail::checked_form<T>::of(p_);
    }
#endif
};

#define KCTX_TEXT_unchecked(name)                                                                  \
    "kctx[unchecked-result]: in any context " #name "() may return NULL, which is used unchecked " \
    "here; fix: KCTX_TRY(" #name "(...), return -ENOMEM)"
#define KCTX_TEXT_discarded(name)                                                                  \
    "kctx[discarded-result]: in any context the memory that " #name                                \
    "() returns leaks when dropped; fix: p = KCTX_TRY(" #name "(...), return -ENOMEM)"
// The refused uses are not const: test frameworks ask of a const result whether it can be printed,
// which is no use of it.
#ifdef KCTX_UNCHECKED
#define KCTX_UNCHECKED_RESULT_(ret, name)                                                          \
    namespace result {                                                                             \
    template <class C> struct name : unchecked<ret> {                                              \
        constexpr name(ret *p) noexcept : unchecked<ret>(p) {}                                     \
        template <class U> constexpr operator U *() const noexcept                                 \
        {                                                                                          \
            return static_cast<U *>(unchecked<ret>::checked());                               \
        }                                                                                          \
        constexpr ret *operator->() const noexcept { return unchecked<ret>::checked(); }           \
    };                                                                                             \
    }
#else
#define KCTX_UNCHECKED_RESULT_(ret, name)                                                          \
    namespace result {                                                                             \
    template <class C> struct name : unchecked<ret> {                                              \
        constexpr name(ret *p) noexcept : unchecked<ret>(p) {}                                     \
        template <class U, class Context = C>                                                      \
        KCTX_UNAVAILABLE(KCTX_TEXT_unchecked(name))                                                \
        operator U *();                                                                            \
        template <class Context = C>                                                               \
        KCTX_UNAVAILABLE(KCTX_TEXT_unchecked(name))                                                \
        operator unsigned long();                                                                  \
        template <class Context = C>                                                               \
        KCTX_UNAVAILABLE(KCTX_TEXT_unchecked(name))                                                \
        ret *operator->();                                                                         \
    };                                                                                             \
    }
#endif

/// @def KCTX_MEMORY_CALL(kind, ret, name, params, args, why, fix, source)
/// KCTX_CALL() of a function without GFP flags that returns a `ret *` or NULL: an unchecked<ret>.
#define KCTX_MEMORY_CALL(kind, ret, name, params, args, why, fix, source)                          \
    KCTX_UNCHECKED_RESULT_(ret, name)                                                              \
    KCTX_CONTRACT(kind, name, why, fix, source)                                                    \
    KCTX_ENV(kind, ret *, name, params)                                                            \
    template <may<call::name> C>                                                                   \
    [[nodiscard(KCTX_TEXT_discarded(name))]] KCTX_ALWAYS_INLINE result::name<C> name(C KCTX_AND params)        \
        noexcept KCTX_EFFECT(kind) KCTX_EXCLUDES(kind)                                             \
    {                                                                                              \
        return env::name args;                                                                     \
    }                                                                                              \
    KCTX_REJECTED(kind, (result::name<C>), name, (C KCTX_AND params), why, fix)                    \
    KCTX_MEMORY_TOKENLESS_(kind, name, params, args)
#ifdef KCTX_PLAIN_CALLS
#define KCTX_MEMORY_TOKENLESS_(kind, name, params, args)                                           \
    [[nodiscard(KCTX_TEXT_discarded(name))]] KCTX_ALWAYS_INLINE result::name<no_token> name params noexcept    \
        KCTX_EFFECT(kind) KCTX_EXCLUDES(kind)                                                      \
    {                                                                                              \
        return env::name args;                                                                     \
    }
#else
#define KCTX_MEMORY_TOKENLESS_(kind, name, params, args)                                           \
    KCTX_TOKENLESS(kind, (result::name<no_token>), name, params, args)
#endif

} // namespace kctx

// The kind of a call that takes the allocator's locks whatever it is given: kfree().
#define KCTX_LEVEL_allocates config
#define KCTX_RULE_allocates none
#define KCTX_SLUG_allocates "alloc-in-raw-section"
#define KCTX_SAYS_allocates(name, why)                                                             \
    name "() takes the allocator's locks (it " why                                                 \
         "), which sleep on PREEMPT_RT; here only a raw spinlock may be taken"

#define KCTX_TEXT_may_wait(name, fix)                                                              \
    "kctx[gfp-may-sleep]: " name                                                                   \
    " may sleep: its flags allow direct reclaim, and this context must not wait; fix: " fix
#define KCTX_TEXT_may_lock(name)                                                                   \
    "kctx[alloc-in-raw-section]: " name                                                            \
    " takes the allocator's locks, which sleep on PREEMPT_RT whatever the flags; fix: allocate "   \
    "before the raw section or true hard irq, and pass the memory in"
#define KCTX_TEXT_flags(name)                                                                      \
    "kctx[gfp-conflict]: the flags of " name                                                       \
    " contradict each other or the allocator; fix: name one zone (slabs have no HIGHMEM, no "      \
    "DMA32), one mobility, one of NORETRY, RETRY_MAYFAIL and NOFAIL, NOFAIL only where it may "    \
    "wait, and GFP_ATOMIC only where it may not"
#define KCTX_TEXT_untyped(name)                                                                    \
    "kctx[untyped-flags]: " name " takes a set of GFP flags by name; fix: GFP_KERNEL, GFP_ATOMIC " \
    "| __GFP_NOWARN, ..., and the other arguments as declared"

namespace kctx::detail {
struct slab_memory {
    template <class G>
    static constexpr bool takes = consistent_gfp<G> && gfp_fits_slab(gfp_bits<G>);
};
/// Pages by their address, which those of highmem have not.
struct lowmem_memory {
    template <class G>
    static constexpr bool takes =
        consistent_gfp<G> && !gfp_all(gfp_bits<G>, gfp_bits<flag::__GFP_HIGHMEM>);
};
struct page_memory {
    template <class G> static constexpr bool takes = consistent_gfp<G>;
};
#if defined(__clang__)
/// The sections in which an allocation with set @p G is not made from outside, beside raw ones.
template <class G>
using closed_to_gfp = section_of<void, gfp_may_sleep<G> ? wait_type::sleep : wait_type::config>;
#endif
} // namespace kctx::detail

// As KCTX_ERROR_TYPE and its kin in core/contract.hpp.
#if defined(__clang__)
#define KCTX_GFP_ERROR_TYPE(name, fix)
#define KCTX_GFP_REJECTED(ret, name, before, after, fix)                                           \
    template <class C, class G>                                                                    \
        requires forbidden_to_wait<C, call::name, G>                                               \
    KCTX_UNAVAILABLE(KCTX_TEXT_may_wait(#name "()", fix))                                          \
    KCTX_ARGS ret name(C KCTX_AND before, G KCTX_AND after);                                       \
    template <class C, class G>                                                                    \
        requires forbidden_to_allocate<C, call::name, G>                                           \
    KCTX_UNAVAILABLE(KCTX_TEXT_may_lock(#name "()"))                                               \
    KCTX_ARGS ret name(C KCTX_AND before, G KCTX_AND after);                                       \
    template <class C, class G>                                                                    \
        requires forbidden_flags<C, call::name, G>                                                 \
    KCTX_UNAVAILABLE(KCTX_TEXT_flags(#name "()"))                                                  \
    KCTX_ARGS ret name(C KCTX_AND before, G KCTX_AND after);                                       \
    template <context C> KCTX_UNAVAILABLE(KCTX_TEXT_untyped(#name "()")) KCTX_ARGS ret name(C, ...);
#else
namespace kctx::detail {
template <class Call, class Context, class Flags> struct takes_locks {
    KCTX_UNAVAILABLE(KCTX_TEXT_may_lock("the call")) takes_locks() noexcept;
};
template <class Call, class Context, class Flags> struct conflicting_flags {
    KCTX_UNAVAILABLE(KCTX_TEXT_flags("the call")) conflicting_flags() noexcept;
};
template <class Call, class Context> struct untyped_flags {
    KCTX_UNAVAILABLE(KCTX_TEXT_untyped("the call")) untyped_flags() noexcept;
};
template <class Call, class Context> struct call_without_token {
    KCTX_UNAVAILABLE("kctx[missing-token]: a call" KCTX_TEXT_no_token)
    call_without_token() noexcept;
};
/// Why a call is refused.
template <class Call, class C, class G> struct refusal {
    using type = conflicting_flags<Call, C, G>;
};
template <class Call, class C, class G>
    requires(!context<C>)
struct refusal<Call, C, G> {
    using type = call_without_token<Call, C>;
};
template <class Call, context C, class G>
    requires(!gfp_set<G>)
struct refusal<Call, C, G> {
    using type = untyped_flags<Call, C>;
};
template <class Call, class C, class G>
    requires forbidden_to_wait<C, Call, G>
struct refusal<Call, C, G> {
    using type = typename Call::template may_wait_in<C, G>;
};
template <class Call, class C, class G>
    requires forbidden_to_allocate<C, Call, G>
struct refusal<Call, C, G> {
    using type = takes_locks<Call, C, G>;
};
} // namespace kctx::detail
#define KCTX_GFP_ERROR_TYPE(name, fix)                                                             \
    template <class Context, class Flags> struct may_wait_in {                                     \
        KCTX_UNAVAILABLE(KCTX_TEXT_may_wait(#name "()", fix)) may_wait_in() noexcept;              \
    };
#define KCTX_GFP_REJECTED(ret, name, before, after, fix)                                           \
    template <class C, class G>                                                                    \
        requires(!may_allocate<C, call::name, G>)                                                  \
    anything name(C KCTX_AND before, G KCTX_AND after,                                             \
                  typename detail::refusal<call::name, C, G>::type = {});
#endif
#ifdef KCTX_UNCHECKED
#undef KCTX_GFP_REJECTED
#define KCTX_GFP_REJECTED(...)
#endif

/// @def KCTX_ALLOCATION(zone, ret, name, before, after, args_before, args_after, fix, source)
/// Declares an allocation with a GFP set: `result name(ctx, before..., gfp, after...)`, where the
/// result is an unchecked<ret>.
/// @param zone    slab (its caches lie in lowmem), lowmem or page
/// @param before  the parameters before the set and @p after those after it, in parentheses
/// @param fix     what to do where it may not wait
#define KCTX_ALLOCATION(zone, ret, name, before, after, args_before, args_after, fix, source)      \
    KCTX_UNCHECKED_RESULT_(ret, name)                                                              \
    KCTX_GFP_CALL_(zone, (ret *), (result::name<C>), name, before, after, args_before, args_after, \
                   fix, source, [[nodiscard(KCTX_TEXT_discarded(name))]])

/// @def KCTX_GFP_CALL(ret, name, before, after, args_before, args_after, fix, source)
/// Declares a call that allocates by the way and returns something else: usb_submit_urb(),
/// idr_alloc(). Its memory is the slab allocator's.
#define KCTX_GFP_CALL(ret, name, before, after, args_before, args_after, fix, source)              \
    KCTX_GFP_CALL_(slab, (ret), (ret), name, before, after, args_before, args_after, fix, source, )

#define KCTX_LIST(params) KCTX_ARGS params KCTX_COMMA params
#define KCTX_GFP_CALL_(zone, env_ret, ret, name, before, after, args_before, args_after, fix,      \
                       source, attribute)                                                          \
    namespace call {                                                                               \
    struct name : detail::zone##_memory {                                                          \
        KCTX_GFP_ERROR_TYPE(name, fix)                                                             \
    };                                                                                             \
    }                                                                                              \
    namespace env::inline KCTX_ENV_NAMESPACE {                                                     \
    KCTX_ARGS env_ret name(KCTX_LIST(before) gfp_t flags KCTX_AND after)                           \
        noexcept KCTX_EFFECT_config;                                                               \
    }                                                                                              \
    template <class C, class G>                                                                    \
        requires may_allocate<C, call::name, G>                                                    \
    attribute KCTX_ALWAYS_INLINE KCTX_ARGS ret name(C KCTX_AND before, G KCTX_AND after) noexcept    \
        KCTX_EFFECT_config_unless(gfp_may_sleep<G>)                                                \
            KCTX_CLOSED_(::kctx::detail::closed_to_gfp<G>::section(),            \
                            ::kctx::detail::raw_section)                                           \
    {                                                                                              \
        return env::name(                                                                          \
            KCTX_LIST(args_before)                                                                 \
                gfp_t{detail::gfp_bits<G> & detail::gfp_scope<C>} KCTX_AND args_after);            \
    }                                                                                              \
    KCTX_GFP_REJECTED(ret, name, before, after, fix)                                               \
    KCTX_GFP_TOKENLESS_(ret, name, before, after, args_before, args_after, attribute)              \
    KCTX_CONTRACT_TEXT(name, "gfp-may-sleep", "may wait for reclaim if its flags allow it", fix,   \
                       source)

#ifdef KCTX_PLAIN_CALLS
#define KCTX_GFP_TOKENLESS_(ret, name, before, after, args_before, args_after, attribute)          \
    template <gfp_set G, class C = no_token>                                                       \
    attribute KCTX_ALWAYS_INLINE KCTX_ARGS ret name(KCTX_LIST(before) G KCTX_AND after) noexcept               \
        KCTX_EFFECT_config_unless(gfp_may_sleep<G>)                                                \
    {                                                                                              \
        return env::name(KCTX_LIST(args_before) gfp_t{detail::gfp_bits<G>} KCTX_AND args_after);   \
    }
#elif defined(__clang__)
#define KCTX_GFP_TOKENLESS_(ret, name, before, after, args_before, args_after, attribute)          \
    template <class C = no_token>                                                                  \
    KCTX_UNAVAILABLE("kctx[missing-token]: " #name "()" KCTX_TEXT_no_token)                        \
    KCTX_ARGS ret name(...);
#else
#define KCTX_GFP_TOKENLESS_(ret, name, before, after, ...)                                         \
    template <gfp_set G>                                                                           \
    anything name(KCTX_LIST(before) G KCTX_AND after,                                              \
                  detail::call_without_token<call::name, no_token> = {});
#endif

// From here on for clang, too, which takes a KCTX_TRY() in another for a variable that hides one.
#pragma GCC system_header

/// The memory that @p allocation returned, or @p on_failure, a statement that leaves: `return
/// -ENOMEM`, `goto err_free`, `continue`.
#define KCTX_TRY(allocation, ...)                                                                  \
    __extension__({                                                                                \
        auto kctx_result_ = (allocation);                                                          \
        if (kctx_result_.failed()) {                                                               \
            __VA_ARGS__;                                                                           \
        }                                                                                          \
        kctx_result_.checked();                                                                    \
    })
