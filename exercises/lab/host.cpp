// SPDX-License-Identifier: BSL-1.0
// The environment behind the calls, compiled once for all exercises.
#include <kctx/host.hpp>
