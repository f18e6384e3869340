// SPDX-License-Identifier: BSL-1.0
// SELFTEST: neither the first error nor its notes stand on line 22, the marked one
// UNCHECKED: rejected
// EXPECT chain: handle serve forever
// COMPILERS: clang++-22

struct waits {
    static void forever() noexcept [[clang::blocking]];
};

static void serve() noexcept
{
#ifndef FIXED
    waits::forever();
#endif
}

static void handle() noexcept { serve(); }

void handler() noexcept [[clang::nonblocking]] { handle(); }

void unmarked() {} // <-- error
