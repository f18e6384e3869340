// SPDX-License-Identifier: BSL-1.0
/// @file
/// Reading /proc/buddyinfo, /proc/pagetypeinfo and /proc/zoneinfo (mm/vmstat.c), alone or one
/// behind the other, with lines that a mailer wrapped.
#pragma once

#include <kctx/klog/report.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace kctx::klog::detail {

/// "Node    0, zone   Normal" and what stands behind it.
struct zone_head {
    unsigned node = 0;
    std::string_view zone;
    std::string_view rest;
};

inline std::optional<zone_head> parse_zone_head(std::string_view body)
{
    cursor c(body);
    if (!c.skip("Node"))
        return std::nullopt;
    c.skip_spaces();
    const auto node = c.decimal();
    if (!node || !c.skip(","))
        return std::nullopt;
    c.skip_spaces();
    if (!c.skip("zone"))
        return std::nullopt;
    c.skip_spaces();
    const std::string_view zone =
        c.take_while([](char ch) { return is_alpha(ch) || is_digit(ch); });
    if (zone.empty() || zone.size() > 8)
        return std::nullopt;
    c.skip(",");
    c.skip_spaces();
    return zone_head{*node, zone, c.rest()};
}

/// Reads lines into a proc_memory. What kind of file it is shows with the first lines.
class proc_reader
{
public:
    /// Which file begins with this line, if any does.
    static std::optional<report_kind> starts(std::string_view body)
    {
        if (body.starts_with("Page block order:") ||
            body.starts_with("Free pages count per migrate type"))
            return report_kind::pagetypeinfo;
        if (!body.starts_with("Node"))
            return std::nullopt;
        const auto head = parse_zone_head(body);
        if (!head)
            return std::nullopt;
        if (head->rest.starts_with("type"))
            return report_kind::pagetypeinfo;
        if (head->rest.empty())
            return report_kind::zoneinfo;
        return is_digit(head->rest[0]) ? std::optional(report_kind::buddyinfo) : std::nullopt;
    }

    explicit proc_reader(proc_memory &into) : m_(&into) {}

    /// Takes what the line has; false if nothing.
    bool read(const line &l, report &r)
    {
        const std::string_view body = l.body;
        if (body.empty())
            return true;
        if (body.starts_with("Page block order:")) {
            m_->block_order = number_after(body, "order:");
            r.put_mark("block_order", l.where(body));
            return true;
        }
        if (body.starts_with("Pages per block:") || body.starts_with("Free pages count"))
            return begin(rows::none);
        if (body.starts_with("Number of blocks type")) {
            m_->types.clear();
            begin(rows::none);
            add_types(body.substr(21));
            in_blocks_ = true;
            types_open_ = true;
            return true;
        }
        if (body.starts_with("Number of mixed blocks")) {
            in_blocks_ = false;
            return begin(rows::mixed);
        }
        if (const auto head = parse_zone_head(body)) {
            types_open_ = false;
            return read_row(l, *head, r);
        }
        if (types_open_ && is_alpha(body[0])) { // the rest of the column heads
            add_types(body);
            return true;
        }
        if (rows_ == rows::zone)
            return read_zone_line(l);
        if (rows_ == rows::free || rows_ == rows::blocks)
            return add_numbers(body);
        return is_digit(body[0]) && body.find_first_not_of("0123456789 \t") == body.npos;
    }

private:
    enum class rows : unsigned char { none, free, blocks, mixed, zone };
    static constexpr std::size_t most_rows = 4096;

    bool begin(rows what)
    {
        rows_ = what;
        return true;
    }

    void add_types(std::string_view text)
    {
        cursor c(text);
        for (c.skip_spaces(); !c.at_end() && m_->types.size() < 16; c.skip_spaces()) {
            const std::string_view word = c.take_while(is_alpha);
            if (word.empty())
                return;
            m_->types.emplace_back(word.substr(0, 32));
        }
    }

    bool read_row(const line &l, const zone_head &head, report &r)
    {
        if (m_->free.size() + m_->blocks.size() + m_->zones.size() > most_rows)
            return false;
        r.put_mark("zone", l.where(head.zone));
        if (head.rest.empty()) {
            m_->zones.push_back({head.node, std::string(head.zone), {}, {}});
            return begin(rows::zone);
        }
        free_row row{head.node, std::string(head.zone), {}, {}, false};
        cursor c(head.rest);
        if (c.skip("type")) {
            c.skip_spaces();
            row.type = std::string(c.take_while(is_alpha).substr(0, 32));
            in_blocks_ = false;
        }
        if (rows_ == rows::mixed)
            return true;
        begin(in_blocks_ ? rows::blocks : rows::free);
        (in_blocks_ ? m_->blocks : m_->free).push_back(row);
        return add_numbers(c.rest());
    }

    /// Numbers go on in the next line if a mailer broke this one.
    bool add_numbers(std::string_view text)
    {
        if (trim(text).find_first_not_of("0123456789> \t.") != text.npos)
            return false;
        free_row &row = rows_ == rows::blocks ? m_->blocks.back() : m_->free.back();
        cursor c(text);
        for (c.skip_spaces(); !c.at_end(); c.skip_spaces()) {
            row.at_least = c.skip(">") || row.at_least;
            const auto n = c.decimal64();
            if (!n || row.blocks.size() >= 24)
                return true;
            row.blocks.push_back(*n);
        }
        return true;
    }

    ///   pages free     3840
    ///         min      66
    ///         protection: (0, 1935, 7838, 7838)
    ///       nr_free_pages 3840
    bool read_zone_line(const line &l)
    {
        zoneinfo_zone &z = m_->zones.back();
        cursor c(l.body);
        if (c.skip("protection: (")) {
            while (z.protection_pages.size() < 8) {
                const auto n = c.decimal64();
                if (!n)
                    break;
                z.protection_pages.push_back(*n);
                if (!c.skip(", "))
                    break;
            }
            return true;
        }
        c.skip("pages ");
        const std::string_view name =
            c.take_while([](char ch) { return is_alpha(ch) || is_digit(ch) || ch == '_'; });
        c.skip(":");
        c.skip_spaces();
        const std::string_view number = c.rest();
        const auto value = c.decimal64();
        if (name.empty() || !value || !c.at_end() || z.values.size() > 256)
            return false;
        z.values.push_back({std::string(name.substr(0, 40)), *value, false,
                            l.where(number.substr(0, number.size() - c.rest().size()))});
        return true;
    }

    proc_memory *m_;
    rows rows_ = rows::none;
    bool in_blocks_ = false;
    bool types_open_ = false;
};

} // namespace kctx::klog::detail
