// SPDX-License-Identifier: BSL-1.0
/// @file
/// What translates the addresses of devices.
/// @par Kernel source
/// include/linux/iommu.h, drivers/iommu/iommu.c (6.12).
#pragma once

#include <kctx/api/slab.hpp>

namespace kctx {

/// An address space of devices; the environment's.
struct iommu_domain;

/// Maps memory: 0 or -errno.
KCTX_GFP_CALL(int, iommu_map,
              (iommu_domain * domain, unsigned long iova, phys_addr_t address, size_t size,
               int protection),
              (), (domain, iova, address, size, protection), (),
              "GFP_ATOMIC (it can fail), or map it before the atomic section",
              "drivers/iommu/iommu.c iommu_map()")
/// Returns how much it unmapped.
KCTX_CALL(locks, size_t, iommu_unmap, (iommu_domain * domain, unsigned long iova, size_t size),
          (domain, iova, size), "takes the locks of the page tables",
          "unmap it after the raw section", "drivers/iommu/iommu.c iommu_unmap()")

} // namespace kctx
