// SPDX-License-Identifier: BSL-1.0
/// @file
/// Explains exceptions in the kernel, and panics with and without one.
#pragma once

#include <kctx/klog/cause_oops.hpp>
#include <kctx/klog/explanation.hpp>

#include <cstdint>
#include <cstdio>
#include <string>

namespace kctx::klog::detail {

inline std::string long_hex(std::uint64_t value)
{
    char text[24];
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

inline void add_panic(const report &r, explanation &e)
{
    const std::string words = panic_words(set_by_kind(r.panic).text);
    const bool exception = r.kind == report_kind::oops || r.kind == report_kind::kernel_panic;
    const bool by_report =
        set_by_kind(r.panic).text.find("scheduling while atomic") != std::string::npos ||
        set_by_kind(r.panic).text.find("panic_on_warn") != std::string::npos ||
        set_by_kind(r.panic).text.find("panic_on_oom") != std::string::npos ||
        set_by_kind(r.panic).text.find("killable") != std::string::npos ||
        set_by_kind(r.panic).text.find("deadlocked on memory") != std::string::npos;
    std::string text = "The panic in line " + std::to_string(set_by_kind(r.panic).line) + " (\"" +
                       set_by_kind(r.panic).text + "\") ";
    if (exception || by_report) {
        text += words.empty() ? "ends it." : "says: " + words + ".";
    } else {
        text += "does not follow from this report";
        if (r.kind == report_kind::scheduling_while_atomic)
            text += ", which with panic_on_warn would end in \"scheduling while atomic\"";
        text += ".";
        if (!words.empty())
            text += " It means: " + words + ". That report is not in the log.";
    }
    e.say(text);
    e.findings.push_back({text, certainty::proved, {set_by_kind(r.panic).line}});
}

/// The last failed allocation before a report of the same log. Line 0: there is none.
struct failed_allocation {
    unsigned long line = 0;
    std::string caller; ///< empty: not known
};

inline void explain_oops(const report &r, const failed_allocation &failed, explanation &e)
{
    const oops_state &s = set_by_kind(r.exception);
    const arch a = e.said.from.architecture.value;
    const access_code code = decode_code(s, a);
    const std::string access = !s.access.empty() ? s.access : code.access;
    std::string in;
    if (!s.at.empty())
        in = " in " + s.at + "()";
    else if (!r.frames.empty())
        in = " in " + r.frames.front().function + "()";
    if (s.words == "BUG()") {
        e.say("A BUG() was hit" + in + (s.source.empty() ? "" : " at " + s.source) +
              ": a condition that the kernel takes for impossible.");
    } else {
        e.say("The kernel " +
              (access == "write"     ? std::string("wrote to")
               : access == "execute" ? std::string("jumped to")
               : access == "read"    ? std::string("read from")
                                     : std::string("accessed")) +
              (s.address ? " address " + long_hex(*s.address)
                         : std::string(" an address that it must not")) +
              in + " (" + s.words + ").");
        const std::string address = s.address ? address_words(*s.address) : std::string();
        if (!address.empty())
            e.say("That is " + address + ".");
        if (!code.what.empty())
            e.say("The code says: " + (access.empty() ? "" : access + "; ") + code.what + ".");
    }
    for (const std::string &row : code.rows)
        e.findings.push_back(
            {"code " + long_hex(s.code.value_or(0)) + ": " + row, certainty::proved, {}});
    const bool null = s.address && *s.address < 4096;
    if (null && failed.line != 0) {
        e.say("An allocation failed before (line " + std::to_string(failed.line) +
              (failed.caller.empty() ? "" : ", in " + failed.caller) +
              "): most likely its result was used unchecked.");
        e.slug = "unchecked-result";
        e.fixes.push_back("check the result of the allocation before using it");
        e.findings.push_back({"the NULL pointer is the result of the failed allocation",
                              certainty::likely,
                              {failed.line}});
    } else if (null) {
        e.fixes.push_back("find where the pointer comes from: a result that was not checked, an "
                          "object not yet set up, or one already gone");
    }
    if (s.number && *s.number > 1)
        e.say("It is number " + std::to_string(*s.number) +
              " since boot: the first one is the one to read.");
    if (r.panic)
        add_panic(r, e);
    else
        e.say("An Oops kills its task and leaves what it held locked; in an interrupt, in pid "
              "0 or "
              "1, or with panic_on_oops it is a panic.");
    if (r.frames.empty())
        e.findings.push_back(
            {"which path led there: the log has no trace", certainty::unknown, {}});
}

inline void explain_panic(const report &r, explanation &e)
{
    e.say("The kernel stopped: \"" + set_by_kind(r.panic).text + "\".");
    const std::string words = panic_words(set_by_kind(r.panic).text);
    if (!words.empty())
        e.say("It means: " + words + ".");
    e.say("The report that led to it is not in the log, or stands further up.");
}

} // namespace kctx::klog::detail
