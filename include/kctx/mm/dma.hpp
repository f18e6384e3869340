// SPDX-License-Identifier: BSL-1.0
/// @file
/// Memory that a device and the CPU share: dma_alloc_coherent() on a machine without an IOMMU, from
/// a CMA area where the caller may wait, else from the page allocator (kernel/dma/direct.c:
/// __dma_direct_alloc_pages(); kernel/dma/contiguous.c: dma_alloc_contiguous(); 5.4, 6.1, 6.12).
#pragma once

#include <kctx/mm/cma.hpp>
#include <kctx/mm/slab.hpp>

namespace kctx::mm {

/// A device, as far as its memory goes.
struct dma_device {
    std::uint64_t coherent_mask = 0xffffffff; ///< dev->coherent_dma_mask: its highest address
    cma_area *own_area = nullptr;             ///< dev->cma_area: a reserved-memory node. Not owned
};

/// dma_alloc_coherent() and dma_free_coherent() of a machine.
class dma_allocator
{
public:
    /// CONFIG_CMA_ALIGNMENT: CMA aligns to no more than 2^8 pages.
    static constexpr unsigned cma_alignment = 8;

    /// @param default_area dma_contiguous_default_area (cma=, CONFIG_CMA_SIZE_MBYTES); or none
    explicit dma_allocator(page_allocator &pages, cma_area *default_area = nullptr)
        : pages_(&pages), default_area_(default_area)
    {}

    /// So many bytes in a row, whole pages, at addresses that the device reaches; 0: there are
    /// none. The pages beyond the size, up to the next order, are not given back, as those of
    /// alloc_pages_exact() are.
    address alloc(const dma_device &dev, std::uint64_t size, unsigned gfp,
                  const alloc_context &who = {})
    {
        const std::uint64_t count = (size + page_size - 1) >> page_shift;
        const unsigned order = kernel::order_of_size(size);
        if (cma_area *const area = area_for(dev, count, gfp)) {
            const page_result p =
                cma_allocator(*pages_).alloc(*area, count, std::min(order, cma_alignment));
            if (p && reaches(dev, p, count))
                return p.pfn() << page_shift;
            if (p)
                cma_allocator(*pages_).release(*area, p.pfn(), count);
        }
        // The zone is the implementation's to choose (dma_direct_optimal_gfp_mask()): by the mask,
        // and a lower one where what came is out of reach.
        const unsigned dma = flag(kernel::gfp_flag::__GFP_DMA);
        const unsigned dma32 = flag(kernel::gfp_flag::__GFP_DMA32);
        gfp &= ~(dma | dma32 | flag(kernel::gfp_flag::__GFP_HIGHMEM));
        unsigned zone = dev.coherent_mask <= dma_zone_mask ? dma
                        : dev.coherent_mask <= 0xffffffff  ? dma32
                                                           : 0;
        for (;;) {
            const page_result p = pages_->alloc_pages(gfp | zone, order, who);
            if (!p)
                return 0;
            if (reaches(dev, p, count))
                return p.pfn() << page_shift;
            pages_->free_pages(p.pfn(), order);
            if (zone == dma)
                return 0;
            zone = zone == 0 ? dma32 : dma;
        }
    }

    /// Throws std::out_of_range for what is no memory.
    void free(const dma_device &dev, std::uint64_t size, address at)
    {
        const std::uint64_t count = (size + page_size - 1) >> page_shift;
        cma_area *const area = dev.own_area != nullptr ? dev.own_area : default_area_;
        if (area == nullptr || !cma_allocator(*pages_).release(*area, at >> page_shift, count))
            pages_->free_pages(at >> page_shift, kernel::order_of_size(size));
    }

private:
    static constexpr std::uint64_t dma_zone_mask = 0xffffff; ///< zone_dma_bits: 24, as on x86

    unsigned flag(kernel::gfp_flag f) const
    {
        return kernel::gfp_value(pages_->rules().version, f);
    }

    static bool reaches(const dma_device &dev, page_result p, std::uint64_t count)
    {
        return ((p.pfn() + count) << page_shift) - 1 <= dev.coherent_mask;
    }

    /// CMA is for those who may sleep. A single page is no reason to use the default area (5.3).
    cma_area *area_for(const dma_device &dev, std::uint64_t count, unsigned gfp) const
    {
        if ((gfp & pages_->masks().direct_reclaim) == 0)
            return nullptr;
        if (dev.own_area != nullptr)
            return dev.own_area;
        const bool singles = pages_->rules().version < KCTX_VERSION(5, 3, 0);
        return count > 1 || singles ? default_area_ : nullptr;
    }

    page_allocator *pages_;
    cma_area *default_area_;
};

} // namespace kctx::mm
