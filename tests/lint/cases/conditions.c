// SPDX-License-Identifier: BSL-1.0
// Code that asks where it runs, or is told: it is not judged.
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

struct card {
	spinlock_t lock;
	struct timer_list timer;
	struct mutex mutex;
	int count;
	int polls;
};

static void asks(struct card *c)
{
	if (in_interrupt())
		return;
	msleep(1);
}
static void asks_otherwise(struct card *c)
{
	if (c->count && !in_interrupt())
		msleep(1);
	else
		c->count++;
}
static void is_told(struct card *c, bool can_sleep)
{
	if (can_sleep)
		msleep(1);
}
static void asks_the_mask(struct card *c, gfp_t flags)
{
	if (gfpflags_allow_blocking(flags)) {
		c->count++;
		msleep(1);
	}
}
static void asks_by_operator(struct card *c, bool can_sleep)
{
	c->count = can_sleep ? mutex_lock_interruptible(&c->mutex) : 0;
	c->count = c->count > 1 ? mutex_lock_interruptible(&c->mutex) : 0; /* reports sleep-in-atomic mutex_lock_interruptible */
}
static void does_the_same_without_sleep(struct card *c)
{
	if (c->polls)
		mdelay(1);
	else
		msleep(1);
	c->polls ? udelay(1) : usleep_range(1, 2);
	if (c->polls)
		c->count++;
	else
		msleep(1); /* reports sleep-in-atomic msleep */
}
static void is_told_a_number(struct card *c, int count)
{
	if (count > 3)
		msleep(1); /* reports sleep-in-atomic msleep */
}

static void timed_out(struct timer_list *t)
{
	struct card *c = container_of(t, struct card, timer);

	asks(c);
	asks_otherwise(c);
	is_told(c, false);
	asks_the_mask(c, GFP_ATOMIC);
	asks_by_operator(c, false);
	does_the_same_without_sleep(c);
	is_told_a_number(c, c->count);
}
void probe(struct card *c)
{
	timer_setup(&c->timer, timed_out, 0);
}
