// SPDX-License-Identifier: BSL-1.0
/// @file
/// Arrays of pointers by index, grown as needed.
/// @par Kernel source
/// include/linux/xarray.h, lib/xarray.c (6.12).
#pragma once

#include <kctx/api/slab.hpp>

namespace kctx {

/// An array of pointers.
struct xarray {
    void *head = nullptr; ///< the environment's tree
    unsigned lock = 0;    ///< its own spinlock's word
};

/// Stores an entry; returns the old one, or an error of xa_err().
KCTX_GFP_CALL(void *, xa_store, (xarray * array, unsigned long index, void *entry), (),
              (array, index, entry), (), "GFP_ATOMIC (it can fail), or store it in process context",
              "lib/xarray.c xa_store()")
/// Stores an entry at a free index up to @p most: 0 or -errno.
KCTX_GFP_CALL(int, xa_alloc, (xarray * array, u32 *id, void *entry, u32 most), (),
              (array, id, entry, most), (),
              "GFP_ATOMIC (it can fail), or store it in process context",
              "lib/xarray.c __xa_alloc()")
/// Removes an entry and returns it.
KCTX_CALL(locks, void *, xa_erase, (xarray * array, unsigned long index), (array, index),
          "takes xa_lock", "erase it after the raw section", "lib/xarray.c xa_erase()")

namespace env::inline KCTX_ENV_NAMESPACE {
/// The entry, or NULL, as an RCU reader; legal in every context.
void *xa_load(xarray *array, unsigned long index) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::xa_load;
KCTX_LEGAL_ANYWHERE(xa_load, "reads as an RCU reader", "lib/xarray.c xa_load()")

} // namespace kctx
