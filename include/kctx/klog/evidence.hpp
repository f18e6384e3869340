// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a log says about the machine that wrote it: kernel release, architecture, PREEMPT_RT,
/// whether the kernel counts preemption levels. Each with the line that says so.
#pragma once

#include <kctx/kernel/preempt_count.hpp>
#include <kctx/klog/line.hpp>

#include <array>
#include <string>
#include <string_view>

namespace kctx::klog {

using kernel::arch;

/// As KCTX_ARCH and the command line name them, in the order of enum arch.
inline constexpr std::array<std::string_view, 9> arch_names = {
    "unknown", "x86", "arm", "arm64", "powerpc", "mips", "s390", "riscv", "other"};

/// Its name: "arm64".
constexpr std::string_view arch_name(arch a) { return arch_names[static_cast<std::size_t>(a)]; }

/// The architecture that a word names: uname -m, Debian's and the kernel's own spellings.
constexpr arch arch_named(std::string_view word)
{
    struct spelling {
        std::string_view word;
        arch value;
    };
    constexpr spelling spellings[] = {
        {"x86_64", arch::x86},      {"x86", arch::x86},         {"amd64", arch::x86},
        {"i386", arch::x86},        {"i486", arch::x86},        {"i586", arch::x86},
        {"i686", arch::x86},        {"686", arch::x86},         {"x86-64", arch::x86},
        {"aarch64", arch::arm64},   {"arm64", arch::arm64},     {"arm", arch::arm},
        {"armv5tel", arch::arm},    {"armv6l", arch::arm},      {"armv7l", arch::arm},
        {"armhf", arch::arm},       {"armel", arch::arm},       {"armmp", arch::arm},
        {"ppc", arch::powerpc},     {"ppc64", arch::powerpc},   {"ppc64le", arch::powerpc},
        {"ppc64el", arch::powerpc}, {"powerpc", arch::powerpc}, {"powerpc64le", arch::powerpc},
        {"mips", arch::mips},       {"mipsel", arch::mips},     {"mips64", arch::mips},
        {"s390", arch::s390},       {"s390x", arch::s390},      {"riscv", arch::riscv},
        {"riscv64", arch::riscv},
    };
    for (const spelling &s : spellings) {
        if (s.word == word)
            return s.value;
    }
    return arch::unknown;
}

/// A kernel release: "2.6.33.5", "5.4.125-android11-2-g6d2ca40337f4", "6.6.0-1-rt-amd64".
struct release {
    unsigned code = 0;            ///< as KCTX_VERSION, 0 = no release
    std::string text;             ///< as the log has it
    bool rt = false;              ///< its name says PREEMPT_RT
    arch machine = arch::unknown; ///< its name says so

    explicit operator bool() const { return code != 0; }
};

/// Reads a release from the front of a text. It needs two numbers at least, and to look like a
/// kernel's: 2.6.x or 3 ... 99.
inline release parse_release(std::string_view text)
{
    release r;
    cursor c(text);
    const auto major = c.decimal();
    if (!major || *major < 2 || *major > 99 || !c.skip("."))
        return r;
    const auto minor = c.decimal();
    if (!minor || *minor > 255)
        return r;
    unsigned patch = 0;
    if (c.rest().size() > 1 && c.rest()[0] == '.' && is_digit(c.rest()[1])) {
        c.skip(".");
        patch = c.decimal().value_or(0);
    }
    if (*major == 2 && *minor < 6)
        return r;
    const auto ends = [](char ch) { return is_space(ch) || ch == ')' || ch == ',' || ch == '\0'; };
    const std::string_view extra = c.take_while([&](char ch) { return !ends(ch); });
    if (!extra.empty() && extra[0] != '-' && extra[0] != '.' && extra[0] != '+' &&
        extra[0] != '_' && extra[0] != '~')
        return r;
    // As KERNEL_VERSION: a stable kernel beyond .255 counts as .255.
    r.code = KCTX_VERSION(*major, *minor, patch < 255 ? patch : 255);
    const std::size_t length = text.size() - c.rest().size();
    r.text = printable(text.substr(0, length < 96 ? length : 96));

    cursor words(extra);
    while (!words.at_end()) {
        const std::string_view word =
            words.take_while([](char ch) { return is_alpha(ch) || is_digit(ch) || ch == '_'; });
        if (word.starts_with("rt") && word.substr(2).find_first_not_of("0123456789") == word.npos)
            r.rt = true;
        if (r.machine == arch::unknown)
            r.machine = arch_named(word);
        if (!words.at_end())
            words = cursor(words.rest().substr(1));
    }
    return r;
}

/// Debian names all kernels of a series alike (6.1.0-56-amd64) and prints the version behind it:
/// "#1  Debian 6.1.192-2".
inline void add_debian_version(release &r, std::string_view rest)
{
    cursor c(rest);
    if (!c.skip_past(" Debian "))
        return;
    const release exact = parse_release(c.rest());
    if ((exact.code >> 8) != (r.code >> 8))
        return;
    r.code = exact.code;
    r.text += " (Debian " + exact.text + ")";
}

/// Something read from a log, and where. Line 0: not found.
template <class T> struct found {
    T value{};              ///< what was read
    unsigned long line = 0; ///< of the log, from 1 on
    std::string what;       ///< the words or the form that say so

    explicit operator bool() const { return line != 0; }
};

/// What is known about the machine. A report has the evidence of its own lines; what is missing
/// there may come from other lines of the same log.
struct evidence {
    found<release> kernel; ///< which kernel it is
    found<arch> machine;   ///< a line names it
    found<arch>
        machine_form;     ///< the form of a trace or a register dump is that of the architecture
    found<bool> rt;       ///< whether it has PREEMPT_RT
    found<bool> counting; ///< the kernel counts preemption levels

