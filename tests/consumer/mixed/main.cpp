// SPDX-License-Identifier: BSL-1.0
// Makes the calls that part.cpp makes, and has the environment for them.
#include <kctx/host.hpp>
#include <kctx/kctx.hpp>

#include "part.hpp"

int part(kctx::ProcessCtx ctx);

int main()
{
    const auto ctx = kctx::assume_context<kctx::ProcessCtx>("main() is process context");
    return work(ctx) - part(ctx);
}
