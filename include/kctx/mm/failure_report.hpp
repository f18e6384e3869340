// SPDX-License-Identifier: BSL-1.0
/// @file
/// The reports of a failed allocation and of the OOM killer: their first lines by version, when the
/// kernel says nothing, and which nodes and zones it then shows.
#pragma once

#include <kctx/kernel/allocation_failure.hpp>
#include <kctx/kernel/gfp_names.hpp>
#include <kctx/kernel/gfp_zone.hpp>
#include <kctx/mm/mem_info.hpp>

namespace kctx::mm {

/// A request that failed, as warn_alloc() sees it.
struct failed_request {
    std::string comm;   ///< current->comm: whoever ran; the interrupted task in an interrupt
    unsigned order = 0; ///< 2^order pages
    unsigned gfp = 0;   ///< the mask in bits of its kernel version
    std::string nodemask = "(null)";   ///< or a list, "0-1"
    std::optional<std::string> cpuset; ///< "/": CONFIG_CPUSETS
    std::string mems_allowed = "0";    ///< printed with the cpuset
    kernel::report_asker who;          ///< how the kernel treats the asker: task, interrupt, ...
};

/// The first line, and up to 4.20 the one of the cpuset, each with its newline.
inline std::string failure_header(unsigned version, const failed_request &r)
{
    using kernel::failure_header;
    const failure_header form = kernel::failure_header_of(version);
    std::string out =
        r.comm + ": page allocation failure" + (form == failure_header::full_stop ? "." : ":") +
        " order:" + std::to_string(r.order) + ", " + kernel::format_gfp_mode(version, r.gfp).text;
    if (form >= failure_header::nodemask)
        out += ", nodemask=" + r.nodemask;
    if (form == failure_header::nodemask && r.cpuset)
        out += "\n" + r.comm + " cpuset=" + *r.cpuset + " mems_allowed=" + r.mems_allowed;
    if (form == failure_header::nodemask_and_cpuset && r.cpuset)
        out += ",cpuset=" + *r.cpuset + ",mems_allowed=" + r.mems_allowed;
    return out + "\n";
}

/// "memhog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0".
/// @param adj what the version prints: oom_adj up to 2.6.35, else oom_score_adj
inline std::string oom_header(unsigned version, const failed_request &r, int adj)
{
    using kernel::oom_header;
    // mode:0xcc0(GFP_KERNEL) without its "mode:"
    const kernel::gfp_text mode = kernel::format_gfp_mode(version, r.gfp);
    std::string out = r.comm + " invoked oom-killer: gfp_mask=" + (mode.text + sizeof "mode:" - 1);
    const oom_header form = kernel::oom_header_of(version);
    if (form == oom_header::nodemask)
        out += ", nodemask=" + r.nodemask;
    out += ", order=" + std::to_string(r.order);
    if (form == oom_header::oom_adj || form == oom_header::both_adjs)
        out += ", oom_adj=" + std::to_string(form == oom_header::oom_adj ? adj : 0);
    if (form != oom_header::oom_adj)
        out += ", oom_score_adj=" + std::to_string(adj);
    return out + "\n";
}

/// Whether a failure is reported.
enum class warn_verdict : unsigned char {
    reported,
    nowarn,       ///< __GFP_NOWARN
    rate_limited, ///< too soon after others
    no_dma_zone,  ///< __GFP_DMA, and ZONE_DMA has no pages
};

/// As it is told: "not reported: rate limit".
constexpr const char *name_of(warn_verdict v)
{
    constexpr const char *names[] = {"reported", "not reported: __GFP_NOWARN",
                                     "not reported: rate limit",
                                     "not reported: __GFP_DMA without a ZONE_DMA"};
    return names[static_cast<unsigned>(v)];
}

/// warn_alloc()'s memory of its last reports (___ratelimit()).
class warn_alloc_limit
{
public:
    explicit warn_alloc_limit(unsigned version, unsigned hz = 250)
        : version_(version), rate_(kernel::failure_rate_of(version)), hz_(hz)
    {}

    /// A request failed at this time.
    warn_verdict ask(std::uint64_t jiffies, unsigned gfp, bool has_managed_dma = true)
    {
        suppressed_ = 0;
        if (kernel::gfp_has(version_, gfp, kernel::gfp_flag::__GFP_NOWARN))
            return warn_verdict::nowarn;
        if (!passes(jiffies))
            return warn_verdict::rate_limited;
        if (kernel::failure_silent_without_dma(version_) && !has_managed_dma &&
            kernel::gfp_has(version_, gfp, kernel::gfp_flag::__GFP_DMA))
            return warn_verdict::no_dma_zone;
        return warn_verdict::reported;
    }

    /// "warn_alloc: 6 callbacks suppressed", which the last request asked for made the kernel print
    /// in front of its report, because a new interval began; else "".
    std::string suppressed() const
    {
        return suppressed_ == 0 ? ""
                                : std::string(rate_.function) + ": " + std::to_string(suppressed_) +
                                      " callbacks suppressed\n";
    }

private:
    bool passes(std::uint64_t jiffies)
    {
        if (!begun_) {
            begun_ = true;
            begin_ = jiffies;
        }
        if (begin_ + std::uint64_t{rate_.seconds} * hz_ < jiffies) {
            suppressed_ = missed_;
            missed_ = 0;
            begin_ = jiffies;
            printed_ = 0;
        }
        if (printed_ < rate_.burst) {
            ++printed_;
            return true;
        }
        ++missed_;
        return false;
    }

    unsigned version_;
    kernel::report_rate rate_;
    unsigned hz_;
    bool begun_ = false;
    std::uint64_t begin_ = 0;
    unsigned printed_ = 0;
    unsigned missed_ = 0;
    unsigned suppressed_ = 0;
};

/// What of a Mem-Info the report of this request shows.
/// @param allowed nodes that the request may use: its nodemask, or the task's mems_allowed
inline mem_info shown_with(mem_info m, unsigned version, const failed_request &r,
                           std::span<const unsigned> allowed)
{
    if (kernel::failure_filters_nodes(version, r.gfp, r.who)) {
        const auto hidden = [&](std::optional<unsigned> node) {
            return std::find(allowed.begin(), allowed.end(), node.value_or(0)) == allowed.end();
        };
        std::erase_if(m.nodes, [&](const node_info &n) { return hidden(n.node); });
        std::erase_if(m.zones, [&](const zone_info &z) { return hidden(z.node); });
    }
    if (kernel::mem_info_ends_at_request_zone(version)) {
        constexpr std::string_view zones[] = {"DMA", "DMA32", "Normal", "HighMem", "Movable"};
        const auto highest = static_cast<unsigned>(kernel::gfp_zone(version, r.gfp));
        std::erase_if(m.zones, [&](const zone_info &z) {
            return std::find(std::begin(zones), std::end(zones), z.name) - std::begin(zones) >
                   static_cast<std::ptrdiff_t>(highest);
        });
    }
    return m;
}

/// The whole report: header, the stack as the caller has it, and the Mem-Info.
inline std::string print_failure(const failed_request &r, std::string_view stack, const mem_info &m,
                                 const mem_info_format &format)
{
    return failure_header(format.version, r) + std::string(stack) + print(m, format);
}

} // namespace kctx::mm
