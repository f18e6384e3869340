// SPDX-License-Identifier: BSL-1.0
// BUG: network, mlx5e: an address is asked of the firmware with bottom halves off
// CONTEXT: local_bh_disable
// CHAIN: mlx5e_ipsec_handle_event > mlx5e_ipsec_init_macs > mlx5_query_mac_address > wait_for_completion
// SOURCE: Fixes cee137a63431, https://lore.kernel.org/r/20260224114652.1787431-6-tariqt@nvidia.com
// EXPECT slug: sleep-in-atomic
// EXPECT call: wait_for_completion
// EXPECT context: BhDisabled<kctx::WorkCtx>
// EXPECT fix: try_wait_for_completion()
#include <kctx/api/completion.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/bottom_half.hpp>

using namespace kctx;

struct mlx5e_ipsec {
    work_struct event;
    completion command;
    u64 address = 0;
    u64 netdev_address = 0;
};

template <context C> u64 mlx5_query_mac_address(C ctx, mlx5e_ipsec *ipsec)
{
    wait_for_completion(ctx, &ipsec->command); // <-- error
    return ipsec->netdev_address;
}

void mlx5e_ipsec_handle_event(WorkCtx ctx, work_struct *work)
{
    mlx5e_ipsec *ipsec = container_of(work, mlx5e_ipsec, event);
    KCTX_LOCAL_BH_DISABLE(ctx) {
#ifdef FIXED
        ipsec->address = ipsec->netdev_address;
#else
        ipsec->address = mlx5_query_mac_address(ctx, ipsec);
#endif
    }
}

void init(mlx5e_ipsec *ipsec) { INIT_WORK(&ipsec->event, handler<mlx5e_ipsec_handle_event>); }
