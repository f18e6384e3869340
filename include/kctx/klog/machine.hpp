// SPDX-License-Identifier: BSL-1.0
/// @file
/// Which kernel a report is read as, and why: given by the user, found in the log, or assumed from
/// the form of the report. Whatever is assumed says so.
#pragma once

#include <kctx/kernel/gfp_names.hpp>
#include <kctx/klog/report.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace kctx::klog {

/// What the user knows better than the log.
struct known_machine {
    std::optional<release> kernel; ///< which kernel it is
    std::optional<arch> machine;   ///< which architecture
    std::optional<bool> rt;        ///< whether it has PREEMPT_RT
};

/// Where a value comes from: a line of the log, the user, or what is usual.
enum class origin : unsigned char { found, given, assumed };

/// Its name: "found".
constexpr std::string_view origin_name(origin o)
{
    switch (o) {
    case origin::found:
        return "found";
    case origin::given:
        return "given";
    default:
        return "assumed";
    }
}

/// A value, where it comes from, and why it is believed.
template <class T> struct concluded {
    T value{};                     ///< what is concluded
    origin from = origin::assumed; ///< where it comes from
    unsigned long line = 0;        ///< of the log, if a line says so or has that form
    std::string why;               ///< what in the log says so
};

/// The machine that a report is read as.
struct machine {
    concluded<unsigned> version;  ///< as KCTX_VERSION, for the tables
    std::string kernel;           ///< its name for the reader
    concluded<arch> architecture; ///< which architecture
    concluded<bool> rt;           ///< whether it has PREEMPT_RT
    std::optional<bool> counting; ///< counts preemption levels, as far as the log says
};

/// "2.6.33" for KCTX_VERSION(2, 6, 33), "6.12" for KCTX_VERSION(6, 12, 0).
inline std::string version_text(unsigned code)
{
    std::string text = std::to_string(code >> 16) + '.' + std::to_string((code >> 8) & 255);
    if ((code & 255) != 0)
        text += '.' + std::to_string(code & 255);
    return text;
}

/// The value of a printed list of flags ("GFP_KERNEL|__GFP_ZERO|0x800000") in a kernel of this
/// version and configuration; nullopt if it has a name that this kernel does not.
inline std::optional<unsigned> gfp_names_value(std::string_view names, unsigned version,
                                               kernel::gfp_config config)
{
    unsigned mask = 0;
    cursor c(names);
    while (!c.at_end()) {
        const std::string_view name = trim(c.take_while([](char ch) { return ch != '|'; }));
        c.skip("|");
        if (name.starts_with("0x")) {
            cursor number(name.substr(2));
            const auto bits = number.hex();
            if (!bits || !number.at_end())
                return std::nullopt;
            mask |= *bits;
            continue;
        }
        unsigned value = kernel::gfp_absent;
        for (unsigned i = 0; i < static_cast<unsigned>(kernel::gfp_flag::count); ++i) {
            if (name == kernel::gfp_flag_names[i])
                value = kernel::gfp_value(version, static_cast<kernel::gfp_flag>(i), config);
        }
        if (value == kernel::gfp_absent)
            return std::nullopt;
        mask |= value;
    }
    return mask;
}

/// Do the printed names mean this mask, in some configuration of this version?
inline bool gfp_names_agree(std::string_view names, unsigned mask, unsigned version)
{
    for (unsigned i = 0; i < static_cast<unsigned>(kernel::gfp_config::count); ++i) {
        if (gfp_names_value(names, version, static_cast<kernel::gfp_config>(i)) == mask)
            return true;
    }
    return false;
}

namespace detail {

/// The versions that the form of a report allows: at least one, below another.
struct version_bounds {
    unsigned at_least = 0;
    std::string_view at_least_why;
    unsigned below = ~0u;
    std::string_view below_why;

    constexpr void since(unsigned version, std::string_view why)
    {
        if (version > at_least) {
            at_least = version;
            at_least_why = why;
        }
    }

