// SPDX-License-Identifier: BSL-1.0
/// @file
/// How much an allocation may ask for. A request is of an order: 2^order pages in a row. What is
/// known when the code is compiled is checked: by clang of any constant expression, by every
/// compiler of a size_c<n> or order_c<n>: `kmalloc(ctx, size_c<sizeof(struct ring)>, GFP_KERNEL)`.
/// @par Kernel source
/// include/linux/slab.h KMALLOC_MAX_SIZE, include/linux/mmzone.h MAX_PAGE_ORDER and
/// PAGE_ALLOC_COSTLY_ORDER, mm/page_alloc.c __alloc_pages_noprof() (6.12).
#pragma once

#include <kctx/gfp/allocation.hpp>

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

namespace kctx {

/// Pages of 4 kB, as on x86 and most arm64.
inline constexpr unsigned PAGE_SHIFT = 12;
#ifndef PAGE_SIZE // <sys/user.h> has it, too
/// In bytes.
inline constexpr unsigned long PAGE_SIZE = 1ul << PAGE_SHIFT;
#endif
/// The greatest order that is kept, of 4 KiB pages: MAX_ORDER - 1 until 6.3, MAX_ORDER until 6.7.
inline constexpr unsigned MAX_PAGE_ORDER = 10;
/// Above this order the allocator does not insist: such a request may fail although memory is free.
inline constexpr unsigned PAGE_ALLOC_COSTLY_ORDER = 3;
/// The most that kmalloc() can ever return, in bytes.
inline constexpr unsigned long KMALLOC_MAX_SIZE = 1ul << (PAGE_SHIFT + MAX_PAGE_ORDER);

/// The smallest order that holds @p size bytes (include/asm-generic/getorder.h).
constexpr unsigned get_order(unsigned long size) noexcept
{
    unsigned order = 0;
    while (size > 1ul << (PAGE_SHIFT + order) && order < 64 - PAGE_SHIFT - 1)
        ++order;
    return order;
}

namespace detail {
template <unsigned long Bytes> struct size_constant {
    constexpr operator unsigned long() const noexcept { return Bytes; }
};
template <unsigned Order> struct order_constant {
    constexpr operator unsigned() const noexcept { return Order; }
};
} // namespace detail

/// A size that is known when the code is compiled, and is checked then.
template <unsigned long Bytes> inline constexpr detail::size_constant<Bytes> size_c{};
/// An order that is known when the code is compiled, and is checked then.
template <unsigned Order> inline constexpr detail::order_constant<Order> order_c{};
/// The order of such a size.
template <unsigned long Bytes>
constexpr detail::order_constant<get_order(Bytes)> get_order(detail::size_constant<Bytes>) noexcept
{
    return {};
}

namespace detail {
constexpr bool is_too_large(unsigned order) noexcept { return order > MAX_PAGE_ORDER; }
constexpr bool is_costly(unsigned order) noexcept
{
    return order > PAGE_ALLOC_COSTLY_ORDER && !is_too_large(order);
}
constexpr bool is_high(unsigned order) noexcept { return order > 1 && !is_too_large(order); }

/// A set that neither waits for compaction nor says, by __GFP_NOWARN, that there is another way
/// when there are no pages in a row.
template <class G>
concept hopes_for_pages = !gfp_may_sleep<G> && !gfp_all(gfp_bits<G>, gfp_bits<flag::__GFP_NOWARN>);
/// A set of which mm/page_alloc.c, rmqueue() warns if it is for more than two pages.
template <class G>
concept insists_on_pages = gfp_all(gfp_bits<G>, gfp_bits<flag::__GFP_NOFAIL>);
} // namespace detail

} // namespace kctx

/// @def KCTX_MAX_ORDER
/// What a kernel of this version calls the largest order; for texts of errors.
#if KCTX_KERNEL_VERSION >= KCTX_VERSION(6, 8, 0)
#define KCTX_MAX_ORDER "MAX_PAGE_ORDER"
#elif KCTX_KERNEL_VERSION >= KCTX_VERSION(6, 4, 0)
#define KCTX_MAX_ORDER "MAX_ORDER"
#else
#define KCTX_MAX_ORDER "MAX_ORDER - 1"
#endif
#define KCTX_TEXT_too_large(name)                                                                  \
    "kctx[allocation-too-large]: " name " cannot return more than 4 MiB in any context: no free " \
    "block is larger than order 10 (" KCTX_MAX_ORDER "); fix: vmalloc(), or several smaller "      \
    "blocks"
