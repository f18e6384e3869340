// SPDX-License-Identifier: BSL-1.0
// Allocations by their masks: constant, a parameter that callers choose, and unknown.
#include <linux/interrupt.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#define CARD_FLAGS (GFP_KERNEL | __GFP_ZERO)

struct card {
	spinlock_t lock;
	raw_spinlock_t raw;
	void *p;
	gfp_t flags;
};

void constant(struct card *c)
{
	spin_lock(&c->lock);
	c->p = kmalloc(8, GFP_KERNEL); /* reports gfp-may-sleep kmalloc(GFP_KERNEL) */
	c->p = kmalloc(8, GFP_ATOMIC);
	c->p = kzalloc(8, CARD_FLAGS); /* reports gfp-may-sleep kzalloc(GFP_KERNEL) */
	c->p = kmalloc(8, GFP_KERNEL & ~__GFP_DIRECT_RECLAIM);
	c->p = kstrdup("card", GFP_KERNEL); /* reports gfp-may-sleep kstrdup(GFP_KERNEL) */
	spin_unlock(&c->lock);
	c->p = kmalloc(8, GFP_KERNEL);
}

static void *by_parameter(struct card *c, gfp_t flags)
{
	return kmalloc(8, flags); /* reports gfp-may-sleep kmalloc(GFP_KERNEL) */
}
static void *passed_on(struct card *c, gfp_t flags)
{
	return by_parameter(c, flags);
}
void chosen_by_callers(struct card *c)
{
	spin_lock(&c->lock);
	passed_on(c, GFP_ATOMIC);
	passed_on(c, GFP_KERNEL);
	spin_unlock(&c->lock);
	passed_on(c, GFP_KERNEL);
}

void unknown(struct card *c, bool may_wait)
{
	spin_lock(&c->lock);
	c->p = kmalloc(8, c->flags);
	c->p = kmalloc(8, may_wait ? GFP_KERNEL : GFP_ATOMIC);
	spin_unlock(&c->lock);
	raw_spin_lock(&c->raw);
	c->p = kmalloc(8, c->flags); /* reports alloc-in-raw-section kmalloc, rt */
	raw_spin_unlock(&c->raw);
	raw_spin_lock(&c->raw);
	c->p = kmalloc(8, GFP_ATOMIC); /* reports alloc-in-raw-section kmalloc(GFP_ATOMIC), rt */
	raw_spin_unlock(&c->raw);
}
