// SPDX-License-Identifier: BSL-1.0
// Code that asks where it runs, or is told: it is not judged.
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

struct card {
	spinlock_t lock;
	struct timer_list timer;
	int count;
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
	is_told_a_number(c, c->count);
}
void probe(struct card *c)
{
	timer_setup(&c->timer, timed_out, 0);
}
