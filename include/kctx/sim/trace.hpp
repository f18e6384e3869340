// SPDX-License-Identifier: BSL-1.0
/// @file
/// A shadow call stack in the words of an architecture's trace.
/// @par Kernel source
/// arch/powerpc/kernel/process.c show_stack(), arch/arm/kernel/traps.c dump_backtrace_entry(),
/// arch/arm64/kernel/traps.c dump_backtrace(), arch/x86/kernel/dumpstack.c printk_stack_address().
#pragma once

#include <algorithm>

#include <kctx/sim/config.hpp>
#include <kctx/sim/symbols.hpp>
#include <kctx/sim/task.hpp>

namespace kctx::sim {

/// Where an architecture has the kernel's code, for symbols that nobody has told.
inline std::uint64_t text_start(kernel::arch arch)
{
    switch (arch) {
    case kernel::arch::arm64:
        return 0xffff000008080000;
    case kernel::arch::x86:
        return 0xffffffff81000000;
    default:
        return 0xc0008000;
    }
}

/// The functions that print a trace and stand in it, the innermost last: those of dump_stack().
inline std::vector<const char *> printing_functions(const machine_config &m)
{
    switch (m.arch) {
    case kernel::arch::powerpc:
        return m.since(3, 10) ? std::vector{"dump_stack", "show_stack"} : std::vector{"show_stack"};
    case kernel::arch::arm:
        return m.since(3, 10) ? std::vector{"dump_stack", "show_stack", "dump_backtrace"}
                              : std::vector{"dump_stack", "dump_backtrace"};
    case kernel::arch::arm64:
        return {"dump_stack", "show_stack", "dump_backtrace"};
    default:
        return m.since(5, 12) ? std::vector{"dump_stack", "dump_stack_lvl"}
                              : std::vector{"dump_stack"};
    }
}

/// The lines of a trace. @p frames: of @p owner, outermost first. The innermost has called nobody;
/// @p trapped: it is where the processor was stopped.
inline std::vector<std::string> trace_lines(const machine_config &m, const symbol_table &symbols,
                                            const std::vector<const char *> &frames,
                                            const task_struct &owner, bool trapped = false)
{
    const task_options &task = owner.is;
    std::vector<std::string> lines;
    std::vector<symbol> found;
    found.reserve(frames.size());
    for (const char *name : frames)
        found.push_back(symbols.find(name, text_start(m.arch)));

    std::uint64_t sp = task.stack_top;
    for (const symbol &s : found)
        sp -= s.stack;

    if (m.arch == kernel::arch::arm64)
        lines.emplace_back("Call trace:");
    else if (m.arch != kernel::arch::arm)
        lines.emplace_back("Call Trace:");
    // x86 says which stack it is on: interrupts have one of their own.
    const bool marks_irq =
        m.arch == kernel::arch::x86 && m.since(4, 10) && !owner.interrupts.empty();
    const std::size_t irq_stack = marks_irq ? owner.interrupts.front().depth : frames.size();
    const bool marks_task = m.arch == kernel::arch::x86 && m.since(5, 16);
    if (marks_irq)
        lines.emplace_back(" <IRQ>");
    else if (marks_task)
        lines.emplace_back(" <TASK>");
    for (std::size_t i = frames.size(); i-- > 0;) {
        if (marks_irq && i + 1 == irq_stack) {
            lines.emplace_back(" </IRQ>");
            if (marks_task)
                lines.emplace_back(" <TASK>");
        }
        const symbol &s = found[i];
        const auto at = static_cast<unsigned long long>(s.returns_to);
        const bool innermost = i + 1 == frames.size();
        const std::string where = describe(frames[i], s, innermost && !trapped ? 0 : s.offset);
        switch (m.arch) {
        case kernel::arch::powerpc:
            lines.push_back(text("[%08llx] [%08llx] ", static_cast<unsigned long long>(sp), at) +
                            describe(frames[i], s, s.offset) + (innermost ? " (unreliable)" : ""));
            break;
        case kernel::arch::arm:
            // Nobody called it; or it is the interrupt's entry, below which the registers of what
            // was interrupted are shown and followed.
            if (i == 0 || s.frameless ||
                std::ranges::any_of(owner.interrupts, [i](const interruption &came) {
                    return came.exception && came.depth == i;
                }))
                break;
            lines.push_back(text("[<%08llx>] (", static_cast<unsigned long long>(s.start())) +
                            describe(frames[i], s, 0) +
                            text(") from [<%08llx>] (",
                                 static_cast<unsigned long long>(found[i - 1].returns_to)) +
                            describe(frames[i - 1], found[i - 1], found[i - 1].offset) + ")");
            break;
        case kernel::arch::arm64:
            lines.push_back((m.since(4, 15) ? std::string(" ")
                                            : text("[<%016llx>] ", innermost ? s.start() : at)) +
                            where);
            break;
        default:
            lines.push_back((m.since(4, 10) ? std::string(" ") : text(" [<%016llx>] ", at)) +
                            describe(frames[i], s, s.offset));
        }
        sp += s.stack;
    }
    if (marks_irq && irq_stack == 0)
        lines.emplace_back(" </IRQ>");
    else if (marks_task)
        lines.emplace_back(" </TASK>");
    if (m.arch == kernel::arch::powerpc && task.user.trap != 0) {
        lines.push_back(text("--- Exception: %x at 0x%llx", task.user.trap,
                             static_cast<unsigned long long>(task.user.pc)));
        lines.push_back(text("    LR = 0x%llx", static_cast<unsigned long long>(task.user.link)));
    }
    return lines;
}

} // namespace kctx::sim
