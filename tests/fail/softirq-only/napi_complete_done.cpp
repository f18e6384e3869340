// SPDX-License-Identifier: BSL-1.0
// EXPECT slug: softirq-only
// EXPECT call: napi_complete_done
// EXPECT context: WorkCtx
// EXPECT fix: poll function
#include <kctx/api/net.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

#ifdef FIXED
bool finish(NapiCtx ctx, napi_struct *napi)
#else
bool finish(WorkCtx ctx, napi_struct *napi)
#endif
{
    return napi_complete_done(ctx, napi, 3); // <-- error
}
