// SPDX-License-Identifier: BSL-1.0
// From the Mem-Info of a page allocation failure, Linux 5.4, pages of 4 kB:
//
//     DMA32 free:@free@kB min:@min@kB low:12800kB high:15360kB ... free_cma:@cma@kB
//
// The request: order:0, a driver's. CMA serves movable pages only.
#include <kctx/kctx.hpp>

// [[solve]]
constexpr long pages_for_a_driver = (@free@ - @cma@) / 4;
// __zone_watermark_ok(): free pages without CMA must be above min; GFP_ATOMIC may go below it, by a
// half (ALLOC_HIGH) and then by a quarter of the rest (ALLOC_HARDER).
constexpr bool gfp_kernel_gets_one_at_min = (@free@ - @cma@) / 4 > @min@ / 4;
constexpr long atomic_min_pages = @min@ / 4 - @min@ / 4 / 2 - (@min@ / 4 - @min@ / 4 / 2) / 4;
constexpr bool gfp_atomic_gets_one = (@free@ - @cma@) / 4 > atomic_min_pages;
// [[stub]]
constexpr long pages_for_a_driver = 0; // TODO 1
// __zone_watermark_ok(): free pages without CMA must be above min; GFP_ATOMIC may go below it, by a
// half (ALLOC_HIGH) and then by a quarter of the rest (ALLOC_HARDER).
constexpr bool gfp_kernel_gets_one_at_min = false; // TODO 2: more free pages than min?
constexpr long atomic_min_pages = 0;               // TODO 3: its limit, in pages
constexpr bool gfp_atomic_gets_one = false;        // TODO 4
// [[wrong with-cma]]
constexpr long pages_for_a_driver = @free@ / 4;
constexpr bool gfp_kernel_gets_one_at_min = true;
constexpr long atomic_min_pages = @min@ / 4 - @min@ / 4 / 2 - (@min@ / 4 - @min@ / 4 / 2) / 4;
constexpr bool gfp_atomic_gets_one = true;
// [[wrong three-quarters]]
constexpr long pages_for_a_driver = (@free@ - @cma@) / 4;
constexpr bool gfp_kernel_gets_one_at_min = (@free@ - @cma@) / 4 > @min@ / 4;
constexpr long atomic_min_pages = @min@ / 4 / 4;
constexpr bool gfp_atomic_gets_one = (@free@ - @cma@) / 4 > @min@ / 4 / 4;
// [[end]]
