// SPDX-License-Identifier: BSL-1.0
/// @file
/// A machine whose memory is the model of the page allocator (mm/): requests get the frames that
/// the kernel would give, fail where it would, and the log has its report. Who may wait reclaims,
/// and sleeps while what is reclaimed is written back.
///
///     m.part<kctx::sim::physical_memory>().boot({.zones = {{.pages = 65536}}}); // 256 MiB
///
/// Included by the file that wants it: it costs what the model costs to compile.
/// @par Kernel source
/// mm/page_alloc.c __alloc_pages_slowpath(), warn_alloc(); mm/oom_kill.c out_of_memory();
/// mm/vmscan.c kswapd() (5.4, 6.1, 6.12).
#pragma once

#include <kctx/mm/describe.hpp>
#include <kctx/mm/dma.hpp>
#include <kctx/mm/failure_report.hpp>
#include <kctx/sim/heap.hpp>

namespace kctx::sim {

/// The model of mm/ as a machine's memory: pages, slabs, vmalloc() and DMA.
class physical_memory final : public memory_model, private mm::event_sink
{
    machine &m_;
    std::unique_ptr<mm::page_allocator> pages_;
    std::unique_ptr<mm::kmalloc_caches> slabs_;
    std::unordered_map<const kmem_cache *, mm::kmem_cache> caches_;
    std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> scattered_; ///< by the first
    mm::cma_area cma_;
    std::unique_ptr<mm::dma_allocator> dma_;
    mm::warn_alloc_limit limit_;
    mm::mem_info_format format_;
    task_struct *kswapd_ = nullptr;

public:
    /// What a report says of memory and the allocator does not count: LRU lists, page tables, swap.
    mm::mem_info uncounted;
    /// kmalloc() of whole pages asks for them with __GFP_COMP; some vendors' kernels do not.
    bool large_is_compound = kernel::kmalloc_large_is_compound;
    /// Chooses a task, kills it, and frees what it had: whether there was one. Without it, nothing
    /// can be killed, and the machine panics when the kernel's would.
    std::function<bool()> oom_kill_task;

    explicit physical_memory(machine &m)
        : m_(m), limit_(m.config.version, m.config.hz), format_(m.config.version)
    {}

    /// The machine boots with this memory; its release is the machine's. Throws
    /// std::invalid_argument for memory that cannot be, and for a program that was compiled for a
    /// kernel (KCTX_KERNEL_VERSION) whose GFP masks are others than the machine's.
    void boot(mm::boot_config config)
    {
        config.release = m_.config.release;
        config.cpus = m_.config.cpus;
        load(mm::boot_state(config));
    }
    /// The memory is in this state, of a dump or built from a report, when the machine starts.
    void load(const mm::memory_state &state)
    {
        check_masks();
        pages_ = std::make_unique<mm::page_allocator>(state);
        pages_->watch(this);
        slabs_ = std::make_unique<mm::kmalloc_caches>(
            *pages_,
            mm::kmalloc_config{.cpus = m_.config.cpus, .large_is_compound = large_is_compound});
        cma_ = mm::cma_area(state.cma_base, state.cma_pages);
        dma_ = std::make_unique<mm::dma_allocator>(*pages_, state.cma_pages != 0 ? &cma_ : nullptr);
        m_.part<heap>().model = this;
    }
    /// Reports have a vendor's additions.
    void report_as(mm::mem_info_format format) { format_ = std::move(format); }

    /// The allocator, for programs that ask more of it, or for more.
    mm::page_allocator &pages() { return *pages_; }

    /// Files are read until they fill @p count pages, which reclaim can take back, the oldest
    /// first; how many there was room for.
    unsigned long read_files(unsigned long count)
    {
        const unsigned mask = gfp(kernel::gfp_flag::GFP_HIGHUSER_MOVABLE) & ~wait_mask();
        unsigned long got = 0;
        for (; got < count; ++got) {
            const mm::page_result p = pages_->alloc_pages(mask, 0);
            if (!p)
                break;
            pages_->set_reclaimable(p.pfn());
        }
        return got;
    }

