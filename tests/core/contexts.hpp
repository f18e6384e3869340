// SPDX-License-Identifier: BSL-1.0
/// @file
/// Every context that the kernel enters, and a way to go through them.
#pragma once

#include <kctx/core/context.hpp>

#include <typeinfo>

namespace tests {

template <class... C> struct type_list {};

using tasks = type_list<kctx::ProcessCtx, kctx::SyscallCtx, kctx::KthreadCtx, kctx::WorkCtx,
                        kctx::ThreadedIrqCtx>;
/// Those that PREEMPT_RT runs in threads, and softirqs.
using threadable =
    type_list<kctx::IrqCtx, kctx::IrqWorkCtx, kctx::HrtimerCtx<>, kctx::HrtimerCtx<kctx::soft>,
              kctx::SoftirqCtx, kctx::NapiCtx, kctx::TaskletCtx, kctx::TimerCtx, kctx::BhWorkCtx,
              kctx::RcuCallbackCtx>;
/// Those in which every kernel only takes raw locks.
using hard = type_list<kctx::HardIrqCtx, kctx::SmpCallCtx, kctx::HrtimerCtx<kctx::hard>,
                       kctx::StopMachineCtx, kctx::IdleCtx>;

template <class... Lists> struct joined;
template <class... C> struct joined<type_list<C...>> {
    using type = type_list<C...>;
};
template <class... A, class... B, class... Rest>
struct joined<type_list<A...>, type_list<B...>, Rest...> : joined<type_list<A..., B...>, Rest...> {
};
using all = joined<tasks, threadable, hard, type_list<kctx::NmiCtx>>::type;

/// Calls see.operator()<C>() for every type of the list.
template <class... C> void for_each(type_list<C...>, auto see)
{
    (see.template operator()<C>(), ...);
}
/// Whether T is one of the list.
template <class T, class... C> constexpr bool is_one_of(type_list<C...>)
{
    return (__is_same(T, C) || ...);
}
template <class... C> constexpr int length(type_list<C...>) { return sizeof...(C); }

/// The name of a type, for what a failing check prints.
template <class T> const char *name_of() { return __PRETTY_FUNCTION__; }

/// The name of a function, as the linker sees it, within that of a type.
template <auto Function> struct symbol {};
template <auto Function> const char *symbol_of() { return typeid(symbol<Function>).name(); }

} // namespace tests
