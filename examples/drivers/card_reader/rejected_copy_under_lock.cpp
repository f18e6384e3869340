// SPDX-License-Identifier: BSL-1.0
// The other shortcut: the bytes go to user space one by one, with the lock held. The page there may
// be away, and then the copy waits for the disk.
#include "card_reader.hpp"

using namespace card_reader;

ssize_t card_reader::read(SyscallCtx ctx, reader *r, user_ptr<char> to, size_t count)
{
    size_t done = 0;
    KCTX_SPIN_LOCK(ctx, r->fifo_guard) {
        u8 byte = 0;
        while (done < count && kfifo_get(&r->received, &byte) != 0) {
            if (copy_to_user(ctx, to + done, &byte, 1) != 0) // <-- rejected
                return -EFAULT;
            done++;
        }
    }
    return static_cast<ssize_t>(done);
}
