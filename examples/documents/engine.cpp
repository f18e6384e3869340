// SPDX-License-Identifier: BSL-1.0
// The machine that the reproductions run on.
#include <kctx/sim/engine.hpp>