    /// Fills in what is missing. Everything of a log that is not about the report itself.
    void add_missing(const evidence &other)
    {
        if (!kernel)
            kernel = other.kernel;
        if (!machine)
            machine = other.machine;
        if (!machine_form)
            machine_form = other.machine_form;
        if (!rt)
            rt = other.rt;
        if (!counting)
            counting = other.counting;
    }
};

namespace detail {

struct arch_mark {
    std::string_view text;
    arch value;
    bool names_it; ///< the architecture is named; else only the form of the line is its own
};

/// From arch/*/kernel (traces, register dumps, entry code).
inline constexpr arch_mark arch_marks[] = {
    {"ISA ARM", arch::arm, true},
    {"ISA Thumb", arch::arm, true},
    {"__arm64_sys_", arch::arm64, true},
    {"arch/arm64/", arch::arm64, true},
    {"aarch64", arch::arm64, true},
    {"__x64_sys_", arch::x86, true},
    {"arch/x86/", arch::x86, true},
    {"x86_64", arch::x86, true},
    {"arch/powerpc/", arch::powerpc, true},
    {"PowerMac", arch::powerpc, true},
    {"PowerNV", arch::powerpc, true},
    {"pSeries", arch::powerpc, true},
    {"arch/riscv/", arch::riscv, true},
    {"arch/s390/", arch::s390, true},
    {"arch/mips/", arch::mips, true},
    {"arch/arm/", arch::arm, true},
    {"do_syscall_64+0x", arch::x86, false},
    {"entry_SYSCALL_64", arch::x86, false},
    {"epc == ", arch::mips, false},
    {"BadVA : ", arch::mips, false},
    {"epc : ", arch::riscv, false},
    {"badaddr: ", arch::riscv, false},
    {"RIP: 0010:", arch::x86, false},
    {"EIP: 0060:", arch::x86, false},
    {"*pde = ", arch::x86, false},
    {"#PF: ", arch::x86, false},
    {"<TASK>", arch::x86, false},
    {"<IRQ>", arch::x86, false},
    {"[<ffffffff8", arch::x86, false},
    {"pstate: ", arch::arm64, false},
    {"Call trace:", arch::arm64, false},
    {"el0_svc", arch::arm64, false},
    {"psr: ", arch::arm, false},
    {"__irq_svc+0x", arch::arm, false},
    {"ret_fast_syscall+0x", arch::arm, false},
    {"unwind_backtrace", arch::arm, false},
    {"--- Exception: ", arch::powerpc, false},
    {"--- interrupt: ", arch::powerpc, false},
    {"NIP [", arch::powerpc, false},
    {"GPR00:", arch::powerpc, false},
    {"Krnl PSW", arch::s390, false},
};

/// "[ef12f700] [c00081e0] show_stack+0x3c/0x194": stack pointer and address in brackets. Only
/// powerpc's show_stack() prints traces so. 8 or 16 digits each.
constexpr bool is_powerpc_trace(std::string_view body)
{
    cursor c(body);
    for (int i = 0; i < 2; ++i) {
        if (!c.skip("["))
            return false;
        const std::size_t digits = c.take_while([](char ch) { return hex_value(ch) >= 0; }).size();
        if ((digits != 8 && digits != 16) || !c.skip("] "))
            return false;
    }
    return true;
}

/// "(show_regs+0x0/0x4c) from [<c0038678>]", since 5.19 "show_regs from f+0x58/0x70": 32-bit ARM.
constexpr bool is_arm_trace(std::string_view body)
{
    if (body.find(") from [<") != std::string_view::npos)
        return true;
    cursor c(body);
    if (c.take_while(is_symbol_char).empty())
        return false;
    cursor module = c;
    if (module.skip(" [") && module.skip_past("]"))
        c = module;
    if (!c.skip(" from ") || c.take_while(is_symbol_char).empty())
        return false;
    return c.skip("+0x");
}

/// "Stack : 80ae0000 80a50000 ...", followed by "[<8001ae08>] symbol" lines.
constexpr bool is_mips_dump(std::string_view body)
{
    cursor c(body);
    return c.skip("Stack : ") &&
           c.take_while([](char ch) { return hex_value(ch) >= 0; }).size() >= 8;
}

/// The boot banner of a kernel: "Linux version 5.4.0 ..."
constexpr bool names_version(std::string_view body)
{
    const std::size_t at = find_word(body, "Linux version ");
    return at != body.npos && at + 14 < body.size() && is_digit(body[at + 14]);
}

/// The taint part of a CPU line, behind which the release stands.
constexpr std::string_view after_taint(std::string_view body)
{
    cursor c(body);
    if (c.skip_past("Not tainted"))
        return c.rest();
    return c.skip_past("Tainted: ") ? c.rest() : std::string_view();
}

constexpr bool names_rt(std::string_view text)
{
    return text.find("PREEMPT_RT") != text.npos || text.find("PREEMPT RT") != text.npos ||
           text.find("PREEMPT_{RT") != text.npos;
}

} // namespace detail

/// Collects evidence line by line.
class evidence_reader
{
public:
    /// Which of several releases counts: a report is from the first that it names, a log goes on
    /// with the latest.
    enum class keeps : bool { first, latest };

