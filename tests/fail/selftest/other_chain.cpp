// SPDX-License-Identifier: BSL-1.0
// SELFTEST: the first error goes through handle serve forever, not handle forever
// UNCHECKED: rejected
// EXPECT chain: handle forever
// COMPILERS: clang++-22

struct waits {
    static void forever() noexcept [[clang::blocking]];
};

static void serve() noexcept
{
#ifndef FIXED
    waits::forever(); // <-- error
#endif
}

static void handle() noexcept { serve(); }

void handler() noexcept [[clang::nonblocking]] { handle(); }
