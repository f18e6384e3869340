// SPDX-License-Identifier: BSL-1.0
/// @file
/// Where the memory of a machine comes from, and what happens to memory that is freed. With
/// `unmap_freed` (CONFIG_DEBUG_PAGEALLOC) each object lies at the end of pages of its own, and
/// these are gone when it is freed, so that who still uses it gets the Oops of an access to what is
/// not mapped.
/// @par Kernel source
/// mm/page_poison.c, mm/fail_page_alloc.c, lib/debugobjects.c debug_check_no_obj_freed()
#pragma once

#include <cstdlib>
#include <cstring>
#include <map>
#include <unordered_map>
#include <vector>

#include <sys/mman.h>

#include <kctx/sim/definitions.hpp>

namespace kctx {
struct kmem_cache;
} // namespace kctx

namespace kctx::sim {

/// What memory is asked for, and so which of the kernel's allocators gives it.
enum class memory_use : unsigned char {
    at_hand,   ///< none of them: it is simply there
    pages,     ///< alloc_pages()
    exact,     ///< alloc_pages_exact()
    object,    ///< kmalloc(), kmem_cache_alloc()
    scattered, ///< vmalloc()
    coherent,  ///< dma_alloc_coherent()
};
/// What is asked of the memory, and for what.
struct memory_request {
    memory_use use = memory_use::at_hand; ///< what it is for
    std::size_t size = 0;                 ///< bytes
    unsigned gfp = 0;                     ///< the mask in bits; 0: none was given
    const kmem_cache *cache = nullptr;    ///< of kmem_cache_alloc()
    const char *cache_name = nullptr;     ///< of its cache, for reports
};

/// Where in a machine's memory things lie, and whether there is room for them: physical_memory.hpp.
/// A machine without one has memory at hand.
class memory_model
{
public:
    memory_model() = default;
    memory_model(const memory_model &) = delete;
    memory_model &operator=(const memory_model &) = delete;
    virtual ~memory_model() = default;
    /// The physical address; 0: there is no room, and what the kernel says of that has been said.
    /// The task may have slept.
    virtual std::uint64_t alloc(const memory_request &request) = 0;
    /// Gives back what alloc() gave for an equal request.
    virtual void free(const memory_request &request, std::uint64_t address) = 0;
    /// kmem_cache_destroy()
    virtual void forget(const kmem_cache *cache) = 0;
};

/// The memory of a machine's kernel: what is allocated, and what was freed too early or never.
class heap
{
    struct block {
        std::size_t size;
        std::uint64_t number;
        memory_request request;
        std::uint64_t physical = 0;
        std::size_t mapped = 0; ///< bytes of its own pages
        bool freed = false;
    };
    std::map<const void *, block> blocks_;
    std::size_t live_ = 0, most_ = 0;

public:
    bool unmap_freed = false; ///< freed memory is unmapped: its use is an Oops
    /// The allocation of this number fails, counted from 1; 0: none does.
    std::uint64_t fail_at = 0;
    std::uint64_t allocations = 0; ///< how many there were
    memory_model *model = nullptr; ///< not owned
    /// Is told of memory that is freed: who has a timer or a work item there says so.
    std::vector<void (*)(machine &, const void *, std::size_t)> on_free;
    machine &m; ///< whose memory it is

    explicit heap(machine &of) : m(of)
    {
        m.unmapped_address = [this](std::uintptr_t address) { return freed_address(address); };
    }
    ~heap()
    {
        for (const auto &[p, b] : blocks_)
            drop(p, b);
    }
    heap(const heap &) = delete;
    heap &operator=(const heap &) = delete;

