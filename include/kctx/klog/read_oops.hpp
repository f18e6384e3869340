// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reading exceptions in the kernel and panics, of x86, arm, arm64, powerpc and their relatives
/// (arch/*/mm/fault.c, arch/*/kernel/traps.c, kernel/panic.c).
#pragma once

#include <kctx/klog/trace.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace kctx::klog::detail {

inline constexpr char panic_mark[] = "Kernel panic - not syncing";

/// The address at the end of a header, "at virtual address 0000000000000010", "at 0x00000010".
inline void parse_address(const line &l, std::string_view text, oops_state &s, report &r)
{
    for (const std::string_view label :
         {"at virtual address ", "for address: ", ", address: ", "for data at address ",
          "for instruction fetch at address ", "access at ", "dereference at ", "request at ",
          "on read at ", "on write at ", "at address: ", "non-canonical address ",
          "instruction fetch at ", "Failing address: ", "badaddr: "}) {
        cursor c(text);
        if (!c.skip_past(label))
            continue;
        c.skip("0x");
        const std::string_view number = c.rest();
        if (const auto address = c.hex64()) {
            s.address = address;
            r.put_mark("address", l.where(number.substr(0, number.size() - c.rest().size())));
            return;
        }
    }
}

/// " [#1]" and the code before it: "Oops: 0002 [#1]", "Internal error: Oops: 96000006 [#1]".
inline bool parse_die_line(const line &l, std::string_view text, oops_state &s, report &r)
{
    const std::size_t number = text.find("[#");
    if (number == text.npos)
        return false;
    cursor n(text.substr(number + 2));
    const auto count = n.decimal();
    if (!count || !n.skip("]"))
        return false;
    s.number = count;
    const std::string_view before = trim(text.substr(0, number));
    const std::size_t space = before.find_last_of(" :");
    const std::string_view code = before.substr(space == before.npos ? 0 : space + 1);
    cursor c(code);
    c.skip("0x");
    const auto value = c.hex64();
    if (value && c.at_end() && !code.empty()) {
        s.code = value;
        r.put_mark("code", l.where(code));
    }
    return true;
}

/// The words of a header that begins an exception report; empty if the line is none.
inline std::string_view oops_words(std::string_view body)
{
    constexpr std::string_view first = "BUKgsdiaIkOFC"; // of the headers
    if (body.size() < 2 || first.find(body[0]) == first.npos)
        return {};
    if (begins_with(body, "CPU ")) { // mips: "CPU 0 Unable to handle kernel paging request at ..."
        cursor c(body.substr(4));
        c.decimal();
        return c.skip(" Unable to handle kernel") ? "paging request" : std::string_view();
    }
    struct header {
        std::string_view text;
        std::string_view words;
    };
    static constexpr header headers[] = {
        {"BUG: unable to handle kernel NULL pointer", "NULL pointer dereference"},
        {"BUG: kernel NULL pointer", "NULL pointer dereference"},
        {"BUG: Kernel NULL pointer", "NULL pointer dereference"},
        {"BUG: unable to handle", "paging request"},
        {"BUG: Unable to handle", "paging request"},
        {"Unable to handle kernel NULL pointer", "NULL pointer dereference"},
        {"Unable to handle kernel access to user memory", "access to user memory"},
        {"Unable to handle kernel write to read-only", "write to read-only memory"},
        {"Unable to handle kernel execut", "execution of non-executable memory"},
        {"Unable to handle kernel", "paging request"},
        {"Kernel attempted to", "access to user memory"},
        {"Unhandled fault", "unhandled fault"},
        {"Unhandled prefetch abort", "unhandled fault"},
        {"general protection fault", "general protection fault"},
        {"stack segment", "stack segment"},
        {"divide error", "divide error"},
        {"invalid opcode", "invalid opcode"},
        {"double fault", "double fault"},
        {"alignment check", "alignment check"},
        {"Internal error: Oops - BUG", "BUG()"},
        {"Internal error: Oops - undefined instruction", "undefined instruction"},
        {"Internal error:", "internal error"},
        {"kernel BUG at", "BUG()"},
        {"Kernel BUG at", "BUG()"},
        {"Oops:", "Oops"},
        {"Oops[#", "Oops"},
        {"Oops [#", "Oops"},
        {"Faulting instruction address", "bad access"},
    };
    for (const header &h : headers) {
        if (h.text[0] == body[0] && h.text[1] == body[1] && body.starts_with(h.text))
            return h.words;
    }
    return {};
}

