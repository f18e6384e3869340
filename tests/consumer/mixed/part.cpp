// SPDX-License-Identifier: BSL-1.0
// Compiled for the same kernel as main.cpp, and for others.
#include "part.hpp"

int part(kctx::ProcessCtx ctx);
int part(kctx::ProcessCtx ctx) { return work(ctx); }
