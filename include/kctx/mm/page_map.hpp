// SPDX-License-Identifier: BSL-1.0
/// @file
/// What the model keeps of each page: 9 bytes, and one a pageblock. Pages are numbered from the
/// first block of the largest order, so that a page's buddy is its index with one bit flipped.
#pragma once

#include <kctx/kernel/migratetype.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace kctx::mm {

/// A page: its frame number less that of the map's first page.
using page_index = std::uint32_t;

inline constexpr page_index no_page = ~page_index{0}; ///< No page: the end of a search.

/// The type of a pageblock that does not exist: memory has a hole there.
inline constexpr unsigned no_block = 7;

/// The largest map: 2 TiB of 4 KiB pages. Three bits of an index are free for a migrate type.
inline constexpr page_index max_pages = 1u << 29;

/// Zeroed memory that costs nothing until it is touched: calloc() of much memory is a mapping.
template <class T> class zeroed_array
{
    static_assert(std::is_trivially_copyable_v<T>);

public:
    zeroed_array() = default;
    explicit zeroed_array(std::size_t size)
        : data_(static_cast<T *>(std::calloc(size == 0 ? 1 : size, sizeof(T))))
    {
        if (!data_)
            throw std::bad_alloc();
    }

    T &operator[](std::size_t i) { return data_[i]; }
    const T &operator[](std::size_t i) const { return data_[i]; }
    const T *at(std::size_t i) const { return data_.get() + i; } ///< Where element @p i is.

private:
    struct release {
        void operator()(T *p) const { std::free(p); }
    };
    std::unique_ptr<T[], release> data_;
};

/// One byte a page. 0: in use, or not the first page of its block.
class page_tag
{
public:
    constexpr page_tag() = default;

    /// The first page of a free block on the list of this order and type.
    static constexpr page_tag free_block(unsigned order, unsigned type)
    {
        return page_tag((order + 1) | (type << 4));
    }
    /// In use, and migratable: on the LRU, or __PageMovable().
    static constexpr page_tag in_use(bool movable) { return page_tag(movable ? movable_bit : 0); }

    /// Whether it begins a free block.
    constexpr bool is_free() const { return (value() & order_bits) != 0; }
    /// Whether it begins a free block of this order.
    constexpr bool is_free(unsigned order) const { return (value() & order_bits) == order + 1; }
    constexpr unsigned order() const { return (value() & order_bits) - 1u; } ///< of the free block
    /// The migrate type of the list that it is on.
    constexpr unsigned type() const { return (value() & type_bits) >> 4; }
    /// Whether it is in use and may be migrated.
    constexpr bool is_movable() const { return (value() & movable_bit) != 0; }

private:
    static constexpr unsigned order_bits = 0x0f, type_bits = 0x70, movable_bit = 0x80;

    /// Not a plain byte, which might alias everything: what is in registers could not stay there.
    enum class bits : std::uint8_t {};

    explicit constexpr page_tag(unsigned b) : bits_(static_cast<bits>(b)) {}
    constexpr unsigned value() const { return static_cast<unsigned>(bits_); }

    bits bits_{};
};

/// Neighbours on a list. Lists are circular; a head is an element behind those of the pages.
struct page_link {
    page_index next; ///< the next one; a head's first
    page_index prev; ///< the one before; a head's last
};

/// The arrays.
class page_map
{
public:
    page_map() = default;
    /// `size` pages from the frame `begin`, a multiple of the largest block; heads for
    /// `lists` lists, all empty.
    page_map(std::uint64_t begin, page_index size, unsigned lists, unsigned pageblock)
        : first_pfn(begin), pages(size), pageblock_order(pageblock), tag(size),
          link(std::size_t{size} + lists), block_type_((size >> pageblock) + 1u)
    {
        for (unsigned i = 0; i < lists; ++i)
            link[pages + i] = {pages + i, pages + i};
    }

    std::uint64_t pfn(page_index p) const { return first_pfn + p; } ///< the frame of page @p p
    /// The page of frame @p pfn, which has() it.
    page_index index(std::uint64_t pfn) const { return static_cast<page_index>(pfn - first_pfn); }
    /// Whether the frame is one of these pages.
    bool has(std::uint64_t pfn) const { return pfn >= first_pfn && pfn - first_pfn < pages; }

    /// Pages of a pageblock.
    page_index pageblock_pages() const { return page_index{1} << pageblock_order; }
    /// The first page of the pageblock that @p p is in.
    page_index pageblock_start(page_index p) const { return p & ~(pageblock_pages() - 1); }

    /// The migrate type of the page's pageblock; no_block in a hole.
    unsigned block_type(page_index p) const { return block_type_[p >> pageblock_order]; }
    /// Sets the migrate type of the whole pageblock of page @p p.
    void set_block_type(page_index p, unsigned type)
    {
        block_type_[p >> pageblock_order] = static_cast<std::uint8_t>(type);
    }
    /// Of all pageblocks of a block of this order (change_pageblock_range()).
    void set_block_types(page_index p, unsigned order, unsigned type)
    {
        for (const page_index end = p + (page_index{1} << order); p < end; p += pageblock_pages())
            set_block_type(p, type);
    }

    /// Bytes that the arrays take with @p lists lists.
    std::size_t bytes(unsigned lists) const
    {
        return std::size_t{pages} * (sizeof(page_tag) + sizeof(page_link)) +
               lists * sizeof(page_link) + (pages >> pageblock_order) + 1u;
    }

    std::uint64_t first_pfn = 0;  ///< the frame of page 0
    page_index pages = 0;         ///< pages, those in holes as well
    unsigned pageblock_order = 0; ///< a pageblock is 2^pageblock_order pages
    zeroed_array<page_tag> tag;   ///< a tag for each page
    zeroed_array<page_link> link; ///< a link for each page, then one for each list's head

private:
    zeroed_array<std::uint8_t> block_type_;
};

} // namespace kctx::mm