    std::uint64_t alloc(const memory_request &request) override
    {
        const frame in(m_.config.since(6, 10)   ? "__alloc_pages_noprof"
                       : m_.config.since(5, 13) ? "__alloc_pages"
                                                : "__alloc_pages_nodemask");
        for (;;) {
            if (const std::uint64_t at = take(request))
                return at;
            const mm::failure_report failure = pages_->last_failure();
            if (failure.why != mm::alloc_failure::loops_forever) {
                warn(failure);
                return 0;
            }
            wait_for_memory(); // __GFP_NOFAIL
        }
    }
    /// Gives it back to where its use took it from.
    void free(const memory_request &request, std::uint64_t address) override
    {
        const std::uint64_t pfn = address >> mm::page_shift;
        switch (request.use) {
        case memory_use::pages:
            pages_->free_pages(pfn, kernel::order_of_size(request.size));
            break;
        case memory_use::exact:
            mm::free_pages_exact(*pages_, pfn, request.size);
            break;
        case memory_use::object:
            if (request.cache != nullptr)
                cache_of(request).free(address);
            else
                slabs_->kfree(address);
            break;
        case memory_use::scattered:
            mm::vfree(*pages_, scattered_.extract(address).mapped());
            break;
        case memory_use::coherent:
            dma_->free({}, request.size, address);
            break;
        case memory_use::at_hand:
            break;
        }
        if (machine::here() == &m_)
            m_.wake_all(this);
    }
    void forget(const kmem_cache *cache) override
    {
        const auto found = caches_.find(cache);
        if (found == caches_.end())
            return;
        found->second.shrink();
        caches_.erase(found);
    }

private:
    unsigned gfp(kernel::gfp_flag f) const { return kernel::gfp_value(m_.config.version, f); }
    unsigned wait_mask() const { return pages_->masks().direct_reclaim; }

    void check_masks() const
    {
        using enum kernel::gfp_flag;
        for (const kernel::gfp_flag f : {GFP_KERNEL, GFP_ATOMIC, GFP_NOIO, __GFP_COMP, __GFP_ZERO,
                                         __GFP_NOWARN, __GFP_NORETRY}) {
            if (gfp(f) != kernel::gfp_value(KCTX_KERNEL_VERSION, f))
                throw std::invalid_argument(
                    "kctx::sim::physical_memory: the program is compiled for a kernel with other "
                    "GFP masks (KCTX_KERNEL_VERSION) than the machine's, " +
                    m_.config.release);
        }
    }

    mm::kmem_cache &cache_of(const memory_request &r)
    {
        return caches_
            .try_emplace(r.cache, *pages_, r.cache_name, static_cast<unsigned>(r.size),
                         m_.config.cpus)
            .first->second;
    }

    mm::alloc_context asker()
    {
        return {.memalloc = (m_.current().memalloc & scope_noreclaim) != 0,
                .in_interrupt = m_.in_interrupt()};
    }

    std::uint64_t take(const memory_request &r)
    {
        const mm::alloc_context who = asker();
        const auto address = [](mm::page_result p) {
            return p ? p.pfn() << mm::page_shift : std::uint64_t{0};
        };
        switch (r.use) {
        case memory_use::pages:
            return address(pages_->alloc_pages(r.gfp, kernel::order_of_size(r.size), who));
        case memory_use::exact:
            return address(mm::alloc_pages_exact(*pages_, r.size, r.gfp, who));
        case memory_use::object:
            return r.cache != nullptr ? cache_of(r).alloc(r.gfp, who)
                                      : slabs_->kmalloc(r.size, r.gfp, who);
        case memory_use::scattered: {
            std::vector<std::uint64_t> frames = mm::vmalloc(*pages_, r.size, r.gfp, who);
            if (frames.empty())
                return 0;
            const std::uint64_t at = frames.front() << mm::page_shift;
            scattered_.insert_or_assign(at, std::move(frames));
            return at;
        }
        case memory_use::coherent:
            return dma_->alloc({}, r.size, r.gfp, who);
        case memory_use::at_hand:
            break;
        }
        return 0;
    }

