// SPDX-License-Identifier: BSL-1.0
/// @file
/// How a call is declared: KCTX_CALL() makes of one declaration the contract, the function that a
/// legal context gets, the error that an illegal one gets, and the attributes for clang's analyses.
#pragma once

#include <kctx/core/contract.hpp>

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

#define KCTX_ARGS(...) __VA_ARGS__
#define KCTX_AND(...) __VA_OPT__(, ) __VA_ARGS__
#define KCTX_COMMA(...) __VA_OPT__(, )

// The kinds of call: their level, the rule that they break, and how it is said; of a rule of its
// own, a struct in kctx::rule, also KCTX_BREAKS_rule(name), with slug and fix. A room with such a
// rule defines its kind next to the calls.
#define KCTX_LEVEL_sleeps sleep
#define KCTX_RULE_sleeps none
#define KCTX_SLUG_sleeps "sleep-in-atomic"
#define KCTX_SAYS_sleeps(name, why) name "() may sleep (it " why "), and this context must not"
#define KCTX_LEVEL_locks config
#define KCTX_RULE_locks none
#define KCTX_SLUG_locks "rt-lock-in-raw-section"
#define KCTX_SAYS_locks(name, why)                                                                 \
    name "() takes a spinlock_t (it " why "), which sleeps on PREEMPT_RT; here only a raw " \
         "spinlock may be taken"
#define KCTX_LEVEL_spins spin
#define KCTX_RULE_spins none
#define KCTX_SLUG_spins "lock-in-nmi"
#define KCTX_SAYS_spins(name, why)                                                                 \
    name "() takes a raw lock (it " why "), which the NMI may have interrupted"

#if defined(__clang__)
#define KCTX_EFFECT(kind) KCTX_PASTE(KCTX_EFFECT_, KCTX_LEVEL_##kind)
#define KCTX_EXCLUDES(kind) KCTX_PASTE(KCTX_EXCLUDES_, KCTX_LEVEL_##kind)
#else
#define KCTX_EFFECT(kind)
#define KCTX_EXCLUDES(kind)
#endif

#define KCTX_TEXT_in(kind, name, why, fix)                                                         \
    "kctx[" KCTX_SLUG_##kind "]: " KCTX_SAYS_##kind(#name, why) "; fix: " fix
#define KCTX_TEXT_breaks(kind, name) KCTX_PASTE(KCTX_BREAKS_, KCTX_RULE_##kind)(#name)
#define KCTX_TEXT_no_token                                                                         \
    " needs the context it is made in; fix: pass the token of this function or section first, "    \
    "then the arguments as declared"

