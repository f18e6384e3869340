// SPDX-License-Identifier: BSL-1.0
/// @file
/// The dump format of recorded kernels as text: `H` lines (the kernel), then for each dump `D
/// begin`, the zones line by line, `D end`. Read line by line, written whole. Frames are hex, all
/// else is decimal.
#pragma once

#include <kctx/mm/state.hpp>
#include <kctx/mm/text.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace kctx::mm {

namespace detail {

/// The fields of a line, separated by blanks.
class fields
{
public:
    fields(std::string_view text, unsigned long line) : rest_(text), line_(line) {}

    /// The next field; empty at the end.
    std::string_view next()
    {
        const std::size_t begin = rest_.find_first_not_of(' ');
        if (begin == std::string_view::npos) {
            rest_ = {};
            return {};
        }
        rest_.remove_prefix(begin);
        const std::size_t size = std::min(rest_.find(' '), rest_.size());
        const std::string_view field = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return field;
    }
    /// The value of the next field, which must be `key=value`.
    std::string_view value(std::string_view key)
    {
        const std::string_view field = next();
        if (!field.starts_with(key) || field.size() <= key.size() || field[key.size()] != '=')
            bad("expected " + std::string(key) + "=, found '" + shown(field) + "'");
        return field.substr(key.size() + 1);
    }
    template <class T> T number(std::string_view text, int base = 10) const
    {
        if (base == 16 && text.starts_with("0x"))
            text.remove_prefix(2);
        T n{};
        const char *const begin = text.data();
        const char *const end = begin + text.size();
        const auto [at, error] = std::from_chars(begin, end, n, base);
        if (error != std::errc() || at != end || text.empty())
            bad("'" + shown(text) + "' is no number that fits here");
        return n;
    }
    template <class T> T number_of(std::string_view key, int base = 10)
    {
        return number<T>(value(key), base);
    }
    std::uint64_t frame(std::string_view text) const { return number<std::uint64_t>(text, 16); }

    [[noreturn]] void bad(const std::string &what) const { throw malformed(line_, what); }

    static std::string shown(std::string_view text)
    {
        std::string out;
        for (const char c : text.substr(0, 40))
            out += c >= ' ' && c <= '~' ? c : '?';
        return out;
    }

private:
    std::string_view rest_;
    unsigned long line_;
};

} // namespace detail

/// Reads dumps: give it each line that begins with `H `, and those from `D begin` to `D end`.
class dump_reader
{
public:
    /// An `H` line that names the kernel or its constants; others are ignored.
    void header(std::string_view text, unsigned long line)
    {
        detail::fields f(text, line);
        f.next();
        for (std::string_view field = f.next(); !field.empty(); field = f.next()) {
            const std::size_t equal = field.find('=');
            if (equal == std::string_view::npos)
                continue;
            const std::string_view key = field.substr(0, equal), value = field.substr(equal + 1);
            if (key == "kernel")
                state_.release = value;
            else if (key == "page_shift")
                state_.page_shift = f.number<unsigned>(value);
            else if (key == "max_order")
                state_.orders = f.number<unsigned>(value);
            else if (key == "pageblock_order")
                state_.pageblock_order = f.number<unsigned>(value);
            else if (key == "maxnrzones")
                state_.kernel_zones = f.number<unsigned>(value);
            else if (key == "min_free_kbytes")
                state_.min_free_kbytes = f.number<unsigned>(value);
            else if (key == "base")
                state_.cma_base = f.frame(value);
            else if (key == "pages")
                state_.cma_pages = f.number<std::uint32_t>(value);
            else if (key == "watermark_boost_factor")
                state_.boost_factor = f.number<unsigned>(value);
        }
        if (state_.orders > max_orders)
            f.bad("more than " + std::to_string(max_orders) + " orders");
        if (state_.cma_pages > max_pages || state_.cma_base > (std::uint64_t{1} << 52))
            f.bad("a CMA area of more pages than there are");
        if (state_.page_shift < 10 || state_.page_shift > 20)
            f.bad("page_shift " + std::to_string(state_.page_shift) + " is no size of a page");
    }

    /// A line of a dump, `D begin` first. True if it was the last one.
    bool read(std::string_view text, unsigned long line)
    {
        detail::fields f(text, line);
        const std::string_view kind = f.next();
        if (kind == "D")
            return mark(f);
        if (!inside_)
            f.bad("no dump has begun");
        if (kind == "Z") {
            begin_zone(f);
            return false;
        }
        if (state_.zones.empty())
            f.bad("'" + f.shown(kind) + "' before a zone");
        if (kind.size() != 1)
            f.bad("'" + f.shown(kind) + "' is no line of a dump");
        zone_line(kind[0], f);
        return false;
    }

    bool inside() const { return inside_; } ///< whether a dump has begun and not ended

