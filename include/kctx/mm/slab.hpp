// SPDX-License-Identifier: BSL-1.0
/// @file
/// What stands on the page allocator, on the page allocator of the model: kmalloc() over SLUB,
/// kmem_cache, mempool, vmalloc(), alloc_pages_exact() (mm/slub.c, mm/slab_common.c, mm/mempool.c,
/// mm/vmalloc.c). Addresses are physical: frame number times page size, and the offset in it; 0 is
/// NULL.
#pragma once

#include <kctx/kernel/kmalloc_caches.hpp>
#include <kctx/mm/page_allocator.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace kctx::mm {

/// An address of the simulated kernel's linear map: a frame's is pfn << page_shift.
using address = std::uint64_t;

/// Pages of 1 << page_shift bytes.
inline constexpr unsigned page_shift = kernel::kmalloc_page_shift;
inline constexpr address page_size = address{1} << page_shift; ///< bytes

/// A cache of objects of one size (struct kmem_cache), with the slabs that it has.
class kmem_cache
{
public:
    /// @param cpus nr_cpu_ids, which the kernel looks at when it chooses the order of its slabs
    kmem_cache(page_allocator &pages, std::string name, unsigned object_size, unsigned cpus = 1,
               unsigned slab_flags = 0)
        : pages_(&pages), name_(std::move(name)), size_((object_size + 7) / 8 * 8),
          flags_(slab_flags), order_(kernel::slub_order(pages.rules().version, size_, cpus)),
          min_order_(kernel::order_of_size(size_))
    {}

    const std::string &name() const { return name_; }   ///< as /proc/slabinfo has it: "kmalloc-64"
    unsigned object_size() const { return size_; }      ///< bytes, a multiple of 8
    unsigned order() const { return order_; }           ///< of a slab, if there are such pages
    unsigned min_order() const { return min_order_; }   ///< of one that holds a single object
    std::size_t slabs() const { return slabs_.size(); } ///< how many it has
    std::size_t objects_in_use() const { return in_use_; }     ///< in all its slabs
    std::size_t order_fallbacks() const { return fallbacks_; } ///< ORDER_FALLBACK

    /// kmem_cache_alloc(): an object, or 0.
    address alloc(unsigned gfp, const alloc_context &who = {})
    {
        if (partial_.empty() && !new_slab(gfp, who))
            return 0;
        slab &s = slabs_.at(partial_.back());
        const unsigned object = s.free.back();
        s.free.pop_back();
        s.used[object] = true;
        ++s.in_use;
        ++in_use_;
        const address at = (s.pfn << page_shift) + address{object} * size_;
        if (s.free.empty())
            partial_.pop_back();
        return at;
    }

    /// kmem_cache_free(). Throws std::invalid_argument for what is no object of this cache, or is
    /// free already.
    void free(address object)
    {
        if (!free_if_own(object))
            throw std::invalid_argument(name_ + ": kmem_cache_free() of what is no object in use");
    }

    /// The same: false for what is no object in use of this cache.
    bool free_if_own(address object)
    {
        const auto found = slabs_.upper_bound(object >> page_shift);
        if (found == slabs_.begin())
            return false;
        slab &s = std::prev(found)->second;
        const address offset = object - (s.pfn << page_shift);
        const auto index = static_cast<unsigned>(offset / size_);
        if (offset % size_ != 0 || index >= s.used.size() || !s.used[index])
            return false;
        give(s, index);
        return true;
    }

    /// kmem_cache_shrink(), and what kmem_cache_destroy() begins with: empty slabs go back.
    void shrink()
    {
        std::erase_if(slabs_, [this](const auto &entry) {
            const slab &s = entry.second;
            if (s.in_use != 0)
                return false;
            std::erase(partial_, s.pfn);
            pages_->free_pages(s.pfn, s.order);
            return true;
        });
    }

private:
    struct slab {
        std::uint64_t pfn = 0;
        unsigned order = 0;
        unsigned in_use = 0;
        std::vector<unsigned> free; ///< object numbers, the next one last
        std::vector<bool> used;
    };

    /// allocate_slab(): of the cache's order, lightly and without a report; if there are no such
    /// pages, of the smallest order, as the caller asked.
    bool new_slab(unsigned gfp, const alloc_context &who)
    {
        const kernel::gfp_masks &m = pages_->masks();
        gfp |= flags_;
        unsigned order = order_;
        unsigned light = (gfp | m.nowarn | m.noretry) & ~m.nofail;
        if ((light & m.direct_reclaim) != 0 && order_ > min_order_)
            light = (light | m.nomemalloc) & ~(m.direct_reclaim | m.kswapd_reclaim);
        page_result p = pages_->alloc_pages(with_comp(light, order), order, who);
        if (!p && order_ > min_order_) {
            ++fallbacks_;
            order = min_order_;
            p = pages_->alloc_pages(with_comp(gfp, order), order, who);
        }
        if (!p)
            return false;
        slab &s = slabs_[p.pfn()];
        s.pfn = p.pfn();
        s.order = order;
        const auto objects = static_cast<unsigned>((page_size << order) / size_);
        s.used.resize(objects);
        for (unsigned i = objects; i-- > 0;)
            s.free.push_back(i);
        partial_.push_back(s.pfn);
        return true;
    }

