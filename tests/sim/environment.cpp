// SPDX-License-Identifier: BSL-1.0
// The one file of each test program that defines what is behind the calls.
#include <kctx/sim.hpp>
