// SPDX-License-Identifier: BSL-1.0
/// @file
/// What a field of a kernel's memory report is. No standard header: the tables of fields are data.
#pragma once

#include <kctx/config.hpp>

namespace kctx::kernel {

/// How a value stands in a report, and in what it is counted.
enum class mem_info_unit : unsigned char {
    pages,       ///< pages, printed as such
    kb_of_pages, ///< pages, printed in kB: K(x) = x << (PAGE_SHIFT - 10)
    kb,          ///< counted in kB (kernel_stack)
    number,      ///< what has no unit (pages_scanned, node numbers)
    yes_no,      ///< all_unreclaimable?
};

/// The configuration that a field needs.
enum class mem_info_option : unsigned char {
    always,
    transparent_hugepage, ///< CONFIG_TRANSPARENT_HUGEPAGE
    shadow_call_stack,    ///< CONFIG_SHADOW_CALL_STACK
    other,                ///< CONFIG_SWAP, CONFIG_CMA, a vendor's ...
};

/// A value of a report and the text around it.
struct mem_info_field {
    const char *name;   ///< as printed, without the colon; unique in its line
    const char *before; ///< the text in front of the value, the blank that separates it included
    const char *after;  ///< the text behind it: "kB"
    unsigned char row;  ///< which line of several it is on, from 1 on
    mem_info_unit unit; ///< how the value is to be read
    mem_info_option option; ///< what the kernel must be built with to print it
    unsigned char width;    ///< right-aligned in so many columns; 0: as long as it is
};

/// The fields of a line, or of several lines that belong together.
struct mem_info_list {
    const mem_info_field *fields = nullptr; ///< in the order in which they are printed
    unsigned count = 0;                     ///< fields in the list

    constexpr mem_info_list() = default;
    template <unsigned N>
    constexpr mem_info_list(const mem_info_field (&list)[N]) : fields(list), count(N)
    {}
    constexpr const mem_info_field *begin() const { return fields; } ///< the first field
    /// Behind the last field.
    constexpr const mem_info_field *end() const { return fields + count; }
};

/// The three kinds of lines of a kernel.
struct mem_info_tree {
    unsigned since;       ///< the first version that prints them so
    mem_info_list global; ///< of the whole machine, in pages: "active_anon:12 ..."
    mem_info_list node;   ///< of a node: "Node 0 active_anon:12kB ..."; none up to 4.7
    mem_info_list zone;   ///< of a zone: "Node 0 DMA free:12kB ..."
};

} // namespace kctx::kernel