    unsigned with_comp(unsigned gfp, unsigned order) const
    {
        const unsigned comp =
            kernel::gfp_value(pages_->rules().version, kernel::gfp_flag::__GFP_COMP);
        return order != 0 ? gfp | comp : gfp;
    }

    void give(slab &s, unsigned object)
    {
        s.used[object] = false;
        s.free.push_back(object);
        --s.in_use;
        --in_use_;
        if (s.free.size() == 1)
            partial_.push_back(s.pfn);
        // discard_slab(): an empty slab beyond those that a node keeps.
        if (s.in_use != 0 || partial_.size() <= min_partial())
            return;
        partial_.erase(std::find(partial_.begin(), partial_.end(), s.pfn));
        const std::uint64_t pfn = s.pfn;
        pages_->free_pages(pfn, s.order);
        slabs_.erase(pfn);
    }

    /// set_min_partial(): log2 of the size, halved, 5 to 10.
    std::size_t min_partial() const
    {
        const unsigned n = (kernel::detail::fls(size_) - 1) / 2;
        return n < 5 ? 5 : n > 10 ? 10 : n;
    }

    page_allocator *pages_;
    std::string name_;
    unsigned size_;
    unsigned flags_;
    unsigned order_, min_order_;
    std::map<std::uint64_t, slab> slabs_; ///< by frame
    std::vector<std::uint64_t> partial_;  ///< those with a free object; the current one last
    std::size_t in_use_ = 0;
    std::size_t fallbacks_ = 0;
};

/// How kmalloc() of a kernel is configured.
struct kmalloc_config {
    unsigned min_size = 8; ///< KMALLOC_MIN_SIZE
    unsigned cpus = 1;     ///< nr_cpu_ids: more CPUs, larger slabs
    /// Mainline adds __GFP_COMP to requests for whole pages. The kernel of document 1 printed the
    /// mode without: a vendor's.
    bool large_is_compound = kernel::kmalloc_large_is_compound;
};

/// Why kmalloc() gave nothing.
enum class kmalloc_failure : unsigned char {
    none,
    zero_size, ///< kmalloc(0) is ZERO_SIZE_PTR: not NULL, and not to be touched
    too_large, ///< beyond KMALLOC_MAX_SIZE: refused
    no_pages,  ///< the page allocator had none
};

/// kmalloc() and kfree().
class kmalloc_caches
{
public:
    static constexpr address zero_size_ptr = 16; ///< ZERO_SIZE_PTR: what kmalloc(0) returns

    explicit kmalloc_caches(page_allocator &pages, kmalloc_config config = {})
        : pages_(&pages), config_(config)
    {}

    /// The address of @p size bytes; 0 if there are none, and last_failure() says why.
    address kmalloc(std::uint64_t size, unsigned gfp, const alloc_context &who = {})
    {
        why_ = kmalloc_failure::none;
        if (size == 0) {
            why_ = kmalloc_failure::zero_size;
            return zero_size_ptr;
        }
        if (size > kernel::kmalloc_max_size(version())) {
            why_ = kmalloc_failure::too_large;
            return 0;
        }
        address at = 0;
        if (size > kernel::kmalloc_max_cache_size) {
            const unsigned order = kernel::order_of_size(size);
            if (const page_result p = pages_->alloc_pages(large_mode(gfp), order, who)) {
                at = p.pfn() << page_shift;
                large_[at] = order;
            }
        } else {
            at = cache(size, gfp).alloc(gfp, who);
        }
        if (at == 0)
            why_ = kmalloc_failure::no_pages;
        return at;
    }

    /// Throws std::invalid_argument for what kmalloc() did not give.
    void kfree(address object)
    {
        if (object == 0 || object == zero_size_ptr)
            return;
        const auto large = large_.find(object);
        if (large != large_.end()) {
            pages_->free_pages(object >> page_shift, large->second);
            large_.erase(large);
            return;
        }
        if (std::none_of(caches_.begin(), caches_.end(),
                         [object](auto &named) { return named.second.free_if_own(object); }))
            throw std::invalid_argument("kfree() of what kmalloc() did not give");
    }

    /// The mode in which whole pages are asked for, as a failure prints it.
    unsigned large_mode(unsigned gfp) const
    {
        return config_.large_is_compound
                   ? gfp | kernel::gfp_value(version(), kernel::gfp_flag::__GFP_COMP)
                   : gfp;
    }

    kmalloc_failure last_failure() const { return why_; } ///< why the last kmalloc() returned 0

