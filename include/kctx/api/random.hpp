// SPDX-License-Identifier: BSL-1.0
/// @file
/// Random numbers.
/// @par Kernel source
/// include/linux/random.h, drivers/char/random.c (6.12).
#pragma once

#include <kctx/api/hardirq_only.hpp>
#include <kctx/api/types.hpp>

namespace kctx {

#define KCTX_RANDOM_WHY "takes a local_lock"

KCTX_CALL(locks, void, get_random_bytes, (void *to, size_t count), (to, count), KCTX_RANDOM_WHY,
          "take the numbers before the raw section", "drivers/char/random.c get_random_bytes()")
KCTX_CALL(locks, u32, get_random_u32, (), (), KCTX_RANDOM_WHY,
          "take the numbers before the raw section", "drivers/char/random.c get_random_u32()")
/// What the irq core calls for each interrupt.
KCTX_RULED_CALL(only_in_hardirq, void, add_interrupt_randomness, (int irq), (irq),
                "mixes in when the interrupt came", "leave it to the irq core",
                "drivers/char/random.c add_interrupt_randomness()")

} // namespace kctx
