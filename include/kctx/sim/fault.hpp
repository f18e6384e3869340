// SPDX-License-Identifier: BSL-1.0
/// @file
/// Has accesses to nothing end in the machine: while one runs, SIGSEGV is its page fault.
#pragma once

#include <csignal>
#include <cstdint>
#include <memory>

namespace kctx::sim {

/// The addresses up to here are nobody's, on the machine as on its host (vm.mmap_min_addr).
inline constexpr std::uint64_t null_page_bytes = 65536;

/// Handles SIGSEGV while it lives, on a stack of its own: the one that faulted may be used up.
class fault_catcher
{
    static constexpr std::size_t stack_bytes = 65536;
    static inline thread_local std::unique_ptr<char[]> stack_;
    static inline thread_local struct sigaction former_{};
    struct sigaction outer_;

public:
    explicit fault_catcher(void (*handle)(int, siginfo_t *, void *)) : outer_(former_)
    {
        stack_t has{};
        sigaltstack(nullptr, &has);
        if ((has.ss_flags & SS_DISABLE) != 0) { // a sanitizer has made one already
            stack_ = std::make_unique<char[]>(stack_bytes);
            stack_t mine{};
            mine.ss_sp = stack_.get();
            mine.ss_size = stack_bytes;
            sigaltstack(&mine, nullptr);
        }
        struct sigaction action{};
        action.sa_sigaction = handle;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK;
        sigaction(SIGSEGV, &action, &former_);
    }
    ~fault_catcher()
    {
        sigaction(SIGSEGV, &former_, nullptr);
        former_ = outer_;
    }
    fault_catcher(const fault_catcher &) = delete;
    fault_catcher &operator=(const fault_catcher &) = delete;

    /// Who handled it before.
    static const struct sigaction &former() { return former_; }
};

} // namespace kctx::sim