    /// What was read: the header's values, and after `D end` the zones.
    const memory_state &state() const { return state_; }

private:
    bool mark(detail::fields &f)
    {
        const std::string_view which = f.next();
        if (which == "begin" && !inside_) {
            inside_ = true;
            state_.zones.clear();
            state_.digest.reset();
            f.next();
            state_.label.clear();
            for (std::string_view word = f.next(); !word.empty(); word = f.next())
                state_.label += (state_.label.empty() ? "" : " ") + std::string(word);
            return false;
        }
        if (which != "end" || !inside_)
            f.bad(inside_ ? "a dump begins inside another" : "no dump has begun");
        f.next();
        const std::string_view digest = f.next();
        if (digest.starts_with("h="))
            state_.digest = f.number<std::uint64_t>(digest.substr(2), 16);
        inside_ = false;
        return true;
    }

    void begin_zone(detail::fields &f)
    {
        zone_state s;
        s.index = f.number<unsigned>(f.next());
        s.name = f.next();
        s.start_pfn = f.number_of<std::uint64_t>("start", 16);
        s.spanned = f.number_of<std::uint64_t>("spanned");
        s.present = f.number_of<std::uint64_t>("present");
        s.managed = f.number_of<std::uint64_t>("managed");
        if (state_.zones.size() == 5)
            f.bad("more zones than a kernel has");
        state_.zones.push_back(std::move(s));
    }

    void zone_line(char kind, detail::fields &f)
    {
        zone_state &s = state_.zones.back();
        switch (kind) {
        case 'W':
            s.wmark.min = f.number<long>(f.next());
            s.wmark.low = f.number<long>(f.next());
            s.wmark.high = f.number<long>(f.next());
            s.boost = f.number_of<long>("boost");
            break;
        case 'L':
            for (std::string_view v = f.next(); !v.empty(); v = f.next())
                s.lowmem_reserve.push_back(f.number<long>(v));
            break;
        case 'V':
            s.free.global = f.number_of<long>("free");
            s.free.diff = f.number_of<long>("free_diff");
            s.free_cma.global = f.number_of<long>("cma");
            s.free_cma.diff = f.number_of<long>("cma_diff");
            s.stat_threshold = f.number_of<long>("threshold");
            s.drift_mark = f.number_of<long>("driftmark");
            s.flags = f.number_of<unsigned>("flags", 16);
            break;
        case 'H':
            s.reserved_highatomic = f.number_of<long>("highatomic");
            s.isolated_blocks = f.number_of<unsigned>("isolate");
            break;
        case 'K':
            compaction(s.compaction, f);
            break;
        case 'P':
            f.next();
            s.pcp_count = f.number_of<long>("count");
            s.pcp_high = f.number_of<long>("high");
            s.pcp_batch = f.number_of<long>("batch");
            if (const std::string_view v = f.next(); v.starts_with("free_factor="))
                s.free_factor = f.number<unsigned>(v.substr(12));
            break;
        case 'p':
            per_cpu_list(s, f);
            break;
        case 'B': {
            const std::uint64_t pfn = f.frame(f.next());
            s.pageblocks.push_back({pfn, type(f.next(), f)});
            break;
        }
        case 'l':
            for (std::string_view v = f.next(); !v.empty(); v = f.next()) {
                const std::size_t plus = v.find('+');
                if (plus == std::string_view::npos)
                    f.bad("expected frame+pages, found '" + f.shown(v) + "'");
                s.movable.push_back(
                    {f.frame(v.substr(0, plus)), f.number<std::uint32_t>(v.substr(plus + 1))});
            }
            break;
        case 'S': {
            const auto order = f.number<unsigned>(f.next());
            const unsigned t = type(f.next(), f);
            if (order >= max_orders)
                f.bad("order " + std::to_string(order) + " is too large");
            for (std::string_view v = f.next(); !v.empty(); v = f.next())
                s.lists[order][t].push_back(f.frame(v));
            break;
        }
        default:
            f.bad("'" + std::string(1, kind) + "' is no line of a dump");
        }
    }

    static void compaction(compaction_state &c, detail::fields &f)
    {
        c.free_pfn = f.number_of<std::uint64_t>("free_pfn", 16);
        const std::string_view both = f.value("migrate_pfn");
        const std::size_t comma = both.find(',');
        if (comma == std::string_view::npos)
            f.bad("migrate_pfn: expected two frames");
        c.migrate_pfn = {f.frame(both.substr(0, comma)), f.frame(both.substr(comma + 1))};
        c.considered = f.number_of<unsigned>("considered");
        c.defer_shift = f.number_of<unsigned>("defer_shift");
        c.order_failed = f.number_of<unsigned>("order_failed");
    }

