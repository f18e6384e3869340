// SPDX-License-Identifier: BSL-1.0
// BUG: scsi, lpfc: a path that moved from a thread to irq_poll allocates from a pool and may wait
// CONTEXT: softirq
// CHAIN: lpfc_cq_poll_hdler > lpfc_sli4_io_xri_aborted > lpfc_sli4_abts_err_handler > lpfc_unreg_rpi > mempool_alloc
// SOURCE: https://lore.kernel.org/r/20201020202719.54726-3-james.smart@broadcom.com
// EXPECT slug: gfp-may-sleep
// EXPECT call: mempool_alloc
// EXPECT context: SoftirqCtx.*GFP_KERNEL
// EXPECT fix: work item
#include <kctx/api/mempool.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct lpfc_nodelist {
    mempool_t *mailboxes;
    void *unreg = nullptr;
    work_struct recover;
};

template <context C> void lpfc_unreg_rpi(C ctx, lpfc_nodelist *node)
{
    node->unreg = KCTX_TRY(mempool_alloc(ctx, node->mailboxes, GFP_KERNEL), return); // <-- error
}

void lpfc_nlp_recover(WorkCtx ctx, work_struct *work)
{
    lpfc_unreg_rpi(ctx, reinterpret_cast<lpfc_nodelist *>(work));
}

void lpfc_cq_poll_hdler(SoftirqCtx ctx, lpfc_nodelist *node)
{
#ifdef FIXED
    INIT_WORK(&node->recover, handler<lpfc_nlp_recover>);
    schedule_work(ctx, &node->recover);
#else
    lpfc_unreg_rpi(ctx, node);
#endif
}
