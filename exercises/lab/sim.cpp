// SPDX-License-Identifier: BSL-1.0
// The simulated machine behind machine.hpp, compiled once for all exercises.
#include <kctx/mm/describe.hpp>
#include <kctx/sim.hpp>
#include <kctx/sim/physical_memory.hpp>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#undef LAB_MACHINE
#include "machine.hpp"
#include "symbols.hpp"

namespace lab {
namespace {

std::unique_ptr<kctx::sim::machine> machine;

kctx::sim::machine &here()
{
    if (!machine)
        detail::power_on({});
    return *machine;
}

kctx::mm::page_allocator &pages() { return here().part<kctx::sim::physical_memory>().pages(); }

/// All pages that are left for this mask, down to the last, in the order of their frames.
std::vector<unsigned long> take_all(unsigned mask)
{
    mask &= ~kctx::gfp_mask(kctx::__GFP_RECLAIM);
    std::vector<unsigned long> frames;
    while (const auto page = pages().alloc_pages(mask, 0, {.memalloc = true}))
        frames.push_back(page.pfn());
    std::ranges::sort(frames);
    return frames;
}

void give_every_second(const std::vector<unsigned long> &frames)
{
    for (std::size_t i = 0; i < frames.size(); i += 2)
        pages().free_pages(frames[i], 0);
    pages().drain_all_pages();
}

constexpr unsigned gfp_kernel = kctx::gfp_mask(kctx::GFP_KERNEL);
constexpr unsigned gfp_files = kctx::gfp_mask(kctx::GFP_HIGHUSER_MOVABLE);

} // namespace

void detail::power_on(const board &b)
{
    using kctx::sim::preemption;
    kctx::sim::machine_config config;
    config.version = b.version;
    config.release = std::to_string(b.version >> 16) + "." +
                     std::to_string((b.version >> 8) & 0xff) + "." +
                     std::to_string(b.version & 0xff);
    config.arch = b.arm ? kctx::kernel::arch::arm : kctx::kernel::arch::x86;
    config.preempt = b.rt            ? preemption::rt
                     : b.preemptible ? preemption::full
                                     : preemption::voluntary;
    config.prove_locking = b.lockdep;
    config.debug_atomic_sleep = b.debug;
    config.cpus = b.cpus;
    config.hung_task_timeout = b.hung_task;
    machine = std::make_unique<kctx::sim::machine>(config);
    machine->part<kctx::sim::heap>().unmap_freed = b.unmap_freed;
    if (b.megabytes != 0)
        machine->part<kctx::sim::physical_memory>().boot(
            {.zones = {{.type = kctx::kernel::zone_type::ZONE_DMA32,
                        .pages = b.megabytes * 256ul,
                        .reserved = 1024,
                        .cma_pages = b.cma * 256ul}}});
}

void detail::show_functions() { name_functions(); }

void detail::spawn(const char *comm, int pid, void (*call)(void *), void *body)
{
    here().spawn({.comm = comm, .pid = pid}, [=] { call(body); });
}

void detail::interrupt_at(unsigned long us, void (*call)(void *), void *body)
{
    here().irq_at(us * 1000, [=] { call(body); }, {});
}

void detail::line_at(unsigned long us, unsigned irq) { here().line_at(us * 1000, irq); }

void detail::now(int kind, const char *name, void (*call)(void *), void *body)
{
    const auto action = [=] { call(body); };
    if (kind == 0)
        here().hardirq(action, {name});
    else if (kind == 1)
        here().softirq(action, {name});
    else
        here().nmi(action, {name});
}

void age_memory()
{
    const auto files = take_all(gfp_files);
    for (const unsigned long frame : files)
        pages().set_reclaimable(frame);
    give_every_second(files);
}

void wear_memory()
{
    const auto of_drivers = take_all(gfp_kernel);
    age_memory(); // what is left: CMA
    give_every_second(of_drivers);
}

unsigned long free_pages()
{
    pages().drain_all_pages();
    long free = 0;
    for (const kctx::mm::zone &z : pages().zones())
        free += z.free.exact();
    return static_cast<unsigned long>(free);
}

unsigned long free_blocks(unsigned order)
{
    pages().drain_all_pages();
    unsigned long blocks = 0;
    for (const auto &zone : kctx::mm::describe_buddyinfo(pages().save()))
        blocks += zone.blocks[order];
    return blocks;
}

unsigned long take_block(unsigned order)
{
    const auto block = pages().alloc_pages(gfp_kernel, order);
    return block ? block.pfn() : 0;
}

void give_block(unsigned long frame, unsigned order) { pages().free_pages(frame, order); }

unsigned long frame_of(const void *memory)
{
    return here().part<kctx::sim::heap>().physical(memory) >> kctx::mm::page_shift;
}

bool is_cma(unsigned long frame)
{
    const auto state = pages().save();
    return frame >= state.cma_base && frame < state.cma_base + state.cma_pages;
}

unsigned preempt_count()
{
    return kctx::sim::machine::here() != nullptr ? here().preempt_count() : 0;
}

bool run() { return here().run() == kctx::sim::outcome::idle; }

unsigned reports(const char *start)
{
    unsigned n = 0;
    for (const auto &record : here().log.records())
        n += record.line.starts_with(start) ? 1 : 0;
    return n;
}

void print_log()
{
    for (const auto &record : here().log.records())
        std::printf("%s\n", record.line.c_str());
}

} // namespace lab
