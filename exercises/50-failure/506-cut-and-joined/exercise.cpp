// SPDX-License-Identifier: BSL-1.0
// 64 MB, Linux 6.12, just booted: whatever is free lies in blocks of 1024 pages, order 10. Then
//
//     a = alloc_pages(GFP_KERNEL, @small@);
//     b = alloc_pages(GFP_KERNEL, @large@);
//     __free_pages(a, @small@);
//
// Say first what becomes of the free blocks, and look then: ../README.md says how.
#include <kctx/kctx.hpp>

// [[solve]]
constexpr unsigned a_is_cut_from = 10;
constexpr unsigned blocks_left_over = 10 - @small@;
constexpr unsigned b_is_cut_from = @large@;
constexpr long pages_from_a_to_b = 1l << @large@;
constexpr unsigned a_is_joined_to = @large@;
// [[stub]]
constexpr unsigned a_is_cut_from = 0;    // TODO 1: of which order was the block that a is a part of?
constexpr unsigned blocks_left_over = 0; // TODO 2: into how many free blocks went the rest of it?
constexpr unsigned b_is_cut_from = 0;    // TODO 3: of which order was the block that b is taken from?
constexpr long pages_from_a_to_b = 0;    // TODO 4: from the first page of a to the first of b
constexpr unsigned a_is_joined_to = 0;   // TODO 5: of which order is a's free block in the end?
// [[wrong another-large-one]]
constexpr unsigned a_is_cut_from = 10;
constexpr unsigned blocks_left_over = 10 - @small@;
constexpr unsigned b_is_cut_from = 10;
constexpr long pages_from_a_to_b = 1024;
constexpr unsigned a_is_joined_to = @large@;
// [[wrong one-half]]
constexpr unsigned a_is_cut_from = 10;
constexpr unsigned blocks_left_over = 1;
constexpr unsigned b_is_cut_from = @large@;
constexpr long pages_from_a_to_b = 1l << @large@;
constexpr unsigned a_is_joined_to = @large@;
// [[wrong joined-once]]
constexpr unsigned a_is_cut_from = 10;
constexpr unsigned blocks_left_over = 10 - @small@;
constexpr unsigned b_is_cut_from = @large@;
constexpr long pages_from_a_to_b = 1l << @large@;
constexpr unsigned a_is_joined_to = @small@ + 1;
// [[end]]
