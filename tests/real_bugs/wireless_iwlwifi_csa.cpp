// SPDX-License-Identifier: BSL-1.0
// BUG: wireless, iwlwifi: a beacon's channel switch cancels a delayed work and waits for it
// CONTEXT: softirq, NAPI poll
// CHAIN: iwl_pcie_napi_poll > iwl_mvm_rx_beacon_notif > iwl_mvm_csa_client_absent > cancel_delayed_work_sync
// SOURCE: Fixes e5d153ec54f0, https://lore.kernel.org/r/20230514120631.b1813c823b4d.I9d20cc06d24fa40b6774d3dd95ea5e2bf8dd015b@changeid
// EXPECT slug: sleep-in-atomic
// EXPECT call: cancel_delayed_work_sync
// EXPECT context: NapiCtx
// EXPECT fix: cancel_delayed_work()
#include <kctx/api/kernel.hpp>
#include <kctx/api/net.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct iwl_mvm {
    napi_struct napi;
    delayed_work csa_tx_unblock;
};

int iwl_pcie_napi_poll(NapiCtx ctx, napi_struct *napi, int budget)
{
    iwl_mvm *mvm = container_of(napi, iwl_mvm, napi);
#ifdef FIXED
    cancel_delayed_work(ctx, &mvm->csa_tx_unblock);
#else
    cancel_delayed_work_sync(ctx, &mvm->csa_tx_unblock); // <-- error
#endif
    return budget;
}

void probe(iwl_mvm *mvm) { mvm->napi.poll = handler<iwl_pcie_napi_poll>; }
