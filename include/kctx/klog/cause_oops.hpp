// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the codes of an exception mean, by architecture, and what a panic line says about how it
/// came to it.
/// @par Kernel source
/// arch/x86/include/asm/trap_pf.h; arch/arm/mm/fsr-2level.c; arch/arm64/include/asm/esr.h,
/// arch/arm64/mm/fault.c; kernel/panic.c, arch/*/kernel/traps.c (2.6.32 ... 6.18).
#pragma once

#include <kctx/klog/explanation.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::klog {

/// An exception's code in words. Empty: not known.
struct access_code {
    std::string access;            ///< read, write, execute
    std::string what;              ///< "no page was mapped there"
    std::vector<std::string> rows; ///< bit by bit
};

namespace detail {

inline access_code decode_x86_code(std::uint64_t code)
{
    access_code a;
    a.access = (code & 16) != 0 ? "execute" : (code & 2) != 0 ? "write" : "read";
    a.what = (code & 1) != 0 ? "the page is there and forbids it" : "no page is mapped there";
    a.rows.push_back((code & 1) != 0 ? "bit 0 set: protection violation"
                                     : "bit 0 clear: no page found");
    a.rows.push_back((code & 2) != 0 ? "bit 1 set: write" : "bit 1 clear: read");
    a.rows.push_back((code & 4) != 0 ? "bit 2 set: in user mode" : "bit 2 clear: in kernel mode");
    if ((code & 8) != 0)
        a.rows.push_back("bit 3 set: a reserved bit of a page table entry");
    if ((code & 16) != 0)
        a.rows.push_back("bit 4 set: instruction fetch");
    return a;
}

/// The fault status of 32-bit ARM's short descriptors.
inline access_code decode_arm_fsr(std::uint64_t fsr)
{
    access_code a;
    a.access = (fsr & 0x800) != 0 ? "write" : "read";
    struct status {
        unsigned value;
        std::string_view words;
    };
    constexpr status table[] = {
        {0x1, "alignment fault"},
        {0x5, "section translation fault: no entry of the first level"},
        {0x7, "page translation fault: no entry of the second level"},
        {0x9, "section domain fault"},
        {0xb, "page domain fault"},
        {0xd, "section permission fault"},
        {0xf, "page permission fault"},
        {0x8, "external abort"},
        {0x3, "access flag fault"},
        {0x6, "access flag fault"},
    };
    const unsigned value = static_cast<unsigned>(fsr & 0xf);
    for (const status &s : table) {
        if (s.value == value)
            a.rows.push_back("status " + std::to_string(value) + ": " + std::string(s.words));
    }
    a.what =
        value == 5 || value == 7 ? "no page is mapped there" : "the access is not allowed there";
    a.rows.push_back((fsr & 0x800) != 0 ? "bit 11 set: write" : "bit 11 clear: read");
    return a;
}

inline access_code decode_arm64_esr(std::uint64_t esr)
{
    access_code a;
    const auto ec = static_cast<unsigned>(esr >> 26 & 0x3f);
    const auto status = static_cast<unsigned>(esr & 0x3f);
    const bool instruction = ec == 0x20 || ec == 0x21;
    const bool data = ec == 0x24 || ec == 0x25;
    struct name {
        unsigned value;
        std::string_view words;
    };
    constexpr name classes[] = {
        {0x00, "unknown reason"},
        {0x0e, "illegal execution state"},
        {0x15, "system call"},
        {0x20, "instruction abort from user mode"},
        {0x21, "instruction abort in the kernel"},
        {0x22, "PC alignment fault"},
        {0x24, "data abort from user mode"},
        {0x25, "data abort in the kernel"},
        {0x26, "SP alignment fault"},
        {0x2f, "SError"},
        {0x3c, "BRK instruction: BUG(), WARN(), a probe"},
    };
    for (const name &n : classes) {
        if (n.value == ec)
            a.rows.push_back("EC " + hex_text(ec, 2) + ": " + std::string(n.words));
    }
    if (!instruction && !data)
        return a;
    const bool cache = (esr & 0x100) != 0;
    a.access = instruction ? "execute" : (esr & 0x40) != 0 && !cache ? "write" : "read";
    const unsigned level = status & 3;
    std::string words;
    if (status >= 4 && status <= 7)
        words = "translation fault, level " + std::to_string(level);
    else if (status >= 8 && status <= 11)
        words = "access flag fault, level " + std::to_string(level);
    else if (status >= 12 && status <= 15)
        words = "permission fault, level " + std::to_string(level);
    else if (status == 0x21)
        words = "alignment fault";
    else if (status == 0x10)
        words = "synchronous external abort";
    else
        words = "fault status " + hex_text(status, 2);
    a.what = status >= 4 && status <= 7 ? "no page is mapped there" : words;
    a.rows.push_back("status " + hex_text(status, 2) + ": " + words);
    if (data)
        a.rows.push_back((esr & 0x40) != 0 ? "WnR 1: write" : "WnR 0: read");
    return a;
}

/// What kind of address it is that was accessed.
inline std::string address_words(std::uint64_t address)
{
    if (address == 0)
        return "address 0: a NULL pointer itself";
    if (address < 4096)
        return "address " + hex_text(static_cast<unsigned>(address)) + ": a member at offset " +
               std::to_string(address) + " of a structure whose pointer is NULL";
    if (address >= 0xfffffffffffff000ull || (address >= 0xfffff000ull && address <= 0xffffffffull))
        return "an address like " +
               std::to_string(static_cast<std::int64_t>(
                   address > 0xffffffffull ? address : address | ~0xffffffffull)) +
               ": an error code (ERR_PTR) used as a pointer";
    struct poison {
        std::uint64_t value;
        std::string_view words;
    };
    constexpr poison poisons[] = {
        {0xdead000000000100ull, "LIST_POISON1: a list entry that was deleted"},
        {0xdead000000000122ull, "LIST_POISON2: a list entry that was deleted"},
        {0xdead000000000200ull, "LIST_POISON2: a list entry that was deleted"},
        {0x00100100ull, "LIST_POISON1: a list entry that was deleted"},
        {0x00200200ull, "LIST_POISON2: a list entry that was deleted"},
        {0x6b6b6b6b6b6b6b6bull, "0x6b: memory that was freed (slab poison)"},
        {0x5a5a5a5a5a5a5a5aull, "0x5a: memory never written (slab poison)"},
        {0x6b6b6b6bull, "0x6b: memory that was freed (slab poison)"},
    };
    for (const poison &p : poisons) {
        if (address >= p.value && address - p.value < 0x1000)
            return std::string(p.words);
    }
    return {};
}

/// How the kernel got to this panic line; what precedes it must fit.
inline std::string panic_words(std::string_view text)
{
    const auto has = [text](std::string_view words) { return text.find(words) != text.npos; };
    if (has("Fatal exception in interrupt"))
        return "an Oops came in a hard interrupt, a softirq or with bottom halves disabled: there "
               "is "
               "no task that could be killed in its place";
    if (has("Fatal exception"))
        return "an Oops came in process context, and panic_on_oops is set";
    if (has("scheduling while atomic"))
        return "panic_on_warn is set, and \"scheduling while atomic\" was reported";
    if (has("panic_on_warn"))
        return "panic_on_warn is set, and a warning was reported";
    if (has("Attempted to kill init"))
        return "pid 1 died; exitcode's low byte is the signal";
    if (has("Attempted to kill the idle task"))
        return "a fault came while the idle task ran";
    if (has("Aiee, killing interrupt handler"))
        return "do_exit() was reached in an interrupt: an Oops came there";
    if (has("panic_on_oom"))
        return "memory ran out, and panic_on_oom is set";
    if (has("no killable processes") || has("deadlocked on memory"))
        return "memory ran out, and there was nothing left to kill";
    if (has("hung_task"))
        return "a task did not run for two minutes, and hung_task_panic is set";
    if (has("softlockup") || has("Hard LOCKUP") || has("hard LOCKUP"))
        return "a CPU did not come back from kernel code, and the watchdog panics";
    if (has("Oopsed too often"))
        return "the limit kernel.oops_limit was reached";
    if (has("stack-protector"))
        return "a function wrote beyond its stack frame";
    if (has("VFS: Unable to mount root"))
        return "there is no root file system that could be mounted";
    return {};
}

/// Taint letters in words.
inline std::string taint_words(std::string_view letters)
{
    struct letter {
        char c;
        std::string_view words;
    };
    constexpr letter table[] = {
        {'P', "proprietary module"},
        {'F', "module loaded by force"},
        {'S', "CPU out of specification"},
        {'R', "module unloaded by force"},
        {'M', "machine check"},
        {'B', "bad page"},
        {'U', "user asked for taint"},
        {'D', "an Oops or BUG came before"},
        {'A', "ACPI table overridden"},
        {'W', "a warning came before"},
        {'C', "staging driver"},
        {'I', "firmware bug worked around"},
        {'O', "out-of-tree module"},
        {'E', "unsigned module"},
        {'L', "soft lockup came before"},
        {'K', "live patch"},
        {'X', "auxiliary, by the distribution"},
        {'T', "struct layout randomised"},
        {'N', "in-kernel test"},
        {'J', "fwctl used"},
    };
    std::string text;
    for (const char c : letters) {
        for (const letter &l : table) {
            if (l.c == c)
                text +=
                    (text.empty() ? "" : "; ") + std::string(1, c) + ": " + std::string(l.words);
        }
    }
    return text;
}

/// The code of an exception by the architecture that the report is read as.
inline access_code decode_code(const oops_state &s, arch a)
{
    if (!s.code)
        return {};
    switch (a) {
    case arch::x86:
        if (s.words == "NULL pointer dereference" || s.words == "paging request" ||
            s.words == "Oops")
            return decode_x86_code(*s.code);
        return {};
    case arch::arm:
        if (s.words == "BUG()")
            return {};
        return decode_arm_fsr(*s.code);
    case arch::arm64:
        return decode_arm64_esr(*s.code);
    default:
        // An ESR is told by its class.
        if ((*s.code >> 26 & 0x3f) == 0x25 || (*s.code >> 26 & 0x3f) == 0x21)
            return decode_arm64_esr(*s.code);
        return {};
    }
}

} // namespace detail

} // namespace kctx::klog
