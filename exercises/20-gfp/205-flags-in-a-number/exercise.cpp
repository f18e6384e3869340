// SPDX-License-Identifier: BSL-1.0
// The line of a page allocation failure, Linux 5.4: mode:0xa20(GFP_ATOMIC). And 0xcc0 is GFP_KERNEL.
// What do the two sets allow the allocator to do?
#include <kctx/kctx.hpp>

using namespace kctx;

struct mode {
    bool takes_from_the_reserve;  // __GFP_HIGH
    bool may_wait_for_reclaim;    // __GFP_DIRECT_RECLAIM
    bool wakes_kswapd;            // __GFP_KSWAPD_RECLAIM
    bool may_start_io;            // __GFP_IO
    bool may_enter_file_systems;  // __GFP_FS
};

// [[solve]]
constexpr mode mode_0xa20 = {true, false, true, false, false};
constexpr mode mode_0xcc0 = {false, true, true, true, true};
// [[stub]]
constexpr mode mode_0xa20 = {false, false, false, false, false}; // TODO 1
constexpr mode mode_0xcc0 = {false, false, false, false, false}; // TODO 2
// [[wrong no-kswapd]]
constexpr mode mode_0xa20 = {true, false, false, false, false};
constexpr mode mode_0xcc0 = {false, true, true, true, true};
// [[wrong kernel-has-reserve]]
constexpr mode mode_0xa20 = {true, false, true, false, false};
constexpr mode mode_0xcc0 = {true, true, true, true, true};
// [[end]]