    /// "kmalloc-1k", "kmalloc-rcl-64", "dma-kmalloc-4096": the cache for a size and mask.
    std::string cache_name(std::uint64_t size, unsigned gfp) const
    {
        using kernel::gfp_flag;
        std::string prefix = "kmalloc-";
        if (kernel::gfp_has(version(), gfp, gfp_flag::__GFP_DMA))
            prefix = "dma-kmalloc-";
        else if (kernel::kmalloc_has_reclaimable(version()) &&
                 kernel::gfp_has(version(), gfp, gfp_flag::__GFP_RECLAIMABLE))
            prefix = "kmalloc-rcl-";
        else if (kernel::kmalloc_has_accounted(version()) &&
                 kernel::gfp_has(version(), gfp, gfp_flag::__GFP_ACCOUNT))
            prefix = "kmalloc-cg-";
        const unsigned object = kernel::kmalloc_class(size, config_.min_size);
        if (kernel::kmalloc_names_in_k(version()) && object >= 1024)
            return prefix + std::to_string(object / 1024) + "k";
        return prefix + std::to_string(object);
    }

    /// The cache that serves a size of at most kmalloc_max_cache_size.
    kmem_cache &cache(std::uint64_t size, unsigned gfp)
    {
        const std::string name = cache_name(size, gfp);
        const auto found = caches_.find(name);
        if (found != caches_.end())
            return found->second;
        const unsigned kept = kernel::gfp_value(version(), kernel::gfp_flag::__GFP_RECLAIMABLE) |
                              kernel::gfp_value(version(), kernel::gfp_flag::__GFP_DMA);
        return caches_
            .emplace(name, kmem_cache(*pages_, name, kernel::kmalloc_class(size, config_.min_size),
                                      config_.cpus, gfp & kept))
            .first->second;
    }

private:
    unsigned version() const { return pages_->rules().version; }

    page_allocator *pages_;
    kmalloc_config config_;
    std::map<std::string, kmem_cache> caches_;
    std::map<address, unsigned> large_; ///< order by address
    kmalloc_failure why_ = kmalloc_failure::none;
};

/// A reserve of objects (mempool_t) over a cache.
class mempool
{
public:
    /// mempool_create_slab_pool(): takes the reserve at once. Throws std::bad_alloc if it cannot.
    mempool(kmem_cache &cache, std::size_t min_nr, unsigned gfp) : cache_(&cache), min_nr_(min_nr)
    {
        while (pool_.size() < min_nr_) {
            const address object = cache_->alloc(gfp);
            if (object == 0) {
                for (const address taken : pool_)
                    cache_->free(taken);
                throw std::bad_alloc();
            }
            pool_.push_back(object);
        }
    }

    /// mempool_alloc(): the allocator first, lightly and in silence; then the reserve; 0 if that is
    /// empty, too. One that may wait waits then for a free().
    address alloc(unsigned gfp, const kernel::gfp_masks &m)
    {
        const unsigned light =
            (gfp | m.nomemalloc | m.noretry | m.nowarn) & ~(m.direct_reclaim | m.io);
        if (const address object = cache_->alloc(light))
            return object;
        if (pool_.empty())
            return 0;
        const address object = pool_.back();
        pool_.pop_back();
        return object;
    }

    /// mempool_free(): the reserve is filled first.
    void free(address object)
    {
        if (pool_.size() < min_nr_)
            pool_.push_back(object);
        else
            cache_->free(object);
    }

    std::size_t reserve() const { return pool_.size(); } ///< elements kept for bad times

private:
    kmem_cache *cache_;
    std::size_t min_nr_;
    std::vector<address> pool_;
};

/// vmalloc(): single pages, wherever they are; all of them, or none.
inline std::vector<std::uint64_t> vmalloc(page_allocator &pages, std::uint64_t size, unsigned gfp,
                                          const alloc_context &who = {})
{
    const unsigned highmem =
        kernel::gfp_value(pages.rules().version, kernel::gfp_flag::__GFP_HIGHMEM);
    std::vector<std::uint64_t> frames;
    for (std::uint64_t done = 0; done < size; done += page_size) {
        const page_result p = pages.alloc_pages(gfp | highmem, 0, who);
        if (!p) {
            for (const std::uint64_t pfn : frames)
                pages.free_pages(pfn, 0);
            return {};
        }
        frames.push_back(p.pfn());
    }
    return frames;
}

/// Gives back the frames of a vmalloc().
inline void vfree(page_allocator &pages, const std::vector<std::uint64_t> &frames)
{
    for (const std::uint64_t pfn : frames)
        pages.free_pages(pfn, 0);
}

/// alloc_pages_exact(): pages in a row for so many bytes. What the next order has more is given
/// back, page by page.
inline page_result alloc_pages_exact(page_allocator &pages, std::uint64_t size, unsigned gfp,
                                     const alloc_context &who = {})
{
    const unsigned order = kernel::order_of_size(size);
    const page_result p = pages.alloc_pages(gfp, order, who);
    if (p) {
        for (std::uint64_t i = (size + page_size - 1) >> page_shift; i < 1ull << order; ++i)
            pages.free_pages(p.pfn() + i, 0);
    }
    return p;
}

/// Gives back what alloc_pages_exact() gave for the same size in bytes.
inline void free_pages_exact(page_allocator &pages, std::uint64_t pfn, std::uint64_t size)
{
    for (std::uint64_t i = 0; i < (size + page_size - 1) >> page_shift; ++i)
        pages.free_pages(pfn + i, 0);
}

} // namespace kctx::mm
