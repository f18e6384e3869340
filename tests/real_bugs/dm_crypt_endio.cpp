// SPDX-License-Identifier: BSL-1.0
// BUG: block, dm-crypt: decrypting where the disk finished waits for a request of the pool
// CONTEXT: softirq, BLOCK_SOFTIRQ
// CHAIN: blk_done_softirq > crypt_endio > kcryptd_crypt_read_convert > crypt_convert > mempool_alloc
// SOURCE: 5.10, after 39d42fa96ba1, https://lore.kernel.org/r/20210104145948.1857-3-ignat@cloudflare.com
// EXPECT slug: gfp-may-sleep
// EXPECT call: mempool_alloc
// EXPECT context: SoftirqCtx.*GFP_NOIO
// EXPECT fix: GFP_ATOMIC
#include <kctx/api/kernel.hpp>
#include <kctx/api/mempool.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct crypt_config {
    mempool_t *requests;
    void *request = nullptr;
};

template <context C> int crypt_convert(C ctx, crypt_config *cc)
{
#ifdef FIXED
    cc->request = KCTX_TRY(mempool_alloc(ctx, cc->requests, GFP_ATOMIC), return -ENOMEM);
#else
    cc->request = KCTX_TRY(mempool_alloc(ctx, cc->requests, GFP_NOIO), return -ENOMEM); // <-- error
#endif
    return 0;
}

int crypt_endio(SoftirqCtx ctx, crypt_config *cc) { return crypt_convert(ctx, cc); }
