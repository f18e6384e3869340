// SPDX-License-Identifier: BSL-1.0
/// @file
/// Mem-Info (show_mem(), show_free_areas(): mm/page_alloc.c, mm/show_mem.c since 6.6), read word by
/// word, so that it does not matter where a mailer broke the lines or what was printed between
/// them. The fields of all kernels 2.6.32 ... 6.18 are kept by their names, those of vendors too.
#pragma once

#include <kctx/klog/line.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::klog {

/// A named number of the log, in the unit that it was printed in: kB, else pages or a plain count.
struct amount {
    std::string name;        ///< as printed before the number
    std::uint64_t value = 0; ///< in kB, or in pages or a count
    bool kb = false;         ///< whether it was printed in kB
    span where;              ///< the number in the log
};

/// The value of the first amount of this name, if there is one.
inline std::optional<std::uint64_t> find_amount(const std::vector<amount> &values,
                                                std::string_view name)
{
    for (const amount &a : values) {
        if (a.name == name)
            return a.value;
    }
    return std::nullopt;
}

/// The free blocks of one order: "305*64kB (C)".
struct order_blocks {
    std::uint64_t blocks = 0;   ///< how many are free
    std::uint64_t block_kb = 0; ///< size of one, in kB
    std::string types; ///< letters of the types that have at least one: U M E H C I, R up to 4.3
    span where;        ///< the words in the log
};

/// A zone of the dump.
struct zone_memory {
    std::optional<unsigned> node;                    ///< printed by NUMA kernels
    std::string name;                                ///< "Normal"
    std::vector<amount> values;                      ///< its line
    std::vector<std::uint64_t> lowmem_reserve_pages; ///< lowmem_reserve[], by the request's zone
    std::vector<order_blocks> orders;                ///< its line of free blocks
    std::optional<std::uint64_t> orders_total_kb;    ///< what stands behind the = of that line
    span where;                                      ///< of the first word of its line
    unsigned long line = 0;                          ///< of the log, on which it begins
    unsigned long orders_line = 0; ///< of the log, with its free blocks; 0: there is none

    /// A field in kB: "free", "min". Nothing if the log does not have it.
    std::optional<std::uint64_t> kb(std::string_view field) const
    {
        return find_amount(values, field);
    }
    /// Everything that the watermark arithmetic needs is there.
    bool complete() const
    {
        return kb("free") && kb("min") && !lowmem_reserve_pages.empty() && !orders.empty() &&
               orders_total_kb;
    }
};

/// A node of the dump, 4.8 and later.
struct node_memory {
    unsigned node = 0;          ///< its number
    std::vector<amount> values; ///< in the order of the line
};

/// A Mem-Info as it stands in a log, whole or not.
struct memory_info {
    std::vector<amount> global;     ///< in pages, and a vendor's own
    std::vector<node_memory> nodes; ///< 4.8 and later
    std::vector<zone_memory> zones; ///< as printed
    std::vector<amount> totals;     ///< "pages RAM", "pages in swap cache", "Free swap", ...
    bool hugepages = false;         ///< whether lines on huge pages were there
    unsigned long line = 0;         ///< of the log, on which it begins

    /// Whether no line of it was found.
    bool empty() const { return global.empty() && nodes.empty() && zones.empty(); }

    /// The size of a page in kB, by the free blocks of order 0; nothing if there are none.
    std::optional<unsigned> page_kb() const
    {
        for (const zone_memory &z : zones) {
            if (!z.orders.empty()) {
                const std::uint64_t kb = z.orders[0].block_kb;
                if (kb >= 4 && kb <= 256 && (kb & (kb - 1)) == 0)
                    return static_cast<unsigned>(kb);
            }
        }
        return std::nullopt;
    }
};

namespace detail {

constexpr bool is_zone_name(std::string_view word)
{
    return word == "DMA" || word == "DMA32" || word == "Normal" || word == "HighMem" ||
           word == "Movable" || word == "Device";
}

/// Letters of show_migration_types().
constexpr bool is_type_letters(std::string_view word)
{
    if (word.empty() || word.size() > 8)
        return false;
    return word.find_first_not_of("UMEHCIR") == word.npos;
}

} // namespace detail

/// Reads the lines of a Mem-Info into a memory_info.
class memory_info_reader
{
public:
    explicit memory_info_reader(memory_info &into) : m_(&into) {}

    /// Could a dump start here whose first line is missing?
    static bool starts(std::string_view body)
    {
        if (body.empty())
            return false;
        switch (body[0]) {
        case 'a':
            return body.starts_with("active_anon:");
        case 'N':
        case 'D':
        case 'H':
        case 'M':
            if (body.find("kB") == body.npos)
                return false;
            return (body.find(" free:") != body.npos && body.find(" min:") != body.npos) ||
                   body.find("*4kB ") != body.npos || body.find("*64kB ") != body.npos;
        default:
            return false;
        }
    }

