// SPDX-License-Identifier: BSL-1.0
/// @file
/// Stacks that a machine's tasks run on and switch between. What is suspended may be dropped: the
/// objects on its stack are not destroyed, as nobody destroys those of a task that hangs. (Boost's
/// own fiber class would unwind it with an exception, through functions that are noexcept.)
#pragma once

#include <cstddef>
#include <utility>

#include <boost/context/detail/fcontext.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>

#if defined(__SANITIZE_ADDRESS__)
#define KCTX_SIM_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KCTX_SIM_ASAN
#endif
#endif
#ifdef KCTX_SIM_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace kctx::sim {

/// A stack of its own that a task runs on; the machine goes from one to the other.
class fiber
{
    boost::context::detail::fcontext_t at_ = nullptr;
    boost::context::stack_context stack_;
    fiber *to_ = nullptr; ///< who is switched to
    void (*run_)(void *) = nullptr;
    void *what_ = nullptr;
#ifdef KCTX_SIM_ASAN
    void *fake_ = nullptr;         // AddressSanitizer's own stack of the fiber
    const void *bottom_ = nullptr; // of the stack that it did not make
    std::size_t size_ = 0;
#endif

public:
    fiber() = default; ///< the stack that the program is on
    /// Calls @p run(@p what) when it is first switched to; that must not return.
    fiber(std::size_t stack_bytes, void (*run)(void *), void *what) : run_(run), what_(what)
    {
        boost::context::protected_fixedsize_stack memory(stack_bytes);
        stack_ = memory.allocate();
#ifdef KCTX_SIM_ASAN
        size_ = stack_.size;
        bottom_ = static_cast<char *>(stack_.sp) - size_;
        __asan_unpoison_memory_region(bottom_, size_);
#endif
        at_ = boost::context::detail::make_fcontext(stack_.sp, stack_.size, start);
    }
    ~fiber() { drop_stack(); }
    fiber(const fiber &) = delete;
    fiber &operator=(const fiber &) = delete;

    /// Gives the memory back of one that is not switched to any more.
    void drop_stack()
    {
        if (stack_.sp != nullptr)
            boost::context::protected_fixedsize_stack().deallocate(stack_);
        stack_ = {};
    }

    /// The functions that the caller has called are left, with siglongjmp() and from a stack of
    /// signals: AddressSanitizer does not know that it was from here.
    void leave_callees()
    {
#ifdef KCTX_SIM_ASAN
        const auto *caller = static_cast<const char *>(__builtin_frame_address(0));
        const auto *bottom = static_cast<const char *>(bottom_);
        __asan_unpoison_memory_region(bottom, static_cast<std::size_t>(caller - bottom));
#endif
    }

    /// Leaves this fiber, which runs, for @p to; returns when somebody switches back. One that
    /// @p ends never is.
    void switch_to(fiber &to, [[maybe_unused]] bool ends = false)
    {
        to_ = &to;
#ifdef KCTX_SIM_ASAN
        __sanitizer_start_switch_fiber(ends ? nullptr : &fake_, to.bottom_, to.size_);
#endif
        const auto from = boost::context::detail::jump_fcontext(to.at_, this);
        static_cast<fiber *>(from.data)->to_->arrive(from);
    }

private:
    static void start(boost::context::detail::transfer_t from)
    {
        fiber &self = *static_cast<fiber *>(from.data)->to_;
        self.arrive(from);
        self.run_(self.what_);
    }
    void arrive(boost::context::detail::transfer_t from)
    {
        fiber &left = *static_cast<fiber *>(from.data);
        left.at_ = from.fctx;
#ifdef KCTX_SIM_ASAN
        const void *bottom = nullptr;
        std::size_t size = 0;
        __sanitizer_finish_switch_fiber(fake_, &bottom, &size);
        if (left.bottom_ == nullptr) {
            left.bottom_ = bottom;
            left.size_ = size;
        }
#endif
    }
};

} // namespace kctx::sim
