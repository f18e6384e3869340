// SPDX-License-Identifier: BSL-1.0
// The table of contracts at run time: compiled once for the program and the tests.
#include <kctx/rules/rows.hpp>