    /// Takes what the line has of the dump; false if nothing.
    bool read(const line &l)
    {
        line_ = &l;
        if (read_total(l.body))
            return true;
        bool any = false;
        std::string_view rest = l.body;
        bool only_numbers = true;
        for (std::string_view word = next(rest); !word.empty(); word = next(rest)) {
            const bool number = word.find_first_not_of("0123456789") == word.npos;
            only_numbers = only_numbers && number;
            if (read_word(word, number && only_numbers))
                any = true;
        }
        return any;
    }

private:
    static constexpr std::size_t most_zones = 1024;
    static constexpr std::size_t most_values = 256;

    /// The next word; an escaped line end, as /dev/kmsg has it, parts words too.
    static std::string_view next(std::string_view &rest)
    {
        constexpr std::string_view escape = "\\x0a";
        for (;;) {
            rest = trim_front(rest);
            if (!rest.starts_with(escape))
                break;
            rest.remove_prefix(escape.size());
        }
        std::size_t n = 0;
        while (n < rest.size() && !is_space(rest[n]) && !rest.substr(n).starts_with(escape))
            ++n;
        const std::string_view word = rest.substr(0, n);
        rest.remove_prefix(n);
        return word;
    }

    /// "917504 pages RAM", "Free swap  = 453884kB"
    bool read_total(std::string_view body)
    {
        if (m_->empty() && m_->totals.empty())
            return false;
        cursor c(body);
        for (const std::string_view label : {"Free swap", "Total swap"}) {
            if (!body.starts_with(label))
                continue;
            c.skip(label);
            c.skip_spaces();
            c.skip("=");
            c.skip_spaces();
            return put_number(m_->totals, label, c, true);
        }
        if (body.empty() || !is_digit(body[0]))
            return false;
        cursor number = c;
        if (!c.decimal64())
            return false;
        c.skip_spaces();
        const std::string_view words = trim(c.rest());
        if (!(words.starts_with("pages ") || words == "total pagecache pages") || words.size() > 32)
            return false;
        return put_number(m_->totals, words, number, false);
    }

    bool put_number(std::vector<amount> &to, std::string_view name, cursor at, bool kb)
    {
        const std::string_view before = at.rest();
        const auto value = at.decimal64();
        if (!value || to.size() >= most_values)
            return false;
        to.push_back({printable(name), *value, kb,
                      line_->where(before.substr(0, before.size() - at.rest().size()))});
        list_ = list::none;
        return true;
    }

    bool read_word(std::string_view word, bool number_of_list)
    {
        if (expect_node_) {
            expect_node_ = false;
            cursor c(word);
            const auto node = c.decimal();
            c.skip(",");
            if (node && c.at_end()) {
                node_ = node;
                node_printed_ = true;
                label_ = {};
                return true;
            }
        }
        if (word == "Node") {
            expect_node_ = true;
            return false;
        }
        if (detail::is_zone_name(word)) {
            label_ = std::string(word);
            label_where_ = line_->where(word);
            return false;
        }
        if (word.back() == ':' && detail::is_zone_name(word.substr(0, word.size() - 1)))
            return start_orders(word.substr(0, word.size() - 1));
        if (word == "lowmem_reserve[]:" || word == "protections[]:") {
            list_ = list::reserve;
            if (zone_ < m_->zones.size())
                m_->zones[zone_].lowmem_reserve_pages.clear();
            return zone_ < m_->zones.size();
        }
        if (list_ == list::reserve && (number_of_list || reserve_here(word)))
            return add_reserve(word);
        if (list_ == list::orders && add_order(word))
            return true;
        if (list_ == list::total && add_total(word))
            return true;
        if (want_value_) {
            want_value_ = false;
            if (put(pending_name_, word))
                return true;
        }
        const std::size_t colon = word.find(':');
        if (colon == word.npos || colon == 0)
            return false;
        if (colon + 1 == word.size()) { // "shmem_thp: 0kB"
            if (word.starts_with("shmem_") || word.starts_with("anon_thp") ||
                word.starts_with("file_")) {
                pending_name_ = std::string(word.substr(0, colon));
                want_value_ = true;
            }
            return false;
        }
        return put(word.substr(0, colon), word.substr(colon + 1));
    }

    /// Numbers right behind lowmem_reserve[] on its own line.
    bool reserve_here(std::string_view word) const
    {
        return word.find_first_not_of("0123456789") == word.npos &&
               line_->body.starts_with("lowmem_reserve[]:");
    }

    bool add_reserve(std::string_view word)
    {
        cursor c(word);
        const auto pages = c.decimal64();
        if (!pages || !c.at_end() || zone_ >= m_->zones.size())
            return false;
        auto &reserve = m_->zones[zone_].lowmem_reserve_pages;
        if (reserve.size() >= 8)
            return false;
        reserve.push_back(*pages);
        return true;
    }

