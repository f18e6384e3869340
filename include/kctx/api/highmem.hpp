// SPDX-License-Identifier: BSL-1.0
/// @file
/// Pages that the kernel has no lasting address for.
/// @par Kernel source
/// include/linux/highmem.h, include/linux/highmem-internal.h (6.12).
#pragma once

#include <kctx/api/page.hpp>

namespace kctx {

/// An address for all CPUs.
KCTX_CALL(sleeps, void *, kmap, (page * p), (p), "waits for a free slot", "kmap_local_page()",
          "include/linux/highmem-internal.h kmap()")
KCTX_CALL(sleeps, void, kunmap, (page * p), (p), "gives a slot back",
          "kmap_local_page() and kunmap_local()", "include/linux/highmem-internal.h kunmap()")

namespace env::inline KCTX_ENV_NAMESPACE {
/// An address for this task or handler, to be given back in the reverse order; legal in every
/// context.
void *kmap_local_page(page *p) noexcept KCTX_EFFECT_spin;
/// Gives it back; legal in every context.
void kunmap_local(const void *address) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::kmap_local_page;
using env::kunmap_local;
KCTX_LEGAL_ANYWHERE(kmap_local_page, "maps the page for this task or handler",
                    "include/linux/highmem-internal.h kmap_local_page()")
KCTX_LEGAL_ANYWHERE(kunmap_local, "ends the mapping",
                    "include/linux/highmem-internal.h kunmap_local()")

} // namespace kctx
