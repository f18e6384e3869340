// SPDX-License-Identifier: BSL-1.0
/// @file
/// Named counters, and the lines of a report that a list of fields describes.
#pragma once

#include <kctx/kernel/mem_info_field.hpp>
#include <kctx/mm/text.hpp>

#include <optional>
#include <vector>

namespace kctx::mm {

/// A number with the name that the kernel prints before it.
struct counter {
    std::string name;        ///< as in kernel/mem_info_fields.hpp
    std::uint64_t value = 0; ///< pages, unless its field says otherwise
    friend bool operator==(const counter &, const counter &) = default;
};

/// Counters by the kernel's names, in the order in which they were set.
class counters
{
public:
    /// The value, or nothing if there is no such counter.
    std::optional<std::uint64_t> find(std::string_view name) const
    {
        for (const counter &c : list_) {
            if (c.name == name)
                return c.value;
        }
        return std::nullopt;
    }
    /// The value; 0 if there is no such counter.
    std::uint64_t operator[](std::string_view name) const { return find(name).value_or(0); }
    /// Whether there is such a counter.
    bool has(std::string_view name) const { return find(name).has_value(); }

    /// Sets it; a new one comes last.
    void set(std::string_view name, std::uint64_t value)
    {
        for (counter &c : list_) {
            if (c.name == name) {
                c.value = value;
                return;
            }
        }
        list_.push_back({std::string(name), value});
    }

    bool empty() const { return list_.empty(); }      ///< whether there is none
    std::size_t size() const { return list_.size(); } ///< how many there are
    auto begin() const { return list_.begin(); }      ///< the first, in the order of setting
    auto end() const { return list_.end(); }          ///< behind the last
    friend bool operator==(const counters &, const counters &) = default;

private:
    std::vector<counter> list_;
};

/// The fields of a line of one kernel, a vendor's among them.
using field_list = std::vector<kernel::mem_info_field>;

/// Prints the fields that have a value; `between` starts each row but the first.
inline void print_fields(std::string &out, const field_list &fields, const counters &values,
                         unsigned page_kb, std::string_view between)
{
    using unit = kernel::mem_info_unit;
    unsigned row = 0;
    for (const kernel::mem_info_field &f : fields) {
        const auto value = values.find(f.name);
        if (!value)
            continue;
        if (row != 0 && f.row != row)
            out += between;
        row = f.row;
        out += f.before;
        if (f.unit == unit::yes_no)
            out += *value != 0 ? "yes" : "no";
        else
            append(out, f.unit == unit::kb_of_pages ? *value * page_kb : *value, f.width);
        out += f.after;
    }
}

/// Reads one field: its value in pages, kB or as it is.
inline std::uint64_t parse_field(scanner &in, const kernel::mem_info_field &f, unsigned page_kb)
{
    using unit = kernel::mem_info_unit;
    in.expect(f.before);
    if (f.unit == unit::yes_no) {
        const bool yes = in.skip("yes");
        if (!yes)
            in.expect("no");
        return yes;
    }
    const std::uint64_t value = in.number();
    in.expect(f.after);
    if (f.unit != unit::kb_of_pages)
        return value;
    if (value % page_kb != 0)
        in.refuse(std::string(f.name) + " is not a whole number of pages of " +
                  std::to_string(page_kb) + " kB");
    return value / page_kb;
}

/// Is the field here? Its words are, whatever the value.
inline bool field_follows(scanner &in, const kernel::mem_info_field &f)
{
    const std::size_t start = in.position();
    bool here = in.skip(f.before);
    if (here && *f.before == '\0') // "917504 pages RAM"
        here = in.skip_number() && in.next_is(f.after);
    in.back_to(start);
    return here;
}

/// Reads the fields in their order. One that depends on the configuration may be missing.
inline counters parse_fields(scanner &in, const field_list &fields, unsigned page_kb)
{
    counters values;
    for (const kernel::mem_info_field &f : fields) {
        if (f.option == kernel::mem_info_option::always || field_follows(in, f))
            values.set(f.name, parse_field(in, f, page_kb));
    }
    return values;
}

} // namespace kctx::mm
