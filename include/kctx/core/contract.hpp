// SPDX-License-Identifier: BSL-1.0
/// @file
/// Contracts: what a call needs, written once. KCTX_CALL() makes of one declaration the function
/// that a legal context gets, the error that an illegal one gets, the attributes for clang's
/// analyses and the entry of the contract table.
#pragma once

#include <kctx/core/annotations.hpp>

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

namespace kctx {

/// A contract in words, for tables, documents and reports.
struct contract_text {
    const char *call;   ///< the function, as the kernel spells it
    const char *slug;   ///< the rule that an illegal call breaks
    const char *why;    ///< what the call does that the context must bear
    const char *fix;    ///< what to do instead
    const char *source; ///< where the kernel says so: file and function, Linux 6.12
};

namespace rule {
struct none {
    static constexpr bool holds(const context_state &, bool) noexcept { return true; }
};
struct not_in_nmi {
    static constexpr bool holds(const context_state &s, bool) noexcept { return !s.nmi; }
};
} // namespace rule

/// What a call needs: a wait level, and a rule over the state of the context if it has one.
template <wait_type Needs, class Rule = rule::none> struct contract {
    static constexpr wait_type needs = Needs;
    using rule = Rule;
    static constexpr bool legal(const context_state &s, bool rt) noexcept
    {
        return Rule::holds(s, rt) && bears(s.allows, Needs, rt);
    }
};

/// The verdict: whether @p Call is legal in context @p C on every kernel that is meant.
template <class Call, class C>
inline constexpr bool is_legal =
    (!detail::checks_off || Call::legal(detail::state_off<C>, false)) &&
    (!detail::checks_rt || Call::legal(detail::state_rt<C>, true));

/// A context that may make @p Call; under KCTX_UNCHECKED every one.
#ifdef KCTX_UNCHECKED
template <class C, class Call>
concept may = context<C>;
#else
template <class C, class Call>
concept may = context<C> && is_legal<Call, C>;
#endif
/// One that may not, because the call's own rule forbids it, or else because of its level.
template <class C, class Call>
concept forbidden_by_rule = context<C> && !may<C, Call> &&
                            !is_legal<contract<wait_type::free, typename Call::rule>, C>;
template <class C, class Call>
concept forbidden = context<C> && !may<C, Call> && !forbidden_by_rule<C, Call>;

struct no_token; ///< what errors name where a context token should be

} // namespace kctx

#define KCTX_ARGS(...) __VA_ARGS__
#define KCTX_AND(...) __VA_OPT__(, ) __VA_ARGS__
#define KCTX_COMMA(...) __VA_OPT__(, )

// The kinds of call: level, slug, how the slug is said; and of a rule of its own the same, in
// KCTX_RULE_ and KCTX_BREAKS_. A room with a rule of its own defines its kind next to the calls.
#define KCTX_LEVEL_sleeps sleep
#define KCTX_RULE_sleeps none
#define KCTX_SLUG_sleeps "sleep-in-atomic"
#define KCTX_SAYS_sleeps(name, why) name "() may sleep (it " why "), and this context must not"
#define KCTX_LEVEL_locks config
#define KCTX_RULE_locks not_in_nmi
#define KCTX_SLUG_locks "rt-lock-in-raw-section"
#define KCTX_SAYS_locks(name, why)                                                                 \
    name "() takes a spinlock_t (it " why "), which sleeps on PREEMPT_RT, in a raw section"
#define KCTX_LEVEL_spins spin
#define KCTX_RULE_spins not_in_nmi
#define KCTX_SLUG_spins "lock-in-nmi"
#define KCTX_SAYS_spins(name, why) KCTX_BREAKS_not_in_nmi(name)
#define KCTX_BREAKS_none(name) ""
#define KCTX_BREAKS_not_in_nmi(name)                                                               \
    "kctx[lock-in-nmi]: " name "() takes a lock that the NMI may have interrupted; fix: "          \
    "irq_work_queue() it, and do it in the irq_work"

#define KCTX_TEXT_in(kind, name, why, fix)                                                         \
    "kctx[" KCTX_SLUG_##kind "]: " KCTX_SAYS_##kind(#name, why) "; fix: " fix
#define KCTX_TEXT_breaks(kind, name) KCTX_PASTE(KCTX_BREAKS_, KCTX_RULE_##kind)(#name)
#define KCTX_TEXT_without_token(name)                                                              \
    "kctx[missing-token]: " #name "() needs the context it is called in; fix: " #name              \
    "(ctx, ...) with the token of this function or section"