    /// Until somebody frees some: the kernel would try again and again.
    void wait_for_memory() { m_.sleep_on(this, TASK_UNINTERRUPTIBLE); }

    void print(level at, std::string_view text)
    {
        if (text.ends_with('\n'))
            text.remove_suffix(1);
        m_.printk(at, text);
    }
    void show_mem(const mm::failed_request &r)
    {
        const unsigned node_0[] = {0};
        const mm::mem_info info = mm::describe_mem_info(pages_->save(), format_, uncounted);
        print(level::warning,
              mm::print(mm::shown_with(info, m_.config.version, r, node_0), format_));
    }
    mm::failed_request who_asked(unsigned order, unsigned mask)
    {
        mm::failed_request r;
        r.comm = m_.current().is.comm;
        r.order = order;
        r.gfp = mask;
        r.cpuset = "/";
        const mm::alloc_context who = asker();
        r.who = {.memalloc = who.memalloc, .in_interrupt = who.in_interrupt};
        return r;
    }

    /// warn_alloc()
    void warn(const mm::failure_report &failure)
    {
        if (failure.why != mm::alloc_failure::no_pages &&
            failure.why != mm::alloc_failure::injected)
            return; // refused without a word of this kind
        const auto has_dma = std::ranges::any_of(pages_->zones(), [](const mm::zone &z) {
            return z.type == kernel::zone_type::ZONE_DMA;
        });
        const mm::warn_verdict verdict = limit_.ask(m_.jiffies(), failure.gfp, has_dma);
        if (!limit_.suppressed().empty())
            print(level::warning, limit_.suppressed());
        if (verdict != mm::warn_verdict::reported)
            return;
        const frame slow("__alloc_pages_slowpath");
        const frame in(kernel::failure_rate_of(m_.config.version).function);
        const mm::failed_request r = who_asked(failure.order, failure.gfp);
        print(level::warning, mm::failure_header(m_.config.version, r));
        m_.dump_stack();
        show_mem(r);
    }

    // mm::event_sink

    void wakeup_kswapd(unsigned, unsigned) override
    {
        if (kswapd_ != nullptr) {
            m_.wake_one(&kswapd_);
            return;
        }
        kswapd_ = &m_.kthread({.comm = "kswapd0", .serves = true}, [this] {
            const frame in("kswapd");
            for (;;) {
                pages_->run_kswapd();
                m_.wake_all(this);
                m_.sleep_on(&kswapd_, TASK_INTERRUPTIBLE);
            }
        });
    }
    /// What is reclaimed is written back first: a jiffy.
    void direct_reclaim(unsigned, unsigned) override
    {
        const frame slow("__alloc_pages_slowpath");
        const frame in("try_to_free_pages");
        const unsigned saved = enter_scope(scope_noreclaim);
        m_.set_state(TASK_UNINTERRUPTIBLE);
        m_.schedule_timeout(1);
        leave_scope(scope_noreclaim, saved);
    }
    void direct_compaction(unsigned, unsigned) override
    {
        const frame slow("__alloc_pages_slowpath");
        const frame in("compact_zone");
        m_.cond_resched();
    }
    /// out_of_memory(). Who must not call into file systems does not kill.
    bool oom_kill(unsigned order, unsigned mask) override
    {
        if ((mask & pages_->masks().fs) == 0) {
            wait_for_memory();
            return true;
        }
        const frame slow("__alloc_pages_slowpath");
        const frame in("out_of_memory");
        const mm::failed_request r = who_asked(order, mask);
        print(level::warning, mm::oom_header(m_.config.version, r, 0));
        m_.dump_stack();
        show_mem(r);
        if (oom_kill_task && oom_kill_task())
            return true;
        const char *const nobody = "Out of memory and no killable processes...";
        if (!m_.config.since(4, 19))
            m_.panic(nobody);
        print(level::warning, nobody);
        m_.panic("System is deadlocked on memory");
    }
};

} // namespace kctx::sim
