// SPDX-License-Identifier: BSL-1.0
// BUG: wireless, ath10k: the poll function dumps the registers of a crashed firmware, under a mutex
// CONTEXT: softirq, NAPI poll
// CHAIN: ath10k_pci_napi_poll > ath10k_pci_fw_crashed_dump > ath10k_pci_diag_read_mem > mutex_lock
// SOURCE: regression of 25733c4 (5.1), https://github.com/heikomat/linux/commit/38faed150438be8d6e419137209d25439e6f4c33
// EXPECT slug: sleep-in-atomic
// EXPECT call: mutex_lock
// EXPECT context: NapiCtx
// EXPECT fix: work item
#include <kctx/api/kernel.hpp>
#include <kctx/api/net.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct diag_mutex : mutex {};
struct ath10k {
    napi_struct napi;
    diag_mutex diag;
    work_struct dump;
};

template <context C> void ath10k_pci_fw_crashed_dump(C ctx, ath10k *ar)
{
    KCTX_MUTEX_LOCK(ctx, ar->diag) { // <-- error
        pr_err("ath10k: firmware crashed\n");
    }
}

void ath10k_pci_fw_dump_work(WorkCtx ctx, work_struct *work)
{
    ath10k_pci_fw_crashed_dump(ctx, container_of(work, ath10k, dump));
}

int ath10k_pci_napi_poll(NapiCtx ctx, napi_struct *napi, int)
{
    ath10k *ar = container_of(napi, ath10k, napi);
#ifdef FIXED
    schedule_work(ctx, &ar->dump);
#else
    ath10k_pci_fw_crashed_dump(ctx, ar);
#endif
    napi_complete_done(ctx, napi, 0);
    return 0;
}

void probe(ath10k *ar)
{
    INIT_WORK(&ar->dump, handler<ath10k_pci_fw_dump_work>);
    ar->napi.poll = handler<ath10k_pci_napi_poll>;
}
