// SPDX-License-Identifier: BSL-1.0
/// @file
/// The memory of the calling process. It has a pointer type of its own, which is never
/// dereferenced; it can be reached only in a system call, and reaching it may sleep.
/// @par Kernel source
/// include/linux/uaccess.h, mm/maccess.c (6.12).
#pragma once

#include <kctx/api/kernel.hpp>
#include <kctx/lock/scope_calls.hpp>

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

namespace kctx {

#define KCTX_TEXT_user_memory                                                                      \
    "kctx[user-memory]: in any context a user pointer is only what the process claims, and its "   \
    "page may be away; fix: copy_from_user() or get_user(), copy_to_user() or put_user()"

#define KCTX_TEXT_kernel_memory                                                                    \
    "kctx[user-memory]: in any context a pointer of the kernel is no user pointer; fix: declare "  \
    "what the process gave as user_ptr<T>, and reach kernel memory directly"

/// A `T __user *`: an address that the process gave.
template <class T> class user_ptr
{
    T *p_ = nullptr;

public:
    constexpr user_ptr() noexcept = default;
    constexpr user_ptr(decltype(nullptr)) noexcept {}
    constexpr explicit user_ptr(T *p) noexcept : p_(p) {}
#ifndef KCTX_UNCHECKED
    template <class U> KCTX_UNAVAILABLE(KCTX_TEXT_kernel_memory) user_ptr(U *);
#endif
    template <class U>
        requires requires(U *u, T *t) { t = u; }
    constexpr user_ptr(user_ptr<U> p) noexcept : p_(p.address())
    {}
    /// The bare address: for the environment, which knows how to reach it.
    constexpr T *address() const noexcept { return p_; }
    constexpr explicit operator bool() const noexcept { return p_ != nullptr; }
    friend constexpr bool operator==(user_ptr, user_ptr) noexcept = default;
    /// The n-th object from here on; of `void` the n-th byte.
    constexpr user_ptr operator+(size_t n) const noexcept
    {
        if constexpr (__is_same(T, void) || __is_same(T, const void))
            return user_ptr(
                static_cast<T *>(const_cast<char *>(static_cast<const char *>(p_)) + n));
        else
            return user_ptr(p_ + n);
    }
#ifndef KCTX_UNCHECKED
    template <class U = T> KCTX_UNAVAILABLE(KCTX_TEXT_user_memory) U &operator*() const;
    template <class U = T> KCTX_UNAVAILABLE(KCTX_TEXT_user_memory) U *operator->() const;
    template <class U = T> KCTX_UNAVAILABLE(KCTX_TEXT_user_memory) U &operator[](size_t) const;
    template <class U> KCTX_UNAVAILABLE(KCTX_TEXT_user_memory) operator U *();
#endif
};

namespace detail {
constexpr void fail_page_faults(auto &s, bool) noexcept { s.user_memory = false; }
} // namespace detail
/// PageFaultsDisabled: a page that is away is not read in, so that what may sleep for it is refused
/// and copy_from_user_nofault() is what is left.
KCTX_SCOPE_PAIR(PageFaultsDisabled, fail_page_faults, pagefault_disable, pagefault_enable,
                "counts a level of pagefault_disabled()",
                "include/linux/uaccess.h pagefault_disable()")

// The kind of a call that reaches user memory.
namespace rule {
/// The current task's memory is the caller's: a system call, with page faults on.
struct has_user_memory {
    static constexpr bool holds(const context_state &s, bool) noexcept { return s.user_memory; }
};
} // namespace rule
#define KCTX_BREAKS_has_user_memory(name)                                                          \
    "kctx[user-memory]: " name "() reaches the memory of the calling process, which only a system " \
    "call with page faults on may; fix: copy it there, in a SyscallCtx, and pass the copy on"
#define KCTX_LEVEL_reaches_user sleep
#define KCTX_RULE_reaches_user has_user_memory
#define KCTX_SLUG_reaches_user "sleep-in-atomic"
#define KCTX_SAYS_reaches_user(name, why) KCTX_SAYS_sleeps(name, why)
#define KCTX_TEXT_ignored(name)                                                                    \
    "kctx[discarded-result]: in any context " #name                                                \
    "() may fail half way, which goes unnoticed here; fix: if (" #name "(...)) return -EFAULT"
#define KCTX_USER_WHY "reads in the page of the process if it is away"
#define KCTX_USER_FIX "copy before the atomic section, into memory of your own"

/// KCTX_CALL() of a function whose result says how much of a copy is missing.
#define KCTX_USER_COPY(ret, name, params, args, source)                                            \
    KCTX_CONTRACT(reaches_user, name, KCTX_USER_WHY, KCTX_USER_FIX, source)                        \
    KCTX_ENV(reaches_user, ret, name, params)                                                      \
    template <may<call::name> C>                                                                   \
    [[nodiscard(KCTX_TEXT_ignored(name))]] KCTX_ALWAYS_INLINE ret name(C KCTX_AND params) noexcept             \
        KCTX_EFFECT(reaches_user) KCTX_EXCLUDES(reaches_user)                                      \
    {                                                                                              \
        return env::name args;                                                                     \
    }                                                                                              \
    KCTX_REJECTED(reaches_user, (ret), name, (C KCTX_AND params), KCTX_USER_WHY, KCTX_USER_FIX)    \
    KCTX_REJECTED_BY_RULE(reaches_user, (ret), name, (C KCTX_AND params))                          \
    KCTX_TOKENLESS(reaches_user, (ret), name, params, args)

/// Copies @p n bytes to the process; returns how many are missing.
KCTX_USER_COPY(unsigned long, copy_to_user, (user_ptr<void> to, const void *from, unsigned long n),
               (to, from, n), "include/linux/uaccess.h copy_to_user()")
/// Copies @p n bytes from the process; returns how many are missing, which are zeroed.
KCTX_USER_COPY(unsigned long, copy_from_user,
               (void *to, user_ptr<const void> from, unsigned long n), (to, from, n),
               "include/linux/uaccess.h copy_from_user()")
/// Zeroes @p n bytes of the process; returns how many are missing.
KCTX_USER_COPY(unsigned long, clear_user, (user_ptr<void> to, unsigned long n), (to, n),
               "include/linux/uaccess.h clear_user()")
/// Copies a string of at most @p n bytes; returns its length or -EFAULT.
KCTX_USER_COPY(long, strncpy_from_user, (char *to, user_ptr<const char> from, long n),
               (to, from, n), "lib/strncpy_from_user.c strncpy_from_user()")

/// Does nothing, and says that the caller may touch user memory.
KCTX_RULED_CALL(reaches_user, void, might_fault, (), (), KCTX_USER_WHY, KCTX_USER_FIX,
                "mm/memory.c __might_fault()")

namespace detail {
template <class T> struct without_const {
    using type = T;
};
template <class T> struct without_const<const T> {
    using type = T;
};
template <class T, class U> KCTX_ALWAYS_INLINE int get_user(T &value, user_ptr<U> from) noexcept
{
    typename without_const<U>::type copy{};
    const bool missing = env::copy_from_user(&copy, from, sizeof copy) != 0;
    value = static_cast<T>(copy);
    return missing ? -EFAULT : 0;
}
template <class T, class U> KCTX_ALWAYS_INLINE int put_user(const T &value, user_ptr<U> to) noexcept
{
    const U copy = static_cast<U>(value);
    return env::copy_to_user(to, &copy, sizeof copy) != 0 ? -EFAULT : 0;
}
} // namespace detail

/// KCTX_CALL() of a function that copies one object: `int name(ctx, T value, user_ptr<U> p)`.
#define KCTX_USER_ACCESS(name, value_t, source)                                                    \
    KCTX_CONTRACT(reaches_user, name, KCTX_USER_WHY, KCTX_USER_FIX, source)                        \
    template <may<call::name> C, class T, class U>                                                 \
    [[nodiscard(KCTX_TEXT_ignored(name))]] KCTX_ALWAYS_INLINE int name(C, value_t value, user_ptr<U> p)        \
        noexcept KCTX_EFFECT(reaches_user) KCTX_EXCLUDES(reaches_user)                             \
    {                                                                                              \
        return detail::name(value, p);                                                             \
    }                                                                                              \
    KCTX_REJECTED(reaches_user, (int), name, (C, value_t, user_ptr<U>), KCTX_USER_WHY,             \
                  KCTX_USER_FIX, class T, class U)                                                 \
    KCTX_REJECTED_BY_RULE(reaches_user, (int), name, (C, value_t, user_ptr<U>), class T, class U)  \
    KCTX_USER_ACCESS_TOKENLESS_(name, value_t)
#ifdef KCTX_PLAIN_CALLS
#define KCTX_USER_ACCESS_TOKENLESS_(name, value_t)                                                 \
    template <class T, class U>                                                                    \
    [[nodiscard(KCTX_TEXT_ignored(name))]] KCTX_ALWAYS_INLINE int name(value_t value, user_ptr<U> p) noexcept  \
        KCTX_EFFECT(reaches_user) KCTX_EXCLUDES(reaches_user)                                      \
    {                                                                                              \
        return detail::name(value, p);                                                             \
    }
#else
#define KCTX_USER_ACCESS_TOKENLESS_(name, value_t) KCTX_NO_TOKEN(name)
#endif

/// Reads the object at @p p into @p value: 0, or -EFAULT and value is 0.
KCTX_USER_ACCESS(get_user, T &, "include/asm-generic/uaccess.h get_user()")
/// Writes @p value to the object at @p p: 0 or -EFAULT.
KCTX_USER_ACCESS(put_user, const T &, "include/asm-generic/uaccess.h put_user()")

namespace env::inline KCTX_ENV_NAMESPACE {
/// Whether the range lies in the part of the address space that is the process's; legal in every
/// context.
bool access_ok(user_ptr<const void> address, unsigned long n) noexcept KCTX_EFFECT_spin;
/// Copies what can be reached without a page fault: 0 or -EFAULT; legal in every context.
long copy_from_user_nofault(void *to, user_ptr<const void> from,
                            size_t n) noexcept KCTX_EFFECT_spin;
long copy_to_user_nofault(user_ptr<void> to, const void *from, size_t n) noexcept KCTX_EFFECT_spin;
/// Copies kernel memory that may not be mapped: 0 or -ERANGE, -EFAULT; legal in every context.
long copy_from_kernel_nofault(void *to, const void *from, size_t n) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::access_ok;
using env::copy_from_kernel_nofault;
using env::copy_from_user_nofault;
using env::copy_to_user_nofault;
KCTX_LEGAL_ANYWHERE(access_ok, "compares addresses", "include/asm-generic/access_ok.h access_ok()")
KCTX_LEGAL_ANYWHERE(copy_from_kernel_nofault, "fails where a page is away",
                    "mm/maccess.c copy_from_kernel_nofault()")
KCTX_LEGAL_ANYWHERE(copy_from_user_nofault, "fails where a page is away",
                    "mm/maccess.c copy_from_user_nofault()")
KCTX_LEGAL_ANYWHERE(copy_to_user_nofault, "fails where a page is away",
                    "mm/maccess.c copy_to_user_nofault()")

} // namespace kctx

#define KCTX_PAGEFAULT_DISABLE(ctx) KCTX_SECTION(ctx, pagefault_disable(ctx))
