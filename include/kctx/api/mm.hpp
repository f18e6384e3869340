// SPDX-License-Identifier: BSL-1.0
/// @file
/// Address spaces and the pages of processes.
/// @par Kernel source
/// include/linux/mm.h, mm/gup.c, mm/memory.c, include/linux/mmap_lock.h, include/linux/set_memory.h
/// (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/page.hpp>

namespace kctx {

struct mm_struct;      ///< an address space; the environment's
struct vm_area_struct; ///< a part of one

#define KCTX_MMAP_WHY "takes mmap_lock, a rw_semaphore"
#define KCTX_MMAP_FIX "mmap_read_trylock(), or a work item"
#define KCTX_SET_MEMORY_WHY "changes page tables and waits until all CPUs have seen it"

KCTX_CALL(sleeps, void, mmap_read_lock, (mm_struct * mm), (mm), KCTX_MMAP_WHY, KCTX_MMAP_FIX,
          "include/linux/mmap_lock.h mmap_read_lock()")
KCTX_CALL(spins, bool, mmap_read_trylock, (mm_struct * mm), (mm), "counts a reader",
          KCTX_DO_IN_IRQ_WORK, "include/linux/mmap_lock.h mmap_read_trylock()")
KCTX_CALL(locks, void, mmap_read_unlock, (mm_struct * mm), (mm), "wakes who waits for the lock",
          KCTX_GIVE_BACK, "include/linux/mmap_lock.h mmap_read_unlock()")
KCTX_CALL(sleeps, void, mmap_write_lock, (mm_struct * mm), (mm), KCTX_MMAP_WHY, KCTX_MMAP_FIX,
          "include/linux/mmap_lock.h mmap_write_lock()")
KCTX_CALL(locks, void, mmap_write_unlock, (mm_struct * mm), (mm), "wakes who waits for the lock",
          KCTX_GIVE_BACK, "include/linux/mmap_lock.h mmap_write_unlock()")
/// Holds pages of the process; returns how many, or -errno.
KCTX_CALL(sleeps, int, get_user_pages_fast,
          (unsigned long start, int count, unsigned int flags, page **pages),
          (start, count, flags, pages), KCTX_MMAP_WHY, "pin the pages in the system call",
          "mm/gup.c get_user_pages_fast()")
/// The same for DMA.
KCTX_CALL(sleeps, int, pin_user_pages_fast,
          (unsigned long start, int count, unsigned int flags, page **pages),
          (start, count, flags, pages), KCTX_MMAP_WHY, "pin the pages in the system call",
          "mm/gup.c pin_user_pages_fast()")
/// The same with mmap_lock held.
KCTX_CALL(sleeps, long, pin_user_pages,
          (unsigned long start, unsigned long count, unsigned int flags, page **pages),
          (start, count, flags, pages), "reads in pages, under mmap_lock",
          "pin the pages in the system call", "mm/gup.c pin_user_pages()")
/// Maps memory of the device into the process.
KCTX_CALL(sleeps, int, remap_pfn_range,
          (vm_area_struct * area, unsigned long address, unsigned long pfn, unsigned long size,
           unsigned long protection),
          (area, address, pfn, size, protection), "allocates page tables with GFP_KERNEL",
          "map it in the mmap handler", "mm/memory.c remap_pfn_range()")
KCTX_CALL(sleeps, unsigned int, vmf_insert_pfn,
          (vm_area_struct * area, unsigned long address, unsigned long pfn), (area, address, pfn),
          "allocates page tables with GFP_KERNEL", "map it in the fault handler",
          "mm/memory.c vmf_insert_pfn()")
/// Lets pages be executed.
KCTX_CALL(sleeps, int, set_memory_x, (unsigned long address, int pages), (address, pages),
          KCTX_SET_MEMORY_WHY, KCTX_DO_LATER, "arch/x86/mm/pat/set_memory.c set_memory_x()")
KCTX_CALL(sleeps, int, set_memory_ro, (unsigned long address, int pages), (address, pages),
          KCTX_SET_MEMORY_WHY, KCTX_DO_LATER, "arch/x86/mm/pat/set_memory.c set_memory_ro()")

} // namespace kctx