// An overload that is an error when chosen. clang reports the attribute of the function, with the
// context in its template arguments. g++ 12 does so twice; what it reports once is the constructor
// of a default argument, so there the text stands in a type `call::name::tag<context>`.
#if defined(__clang__)
#define KCTX_ERROR_TYPE(tag, text)
#define KCTX_ERROR(text) KCTX_UNAVAILABLE(text)
#define KCTX_ERROR_PARAMS(params, ...) params
#else
#define KCTX_ERROR_TYPE(tag, text)                                                                 \
    template <class Context> struct tag {                                                          \
        KCTX_UNAVAILABLE(text) tag() noexcept;                                                     \
    };
#define KCTX_ERROR(text)
#define KCTX_ERROR_PARAMS(params, ...) (KCTX_ARGS params KCTX_COMMA params typename __VA_ARGS__ = {})
#endif

#define KCTX_EFFECT(kind) KCTX_PASTE(KCTX_EFFECT_, KCTX_LEVEL_##kind)
#define KCTX_EXCLUDES(kind) KCTX_PASTE(KCTX_EXCLUDES_, KCTX_LEVEL_##kind)

/// The contract of call @p name: `kctx::call::name`.
#define KCTX_CONTRACT(kind, name, why, fix, source)                                                \
    namespace call {                                                                               \
    struct name : contract<wait_type::KCTX_LEVEL_##kind, rule::KCTX_RULE_##kind> {                 \
        static constexpr contract_text text{#name, KCTX_SLUG_##kind, why, fix, source};            \
        KCTX_ERROR_TYPE(in, KCTX_TEXT_in(kind, name, why, fix))                                    \
        KCTX_ERROR_TYPE(against_rule, KCTX_TEXT_breaks(kind, name))                                \
        KCTX_ERROR_TYPE(without_token, KCTX_TEXT_without_token(name))                              \
    };                                                                                             \
    }

/// The function behind a call. host.hpp or sim.hpp defines it, in one file of the program.
#define KCTX_ENV(kind, ret, name, params)                                                          \
    namespace env::inline KCTX_ENV_NAMESPACE {                                                     \
    ret name params noexcept KCTX_EFFECT(kind);                                                    \
    }

/// @def KCTX_CALL(kind, ret, name, params, args, why, fix, source)
/// Declares a kernel function: `ret name(ctx, params...)`.
/// @param kind    sleeps, locks, spins, ...: the level it needs and the rule that it may break
/// @param params  its parameters in parentheses; @p args the same names, as passed on
/// @param why     completes "it ..."; @p fix completes "fix: ..."
/// @param source  the kernel file and function that the contract was read from
#define KCTX_CALL(kind, ret, name, params, args, why, fix, source)                                 \
    KCTX_CONTRACT(kind, name, why, fix, source)                                                    \
    KCTX_ENV(kind, ret, name, params)                                                              \
    template <may<call::name> C>                                                                   \
    inline ret name(C KCTX_AND params) noexcept KCTX_EFFECT(kind) KCTX_EXCLUDES(kind)              \
    {                                                                                              \
        return env::name args;                                                                     \
    }                                                                                              \
    KCTX_REJECTED(kind, (ret), name, (C KCTX_AND params), why, fix)                                \
    KCTX_TOKENLESS(kind, (ret), name, params, args)

#ifdef KCTX_UNCHECKED
#define KCTX_REJECTED(...)
#else
/// The overloads that say why not; the last argument are template parameters beside the context.
#define KCTX_REJECTED(kind, ret, name, params, why, fix, ...)                                      \
    template <forbidden<call::name> C KCTX_AND(__VA_ARGS__)>                                       \
    KCTX_ERROR(KCTX_TEXT_in(kind, name, why, fix))                                                 \
    KCTX_ARGS ret name KCTX_ERROR_PARAMS(params, call::name::template in<C>);                      \
    template <forbidden_by_rule<call::name> C KCTX_AND(__VA_ARGS__)>                               \
    KCTX_ERROR(KCTX_TEXT_breaks(kind, name))                                                       \
    KCTX_ARGS ret name KCTX_ERROR_PARAMS(params, call::name::template against_rule<C>);            \
    template <class C KCTX_AND(__VA_ARGS__)>                                                       \
        requires(!context<C>)                                                                      \
    KCTX_ERROR(KCTX_TEXT_without_token(name))                                                      \
    KCTX_ARGS ret name KCTX_ERROR_PARAMS(params, call::name::template without_token<C>);
#endif

#ifdef KCTX_PLAIN_CALLS
#define KCTX_TOKENLESS(kind, ret, name, params, args)                                              \
    inline KCTX_ARGS ret name params noexcept KCTX_EFFECT(kind) KCTX_EXCLUDES(kind)                \
    {                                                                                              \
        return env::name args;                                                                     \
    }
#else
#define KCTX_TOKENLESS(kind, ret, name, params, args)                                              \
    template <class C = no_token>                                                                  \
    KCTX_ERROR(KCTX_TEXT_without_token(name))                                                      \
    KCTX_ARGS ret name KCTX_ERROR_PARAMS(params, call::name::template without_token<C>);
#endif
