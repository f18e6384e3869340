// SPDX-License-Identifier: BSL-1.0
/// @file
/// The contracts of all calls as one table, at compile time: every call and section that is
/// declared before this header is included, the contexts, the verdicts, and the laws that hold over
/// all.
///
/// It comes before every other header of kctx, or KCTX_TEXTS is defined for the whole file: the
/// declarations then enter themselves. A call of one's own, declared with KCTX_CALL() in a header
/// that is included after `#define KCTX_TEXTS` and before this one, is in the table, too.
#pragma once

#include <kctx/rules/laws.hpp>
