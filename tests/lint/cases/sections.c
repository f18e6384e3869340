// SPDX-License-Identifier: BSL-1.0
// Calls between lock and unlock: on every path, on one, after it, in helpers.
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>
#include <linux/completion.h>

struct card {
	spinlock_t lock;
	spinlock_t inner;
	raw_spinlock_t raw;
	struct mutex mutex;
	wait_queue_head_t wait;
	int ready;
	void *buffer;
};

void straight(struct card *c)
{
	spin_lock(&c->lock);
	msleep(1); /* reports sleep-in-atomic msleep */
	spin_unlock(&c->lock);
	msleep(1);
}

int left_early(struct card *c)
{
	unsigned long flags;

	spin_lock_irqsave(&c->lock, flags);
	if (!c->ready) {
		spin_unlock_irqrestore(&c->lock, flags);
		msleep(1);
		return -1;
	}
	if (c->ready > 1)
		goto out;
	mutex_lock(&c->mutex); /* reports sleep-in-atomic mutex_lock */
	mutex_unlock(&c->mutex);
out:
	spin_unlock_irqrestore(&c->lock, flags);
	mutex_lock(&c->mutex);
	mutex_unlock(&c->mutex);
	return 0;
}

void given_up_for_a_while(struct card *c)
{
	spin_lock(&c->lock);
	while (!c->ready) {
		spin_unlock(&c->lock);
		wait_event(c->wait, c->ready);
		spin_lock(&c->lock);
	}
	spin_unlock(&c->lock);
}

void hand_over_hand(struct card *c)
{
	unsigned long flags;

	spin_lock_irqsave(&c->lock, flags);
	spin_lock(&c->inner);
	spin_unlock(&c->lock);
	usleep_range(10, 20); /* reports sleep-in-atomic usleep_range */
	spin_unlock_irqrestore(&c->inner, flags);
	usleep_range(10, 20);
}

void tried(struct card *c)
{
	if (!spin_trylock(&c->lock)) {
		msleep(1);
		return;
	}
	msleep(1); /* reports sleep-in-atomic msleep */
	spin_unlock(&c->lock);
}

/* Whether it is held after the first if, nobody knows: nothing is said. */
void locked_by_choice(struct card *c, int both)
{
	if (both)
		spin_lock(&c->lock);
	msleep(1);
	if (both)
		spin_unlock(&c->lock);
}

static void helper_below(struct card *c)
{
	msleep(1); /* reports sleep-in-atomic msleep */
}
static void helper(struct card *c)
{
	helper_below(c);
}
void calls_helper(struct card *c)
{
	spin_lock_bh(&c->lock);
	helper(c);
	spin_unlock_bh(&c->lock);
}

static void waits_unlocked(struct card *c)
{
	spin_unlock(&c->lock);
	msleep(1);
	spin_lock(&c->lock);
}
void calls_one_that_unlocks(struct card *c)
{
	spin_lock(&c->lock);
	waits_unlocked(c);
	spin_unlock(&c->lock);
}

void reader(struct card *c)
{
	rcu_read_lock();
	synchronize_rcu(); /* reports sleep-in-atomic synchronize_rcu */
	rcu_read_unlock();
	synchronize_rcu();
}

void frees(struct card *c)
{
	spin_lock(&c->lock);
	kfree(c->buffer);
	vfree(c->buffer); /* reports sleep-in-atomic vfree */
	spin_unlock(&c->lock);
	raw_spin_lock(&c->raw);
	kfree(c->buffer); /* reports alloc-in-raw-section kfree, rt */
	complete((void *)c->buffer);
	raw_spin_unlock(&c->raw);
}

void spinlock_with_irqs_off(struct card *c)
{
	unsigned long flags;

	local_irq_save(flags);
	spin_lock(&c->lock); /* reports rt-lock-in-raw-section spin_lock, rt */
	spin_unlock(&c->lock);
	local_irq_restore(flags);
	preempt_disable();
	schedule(); /* reports sleep-in-atomic schedule */
	preempt_enable();
}
