// SPDX-License-Identifier: BSL-1.0
template <class Set, class Flag> constexpr bool has(Set set, Flag flag)
{
    return (gfp_mask(set) & gfp_mask(flag)) != 0;
}
template <class Set> constexpr bool is(const mode &m, Set set)
{
    return m.takes_from_the_reserve == has(set, __GFP_HIGH) &&
           m.may_wait_for_reclaim == has(set, __GFP_DIRECT_RECLAIM) &&
           m.wakes_kswapd == has(set, __GFP_KSWAPD_RECLAIM) && m.may_start_io == has(set, __GFP_IO) &&
           m.may_enter_file_systems == has(set, __GFP_FS);
}
static_assert(gfp_mask(GFP_ATOMIC) == 0xa20 && gfp_mask(GFP_KERNEL) == 0xcc0);

LAB_TEST("mode:0xa20") { LAB_EXPECT(is(mode_0xa20, GFP_ATOMIC), "not all five are right"); }
LAB_TEST("mode:0xcc0") { LAB_EXPECT(is(mode_0xcc0, GFP_KERNEL), "not all five are right"); }