/// Not every word of the list is an exception by itself: traps of user programs are printed alike.
/// `words` are oops_words() of the line.
inline bool start_oops(const line &l, std::string_view words, report &r)
{
    oops_state s;
    const bool die = parse_die_line(l, l.body, s, r);
    const char first = l.body[0];
    if (!die && (first == 'g' || first == 's' || first == 'd' || first == 'i' || first == 'a' ||
                 first == 'O' || first == 'I'))
        return false;
    s.words = std::string(words);
    parse_address(l, l.body, s, r);
    if (words == "BUG()") {
        cursor c(l.body);
        if (c.skip_past(" at ")) {
            const std::string_view place =
                c.take_while([](char ch) { return ch != '!' && ch != ' '; });
            if (is_location(place)) {
                s.source = printable(place.substr(0, 128));
                r.put_mark("source", l.where(place));
            }
        }
    }
    r.exception = s;
    return true;
}

/// A line behind the header.
inline void read_oops(const line &l, report &r)
{
    const std::string_view body = l.body;
    if (!r.exception)
        return;
    oops_state &s = *r.exception;
    if (!s.address)
        parse_address(l, body, s, r);
    // Where the instruction is.
    for (const std::string_view label : {"RIP: ", "EIP: ", "IP: ", "EIP is at ", "PC is at ",
                                         "pc : ", "NIP [", "epc : ", "epc   : "}) {
        if (!s.at.empty() || !body.starts_with(label))
            continue;
        cursor c(body.substr(label.size()));
        if (label == "NIP [" && !c.skip_past("] "))
            continue;
        c.skip("0010:");
        c.skip("0060:");
        while (c.rest().starts_with('[') && c.skip_past("]"))
            c.skip_spaces();
        const std::string_view symbol = c.take_while(is_symbol_char);
        if (symbol.empty() || is_digit(symbol[0]) || !c.rest().starts_with("+0x"))
            continue;
        s.at = printable(base_name(symbol).substr(0, 128));
        r.put_mark("at", l.where(symbol));
    }
    if (s.at.empty() &&
        body.starts_with("Krnl PSW")) { // s390: "Krnl PSW : mask addr (f+0x26/0x100"
        cursor c(body);
        c.skip_past("(");
        const std::string_view symbol = c.take_while(is_symbol_char);
        if (!symbol.empty() && c.rest().starts_with("+0x")) {
            s.at = printable(base_name(symbol).substr(0, 128));
            r.put_mark("at", l.where(symbol));
        }
    }
    if (body.starts_with("ESR = 0x") || body.find("  ESR = 0x") != body.npos) {
        cursor c(body);
        c.skip_past("ESR = 0x");
        const std::string_view digits = c.rest();
        if (const auto esr = c.hex64(); esr && !s.code) {
            s.code = esr;
            r.put_mark("code", l.where(digits.substr(0, digits.size() - c.rest().size())));
        }
    }
    if (!s.number && body.find("[#") != body.npos) {
        oops_state die;
        if (parse_die_line(l, body, die, r)) {
            s.number = die.number;
            if (die.code)
                s.code = die.code;
            if (s.words == "paging request" && body.find("BUG") != body.npos)
                s.words = "BUG()";
        }
    }
    if (s.access.empty()) {
        for (const std::string_view word : {"read", "write", "execute"}) {
            if (body.find("when " + std::string(word)) != body.npos)
                s.access = word;
        }
        if (body.find(" on read at ") != body.npos)
            s.access = "read";
        else if (body.find(" on write at ") != body.npos)
            s.access = "write";
    }
}

/// What panic() was given.
inline std::optional<panic_line> parse_panic(const line &l)
{
    if (!begins_with(l.body, panic_mark))
        return std::nullopt;
    cursor c(l.body.substr(sizeof panic_mark - 1));
    c.skip(":");
    return panic_line{printable(trim(c.rest()).substr(0, 256)), l.number};
}

} // namespace kctx::klog::detail
