// SPDX-License-Identifier: BSL-1.0
/// @file
/// Who has how much memory (what CONFIG_PAGE_OWNER tells), and whose share only grows: the hunt for
/// a leak.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kctx::mm {

/// Pages by owner, with samples over time.
class page_owners
{
public:
    /// What one owner holds.
    struct share {
        std::string owner;             ///< the function, or whoever the caller named
        std::uint64_t pages = 0;       ///< pages that it holds
        std::uint64_t allocations = 0; ///< blocks that it holds
    };

    /// A block of 2^order pages from frame @p pfn on belongs to @p owner from now on.
    void allocated(std::string_view owner, std::uint64_t pfn, unsigned order)
    {
        blocks_[pfn] = {std::string(owner), order};
        share &s = owners_[std::string(owner)];
        s.owner = owner;
        s.pages += 1ull << order;
        ++s.allocations;
    }

    /// A block that nobody owns is ignored: it was allocated before tracking began.
    void freed(std::uint64_t pfn)
    {
        const auto found = blocks_.find(pfn);
        if (found == blocks_.end())
            return;
        share &s = owners_[found->second.owner];
        s.pages -= 1ull << found->second.order;
        --s.allocations;
        blocks_.erase(found);
    }

    /// What each has, the largest first.
    std::vector<share> shares() const
    {
        std::vector<share> all;
        all.reserve(owners_.size());
        for (const auto &[name, s] : owners_)
            all.push_back(s);
        std::sort(all.begin(), all.end(), [](const share &a, const share &b) {
            return a.pages != b.pages ? a.pages > b.pages : a.owner < b.owner;
        });
        return all;
    }

    /// Remembers what each has now.
    void sample()
    {
        for (const auto &[name, s] : owners_)
            samples_[name].push_back(s.pages);
    }

    /// One whose pages have grown from each third of the samples to the next, and never came back
    /// to what they were: a leak, by how fast. A cache grows, too, but stops; at least six samples.
    struct suspect {
        std::string owner;      ///< who
        std::uint64_t from = 0; ///< pages at the first sample
        std::uint64_t to = 0;   ///< pages at the last sample
    };
    /// Those whose pages rise to the end, the fastest first.
    std::vector<suspect> leaks() const
    {
        std::vector<suspect> found;
        for (const auto &entry : samples_) {
            const std::vector<std::uint64_t> &pages = entry.second;
            const std::size_t n = pages.size();
            if (n < 6)
                continue;
            const auto lowest = [&](std::size_t begin, std::size_t end) {
                return *std::min_element(pages.begin() + static_cast<std::ptrdiff_t>(begin),
                                         pages.begin() + static_cast<std::ptrdiff_t>(end));
            };
            const auto highest = [&](std::size_t begin, std::size_t end) {
                return *std::max_element(pages.begin() + static_cast<std::ptrdiff_t>(begin),
                                         pages.begin() + static_cast<std::ptrdiff_t>(end));
            };
            // Even the least of a third is above the most of the one before.
            if (lowest(n / 3, 2 * n / 3) > highest(0, n / 3) &&
                lowest(2 * n / 3, n) > highest(n / 3, 2 * n / 3))
                found.push_back({entry.first, pages.front(), pages.back()});
        }
        std::sort(found.begin(), found.end(),
                  [](const suspect &a, const suspect &b) { return a.to - a.from > b.to - b.from; });
        return found;
    }

private:
    struct block {
        std::string owner;
        unsigned order = 0;
    };
    std::map<std::uint64_t, block> blocks_;
    std::map<std::string, share> owners_;
    std::map<std::string, std::vector<std::uint64_t>> samples_;
};

} // namespace kctx::mm
