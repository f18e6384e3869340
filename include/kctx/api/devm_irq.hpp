// SPDX-License-Identifier: BSL-1.0
/// @file
/// Interrupt lines that are given back when their device goes.
/// @par Kernel source
/// include/linux/interrupt.h, kernel/irq/devres.c (6.12).
#pragma once

#include <kctx/api/device.hpp>
#include <kctx/api/interrupt.hpp>

// g++ reports what a macro brings about where the macro is written, unless that is a system header.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC system_header
#endif

namespace kctx {

#define KCTX_DEVM_IRQ_WHY "allocates the action and takes the line's mutex"

KCTX_CONTRACT(sleeps, devm_request_irq, KCTX_DEVM_IRQ_WHY, KCTX_IRQ_SETUP_FIX,
              "include/linux/interrupt.h devm_request_irq()")
KCTX_CONTRACT(sleeps, devm_request_threaded_irq, KCTX_DEVM_IRQ_WHY, KCTX_IRQ_SETUP_FIX,
              "kernel/irq/devres.c devm_request_threaded_irq()")
namespace call {
struct devm_irq_handler_errors {
    KCTX_ERROR_TYPE(devm_request_irq, KCTX_TEXT_handler(devm_request_irq, KCTX_IRQ_CONTEXT))
    KCTX_ERROR_TYPE(devm_request_threaded_irq,
                    KCTX_TEXT_handler(devm_request_threaded_irq, KCTX_IRQ_CONTEXTS))
};
} // namespace call
namespace env::inline KCTX_ENV_NAMESPACE {
int devm_request_threaded_irq(device *dev, unsigned int irq, irq_handler_t primary,
                              irq_handler_t thread, unsigned long flags, const char *name,
                              void *data) noexcept;
}

/// request_irq() until the device is gone.
template <may<call::devm_request_irq> C, auto H, unsigned long F>
    requires detail::irq_handler<H, irqf<F>::no_thread>
KCTX_ALWAYS_INLINE int devm_request_irq(C, device *dev, detail::line_for<H> irq, handler_t<H>,
                                        irqf<F>, const char *name,
                                        void *data) noexcept KCTX_EXCLUDES_sleep
{
    return env::devm_request_threaded_irq(dev, irq, detail::irq_thunk<H, irqf<F>::no_thread>,
                                          nullptr, F, name, data);
}
/// request_threaded_irq() until the device is gone.
template <may<call::devm_request_threaded_irq> C, auto H, auto Thread, unsigned long F>
    requires(detail::irq_handler<H, true> && detail::irq_thread<Thread>)
KCTX_ALWAYS_INLINE int devm_request_threaded_irq(C, device *dev,
                                                 detail::line_for_both<H, Thread> irq, handler_t<H>,
                                                 handler_t<Thread>, irqf<F>, const char *name,
                                                 void *data) noexcept KCTX_EXCLUDES_sleep
{
    return env::devm_request_threaded_irq(dev, irq, detail::irq_thunk<H, true>,
                                          detail::thread_thunk<Thread>, F, name, data);
}
/// The same without a primary handler: the line needs IRQF_ONESHOT.
template <may<call::devm_request_threaded_irq> C, auto Thread, unsigned long F>
    requires(detail::irq_thread<Thread> && detail::thread_suffices<F>)
KCTX_ALWAYS_INLINE int devm_request_threaded_irq(C, device *dev, detail::line_for<Thread> irq,
                                                 decltype(nullptr), handler_t<Thread>, irqf<F>,
                                                 const char *name,
                                                 void *data) noexcept KCTX_EXCLUDES_sleep
{
    return env::devm_request_threaded_irq(dev, irq, nullptr, detail::thread_thunk<Thread>, F, name,
                                          data);
}

KCTX_REJECTED(sleeps, (int), devm_request_irq,
              (C, device *, unsigned int, handler_t<H>, irqf<F>, const char *, void *),
              KCTX_DEVM_IRQ_WHY, KCTX_IRQ_SETUP_FIX, auto H, unsigned long F)
KCTX_REJECTED(sleeps, (int), devm_request_threaded_irq,
              (C, device *, unsigned int, Primary, handler_t<Thread>, irqf<F>, const char *,
               void *),
              KCTX_DEVM_IRQ_WHY, KCTX_IRQ_SETUP_FIX, class Primary, auto Thread, unsigned long F)
#ifndef KCTX_UNCHECKED
template <may<call::devm_request_irq> C, auto H, unsigned long F>
    requires(!detail::irq_handler<H, irqf<F>::no_thread>)
KCTX_ERROR(KCTX_TEXT_handler(devm_request_irq, KCTX_IRQ_CONTEXT))
int devm_request_irq
    KCTX_ERROR_PARAMS((C, device *, unsigned int, handler_t<H>, irqf<F>, const char *, void *),
                      call::devm_irq_handler_errors::template devm_request_irq<handler_t<H>>);
template <may<call::devm_request_threaded_irq> C, auto H, auto Thread, unsigned long F>
    requires(!(detail::irq_handler<H, true> && detail::irq_thread<Thread>))
KCTX_ERROR(KCTX_TEXT_handler(devm_request_threaded_irq, KCTX_IRQ_CONTEXTS))
int devm_request_threaded_irq KCTX_ERROR_PARAMS(
    (C, device *, unsigned int, handler_t<H>, handler_t<Thread>, irqf<F>, const char *, void *),
    call::devm_irq_handler_errors::template devm_request_threaded_irq<void(handler_t<H>,
                                                                           handler_t<Thread>)>);
template <may<call::devm_request_threaded_irq> C, auto Thread, unsigned long F>
    requires(!detail::irq_thread<Thread>)
KCTX_ERROR(KCTX_TEXT_handler(devm_request_threaded_irq, KCTX_IRQ_CONTEXTS))
int devm_request_threaded_irq KCTX_ERROR_PARAMS(
    (C, device *, unsigned int, decltype(nullptr), handler_t<Thread>, irqf<F>, const char *,
     void *),
    call::devm_irq_handler_errors::template devm_request_threaded_irq<handler_t<Thread>>);
template <may<call::devm_request_threaded_irq> C, auto Thread, unsigned long F>
    requires(detail::irq_thread<Thread> && !detail::thread_suffices<F>)
KCTX_ERROR(KCTX_TEXT_oneshot)
int devm_request_threaded_irq
    KCTX_ERROR_PARAMS((C, device *, unsigned int, decltype(nullptr), handler_t<Thread>, irqf<F>,
                       const char *, void *),
                      call::irq_handler_errors::template oneshot<handler_t<Thread>>);
#endif
/// The same with 0 for no flags.
template <may<call::devm_request_irq> C, auto H>
    requires detail::irq_handler<H, false>
KCTX_ALWAYS_INLINE int devm_request_irq(C ctx, device *dev, detail::line_for<H> irq, handler_t<H> h,
                                        detail::no_irqf, const char *name,
                                        void *data) noexcept KCTX_EXCLUDES_sleep
{
    return devm_request_irq(ctx, dev, irq, h, IRQF_TRIGGER_NONE, name, data);
}
/// The same with 0 for no flags.
template <may<call::devm_request_threaded_irq> C, auto H, auto Thread>
    requires(detail::irq_handler<H, true> && detail::irq_thread<Thread>)
KCTX_ALWAYS_INLINE int
devm_request_threaded_irq(C ctx, device *dev, detail::line_for_both<H, Thread> irq, handler_t<H> h,
                          handler_t<Thread> thread, detail::no_irqf, const char *name,
                          void *data) noexcept KCTX_EXCLUDES_sleep
{
    return devm_request_threaded_irq(ctx, dev, irq, h, thread, IRQF_TRIGGER_NONE, name, data);
}
KCTX_REJECTED(sleeps, (int), devm_request_irq,
              (C, device *, unsigned int, handler_t<H>, detail::no_irqf, const char *, void *),
              KCTX_DEVM_IRQ_WHY, KCTX_IRQ_SETUP_FIX, auto H)
KCTX_REJECTED(sleeps, (int), devm_request_threaded_irq,
              (C, device *, unsigned int, Primary, handler_t<Thread>, detail::no_irqf, const char *,
               void *),
              KCTX_DEVM_IRQ_WHY, KCTX_IRQ_SETUP_FIX, class Primary, auto Thread)
#ifndef KCTX_UNCHECKED
template <may<call::devm_request_irq> C, auto H>
    requires(!detail::irq_handler<H, false>)
KCTX_ERROR(KCTX_TEXT_handler(devm_request_irq, KCTX_IRQ_CONTEXT))
int devm_request_irq
    KCTX_ERROR_PARAMS((C, device *, unsigned int, handler_t<H>, detail::no_irqf, const char *,
                       void *),
                      call::devm_irq_handler_errors::template devm_request_irq<handler_t<H>>);
template <may<call::devm_request_threaded_irq> C, auto Thread>
KCTX_ERROR(KCTX_TEXT_oneshot)
int devm_request_threaded_irq
    KCTX_ERROR_PARAMS((C, device *, unsigned int, decltype(nullptr), handler_t<Thread>,
                       detail::no_irqf, const char *, void *),
                      call::irq_handler_errors::template oneshot<handler_t<Thread>>);
#endif
#ifndef KCTX_UNCHECKED
template <may<call::devm_request_irq> C, class Line, auto H, class Flags>
    requires detail::other_line<Line, H>
KCTX_ERROR(KCTX_TEXT_other_line)
int devm_request_irq
    KCTX_ERROR_PARAMS((C, device *, Line, handler_t<H>, Flags, const char *, void *),
                      call::irq_handler_errors::template other_line<call::devm_request_irq>);
template <may<call::devm_request_threaded_irq> C, class Line, class Primary, auto Thread,
          class Flags>
    requires detail::other_lines<Line, Primary, handler_t<Thread>>
KCTX_ERROR(KCTX_TEXT_other_line)
int devm_request_threaded_irq KCTX_ERROR_PARAMS(
    (C, device *, Line, Primary, handler_t<Thread>, Flags, const char *, void *),
    call::irq_handler_errors::template other_line<call::devm_request_threaded_irq>);
#endif
KCTX_NO_TOKEN(devm_request_irq)
KCTX_NO_TOKEN(devm_request_threaded_irq)
/// Gives such a line back before its device goes.
KCTX_CALL(sleeps, void, devm_free_irq, (device * dev, unsigned int irq, void *data),
          (dev, irq, data), "waits until the handler has finished", KCTX_IRQ_SETUP_FIX,
          "kernel/irq/devres.c devm_free_irq()")
KCTX_WAITS_FOR_NAMED(void, devm_free_irq, (C, device *, Name, void *))

} // namespace kctx
