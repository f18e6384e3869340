// SPDX-License-Identifier: BSL-1.0
// Work of a bottom-half workqueue runs in a softirq, this does not.
// EXPECT slug: handler-context
// EXPECT call: INIT_DELAYED_WORK
// EXPECT context: in a WorkCtx
// EXPECT fix: give it that token
// UNCHECKED: rejected
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
static void flush(ProcessCtx, work_struct *) {}
#else
static void flush(BhWorkCtx, work_struct *) {}
#endif

void setup(delayed_work *work)
{
    INIT_DELAYED_WORK(work, handler<flush>); // <-- error
}