    constexpr void until(unsigned version, std::string_view why)
    {
        if (version < below) {
            below = version;
            below_why = why;
        }
    }
};

/// What the wording of each version tells (kernel/sched.c, kernel/sched/core.c, mm/page_alloc.c,
/// lib/dump_stack.c; the trees read are those of gfp_history.hpp and preempt_count.hpp).
inline version_bounds bounds_of(const report &r)
{
    version_bounds b;
    for (std::size_t i = 0; i + 1 < r.frames.size(); ++i) {
        if (r.frames[i].function != "__schedule_bug")
            continue;
        if (r.frames[i + 1].function == "schedule")
            b.until(KCTX_VERSION(3, 1, 0),
                    "schedule() calls __schedule_bug() itself; since 3.1 __schedule() does");
        else if (r.frames[i + 1].function == "__schedule" ||
                 r.frames[i + 1].function == "schedule_debug")
            b.since(KCTX_VERSION(3, 1, 0), "__schedule() is in the trace");
    }
    if (r.pid_line)
        b.until(KCTX_VERSION(3, 10, 0), "a line of the form \"Pid: 1, comm: sh\"");
    switch (r.kind) {
    case report_kind::scheduling_while_atomic:
        if ((r.count & 0x7f000000) != 0 && (r.count & 0x78000000) != 0x78000000)
            b.until(KCTX_VERSION(3, 13, 0), "the count has bits that no later kernel uses");
        break;
    case report_kind::sleeping_function:
        if (r.sleep.count)
            b.since(KCTX_VERSION(5, 17, 0), "it prints the preempt_count");
        if (r.sleep.non_block)
            b.since(KCTX_VERSION(5, 4, 0), "it prints non_block");
        else if (r.sleep.in_atomic)
            b.until(KCTX_VERSION(5, 4, 0), "it does not print non_block");
        break;
    case report_kind::page_allocation_failure:
    case report_kind::slab_failure:
    case report_kind::vmalloc_failure:
    case report_kind::out_of_memory:
        if (!r.has_request)
            break;
        if (r.full_stop)
            b.until(KCTX_VERSION(3, 10, 0), "a full stop after \"failure\"");
        if (!r.mode_names)
            b.until(kernel::gfp_first_named_log, "the mode is printed without names");
        else
            b.since(kernel::gfp_first_named_log, "the mode is printed with names");
        if (r.has_nodemask)
            b.since(KCTX_VERSION(4, 14, 0), "it prints the nodemask");
        if (r.has_cpuset)
            b.since(KCTX_VERSION(5, 0, 0), "it prints the cpuset on the same line");
        break;
    case report_kind::invalid_wait_context:
        b.since(KCTX_VERSION(5, 8, 0), "lockdep checks wait contexts");
        break;
    default:
        break;
    }
    return b;
}

/// Chooses a version that the report's form allows.
inline void assume_version(const report &r, machine &m)
{
    const version_bounds b = bounds_of(r);
    const std::string nothing = "the log names no kernel";
    if (b.below <= KCTX_VERSION(3, 1, 0)) {
        m.version.value = KCTX_VERSION(2, 6, 33);
        m.kernel = "2.6.3x";
        m.version.why = nothing + "; " + std::string(b.below_why);
        return;
    }
    // The newest tree that fits; with names in the log, one whose table has them for this value.
    unsigned newest = 0;
    unsigned agreeing = 0;
    for (const unsigned tree : kernel::gfp_versions) {
        if (tree >= b.below || (tree < b.at_least && tree != kernel::gfp_tree(b.at_least)))
            continue;
        newest = tree;
        if (r.mode_names && gfp_names_agree(*r.mode_names, r.mode, tree))
            agreeing = tree;
    }
    m.version.value = agreeing != 0 ? agreeing : newest != 0 ? newest : kernel::gfp_newest;
    if (b.below != ~0u) {
        m.kernel =
            "older than " + version_text(b.below) + ", read as " + version_text(m.version.value);
        m.version.why = nothing + "; " + std::string(b.below_why);
    } else if (b.at_least != 0) {
        m.kernel = version_text(b.at_least) + " or later, read as " + version_text(m.version.value);
        m.version.why = nothing + "; " + std::string(b.at_least_why);
    } else {
        m.kernel = "read as " + version_text(m.version.value);
        m.version.why = nothing + ", and the report's form fits many";
    }
    if (agreeing != 0)
        m.version.why += "; the names fit the value in that version";
}

/// Only on PREEMPT_RT a mutex is an rt_mutex (kernel/locking/rtmutex_api.c). Others have rt_mutex
/// too, but not below mutex_lock().
inline bool mutex_is_rtmutex(const report &r)
{
    bool rt_mutex = r.sleep.location.find("locking/rtmutex") != std::string::npos;
    for (const frame &f : r.frames) {
        if (f.function.find("rt_mutex_slowlock") != std::string::npos)
            rt_mutex = true;
        else if (f.function.starts_with("mutex_lock") || f.function == "__mutex_lock")
            return rt_mutex;
    }
    return false;
}

/// PREEMPT_ACTIVE's place tells the architecture, up to 3.12.
inline arch arch_of_count(const report &r, unsigned version)
{
    if (r.kind != report_kind::scheduling_while_atomic || version >= KCTX_VERSION(3, 13, 0) ||
        (r.count & 0x78000000) == 0x78000000)
        return arch::unknown;
    for (const arch a : {arch::arm, arch::x86}) {
        const unsigned active = kernel::preempt_count_layout(version, a, false).preempt_active;
        if ((r.count & active) != 0)
            return a;
    }
    return arch::unknown;
}

} // namespace detail

