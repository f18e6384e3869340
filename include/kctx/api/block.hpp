// SPDX-License-Identifier: BSL-1.0
/// @file
/// Block devices and their requests.
/// @par Kernel source
/// include/linux/blkdev.h, block/blk-core.c, include/linux/blk-mq.h, block/blk-mq.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/slab.hpp>

namespace kctx {

struct bio;           ///< a transfer of sectors; the environment's
struct block_device;  ///< a disk or partition
struct request;       ///< what a driver is asked to do
struct request_queue; ///< the requests of a disk
struct blk_mq_hw_ctx; ///< a queue of the hardware

#define KCTX_BIO_WHY "waits for a free request"
#define KCTX_BIO_FIX "submit it in a work item"

/// A transfer of up to @p vectors pieces.
KCTX_ALLOCATION(slab, bio, bio_alloc,
                (block_device * bdev, unsigned short vectors, unsigned int operation), (),
                (bdev, vectors, operation), (),
                "GFP_ATOMIC or GFP_NOWAIT (it can fail), or allocate in process context",
                "block/bio.c bio_alloc_bioset()")
KCTX_CALL(allocates, void, bio_put, (bio * b), (b), "drops a reference, and frees it with the last",
          "free it after the raw section", "block/bio.c bio_put()")
/// Starts a transfer.
KCTX_CALL(sleeps, void, submit_bio, (bio * b), (b), KCTX_BIO_WHY, KCTX_BIO_FIX,
          "block/blk-core.c submit_bio()")
/// Does a transfer: 0 or -errno.
KCTX_CALL(sleeps, int, submit_bio_wait, (bio * b), (b), "waits for the disk",
          "submit_bio() in a work item", "block/bio.c submit_bio_wait()")
/// Empties the cache of the disk.
KCTX_CALL(sleeps, int, blkdev_issue_flush, (block_device * bdev), (bdev), "waits for the disk",
          KCTX_BIO_FIX, "block/blk-flush.c blkdev_issue_flush()")
/// A request, or an error pointer. With BLK_MQ_REQ_NOWAIT it does not wait, which no type tells.
KCTX_CALL(sleeps, request *, blk_mq_alloc_request,
          (request_queue * queue, unsigned int operation, unsigned int flags),
          (queue, operation, flags), "waits for a free request", "allocate it in process context",
          "block/blk-mq.c blk_mq_alloc_request()")
/// The driver begins.
KCTX_CALL(spins, void, blk_mq_start_request, (request * rq), (rq), "arms the timeout",
          KCTX_DO_IN_IRQ_WORK, "block/blk-mq.c blk_mq_start_request()")
/// The disk is done.
KCTX_CALL(spins, void, blk_mq_complete_request, (request * rq), (rq),
          "sends it to the CPU that it came from", KCTX_DO_IN_IRQ_WORK,
          "block/blk-mq.c blk_mq_complete_request()")
/// The request is done.
KCTX_CALL(locks, void, blk_mq_end_request, (request * rq, unsigned int status), (rq, status),
          "wakes who waits for it", "end it in the completion function of the queue",
          "block/blk-mq.c blk_mq_end_request()")
/// Has the driver work at its queue.
KCTX_CALL(sleeps, void, blk_mq_run_hw_queue, (blk_mq_hw_ctx * queue, bool async), (queue, async),
          "calls the driver, which may sleep",
          "blk_mq_delay_run_hw_queue() with no delay, which leaves it to a work item",
          "block/blk-mq.c blk_mq_run_hw_queue()")
/// The same in a work item, after a while.
KCTX_CALL(spins, void, blk_mq_delay_run_hw_queue, (blk_mq_hw_ctx * queue, unsigned long msecs),
          (queue, msecs), "queues a work item", KCTX_DO_IN_IRQ_WORK,
          "block/blk-mq.c blk_mq_delay_run_hw_queue()")

} // namespace kctx
