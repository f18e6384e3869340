// SPDX-License-Identifier: BSL-1.0
/// @file
/// Memory that devices reach: coherent buffers, mappings, pools, scatterlists. What lies in
/// vmalloc() memory is refused by the type of its pointer.
/// @par Kernel source
/// include/linux/dma-mapping.h, kernel/dma/mapping.c, mm/dmapool.c, include/linux/scatterlist.h
/// (6.12).
#pragma once

#include <kctx/api/device.hpp>
#include <kctx/api/page.hpp>
#include <kctx/api/vmalloc.hpp>

namespace kctx {

/// Who writes the memory.
enum dma_data_direction {
    DMA_BIDIRECTIONAL = 0,
    DMA_TO_DEVICE = 1,
    DMA_FROM_DEVICE = 2,
    DMA_NONE = 3
};

#define KCTX_DMA_MAP_WHY "takes the locks of the IOMMU or of the bounce buffers"
#define KCTX_DMA_MAP_FIX "map the buffer before the raw section"

/// Memory that CPU and device see alike; @p handle is its address for the device.
KCTX_ALLOCATION(page, void, dma_alloc_coherent, (device * dev, size_t size, dma_addr_t *handle), (),
                (dev, size, handle), (),
                "allocate the buffer at probe time, or GFP_ATOMIC from the small atomic pool",
                "kernel/dma/mapping.c dma_alloc_attrs()")
/// Frees it.
KCTX_CALL(sleeps, void, dma_free_coherent,
          (device * dev, size_t size, void *memory, dma_addr_t handle), (dev, size, memory, handle),
          "needs interrupts on and may vunmap() the memory",
          "free the buffer in process context, at remove time",
          "kernel/dma/mapping.c dma_free_attrs()")
/// Gives @p size bytes at @p memory to the device until they are unmapped.
KCTX_CALL(locks, dma_addr_t, dma_map_single,
          (device * dev, void *memory, size_t size, dma_data_direction direction),
          (dev, memory, size, direction), KCTX_DMA_MAP_WHY, KCTX_DMA_MAP_FIX,
          "kernel/dma/mapping.c dma_map_page_attrs()")
KCTX_CALL(locks, void, dma_unmap_single,
          (device * dev, dma_addr_t address, size_t size, dma_data_direction direction),
          (dev, address, size, direction), KCTX_DMA_MAP_WHY, "unmap it after the raw section",
          "kernel/dma/mapping.c dma_unmap_page_attrs()")
/// The same for a part of a page.
KCTX_CALL(locks, dma_addr_t, dma_map_page,
          (device * dev, page *p, size_t offset, size_t size, dma_data_direction direction),
          (dev, p, offset, size, direction), KCTX_DMA_MAP_WHY, KCTX_DMA_MAP_FIX,
          "kernel/dma/mapping.c dma_map_page_attrs()")
KCTX_CALL(locks, void, dma_unmap_page,
          (device * dev, dma_addr_t address, size_t size, dma_data_direction direction),
          (dev, address, size, direction), KCTX_DMA_MAP_WHY, "unmap it after the raw section",
          "kernel/dma/mapping.c dma_unmap_page_attrs()")

/// A piece of memory in a list that a device works through.
struct scatterlist {
    page *memory = nullptr;      ///< the page it is in, or begins in
    unsigned int offset = 0;     ///< bytes from the page's start on
    unsigned int length = 0;     ///< in bytes
    dma_addr_t dma_address = 0;  ///< as the device sees it; 0: not mapped
    unsigned int dma_length = 0; ///< bytes mapped there
};
/// Where the device finds a mapped piece.
#define sg_dma_address(sg) ((sg)->dma_address)
/// How many bytes of a mapped piece the device finds there.
#define sg_dma_len(sg) ((sg)->dma_length)
/// Makes @p list one of @p entries empty pieces.
inline void sg_init_table(scatterlist *list, unsigned int entries) noexcept
{
    for (unsigned int i = 0; i < entries; ++i)
        list[i] = {};
}
/// Has the piece be @p length bytes of @p memory, from @p offset on.
inline void sg_set_page(scatterlist *sg, page *memory, unsigned int length,
                        unsigned int offset) noexcept
{
    sg->memory = memory;
    sg->offset = offset;
    sg->length = length;
}
/// Maps a list; returns in how many pieces, 0 if it failed.
KCTX_CALL(locks, unsigned int, dma_map_sg,
          (device * dev, scatterlist *list, int entries, dma_data_direction direction),
          (dev, list, entries, direction), KCTX_DMA_MAP_WHY, KCTX_DMA_MAP_FIX,
          "kernel/dma/mapping.c dma_map_sg_attrs()")
KCTX_CALL(locks, void, dma_unmap_sg,
          (device * dev, scatterlist *list, int entries, dma_data_direction direction),
          (dev, list, entries, direction), KCTX_DMA_MAP_WHY, "unmap it after the raw section",
          "kernel/dma/mapping.c dma_unmap_sg_attrs()")

namespace env::inline KCTX_ENV_NAMESPACE {
/// Whether dma_map_single() or dma_map_page() failed: 0 or -ENOMEM; legal in every context.
int dma_mapping_error(device *dev, dma_addr_t address) noexcept KCTX_EFFECT_spin;
/// Hands mapped memory to the CPU or back to the device; legal in every context.
void dma_sync_single_for_cpu(device *dev, dma_addr_t address, size_t size,
                             dma_data_direction direction) noexcept KCTX_EFFECT_spin;
void dma_sync_single_for_device(device *dev, dma_addr_t address, size_t size,
                                dma_data_direction direction) noexcept KCTX_EFFECT_spin;
} // namespace env::inline KCTX_ENV_NAMESPACE
using env::dma_mapping_error;
using env::dma_sync_single_for_cpu;
using env::dma_sync_single_for_device;
KCTX_LEGAL_ANYWHERE(dma_mapping_error, "compares an address",
                    "include/linux/dma-mapping.h dma_mapping_error()")
KCTX_LEGAL_ANYWHERE(dma_sync_single_for_cpu, "cleans caches",
                    "kernel/dma/mapping.c __dma_sync_single_for_cpu()")
KCTX_LEGAL_ANYWHERE(dma_sync_single_for_device, "cleans caches",
                    "kernel/dma/mapping.c __dma_sync_single_for_device()")

/// A pool of small coherent buffers of one size; the environment's.
struct dma_pool;
KCTX_MEMORY_CALL(sleeps, dma_pool, dma_pool_create,
                 (const char *name, device *dev, size_t size, size_t align, size_t boundary),
                 (name, dev, size, align, boundary), "takes mutexes and allocates",
                 "create the pool in process context, at probe time",
                 "mm/dmapool.c dma_pool_create_node()")
KCTX_CALL(sleeps, void, dma_pool_destroy, (dma_pool * pool), (pool), "takes mutexes",
          "destroy the pool in process context", "mm/dmapool.c dma_pool_destroy()")
/// A buffer of the pool; @p handle is its address for the device.
KCTX_ALLOCATION(page, void, dma_pool_alloc, (dma_pool * pool), (dma_addr_t * handle), (pool),
                (handle), "GFP_ATOMIC (it can fail), or allocate before the atomic section",
                "mm/dmapool.c dma_pool_alloc()")
KCTX_CALL(locks, void, dma_pool_free, (dma_pool * pool, void *memory, dma_addr_t address),
          (pool, memory, address), "takes the pool's lock", "free it after the raw section",
          "mm/dmapool.c dma_pool_free()")

} // namespace kctx
