// SPDX-License-Identifier: BSL-1.0
/// @file
/// GFP masks as the kernel prints them: %pGg in logs (lib/vsprintf.c, format_flags) and
/// show_gfp_flags() in tracepoints (include/trace/events/mmflags.h, earlier gfpflags.h, kmem.h).
/// constexpr and without allocation.
#pragma once

#include <kctx/kernel/gfp_print_tables.hpp>

namespace kctx::kernel {

/// The oldest and the newest tree read, as KCTX_VERSION() has them. Kernels beyond either end are
/// not known.
inline constexpr unsigned gfp_oldest = gfp_versions[0];
inline constexpr unsigned gfp_newest = gfp_versions[sizeof gfp_versions / sizeof *gfp_versions - 1];

/// The newest tree read that is not newer than version_code; 0 if that is older than all.
constexpr unsigned gfp_tree(unsigned version_code)
{
    unsigned tree = 0;
    for (const unsigned version : gfp_versions) {
        if (version <= version_code)
            tree = version;
    }
    return tree;
}

/// The name of a flag, as the newer kernels spell it.
constexpr const char *gfp_name(gfp_flag f) { return gfp_flag_names[static_cast<unsigned>(f)]; }

/// What to write instead of a flag that newer kernels do not have (gfp_gone()): flags, or what to
/// leave out. "" for a flag that they have.
constexpr const char *gfp_successor(gfp_flag f) { return gfp_instead_of[static_cast<unsigned>(f)]; }

/// What a single-bit flag asks for.
constexpr const char *gfp_meaning(gfp_flag f)
{
    switch (f) {
    case gfp_flag::__GFP_DMA:
        return "from ZONE_DMA only";
    case gfp_flag::__GFP_HIGHMEM:
        return "high memory will do";
    case gfp_flag::__GFP_DMA32:
        return "from memory below 4 GB";
    case gfp_flag::__GFP_MOVABLE:
        return "the pages can be moved or reclaimed";
    case gfp_flag::__GFP_RECLAIMABLE:
        return "slab whose objects a shrinker can free";
    case gfp_flag::__GFP_WAIT:
        return "may sleep and reclaim";
    case gfp_flag::__GFP_DIRECT_RECLAIM:
        return "may sleep: reclaim and compact by itself";
    case gfp_flag::__GFP_KSWAPD_RECLAIM:
        return "wakes kswapd when memory is low";
    case gfp_flag::__GFP_HIGH:
        return "may use a part of the reserves";
    case gfp_flag::__GFP_ATOMIC:
        return "cannot wait: may use more of the reserves";
    case gfp_flag::__GFP_IO:
        return "reclaim may start I/O";
    case gfp_flag::__GFP_FS:
        return "reclaim may call into file systems";
    case gfp_flag::__GFP_ZERO:
        return "zeroed pages";
    case gfp_flag::__GFP_NOWARN:
        return "no report on failure";
    case gfp_flag::__GFP_REPEAT:
        return "tries harder for costly orders";
    case gfp_flag::__GFP_RETRY_MAYFAIL:
        return "tries harder, without the OOM killer";
    case gfp_flag::__GFP_NOFAIL:
        return "must not fail: retries for ever";
    case gfp_flag::__GFP_NORETRY:
        return "one light attempt at reclaim, then fails";
    case gfp_flag::__GFP_COMP:
        return "a compound page";
    case gfp_flag::__GFP_MEMALLOC:
        return "may use all reserves";
    case gfp_flag::__GFP_NOMEMALLOC:
        return "must not use the emergency reserves";
    case gfp_flag::__GFP_HARDWALL:
        return "only nodes of the task's cpuset";
    case gfp_flag::__GFP_THISNODE:
        return "only the given node";
    case gfp_flag::__GFP_COLD:
        return "a cache-cold page will do";
    case gfp_flag::__GFP_WRITE:
        return "the page will be written to soon";
    case gfp_flag::__GFP_ACCOUNT:
    case gfp_flag::__GFP_KMEMCG:
        return "charged to the memory cgroup";
    case gfp_flag::__GFP_NOACCOUNT:
        return "not charged to the memory cgroup";
    case gfp_flag::__GFP_NOTRACK:
        return "not tracked by kmemcheck";
    case gfp_flag::__GFP_NO_KSWAPD:
        return "does not wake kswapd";
    case gfp_flag::__GFP_OTHER_NODE:
        return "counted for another node in statistics";
    case gfp_flag::__GFP_NOLOCKDEP:
        return "lockdep does not look";
    case gfp_flag::__GFP_ZEROTAGS:
        return "memory tags zeroed with the pages";
    case gfp_flag::__GFP_SKIP_ZERO:
        return "not zeroed where tags are set";
    case gfp_flag::__GFP_SKIP_KASAN:
    case gfp_flag::__GFP_SKIP_KASAN_POISON:
    case gfp_flag::__GFP_SKIP_KASAN_UNPOISON:
        return "KASAN leaves the pages alone";
    case gfp_flag::__GFP_NO_OBJ_EXT:
        return "no slab extension is allocated for it";
    default:
        return "";
    }
}

/// The value of a flag in a kernel of this version and configuration.
constexpr unsigned gfp_value(unsigned version_code, gfp_flag f, gfp_config config)
{
    const unsigned tree = gfp_tree(version_code);
    const unsigned bit = 1u << static_cast<unsigned>(config);
    for (const gfp_configured &c : gfp_configured_values) {
        if (c.version == tree && c.flag == f && (c.configs & bit) != 0)
            return c.value;
    }
    return gfp_value(version_code, f);
}

/// A printed mask. The longest one, every flag of a version by name, has less than 700 characters.
struct gfp_text {
    char text[768] = {}; ///< ends with '\0'
    unsigned length = 0; ///< characters, the '\0' not among them

