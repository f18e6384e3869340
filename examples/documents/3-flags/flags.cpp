// SPDX-License-Identifier: BSL-1.0
// Prints the two tables of README.md: the document's flags by kernel, context and call.
#include <kctx/api/page.hpp>
#include <kctx/gfp/versions.hpp>
#include <kctx/kctx.hpp>

#include <cstdio>
#include <string>

using namespace kctx;

namespace {

std::string version_text(unsigned v)
{
    const unsigned patch = v & 0xff;
    std::string text = std::to_string(v >> 16);
    text.append(1, '.').append(std::to_string(v >> 8 & 0xff));
    if (patch != 0)
        text.append(1, '.').append(std::to_string(patch));
    return text;
}

/// The value of a flag in a kernel, or that it has none.
std::string value_in(unsigned version, kernel::gfp_flag f)
{
    const unsigned value = kernel::gfp_value(version, f);
    if (value == kernel::gfp_absent)
        return "-";
    char text[16];
    std::snprintf(text, sizeof text, "0x%x", value);
    return text;
}

/// On which kernels a set may be allocated with in context C.
template <class C, class G> const char *legal_in()
{
    const bool off = allocation_contract<G>::legal(C::at(false), false);
    const bool rt = allocation_contract<G>::legal(C::at(true), true);
    return off && rt ? "yes" : off ? "not on PREEMPT_RT" : rt ? "only on PREEMPT_RT" : "no";
}

template <class G> void set_row(const char *name, kernel::gfp_flag f)
{
    std::printf("| `%s` | %s | %s | %s | %s | %s | %s | %s |\n", name,
                value_in(KCTX_VERSION(2, 6, 32), f).c_str(),
                value_in(KCTX_VERSION(5, 4, 0), f).c_str(),
                value_in(KCTX_VERSION(6, 12, 0), f).c_str(), legal_in<ProcessCtx, G>(),
                legal_in<TaskletCtx, G>(), legal_in<HardIrqCtx, G>(),
                call::kmalloc::takes<G> ? "yes" : "pages only");
}

template <class G> const char *taken_by()
{
    return call::kmalloc::takes<G> ? "yes" : call::alloc_pages::takes<G> ? "pages only" : "no";
}

template <class Flag> void flag_row(const char *name, kernel::gfp_flag f)
{
    const unsigned gone = kernel::gfp_gone(f);
    const bool here = kernel::gfp_value(KCTX_KERNEL_VERSION, f) != kernel::gfp_absent;
    std::printf(
        "| `%s` | %s | %s | %s | %s | %s | %s |\n", name,
        value_in(KCTX_VERSION(2, 6, 32), f).c_str(), value_in(KCTX_VERSION(5, 4, 0), f).c_str(),
        value_in(KCTX_VERSION(6, 12, 0), f).c_str(), gone != 0 ? version_text(gone).c_str() : "",
        here ? taken_by<gfp<flag::GFP_KERNEL, Flag>>() : "",
        here ? taken_by<gfp<flag::GFP_ATOMIC, Flag>>() : "");
}

} // namespace

#define SET(name) set_row<flag::name>(#name, kernel::gfp_flag::name)
#define FLAG(name) flag_row<flag::name>(#name, kernel::gfp_flag::name)

int main()
{
    std::puts("| set | 2.6.32 | 5.4 | 6.12 | task | irq, tasklet, timer | raw section, true hard "
              "irq | kmalloc |");
    std::puts("|---|---|---|---|---|---|---|---|");
    SET(GFP_ATOMIC);
    SET(GFP_KERNEL);
    SET(GFP_USER);
    SET(GFP_HIGHUSER);
    SET(GFP_NOIO);
    SET(GFP_NOFS);
    std::puts("");
    std::puts("| flag | 2.6.32 | 5.4 | 6.12 | gone by | with GFP_KERNEL | with GFP_ATOMIC |");
    std::puts("|---|---|---|---|---|---|---|");
    FLAG(__GFP_DMA);
    FLAG(__GFP_HIGHMEM);
    FLAG(__GFP_COLD);
    FLAG(__GFP_NOWARN);
    FLAG(__GFP_HIGH);
    FLAG(__GFP_REPEAT);
    FLAG(__GFP_RETRY_MAYFAIL);
    FLAG(__GFP_NOFAIL);
    FLAG(__GFP_NORETRY);
}
