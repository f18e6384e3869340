// SPDX-License-Identifier: BSL-1.0
/// @file
/// The registers of devices.
/// @par Kernel source
/// include/linux/io.h, include/asm-generic/io.h, kernel/iomem.c, lib/devres.c (6.12).
#pragma once

#include <kctx/api/device.hpp>
#include <kctx/api/types.hpp>
#include <kctx/gfp/allocation.hpp>

namespace kctx {

/// A byte of a device: `iomem *base` is a `void __iomem *`. Read and write it by readl() and
/// writel() only.
using iomem = volatile unsigned char;
/// A range of addresses.
struct resource {
    resource_size_t start = 0;  ///< the first address
    resource_size_t end = 0;    ///< the last address, part of it
    const char *name = nullptr; ///< who claimed it
    unsigned long flags = 0;    ///< IORESOURCE_MEM, ...
};

#define KCTX_IOREMAP_WHY "allocates page tables with GFP_KERNEL"
#define KCTX_IOREMAP_FIX "map the registers at probe time"

/// Maps registers.
KCTX_MEMORY_CALL(sleeps, iomem, ioremap, (phys_addr_t address, size_t size), (address, size),
                 KCTX_IOREMAP_WHY, KCTX_IOREMAP_FIX, "mm/ioremap.c generic_ioremap_prot()")
KCTX_CALL(sleeps, void, iounmap, (iomem * address), (address), "waits until all CPUs have seen it",
          "unmap the registers at remove time", "mm/ioremap.c generic_iounmap()")
/// The same until the device is gone.
KCTX_MEMORY_CALL(sleeps, iomem, devm_ioremap,
                 (device * dev, resource_size_t address, resource_size_t size),
                 (dev, address, size), KCTX_IOREMAP_WHY, KCTX_IOREMAP_FIX,
                 "lib/devres.c devm_ioremap()")
/// The same; an error pointer if that fails.
KCTX_CALL(sleeps, iomem *, devm_ioremap_resource, (device * dev, const resource *range),
          (dev, range), KCTX_IOREMAP_WHY, KCTX_IOREMAP_FIX, "lib/devres.c devm_ioremap_resource()")
/// Maps memory that the kernel does not own.
KCTX_MEMORY_CALL(sleeps, void, memremap,
                 (resource_size_t address, size_t size, unsigned long flags),
                 (address, size, flags), KCTX_IOREMAP_WHY, KCTX_IOREMAP_FIX,
                 "kernel/iomem.c memremap()")

namespace env::inline KCTX_ENV_NAMESPACE {
/// Reads a register; legal in every context.
u32 readl(const iomem *address) noexcept KCTX_EFFECT_spin;
/// Writes a register; legal in every context.
void writel(u32 value, iomem *address) noexcept KCTX_EFFECT_spin;
u8 readb(const iomem *address) noexcept KCTX_EFFECT_spin;
void writeb(u8 value, iomem *address) noexcept KCTX_EFFECT_spin;
u16 readw(const iomem *address) noexcept KCTX_EFFECT_spin;
void writew(u16 value, iomem *address) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::readb;
using env::readl;
using env::readw;
using env::writeb;
using env::writel;
using env::writew;
KCTX_LEGAL_ANYWHERE(readb, "reads a register", "include/asm-generic/io.h readb()")
KCTX_LEGAL_ANYWHERE(readl, "reads a register", "include/asm-generic/io.h readl()")
KCTX_LEGAL_ANYWHERE(readw, "reads a register", "include/asm-generic/io.h readw()")
KCTX_LEGAL_ANYWHERE(writeb, "writes a register", "include/asm-generic/io.h writeb()")
KCTX_LEGAL_ANYWHERE(writel, "writes a register", "include/asm-generic/io.h writel()")
KCTX_LEGAL_ANYWHERE(writew, "writes a register", "include/asm-generic/io.h writew()")

} // namespace kctx