    /// Memory of @p size bytes, or nullptr; of 0 bytes ZERO_SIZE_PTR.
    void *take(std::size_t size, std::size_t align, bool zero, memory_request request = {})
    {
        if (++allocations == fail_at)
            return nullptr;
        if (size == 0)
            return reinterpret_cast<void *>(std::uintptr_t{16}); // ZERO_SIZE_PTR
        block b{size, allocations, request};
        if (model != nullptr && request.use != memory_use::at_hand) {
            b.physical = model->alloc(request);
            if (b.physical == 0)
                return nullptr;
        }
        void *p = nullptr;
        if (unmap_freed) {
            b.mapped = (size + page - 1) / page * page;
            void *const pages =
                mmap(nullptr, b.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (pages == MAP_FAILED)
                return nullptr;
            p = static_cast<char *>(pages) + (b.mapped - size) / align * align;
        } else {
            p = std::aligned_alloc(align, (size + align - 1) / align * align);
            if (p == nullptr)
                return nullptr;
            if (zero)
                std::memset(p, 0, size);
        }
        live_ += size;
        most_ = std::max(most_, live_);
        blocks_.insert_or_assign(p, b);
        return p;
    }
    /// Frees it. What was never taken, or is freed already, is kfree()'s BUG.
    void give(const void *p)
    {
        const auto found = blocks_.find(p);
        if (found == blocks_.end() || found->second.freed)
            m.bug({"mm/slub.c", 0});
        block &b = found->second;
        for (const auto tell : on_free)
            tell(m, p, b.size);
        if (b.physical != 0)
            model->free(b.request, b.physical);
        live_ -= b.size;
        if (b.mapped != 0) {
            b.freed = true; // its addresses are not given out again
            mprotect(start_of(p), b.mapped, PROT_NONE);
        } else {
            drop(p, b);
            blocks_.erase(found);
        }
    }
    /// Bytes that were asked for; 0 for what is not allocated.
    std::size_t size_of(const void *p) const
    {
        const auto found = blocks_.find(p);
        return found == blocks_.end() ? 0 : found->second.size;
    }
    /// Of memory that was freed (with unmap_freed): its address as reports show it; 0 of other.
    std::uint64_t freed_address(std::uintptr_t address) const
    {
        const auto after = blocks_.upper_bound(reinterpret_cast<const void *>(address));
        if (after == blocks_.begin())
            return 0;
        const auto &[p, b] = *std::prev(after);
        const auto start = reinterpret_cast<std::uintptr_t>(start_of(p));
        return b.freed && address < start + b.mapped
                   ? 0xffff888004000000 + b.number * page + (address - start)
                   : 0;
    }
    /// Where it lies in the machine's memory; 0: the machine has no model of it.
    std::uint64_t physical(const void *p) const
    {
        const auto found = blocks_.find(p);
        return found == blocks_.end() ? 0 : found->second.physical;
    }
    std::size_t live() const { return live_; } ///< bytes in use
    std::size_t most() const { return most_; } ///< the most bytes that were in use at once

private:
    static constexpr std::size_t page = 4096;
    static void *start_of(const void *p)
    {
        return reinterpret_cast<void *>(reinterpret_cast<std::uintptr_t>(p) & ~(page - 1));
    }
    static void drop(const void *p, const block &b)
    {
        if (b.mapped != 0)
            munmap(start_of(p), b.mapped);
        else
            std::free(const_cast<void *>(p));
    }
};
inline heap &the_heap() { return here().part<heap>(); } ///< the heap of the machine that runs

/// What a task's section forbids its allocations, bits.
inline constexpr unsigned scope_noio = 1;      ///< PF_MEMALLOC_NOIO
inline constexpr unsigned scope_nofs = 2;      ///< PF_MEMALLOC_NOFS
inline constexpr unsigned scope_noreclaim = 4; ///< PF_MEMALLOC
inline unsigned enter_scope(unsigned scope)
{
    unsigned &now = here().current().memalloc;
    return std::exchange(now, now | scope) & scope;
}
inline void leave_scope(unsigned scope, unsigned saved)
{
    unsigned &now = here().current().memalloc;
    now = (now & ~scope) | saved;
}

} // namespace kctx::sim
