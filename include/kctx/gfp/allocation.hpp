// SPDX-License-Identifier: BSL-1.0
/// @file
/// Calls that take a GFP set: what they need depends on its flags, and what they return must be
/// checked before it is used.
#pragma once

#include <kctx/core/contract.hpp>
#include <kctx/gfp/flags.hpp>

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

namespace kctx {

/// The level that an allocation with set @p G needs: sleep if it may wait for reclaim, else config,
/// since the allocator takes spinlock_t even for GFP_ATOMIC.
template <class G> inline constexpr wait_type gfp_needs = wait_type::config;
template <class... Flags>
inline constexpr wait_type gfp_needs<gfp<Flags...>> =
    gfp<Flags...>::may_sleep ? wait_type::sleep : wait_type::config;

/// An allocation by contract @p Call with set @p G in context @p C: legal, or why not.
#ifdef KCTX_UNCHECKED
template <class C, class Call, class G>
concept may_allocate = context<C> && gfp_set<G>;
#else
template <class C, class Call, class G>
concept may_allocate = context<C> && Call::template takes<G> &&
                       is_legal<contract<gfp_needs<G>>, C>;
#endif
template <class C, class Call, class G>
concept forbidden_to_wait =
    context<C> && Call::template takes<G> && !may_allocate<C, Call, G> && G::may_sleep;
template <class C, class Call, class G>
concept forbidden_to_allocate =
    context<C> && Call::template takes<G> && !may_allocate<C, Call, G> && !G::may_sleep;

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

    /// For KCTX_TRY(), which has checked it.
    static constexpr auto checked(unchecked r) noexcept
    {
        return detail::checked_form<T>::of(r.p_);
    }
};

#define KCTX_TEXT_unchecked(name)                                                                  \
    "kctx[unchecked-result]: in any context " #name "() may return NULL, which is used unchecked " \
    "here; fix: KCTX_TRY(" #name "(...), return -ENOMEM)"
#define KCTX_TEXT_discarded(name)                                                                  \
    "kctx[discarded-result]: in any context the memory that " #name                                \
    "() returns leaks when dropped; fix: p = KCTX_TRY(" #name "(...), return -ENOMEM)"
#ifdef KCTX_UNCHECKED
#define KCTX_UNCHECKED_RESULT_(ret, name)                                                          \
    namespace result {                                                                             \
    template <class C> struct name : unchecked<ret> {                                              \
        using unchecked<ret>::unchecked;                                                           \
        template <class U> constexpr operator U *() const noexcept                                 \
        {                                                                                          \
            return static_cast<U *>(unchecked<ret>::checked(*this));                               \
        }                                                                                          \
        constexpr ret *operator->() const noexcept { return unchecked<ret>::checked(*this); }      \
    };                                                                                             \
    }