namespace kctx {
/// Converts to every type: what a refused call returns, so that nothing but the refusal is
/// reported.
struct anything { // stands for every result, so that nothing but the refusal is reported
    template <class T> operator T() const;
    bool failed() const;      ///< of KCTX_TRY(): never called
    anything checked() const; ///< of KCTX_TRY(): never called
};
} // namespace kctx
// An overload that is an error when chosen. clang reports the attribute of the function, with the
// context in its template arguments. g++ 12 does so twice; what it reports once is a constructor or
// destructor, so there the text stands in a type `call::name::in<context>`.
#if defined(__clang__)
#define KCTX_ERROR_TYPE(tag, text)
#define KCTX_ERROR(text) KCTX_UNAVAILABLE(text)
#define KCTX_ERROR_ARG(...)
#define KCTX_ERROR_PARAMS(params, ...) params
#define KCTX_NO_TOKEN(name)                                                                   \
    KCTX_UNAVAILABLE("kctx[missing-token]: " #name "()" KCTX_TEXT_no_token) anything name(...);
#else
#define KCTX_ERROR_TYPE(tag, text)                                                                 \
    template <class Context> struct tag {                                                          \
        KCTX_UNAVAILABLE(text) tag() noexcept;                                                     \
    };
#define KCTX_ERROR(text)
#define KCTX_ERROR_ARG(...) , typename __VA_ARGS__ = {}
#define KCTX_ERROR_PARAMS(params, ...) (KCTX_ARGS params KCTX_ERROR_ARG(__VA_ARGS__))
#define KCTX_NO_TOKEN(name) missing_token<call::name> name(...);
namespace kctx {
template <class Call> struct missing_token : anything {
    KCTX_UNAVAILABLE("kctx[missing-token]: a call" KCTX_TEXT_no_token) ~missing_token();
};
} // namespace kctx
#endif

/// The contract of call @p name: `kctx::call::name`. Its words, kctx::text_of<call::name>, cost the
/// compiler time, so they are there under KCTX_TEXTS only, for tables and documents.
#define KCTX_CONTRACT(kind, name, why, fix, source)                                                \
    namespace call {                                                                               \
    struct name : contract<wait_type::KCTX_LEVEL_##kind, rule::KCTX_RULE_##kind> {                 \
        KCTX_ERROR_TYPE(in, KCTX_TEXT_in(kind, name, why, fix))                                    \
    };                                                                                             \
    }                                                                                              \
    KCTX_CONTRACT_TEXT(name, KCTX_SLUG_##kind, why, fix, source)
#ifdef KCTX_TEXTS
#define KCTX_CONTRACT_TEXT(name, ...)                                                              \
    template <> inline constexpr contract_text text_of<call::name>{#name, __VA_ARGS__};            \
    template <> struct nth_call<__COUNTER__> {                                                     \
        using type = call::name;                                                                   \
    };
#else
#define KCTX_CONTRACT_TEXT(...)
#endif

// The kind of a call that waits for nothing and nobody: no context refuses it.
#define KCTX_LEVEL_anywhere free
#define KCTX_RULE_anywhere none
#define KCTX_SLUG_anywhere "legal-anywhere"
#define KCTX_SAYS_anywhere(name, why) name "() " why
#define KCTX_EFFECT_free KCTX_EFFECT_spin
#define KCTX_EXCLUDES_free
#define KCTX_NO_FIX "none needed"

/// A function that needs no context at all, and so takes no token: what it does, and where the
/// kernel says so. It stands next to the declaration, for tables and documents.
#ifdef KCTX_TEXTS
#define KCTX_LEGAL_ANYWHERE(name, why, source)                                                     \
    namespace call {                                                                               \
    struct name : contract<wait_type::free> {};                                                    \
    }                                                                                              \
    KCTX_CONTRACT_TEXT(name, KCTX_SLUG_anywhere, why, KCTX_NO_FIX, source)
#else
#define KCTX_LEGAL_ANYWHERE(...)
#endif

/// The function behind a call, which host.hpp or sim.hpp defines in one file of the program.
#define KCTX_ENV(kind, ret, name, params)                                                          \
    namespace env::inline KCTX_ENV_NAMESPACE {                                                     \
    ret name params noexcept KCTX_EFFECT(kind);                                                    \
    }

/// @def KCTX_CALL(kind, ret, name, params, args, why, fix, source)
/// Declares a kernel function: `ret name(ctx, params...)`.
/// @param kind    sleeps, locks, spins, ...: the level it needs and the rule that it breaks
/// @param params  its parameters in parentheses; @p args the same names, as passed on
/// @param why     completes "it ..."; @p fix completes "fix: ..."
/// @param source  the kernel file and function that the contract was read from
// It is flat, since each macro that an argument passes through costs as much as the declaration.
#define KCTX_CALL(kind, ret, name, params, args, why, fix, source)                                 \
    namespace call {                                                                               \
    struct name : contract<wait_type::KCTX_LEVEL_##kind, rule::KCTX_RULE_##kind> {                 \
        KCTX_ERROR_TYPE(in, KCTX_TEXT_in(kind, name, why, fix))                                    \
    };                                                                                             \
    }                                                                                              \
    namespace env::inline KCTX_ENV_NAMESPACE {                                                     \
    ret name params noexcept KCTX_EFFECT(kind);                                                    \
    }                                                                                              \
    template <may<call::name> C>                                                                   \
    KCTX_ALWAYS_INLINE ret name(C KCTX_AND params) noexcept KCTX_EFFECT(kind) KCTX_EXCLUDES(kind)              \
    {                                                                                              \
        return env::name args;                                                                     \
    }                                                                                              \
    template <forbidden<call::name> C>                                                             \
    KCTX_ERROR(KCTX_TEXT_in(kind, name, why, fix))                                                 \
    ret name(C KCTX_AND params KCTX_ERROR_ARG(call::name::template in<C>));                        \
    KCTX_TOKENLESS(kind, (ret), name, params, args)                                                \
    KCTX_CONTRACT_TEXT(name, KCTX_SLUG_##kind, why, fix, source)

/// KCTX_CALL() of a kind with a rule of its own.
#define KCTX_RULED_CALL(kind, ret, name, params, args, why, fix, source)                           \
    KCTX_CALL(kind, ret, name, params, args, why, fix, source)                                     \
    KCTX_REJECTED_BY_RULE(kind, (ret), name, (C KCTX_AND params))

/// The overloads that say why not, for declarations of another shape than KCTX_CALL(). The last
/// argument are template parameters beside the context C.
#define KCTX_REJECTED(kind, ret, name, params, why, fix, ...)                                      \
    template <forbidden<call::name> C KCTX_AND(__VA_ARGS__)>                                       \
    KCTX_ERROR(KCTX_TEXT_in(kind, name, why, fix))                                                 \
    KCTX_ARGS ret name KCTX_ERROR_PARAMS(params, call::name::template in<C>);
#define KCTX_REJECTED_BY_RULE(kind, ret, name, params, ...)                                        \
    namespace call {                                                                               \
    KCTX_ERROR_TYPE(name##_against_rule, KCTX_TEXT_breaks(kind, name))                             \
    }                                                                                              \
    template <forbidden_by_rule<call::name> C KCTX_AND(__VA_ARGS__)>                               \
    KCTX_ERROR(KCTX_TEXT_breaks(kind, name))                                                       \
    KCTX_ARGS ret name KCTX_ERROR_PARAMS(params, call::name##_against_rule<C>);

#ifdef KCTX_PLAIN_CALLS
#define KCTX_TOKENLESS(kind, ret, name, params, args)                                              \
    KCTX_ALWAYS_INLINE KCTX_ARGS ret name params noexcept KCTX_EFFECT(kind) KCTX_EXCLUDES(kind)                \
    {                                                                                              \
        return env::name args;                                                                     \
    }
#else
#define KCTX_TOKENLESS(kind, ret, name, params, args) KCTX_NO_TOKEN(name)
#endif