    zone_memory *find_zone(std::string_view name)
    {
        for (zone_memory &z : m_->zones) {
            if (z.name == name && (!node_ || !z.node || z.node == node_))
                return &z;
        }
        return nullptr;
    }

    bool start_orders(std::string_view name)
    {
        zone_memory *z = find_zone(name);
        if (z == nullptr || !z->orders.empty()) {
            if (m_->zones.size() >= most_zones)
                return false;
            m_->zones.push_back({});
            z = &m_->zones.back();
            if (node_printed_)
                z->node = node_;
            z->name = std::string(name);
            z->line = line_->number;
            z->where = line_->where(name);
        }
        z->orders_line = line_->number;
        orders_zone_ = static_cast<std::size_t>(z - m_->zones.data());
        list_ = list::orders;
        label_ = {};
        node_printed_ = false;
        return true;
    }

    bool add_order(std::string_view word)
    {
        zone_memory &z = m_->zones[orders_zone_];
        if (word == "=") {
            list_ = list::total;
            return true;
        }
        if (word[0] == '(' && word.back() == ')' && !z.orders.empty()) {
            const std::string_view letters = word.substr(1, word.size() - 2);
            if (!detail::is_type_letters(letters))
                return false;
            z.orders.back().types = std::string(letters);
            return true;
        }
        cursor c(word);
        const auto blocks = c.decimal64();
        if (!blocks || !c.skip("*"))
            return false;
        const auto kb = c.decimal64();
        if (!kb || !c.skip("kB") || z.orders.size() >= 24)
            return false;
        // Orders follow each other in size, or the line is broken.
        if (!z.orders.empty() && *kb != z.orders.back().block_kb * 2)
            return false;
        z.orders.push_back({*blocks, *kb, {}, line_->where(word)});
        return true;
    }

    bool add_total(std::string_view word)
    {
        cursor c(word);
        const auto kb = c.decimal64();
        if (!kb || !c.skip("kB") || !c.at_end())
            return false;
        m_->zones[orders_zone_].orders_total_kb = kb;
        list_ = list::none;
        return true;
    }

    /// name:value, in kB or without a unit.
    bool put(std::string_view name, std::string_view text)
    {
        cursor c(text);
        const auto value = c.decimal64();
        if (!value)
            return false;
        const bool kb = c.skip("kB") || c.skip("KB");
        if (!c.at_end() || name.size() > 40)
            return false;
        if (name == "hi" || name == "btch" || name == "usd")
            return true; // per-cpu lines up to 3.10
        if (name == "Node" || name.find_first_of("=/;") != name.npos)
            return false;
        std::vector<amount> *to = nullptr;
        if (kb && name == "free" && !label_.empty()) {
            if (m_->zones.size() >= most_zones)
                return false;
            m_->zones.push_back({});
            zone_ = m_->zones.size() - 1;
            zone_memory &z = m_->zones.back();
            if (node_printed_)
                z.node = node_;
            z.name = label_;
            z.line = line_->number;
            z.where = label_where_;
            label_ = {};
            scope_ = scope::zone;
        } else if (kb && name == "active_anon" && scope_ != scope::zone) {
            if (m_->nodes.size() >= most_zones)
                return false;
            m_->nodes.push_back({node_.value_or(0), {}});
            scope_ = scope::node;
        } else if (kb && name == "active_anon" && node_ && !m_->zones.empty() &&
                   !m_->zones[zone_].lowmem_reserve_pages.empty() &&
                   find_amount(m_->zones[zone_].values, "active_anon")) {
            m_->nodes.push_back({*node_, {}}); // the next node's line
            scope_ = scope::node;
        } else if (!kb && (name == "active_anon" || name == "active")) {
            scope_ = scope::global;
        }
        list_ = list::none;
        node_printed_ = false;
        if (!kb || scope_ == scope::global)
            to = &m_->global;
        else if (scope_ == scope::node && !m_->nodes.empty())
            to = &m_->nodes.back().values;
        else if (scope_ == scope::zone && zone_ < m_->zones.size())
            to = &m_->zones[zone_].values;
        if (to == nullptr || to->size() >= most_values)
            return false;
        if (find_amount(*to, name) && to == &m_->global)
            return false;
        to->push_back({printable(name), *value, kb, line_->where(text)});
        return true;
    }

    enum class scope : unsigned char { none, global, node, zone };
    enum class list : unsigned char { none, reserve, orders, total };

    memory_info *m_;
    const line *line_ = nullptr;
    scope scope_ = scope::none;
    list list_ = list::none;
    std::size_t zone_ = ~std::size_t{0};
    std::size_t orders_zone_ = 0;
    std::optional<unsigned> node_;
    std::string label_;
    span label_where_;
    std::string pending_name_;
    bool expect_node_ = false;
    bool node_printed_ = false; ///< before what comes next
    bool want_value_ = false;
};

} // namespace kctx::klog
