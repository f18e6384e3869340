// SPDX-License-Identifier: BSL-1.0
/// @file
/// Tasks and the shadow of their call stacks.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <kctx/api/sched.hpp>
#include <kctx/sim/fiber.hpp>

namespace kctx::sim {

/// Where user space made the system call: what PowerPC prints below it.
struct user_registers {
    unsigned trap = 0; ///< the exception's vector, with its lowest bit: 0xc01
    std::uint64_t pc = 0;
    std::uint64_t link = 0;
};

/// What a task is. A trace shows its stack from @p stack_top down.
struct task_options {
    std::string comm;
    int pid = 0;
    std::uint64_t stack_top = 0; ///< 0: an address of the machine's choice
    std::vector<const char *>
        entry{};           ///< the kernel's functions that call its own, outermost first
    user_registers user{}; ///< of a system call
    unsigned cpu = 0;
    bool serves = false; ///< a kernel thread that waits for work for ever, and does not hang
};

} // namespace kctx::sim

namespace kctx {

struct task_struct {
    sim::task_options is;
    unsigned state = TASK_RUNNING;
    unsigned preempt_count = 0;
    bool queued = false; ///< waits for its CPU
    bool exited = false;
    std::vector<const char *> frames; ///< the functions it is in, outermost first
    std::function<void()> body;
    sim::fiber fiber;

    task_struct(sim::task_options options, std::function<void()> what, std::size_t stack_bytes,
                void (*run)(void *))
        : is(std::move(options)), frames(is.entry), body(std::move(what)),
          fiber(stack_bytes, run, this)
    {
        frames.reserve(64);
    }
};

} // namespace kctx