#define KCTX_TEXT_costly(name)                                                                     \
    "kctx[costly-atomic-order]: " name " asks for more than 8 pages in a row (order > "            \
    "PAGE_ALLOC_COSTLY_ORDER) and may not wait until they are made: it fails on a machine that "   \
    "has run for a while; fix: GFP_KERNEL if it may sleep here, or at most 32 KiB a block, or "    \
    "allocate at start-up; if there is another way when it fails, add __GFP_NOWARN"

#define KCTX_TEXT_nofail(name)                                                                     \
    "kctx[nofail-high-order]: " name " must not fail (__GFP_NOFAIL) and asks for more than 2 pages " \
    "in a row: it may try for ever; fix: at most 8 KiB, or kvmalloc(), or handle its failure"

/// @def KCTX_LIMIT_SIZE(name, constant, known)
/// Limits the size of allocation @p name, declared before: `constant` are its parameters with a
/// `size`, `known` the same with a `detail::size_constant<N>`.
/// @def KCTX_LIMIT_ORDER(name, constant, known)
/// The same of its `order`, a `detail::order_constant<N>`.
#define KCTX_LIMIT_SIZE(name, constant, known)                                                     \
    KCTX_LIMIT_(name, constant, get_order(size), unsigned long, known, get_order(N))
#define KCTX_LIMIT_ORDER(name, constant, known)                                                    \
    KCTX_LIMIT_(name, constant, order, unsigned, known, N)
#ifdef KCTX_UNCHECKED
#define KCTX_LIMIT_(...)
#else
#define KCTX_LIMIT_(name, constant, order_of_constant, number, known, order_of_known)              \
    KCTX_LIMIT_CONSTANT_(name, constant, detail::is_too_large(order_of_constant), gfp_set<G>,      \
                         too_large)                                                                \
    KCTX_LIMIT_CONSTANT_(name, constant, detail::is_costly(order_of_constant),                     \
                         detail::hopes_for_pages<G>, costly)                                       \
    KCTX_LIMIT_CONSTANT_(name, constant, detail::is_high(order_of_constant),                       \
                         detail::insists_on_pages<G>, nofail)                                      \
    KCTX_LIMIT_KNOWN_(name, number, known, detail::is_too_large(order_of_known), gfp_set<G>,       \
                      too_large)                                                                   \
    KCTX_LIMIT_KNOWN_(name, number, known, detail::is_costly(order_of_known),                      \
                      detail::hopes_for_pages<G>, costly)                                          \
    KCTX_LIMIT_KNOWN_(name, number, known, detail::is_high(order_of_known),                        \
                      detail::insists_on_pages<G>, nofail)
#endif
#if defined(__clang__)
#define KCTX_LIMIT_CONSTANT_(name, constant, condition, flags, text)                               \
    _Pragma("clang diagnostic push") _Pragma("clang diagnostic ignored \"-Wgcc-compat\"")          \
    template <class C, class G>                                                                    \
        requires may_allocate<C, call::name, G> && flags                                           \
    result::name<C> name constant __attribute__((enable_if(condition, "a constant")))              \
    KCTX_UNAVAILABLE(KCTX_TEXT_##text(#name "()"));                                                \
    _Pragma("clang diagnostic pop")
#define KCTX_LIMIT_KNOWN_(name, number, known, condition, flags, text)                             \
    template <class C, number N, class G>                                                          \
        requires may_allocate<C, call::name, G> && flags && (condition)                            \
    KCTX_UNAVAILABLE(KCTX_TEXT_##text(#name "()")) result::name<C> name known;
#else
namespace kctx::detail {
template <class Call, class Context, class Flags> struct too_large_in {
    KCTX_UNAVAILABLE(KCTX_TEXT_too_large("this call")) too_large_in() noexcept;
};
template <class Call, class Context, class Flags> struct costly_in {
    KCTX_UNAVAILABLE(KCTX_TEXT_costly("this call")) costly_in() noexcept;
};
template <class Call, class Context, class Flags> struct nofail_in {
    KCTX_UNAVAILABLE(KCTX_TEXT_nofail("this call")) nofail_in() noexcept;
};
} // namespace kctx::detail
#define KCTX_LIMIT_CONSTANT_(...)
#define KCTX_LIMIT_KNOWN_(name, number, known, condition, flags, text)                             \
    template <class C, number N, class G>                                                          \
        requires may_allocate<C, call::name, G> && flags && (condition)                            \
    result::name<C> name(KCTX_ARGS known, detail::text##_in<call::name, C, G> = {});
#endif