    static void per_cpu_list(zone_state &s, detail::fields &f)
    {
        const auto number = f.number<unsigned>(f.next());
        if (number >= max_pcp_orders * migrate_pcptypes)
            f.bad("per-cpu list " + std::to_string(number) + ": no such list");
        if (s.pcp.size() <= number)
            s.pcp.resize(number + 1);
        for (std::string_view v = f.next(); !v.empty(); v = f.next()) {
            const std::size_t colon = v.find(':');
            if (colon == std::string_view::npos)
                f.bad("expected frame:type, found '" + f.shown(v) + "'");
            s.pcp[number].push_back({f.frame(v.substr(0, colon)), type(v.substr(colon + 1), f)});
        }
    }

    static unsigned type(std::string_view text, const detail::fields &f)
    {
        const auto t = f.number<unsigned>(text);
        if (t >= migrate_types)
            f.bad("migrate type " + std::to_string(t) + ": no such type");
        return t;
    }

    memory_state state_;
    bool inside_ = false;
};

namespace detail {

class dump_writer
{
public:
    explicit dump_writer(std::string &out) : out_(out) {}

    void header(const memory_state &s)
    {
        text("H kernel=").text(s.release);
        text("\nH page_shift=").number(s.page_shift).text(" max_order=").number(s.orders);
        text(" pageblock_order=").number(s.pageblock_order).text(" migrate_types=6 maxnrzones=");
        number(s.kernel_zones).text("\nH min_free_kbytes=").number(s.min_free_kbytes);
        text(" watermark_boost_factor=").number(s.boost_factor).text("\n");
    }

    void zone(const zone_state &s)
    {
        text("Z ").number(s.index).text(" ").text(s.name).text(" start=").frame(s.start_pfn);
        text(" spanned=").number(s.spanned).text(" present=").number(s.present);
        text(" managed=").number(s.managed);
        text("\nW ").number(s.wmark.min).text(" ").number(s.wmark.low).text(" ");
        number(s.wmark.high).text(" boost=").number(s.boost).text("\nL");
        for (const long r : s.lowmem_reserve)
            text(" ").number(r);
        text("\nV free=").number(s.free.global).text(" free_diff=").number(s.free.diff);
        text(" cma=").number(s.free_cma.global).text(" cma_diff=").number(s.free_cma.diff);
        text(" threshold=").number(s.stat_threshold).text(" driftmark=").number(s.drift_mark);
        text(" flags=0x").frame(s.flags).text("\nH highatomic=").number(s.reserved_highatomic);
        text(" isolate=").number(s.isolated_blocks);
        const compaction_state &c = s.compaction;
        text("\nK free_pfn=").frame(c.free_pfn).text(" migrate_pfn=").frame(c.migrate_pfn[0]);
        text(",").frame(c.migrate_pfn[1]).text(" considered=").number(c.considered);
        text(" defer_shift=").number(c.defer_shift).text(" order_failed=").number(c.order_failed);
        text("\nP 0 count=").number(s.pcp_count).text(" high=").number(s.pcp_high);
        text(" batch=").number(s.pcp_batch).text(" free_factor=").number(s.free_factor).text("\n");
        for (std::size_t i = 0; i < s.pcp.size(); ++i) {
            if (s.pcp[i].empty())
                continue;
            text("p ").number(i);
            for (const pcp_entry &e : s.pcp[i])
                text(" ").frame(e.pfn).text(":").number(e.type);
            text("\n");
        }
        for (const pageblock_state &b : s.pageblocks)
            text("B ").frame(b.pfn).text(" ").number(b.type).text("\n");
        if (!s.movable.empty()) {
            text("l");
            for (const frame_range &r : s.movable)
                text(" ").frame(r.pfn).text("+").number(r.pages);
            text("\n");
        }
        for (unsigned o = 0; o < max_orders; ++o) {
            for (unsigned t = 0; t < migrate_types; ++t)
                list(s, o, t);
        }
    }

    dump_writer &text(std::string_view t)
    {
        out_ += t;
        return *this;
    }
    template <class T> dump_writer &number(T n)
    {
        out_ += std::to_string(n);
        return *this;
    }
    dump_writer &frame(std::uint64_t pfn)
    {
        char digits[17];
        const auto end = std::to_chars(digits, digits + sizeof digits, pfn, 16).ptr;
        out_.append(digits, end);
        return *this;
    }

private:
    void list(const zone_state &s, unsigned order, unsigned type)
    {
        const auto &blocks = s.lists[order][type];
        if (blocks.empty())
            return;
        text("S ").number(order).text(" ").number(type);
        for (const std::uint64_t pfn : blocks)
            text(" ").frame(pfn);
        text("\n");
    }

    std::string &out_;
};

} // namespace detail

/// The state as a dump, header lines first. dump_reader reads it back.
inline std::string dump_text(const memory_state &state)
{
    std::string out;
    detail::dump_writer w(out);
    w.header(state);
    w.text("D begin 0").text(state.label.empty() ? "" : " ").text(state.label).text("\n");
    for (const zone_state &s : state.zones)
        w.zone(s);
    w.text("D end 0 h=").frame(digest_of(state)).text("\n");
    return out;
}

} // namespace kctx::mm
