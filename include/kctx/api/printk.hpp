// SPDX-License-Identifier: BSL-1.0
/// @file
/// The kernel's log. Legal in every context, NMI included, so that no call takes a token.
/// @par Kernel source
/// include/linux/printk.h, include/linux/kern_levels.h, include/linux/dev_printk.h,
/// kernel/printk/printk.c (6.12).
#pragma once

#include <kctx/api/device.hpp>
#include <kctx/declare/call.hpp>

#define KERN_SOH "\001" ///< what a level starts with

/// Levels of messages, with which a format may begin, from 0, the system is unusable, to 7, for
/// debugging (include/linux/kern_levels.h).
#define KERN_EMERG KERN_SOH "0"
#define KERN_ALERT KERN_SOH "1"
#define KERN_CRIT KERN_SOH "2"
#define KERN_ERR KERN_SOH "3"
#define KERN_WARNING KERN_SOH "4"
#define KERN_NOTICE KERN_SOH "5"
#define KERN_INFO KERN_SOH "6"
#define KERN_DEBUG KERN_SOH "7"
#define KERN_CONT KERN_SOH "c" ///< goes on with the line before

namespace kctx {
namespace env::inline KCTX_ENV_NAMESPACE {
/// Prints a line; the format may start with a level.
__attribute__((format(printf, 1, 2))) int printk(const char *format, ...) noexcept KCTX_EFFECT_spin;
/// The same for NMIs and for the scheduler's own locks: the consoles get it later.
__attribute__((format(printf, 1, 2))) int printk_deferred(const char *format,
                                                          ...) noexcept KCTX_EFFECT_spin;
/// The same with the level apart: what pr_info() and its like call.
__attribute__((format(printf, 2, 3))) int printk_at(const char *level, const char *format,
                                                    ...) noexcept KCTX_EFFECT_spin;
/// A line with the name of a device before it.
__attribute__((format(printf, 3, 4))) void
dev_printk(const char *level, const device *dev, const char *format, ...) noexcept KCTX_EFFECT_spin;
/// Prints the call stack.
void dump_stack() noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::dev_printk;
using env::dump_stack;
using env::printk;
using env::printk_at;
using env::printk_deferred;
KCTX_LEGAL_ANYWHERE(dev_printk, "leaves the consoles to others where it must",
                    "include/linux/dev_printk.h dev_printk()")
KCTX_LEGAL_ANYWHERE(dump_stack, "prints", "lib/dump_stack.c dump_stack()")
KCTX_LEGAL_ANYWHERE(printk, "leaves the consoles to others where it must",
                    "kernel/printk/printk.c vprintk_emit()")
KCTX_LEGAL_ANYWHERE(printk_deferred, "leaves the consoles to an irq_work",
                    "kernel/printk/printk.c _printk_deferred()")
} // namespace kctx

/// Define it before the first include to have it around every format of the file.
#ifndef pr_fmt
#define pr_fmt(format) format
#endif
#define pr_emerg(format, ...)                                                                      \
    ::kctx::printk_at(KERN_EMERG, pr_fmt(format) __VA_OPT__(, ) __VA_ARGS__)
#define pr_alert(format, ...)                                                                      \
    ::kctx::printk_at(KERN_ALERT, pr_fmt(format) __VA_OPT__(, ) __VA_ARGS__)
#define pr_crit(format, ...) ::kctx::printk_at(KERN_CRIT, pr_fmt(format) __VA_OPT__(, ) __VA_ARGS__)
#define pr_err(format, ...) ::kctx::printk_at(KERN_ERR, pr_fmt(format) __VA_OPT__(, ) __VA_ARGS__)
#define pr_warn(format, ...)                                                                       \
    ::kctx::printk_at(KERN_WARNING, pr_fmt(format) __VA_OPT__(, ) __VA_ARGS__)
#define pr_notice(format, ...)                                                                     \
    ::kctx::printk_at(KERN_NOTICE, pr_fmt(format) __VA_OPT__(, ) __VA_ARGS__)
#define pr_info(format, ...) ::kctx::printk_at(KERN_INFO, pr_fmt(format) __VA_OPT__(, ) __VA_ARGS__)
#define pr_debug(format, ...)                                                                      \
    ::kctx::printk_at(KERN_DEBUG, pr_fmt(format) __VA_OPT__(, ) __VA_ARGS__)
#define pr_cont(...) ::kctx::printk_at(KERN_CONT, __VA_ARGS__)

/// Messages about a device, like pr_*(), with the device's name in front:
/// `dev_err(&pdev->dev, "no clock: %d\n", error);`.
#define dev_emerg(dev, ...) ::kctx::dev_printk(KERN_EMERG, dev, __VA_ARGS__)
#define dev_crit(dev, ...) ::kctx::dev_printk(KERN_CRIT, dev, __VA_ARGS__)
#define dev_err(dev, ...) ::kctx::dev_printk(KERN_ERR, dev, __VA_ARGS__)
#define dev_warn(dev, ...) ::kctx::dev_printk(KERN_WARNING, dev, __VA_ARGS__)
#define dev_notice(dev, ...) ::kctx::dev_printk(KERN_NOTICE, dev, __VA_ARGS__)
#define dev_info(dev, ...) ::kctx::dev_printk(KERN_INFO, dev, __VA_ARGS__)
#define dev_dbg(dev, ...) ::kctx::dev_printk(KERN_DEBUG, dev, __VA_ARGS__)