    /// Puts @p s behind what is there; what does not fit is cut off.
    constexpr void append(const char *s)
    {
        while (*s != '\0' && length + 1 < sizeof text)
            text[length++] = *s++;
    }

    /// As the kernel's %#x, which prints 0x0 for zero.
    constexpr void append_hex(unsigned value)
    {
        append("0x");
        int shift = 28;
        while (shift > 0 && (value >> shift) == 0)
            shift -= 4;
        for (; shift >= 0; shift -= 4) {
            const char digit[] = {"0123456789abcdef"[(value >> shift) & 0xf], '\0'};
            append(digit);
        }
    }
};

/// The mask in names: the flags of the version's table from top to bottom, each taken if all its
/// bits are still there, joined by '|'; what is left over in hex.
///
/// From 4.6 on this is what a log line has in brackets (an empty mask prints nothing). Older
/// kernels use their tables in tracepoints only: names without underscores, GFP_NOWAIT for an empty
/// mask.
constexpr gfp_text format_gfp(unsigned version_code, unsigned mask,
                              gfp_config config = gfp_config::base)
{
    const gfp_print_order *order = &gfp_print_orders[0];
    for (const gfp_print_order &o : gfp_print_orders) {
        if (o.since <= version_code)
            order = &o;
    }
    const bool tracepoint = version_code < gfp_first_named_log;
    gfp_text out;
    if (tracepoint && mask == 0)
        out.append("GFP_NOWAIT");
    for (unsigned i = 0; i < order->count && mask != 0; ++i) {
        const unsigned value = gfp_value(version_code, order->flags[i], config);
        if (value == 0 || value == gfp_absent || (mask & value) != value)
            continue;
        mask &= ~value;
        const char *name = gfp_name(order->flags[i]);
        out.append(tracepoint && name[0] == '_' ? name + 2 : name);
        if (mask != 0)
            out.append("|");
    }
    if (mask != 0)
        out.append_hex(mask);
    return out;
}

/// The mode as a page allocation failure prints it: mode:0x20 up to 4.5, since then
/// mode:0xa20(GFP_ATOMIC).
constexpr gfp_text format_gfp_mode(unsigned version_code, unsigned mask,
                                   gfp_config config = gfp_config::base)
{
    gfp_text out;
    out.append("mode:");
    out.append_hex(mask);
    if (version_code >= gfp_first_named_log) {
        out.append("(");
        out.append(format_gfp(version_code, mask, config).text);
        out.append(")");
    }
    return out;
}

} // namespace kctx::kernel