    explicit evidence_reader(keeps which) : which_(which) {}

    /// Lines that may stand anywhere: the boot banner, the CPU line of any report.
    void read_any(const line &l)
    {
        const std::string_view body = l.body;
        if (const std::size_t at = body.find("Linux version "); at != body.npos) {
            cursor c(body.substr(at + 14));
            if (release r = parse_release(c.rest())) {
                now = evidence{}; // another boot
                take_release(r, l, c.rest(), "Linux version");
            }
            return;
        }
        if (taint_open_) { // letters or the release were wrapped to this line
            taint_open_ = false;
            if (read_release(body, l))
                return;
        }
        const std::string_view tail = detail::after_taint(body);
        if (tail.data() == nullptr)
            return;
        if (release r = parse_release(body)) { // lockdep: "6.7.0-rc1 #1 Not tainted"
            take_release(r, l, body, "lockdep's head");
            return;
        }
        if (!read_release(tail, l))
            take_preemption(tail, l);
    }

    /// Could read_any() find something in a line that is no boot banner?
    bool expects(std::string_view body) const
    {
        return taint_open_ || find_word(body, "Tainted: ") != body.npos ||
               find_word(body, "Not tainted") != body.npos;
    }

    /// Lines of a report: traces and register dumps too.
    void read_report_line(const line &l)
    {
        read_any(l);
        const std::string_view body = l.body;
        for (const detail::arch_mark &mark : detail::arch_marks) {
            if (body.find(mark.text) == body.npos)
                continue;
            found<arch> &slot = mark.names_it ? now.machine : now.machine_form;
            if (!slot)
                slot = {mark.value, l.number, std::string(trim(mark.text))};
        }
        if (!now.machine_form) {
            if (detail::is_powerpc_trace(body))
                now.machine_form = {arch::powerpc, l.number, "[stack pointer] [address] function"};
            else if (detail::is_arm_trace(body))
                now.machine_form = {arch::arm, l.number, "function from caller"};
            else if (detail::is_mips_dump(body))
                now.machine_form = {arch::mips, l.number, "Stack : words"};
        }
        if (!now.rt) {
            for (const std::string_view mark :
                 {"rt_spin_lock", "rtlock_slowlock", "rt_read_lock", "rt_write_lock",
                  "locking/spinlock_rt.c", "ktimersoftd/"}) {
                if (body.find(mark) != body.npos)
                    now.rt = {true, l.number, std::string(mark)};
            }
        }
    }

    evidence now; ///< what the lines so far say

private:
    /// Taint letters, then the release; 2.6 and register dumps put it in brackets. Letters alone
    /// may go on in the next line.
    bool read_release(std::string_view text, const line &l)
    {
        cursor c(text);
        while (!c.at_end()) {
            c.skip_spaces();
            c.skip("(");
            if (release r = parse_release(c.rest())) {
                take_release(r, l, c.rest(), "the CPU line");
                return true;
            }
            c.take_while([](char ch) { return (ch >= 'A' && ch <= 'Z') || ch == '-'; });
            if (!c.at_end() && trim_front(c.rest()).size() == c.rest().size())
                return false; // a word, not taint letters
        }
        taint_open_ = true;
        return false;
    }

    void take_release(release &r, const line &l, std::string_view rest, const char *what)
    {
        if (now.kernel && which_ == keeps::first)
            return;
        add_debian_version(r, rest);
        now.kernel = {r, l.number, what};
        if (r.machine != arch::unknown && !now.machine)
            now.machine = {r.machine, l.number, "the release's name"};
        if (r.rt)
            now.rt = {true, l.number, "the release's name"};
        take_preemption(rest, l);
    }

    /// The words behind a release: "#1 SMP PREEMPT_RT", "PREEMPT(voluntary)",
    /// "PREEMPT_{RT,(full)}". All of them but NONE and VOLUNTARY mean CONFIG_PREEMPTION, which
    /// counts.
    void take_preemption(std::string_view text, const line &l)
    {
        if (detail::names_rt(text))
            now.rt = {true, l.number, "PREEMPT_RT"};
        if (!now.counting && text.find("PREEMPT") != text.npos)
            now.counting = {true, l.number, "PREEMPT"};
    }

    keeps which_;
    bool taint_open_ = false;
};

} // namespace kctx::klog