/// Concludes which machine a report is from.
inline machine machine_of(const report &r, const known_machine &known)
{
    machine m;
    const evidence &e = r.about;
    if (known.kernel) {
        m.version = {known.kernel->code, origin::given, 0, "--kernel"};
        m.kernel = known.kernel->text;
    } else if (e.kernel) {
        m.version = {e.kernel.value.code, origin::found, e.kernel.line, e.kernel.what};
        m.kernel = e.kernel.value.text;
    } else {
        detail::assume_version(r, m);
    }

    if (known.machine)
        m.architecture = {*known.machine, origin::given, 0, "--arch"};
    else if (known.kernel && known.kernel->machine != arch::unknown)
        m.architecture = {known.kernel->machine, origin::given, 0, "--kernel"};
    else if (e.machine)
        m.architecture = {e.machine.value, origin::found, e.machine.line, e.machine.what};
    else if (e.machine_form)
        m.architecture = {e.machine_form.value, origin::assumed, e.machine_form.line,
                          "the line has the form of its traces: " + e.machine_form.what};
    else if (const arch a = detail::arch_of_count(r, m.version.value); a != arch::unknown)
        m.architecture = {a, origin::assumed, r.line, "PREEMPT_ACTIVE is at its bit of the count"};
    else
        m.architecture = {arch::unknown, origin::assumed, 0,
                          m.version.value < KCTX_VERSION(3, 13, 0)
                              ? "nothing in the log tells; PREEMPT_ACTIVE's bit depends on it"
                              : "nothing in the log tells; the count's fields do not depend on it"};

    if (known.rt)
        m.rt = {*known.rt, origin::given, 0, *known.rt ? "--rt" : "--no-rt"};
    else if (known.kernel && known.kernel->rt)
        m.rt = {true, origin::given, 0, "--kernel"};
    else if (e.rt)
        m.rt = {true, origin::found, e.rt.line, e.rt.what};
    else if (detail::mutex_is_rtmutex(r))
        m.rt = {true, origin::found, r.line, "mutex_lock() is built on rt_mutex"};
    else
        m.rt = {false, origin::assumed, 0, "no sign of PREEMPT_RT"};

    // DEBUG_ATOMIC_SLEEP, which prints "sleeping function called", selects PREEMPT_COUNT since 3.1.
    if (e.counting || m.rt.value ||
        (r.kind == report_kind::sleeping_function && m.version.value >= KCTX_VERSION(3, 1, 0)))
        m.counting = true;
    return m;
}

} // namespace kctx::klog