#else
#define KCTX_UNCHECKED_RESULT_(ret, name)                                                          \
    namespace result {                                                                             \
    template <class C> struct name : unchecked<ret> {                                              \
        using unchecked<ret>::unchecked;                                                           \
        template <class U, class Context = C>                                                      \
        KCTX_UNAVAILABLE(KCTX_TEXT_unchecked(name))                                                \
        operator U *() const;                                                                      \
        template <class Context = C>                                                               \
        KCTX_UNAVAILABLE(KCTX_TEXT_unchecked(name))                                                \
        ret *operator->() const;                                                                   \
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
    [[nodiscard(KCTX_TEXT_discarded(name))]] inline result::name<C> name(C KCTX_AND params)        \
        noexcept KCTX_EFFECT(kind) KCTX_EXCLUDES(kind)                                             \
    {                                                                                              \
        return result::name<C>{env::name args};                                                    \
    }                                                                                              \
    KCTX_REJECTED(kind, (result::name<C>), name, (C KCTX_AND params), why, fix)                    \
    KCTX_MEMORY_TOKENLESS_(kind, name, params, args)
#ifdef KCTX_PLAIN_CALLS
#define KCTX_MEMORY_TOKENLESS_(kind, name, params, args)                                           \
    [[nodiscard(KCTX_TEXT_discarded(name))]] inline result::name<no_token> name params noexcept    \
        KCTX_EFFECT(kind) KCTX_EXCLUDES(kind)                                                      \
    {                                                                                              \
        return result::name<no_token>{env::name args};                                             \
    }
#else
#define KCTX_MEMORY_TOKENLESS_(kind, name, params, args)                                           \
    KCTX_TOKENLESS(kind, (result::name<C>), name, params, args)
#endif

#define KCTX_TEXT_may_wait(name, fix)                                                              \
    "kctx[gfp-may-sleep]: " #name                                                                  \
    "() may sleep: its flags allow direct reclaim, and this context must not wait; fix: " fix
#define KCTX_TEXT_may_lock(name, fix)                                                              \
    "kctx[alloc-in-raw-section]: " #name                                                           \
    "() takes the allocator's locks, which sleep on PREEMPT_RT whatever the flags; fix: " fix
#define KCTX_TEXT_flags(name, more)                                                                \
    "kctx[gfp-conflict]: the flags of " #name                                                      \
    "() contradict each other: two zones, two mobilities, two efforts, NOFAIL that may not wait, " \
    "or GFP_ATOMIC that may" more "; fix: keep one of each"
#define KCTX_TEXT_untyped(name)                                                                    \
    "kctx[untyped-flags]: " #name "() takes a set of GFP flags, not a number; fix: GFP_KERNEL, "   \
    "GFP_ATOMIC | __GFP_NOWARN, ... by name"

// The kind of a call that takes the allocator's locks whatever it is given: kfree().
#define KCTX_LEVEL_allocates config
#define KCTX_RULE_allocates not_in_nmi
#define KCTX_SLUG_allocates "alloc-in-raw-section"
#define KCTX_SAYS_allocates(name, why)                                                             \
    name "() takes the allocator's locks (it " why "), which sleep on PREEMPT_RT, in a raw section"

/// @def KCTX_ALLOCATION(zone, ret, name, before, after, args_before, args_after, fix, source)
/// Declares an allocation with a GFP set: `result name(ctx, before..., gfp, after...)`, where the
/// result is an unchecked<ret>.
/// @param zone    slab (its caches lie in lowmem) or pages
/// @param before  the parameters before the set and @p after those after it, in parentheses
/// @param fix     what to do where it may not wait
#define KCTX_ALLOCATION(zone, ret, name, before, after, args_before, args_after, fix, source)      \
    KCTX_UNCHECKED_RESULT_(ret, name)                                                              \
    KCTX_GFP_CALL_(zone, (ret *), (result::name<C>), name, before, after, args_before, args_after, \
                   fix,                                                                            \
                   "allocate before the raw section or true hard irq, and pass the memory in",     \
                   source, [[nodiscard(KCTX_TEXT_discarded(name))]])

/// @def KCTX_GFP_CALL(ret, name, before, after, args_before, args_after, fix, source)
/// Declares a call that allocates by the way and returns something else: usb_submit_urb(),
/// idr_alloc(). Its memory is the slab allocator's.
#define KCTX_GFP_CALL(ret, name, before, after, args_before, args_after, fix, source)              \
    KCTX_GFP_CALL_(slab, (ret), (ret), name, before, after, args_before, args_after, fix,          \
                   "call it before or after the raw section, or from a work item", source, )

#define KCTX_GFP_CALL_(zone, env_ret, ret, name, before, after, args_before, args_after, fix,      \
                       raw_fix, source, attribute)                                                 \
    namespace call {                                                                               \
    struct name {                                                                                  \
        static constexpr contract_text text{#name, "gfp-may-sleep",                                \
                                            "may wait for reclaim if its flags allow it", fix,     \
                                            source};                                               \
        template <class G> static constexpr bool takes = KCTX_GFP_FITS_##zone;                     \
        KCTX_ERROR_TYPE_FOR_FLAGS(may_wait_in, KCTX_TEXT_may_wait(name, fix))                      \
        KCTX_ERROR_TYPE_FOR_FLAGS(may_lock_in, KCTX_TEXT_may_lock(name, raw_fix))                  \
        KCTX_ERROR_TYPE_FOR_FLAGS(flags_in, KCTX_TEXT_flags(name, KCTX_GFP_MORE_##zone))           \
        KCTX_ERROR_TYPE(untyped_flags_in, KCTX_TEXT_untyped(name))                                 \
        KCTX_ERROR_TYPE(without_token, KCTX_TEXT_without_token(name))                              \
    };                                                                                             \
    }                                                                                              \
    namespace env::inline KCTX_ENV_NAMESPACE {                                                     \
    KCTX_ARGS env_ret name(KCTX_LIST(before) gfp_t flags KCTX_AND after)                           \
        noexcept KCTX_EFFECT_config;                                                               \
    }                                                                                              \
    template <context C, gfp_set G>                                                                \
        requires may_allocate<C, call::name, G>                                                    \
    attribute inline KCTX_ARGS ret name(C ctx KCTX_AND before, G flags KCTX_AND after)             \
        noexcept KCTX_EFFECT_config_unless(G::may_sleep) KCTX_MUST_NOT_HOLD(                       \
            ::kctx::detail::open_section<::kctx::gfp_needs<G>>::is_open)                           \
    {                                                                                              \
        return static_cast<KCTX_ARGS ret>(env::name(                                               \
            KCTX_LIST(args_before) current_gfp_context(ctx, flags) KCTX_AND args_after));          \
    }                                                                                              \
    KCTX_GFP_REJECTED_(zone, ret, name, before, after, fix, raw_fix)                               \
    KCTX_GFP_TOKENLESS_(ret, name, before, after, args_before, args_after, attribute)

#if defined(__clang__)
#define KCTX_ERROR_TYPE_FOR_FLAGS(tag, text)
#else
#define KCTX_ERROR_TYPE_FOR_FLAGS(tag, text)                                                       \
    template <class Context, class Flags> struct tag {                                             \
        KCTX_UNAVAILABLE(text) tag() noexcept;                                                     \
    };
#endif
#define KCTX_LIST(params) KCTX_ARGS params KCTX_COMMA params
#define KCTX_GFP_FITS_pages consistent_gfp<G>
#define KCTX_GFP_FITS_slab consistent_gfp<G> &&detail::gfp_fits_slab(G::value)
#define KCTX_GFP_MORE_pages
#define KCTX_GFP_MORE_slab ", or a zone that the slab allocator does not have"

#ifdef KCTX_UNCHECKED
#define KCTX_GFP_REJECTED_(...)
#else
#define KCTX_GFP_REJECTED_(zone, ret, name, before, after, fix, raw_fix)                           \
    template <context C, gfp_set G>                                                                \
        requires forbidden_to_wait<C, call::name, G>                                               \
    KCTX_ERROR(KCTX_TEXT_may_wait(name, fix))                                                      \
    KCTX_ARGS ret name KCTX_ERROR_PARAMS(                                                          \
        (C KCTX_AND before, G KCTX_AND after), call::name::template may_wait_in<C, G>);            \
    template <context C, gfp_set G>                                                                \
        requires forbidden_to_allocate<C, call::name, G>                                           \
    KCTX_ERROR(KCTX_TEXT_may_lock(name, raw_fix))                                                  \
    KCTX_ARGS ret name KCTX_ERROR_PARAMS(                                                          \
        (C KCTX_AND before, G KCTX_AND after), call::name::template may_lock_in<C, G>);            \
    template <context C, gfp_set G>                                                                \
        requires(!call::name::template takes<G>)                                                   \
    KCTX_ERROR(KCTX_TEXT_flags(name, KCTX_GFP_MORE_##zone))                                        \
    KCTX_ARGS ret name KCTX_ERROR_PARAMS(                                                          \
        (C KCTX_AND before, G KCTX_AND after), call::name::template flags_in<C, G>);               \
    template <context C>                                                                           \
    KCTX_ERROR(KCTX_TEXT_untyped(name))                                                            \
    KCTX_ARGS ret name KCTX_ERROR_PARAMS(                                                          \
        (C KCTX_AND before, unsigned KCTX_AND after), call::name::template untyped_flags_in<C>);   \
    template <class C, gfp_set G>                                                                  \
        requires(!context<C>)                                                                      \
    KCTX_ERROR(KCTX_TEXT_without_token(name))                                                      \
    KCTX_ARGS ret name KCTX_ERROR_PARAMS(                                                          \
        (C KCTX_AND before, G KCTX_AND after), call::name::template without_token<C>);
#endif

#ifdef KCTX_PLAIN_CALLS
#define KCTX_GFP_TOKENLESS_(ret, name, before, after, args_before, args_after, attribute)          \
    template <gfp_set G, class C = no_token>                                                       \
    attribute inline KCTX_ARGS ret name(KCTX_LIST(before) G KCTX_AND after)                        \
        noexcept KCTX_EFFECT_config_unless(G::may_sleep)                                           \
    {                                                                                              \
        return static_cast<KCTX_ARGS ret>(                                                         \
            env::name(KCTX_LIST(args_before) gfp_t{G::value} KCTX_AND args_after));                \
    }
#else
#define KCTX_GFP_TOKENLESS_(ret, name, before, after, args_before, args_after, attribute)          \
    template <gfp_set G, class C = no_token>                                                       \
    KCTX_ERROR(KCTX_TEXT_without_token(name))                                                      \
    KCTX_ARGS ret name KCTX_ERROR_PARAMS(                                                          \
        (KCTX_LIST(before) G KCTX_AND after), call::name::template without_token<C>);
#endif

} // namespace kctx

/// The memory that @p allocation returned, or @p on_failure, a statement that leaves: `return
/// -ENOMEM`, `goto err_free`, `continue`.
#define KCTX_TRY(allocation, ...)                                                                  \
    __extension__({                                                                                \
        auto kctx_result_ = (allocation);                                                          \
        if (!kctx_result_) {                                                                       \
            __VA_ARGS__;                                                                           \
        }                                                                                          \
        kctx_result_.checked(kctx_result_);                                                         \
    })
