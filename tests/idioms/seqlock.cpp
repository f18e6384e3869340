// SPDX-License-Identifier: BSL-1.0
// seqlock_t and the two kinds of seqcount: readers that read again.
#include <kctx/api/interrupt.hpp>
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>
#include <kctx/lock/preempt.hpp>
#include <kctx/lock/seqlock.hpp>
#include <kctx/lock/spinlock_irq.hpp>

using namespace kctx;

namespace timekeeper {
struct tk_lock : raw_spinlock_t {};
struct tk_seq : seqcount_t {};
struct timekeeper {
    tk_lock lock;
    tk_seq seq;
    u64 seconds = 0;
    u64 nanoseconds = 0;
};

// idiom: a seqcount_t written under a raw lock -- kernel/time/timekeeping.c, do_settimeofday64
void set(SyscallCtx ctx, timekeeper *tk, u64 seconds)
{
    KCTX_RAW_SPIN_LOCK_IRQSAVE(ctx, tk->lock) {
        KCTX_WRITE_SEQCOUNT(ctx, tk->seq) {
            tk->seconds = seconds;
            tk->nanoseconds = 0;
        }
    }
}

// idiom: the tick, a hard irq, writes it, too -- kernel/time/tick-sched.c, tick_do_update_jiffies64
irqreturn_t tick(HardIrqCtx ctx, int, void *dev)
{
    auto *tk = static_cast<timekeeper *>(dev);
    KCTX_RAW_SPIN_LOCK(ctx, tk->lock) {
        KCTX_WRITE_SEQCOUNT(ctx, tk->seq) {
            tk->nanoseconds += 4000000;
        }
    }
    return IRQ_HANDLED;
}
int setup(ProcessCtx ctx, timekeeper *tk)
{
    return request_irq(ctx, 0, handler<tick>, IRQF_TIMER, "timer", tk);
}

// idiom: whoever reads a seqcount_t spins for its writer, in any context -- kernel/time/timekeeping.c, ktime_get
u64 now(const timekeeper *tk)
{
    u64 seconds, nanoseconds;
    unsigned seq;
    do {
        seq = read_seqcount_begin(&tk->seq);
        seconds = tk->seconds;
        nanoseconds = tk->nanoseconds;
    } while (read_seqcount_retry(&tk->seq, seq));
    return seconds * 1000000000 + nanoseconds;
}

// idiom: a seqcount_t written with preemption off, one writer at a time -- kernel/time/sched_clock.c, sched_clock_register
void register_clock(ProcessCtx ctx, timekeeper *tk)
{
    KCTX_PREEMPT_DISABLE(ctx) {
        KCTX_WRITE_SEQCOUNT(ctx, tk->seq) {
            tk->seconds = 0;
        }
    }
}
} // namespace timekeeper

namespace fs {
struct fs_lock : spinlock_t {};
struct fs_seq : seqcount_spinlock_t {};
struct fs_struct {
    fs_lock lock;
    fs_seq seq;
    int root = 0;
};

// idiom: a seqcount_spinlock_t written under the lock it was made with -- fs/fs_struct.c, set_fs_root
void init(fs_struct *fs) { seqcount_spinlock_init(&fs->seq, &fs->lock); }
void set_root(SyscallCtx ctx, fs_struct *fs, int root)
{
    KCTX_SPIN_LOCK(ctx, fs->lock) {
        KCTX_WRITE_SEQCOUNT(ctx, fs->seq) {
            fs->root = root;
        }
    }
}

// idiom: its reader waits for the lock on PREEMPT_RT, so it has a context -- fs/namei.c, set_root
int get_root(SyscallCtx ctx, const fs_struct *fs)
{
    int root;
    unsigned seq;
    do {
        seq = read_seqcount_begin(ctx, &fs->seq);
        root = fs->root;
    } while (read_seqcount_retry(&fs->seq, seq));
    return root;
}

// idiom: the pair of a writer, in the pair of its lock -- fs/fs_struct.c, set_fs_pwd
void set_pwd(SyscallCtx ctx, fs_struct *fs, int pwd)
{
    auto locked = spin_lock(ctx, &fs->lock);
    auto writing = write_seqcount_begin(locked, &fs->seq);
    fs->root = pwd;
    auto written = write_seqcount_end(writing, &fs->seq);
    spin_unlock(written, &fs->lock);
}
} // namespace fs

namespace rename {
struct rename_lock : seqlock_t {};
struct tree {
    rename_lock lock;
    int depth = 0;
    timer_list timer;
};

// idiom: a seqlock_t for writing -- fs/dcache.c, d_move
void move(SyscallCtx ctx, tree *t)
{
    KCTX_WRITE_SEQLOCK(ctx, t->lock) {
        t->depth++;
    }
}

// idiom: its reader, a lookup -- fs/dcache.c, d_lookup
int lookup(SyscallCtx ctx, const tree *t)
{
    int depth;
    unsigned seq;
    do {
        seq = read_seqbegin(ctx, &t->lock);
        depth = t->depth;
    } while (read_seqretry(&t->lock, seq));
    return depth;
}

// idiom: the writer of what softirqs read turns them off -- net/core/neighbour.c, neigh_update_hhs
void update(WorkCtx ctx, tree *t)
{
    KCTX_WRITE_SEQLOCK_BH(ctx, t->lock) {
        t->depth = 0;
    }
}

// idiom: the reader in a softirq -- net/core/neighbour.c, neigh_resolve_output
void on_timer(TimerCtx ctx, timer_list *timer)
{
    tree *t = container_of(timer, tree, timer);
    unsigned seq;
    int depth;
    do {
        seq = read_seqbegin(ctx, &t->lock);
        depth = t->depth;
    } while (read_seqretry(&t->lock, seq));
    if (depth > 0)
        mod_timer(ctx, timer, jiffies + 1);
}
void setup_timer(tree *t) { timer_setup(&t->timer, handler<on_timer>, 0); }

// idiom: interrupts off for a writer whose readers are interrupts -- mm/page_alloc.c, __build_all_zonelists
void rebuild(ProcessCtx ctx, tree *t)
{
    KCTX_WRITE_SEQLOCK_IRQSAVE(ctx, t->lock) {
        t->depth = 1;
    }
}
} // namespace rename
