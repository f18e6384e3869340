// SPDX-License-Identifier: BSL-1.0
/// @file
/// Small numbers for pointers, and small numbers alone.
/// @par Kernel source
/// include/linux/idr.h, lib/idr.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/slab.hpp>

namespace kctx {

/// Pointers by small numbers; the caller locks.
struct idr {
    void *head = nullptr; ///< the environment's tree
};
/// Small numbers; it locks itself.
struct ida {
    void *head = nullptr; ///< the environment's tree
    unsigned lock = 0;    ///< its own spinlock's word
};

/// Sets memory aside for the next idr_alloc(), which then may have GFP_NOWAIT. Until
/// idr_preload_end() it holds a local_lock_t, the section of which is the caller's to name.
KCTX_GFP_CALL(void, idr_preload, (), (), (), (), "preload in process context",
              "lib/radix-tree.c idr_preload()")
KCTX_CALL(spins, void, idr_preload_end, (), (), "gives the local_lock back", KCTX_GIVE_BACK,
          "include/linux/idr.h idr_preload_end()")

/// A number for a pointer, at least @p least and below @p end (0: any), or -errno.
KCTX_GFP_CALL(int, idr_alloc, (idr * numbers, void *pointer, int least, int end), (),
              (numbers, pointer, least, end), (),
              "idr_preload() with GFP_KERNEL before the atomic section, and GFP_NOWAIT in it",
              "lib/idr.c idr_alloc()")
/// Frees a number; returns its pointer.
KCTX_CALL(spins, void *, idr_remove, (idr * numbers, unsigned long id), (numbers, id),
          "leaves what is empty to call_rcu()", KCTX_DO_IN_IRQ_WORK,
          "lib/radix-tree.c radix_tree_node_free()")

namespace env::inline KCTX_ENV_NAMESPACE {
/// The pointer of a number, as an RCU reader; legal in every context.
void *idr_find(const idr *numbers, unsigned long id) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::idr_find;
KCTX_LEGAL_ANYWHERE(idr_find, "reads as an RCU reader", "lib/idr.c idr_find()")

/// A number, or -errno.
KCTX_GFP_CALL(int, ida_alloc, (ida * numbers), (), (numbers), (),
              "GFP_ATOMIC (it can fail), or take the number in process context",
              "lib/idr.c ida_alloc_range()")
/// Gives a number back.
KCTX_CALL(locks, void, ida_free, (ida * numbers, unsigned int id), (numbers, id), "takes xa_lock",
          "free it after the raw section", "lib/idr.c ida_free()")

} // namespace kctx
