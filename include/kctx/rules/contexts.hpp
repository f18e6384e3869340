// SPDX-License-Identifier: BSL-1.0
/// @file
/// The contexts: those that the kernel enters, and each section in a task.
#pragma once

#include <kctx/rules/declared.hpp>

#include <boost/hana/concat.hpp>
#include <boost/hana/transform.hpp>

namespace kctx::rules {

/// A context that the kernel enters, by its name.
template <context C> inline constexpr const char *entry_name = nullptr;

#define KCTX_ENTRIES(X)                                                                            \
    X(ProcessCtx)                                                                                  \
    X(SyscallCtx)                                                                                  \
    X(KthreadCtx)                                                                                  \
    X(WorkCtx)                                                                                     \
    X(ThreadedIrqCtx)                                                                              \
    X(IrqCtx)                                                                                      \
    X(HardIrqCtx)                                                                                  \
    X(SmpCallCtx)                                                                                  \
    X(IrqWorkCtx)                                                                                  \
    X(NmiCtx)                                                                                      \
    X(SoftirqCtx)                                                                                  \
    X(NapiCtx)                                                                                     \
    X(TaskletCtx)                                                                                  \
    X(TimerCtx)                                                                                    \
    X(BhWorkCtx)                                                                                   \
    X(RcuCallbackCtx)                                                                              \
    X(StopMachineCtx)                                                                              \
    X(IdleCtx)                                                                                     \
    X(HrtimerCtx<hard>)                                                                            \
    X(HrtimerCtx<soft>)                                                                            \
    X(HrtimerCtx<either>)
#define KCTX_ENTRY_NAME_(Name) template <> inline constexpr const char *entry_name<Name> = #Name;
KCTX_ENTRIES(KCTX_ENTRY_NAME_)
#undef KCTX_ENTRY_NAME_

namespace detail {
struct no_context;
template <class, class... C> constexpr auto list_contexts() { return hana::tuple_t<C...>; }
} // namespace detail

/// The contexts that the kernel enters.
#define KCTX_ENTRY_TYPE_(Name) , Name
/// Their types, as a tuple of hana::type; in the order of core/context.hpp.
inline constexpr auto entries =
    detail::list_contexts<detail::no_context KCTX_ENTRIES(KCTX_ENTRY_TYPE_)>();
#undef KCTX_ENTRY_TYPE_

namespace detail {
struct in_task_token {
    template <class Section> constexpr auto operator()(hana::basic_type<Section>) const
    {
        return hana::type_c<typename Section::template in<ProcessCtx>>;
    }
};
} // namespace detail

/// The same, and each section in a ProcessCtx.
inline constexpr auto contexts =
    hana::concat(entries, hana::transform(sections, detail::in_task_token{}));

} // namespace kctx::rules
