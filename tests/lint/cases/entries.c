// SPDX-License-Identifier: BSL-1.0
// Who is called by whom: the registration decides about the context.
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

struct card {
	spinlock_t lock;
	struct mutex mutex;
	struct timer_list timer;
	struct hrtimer hard;
	struct hrtimer either;
	struct work_struct work;
	void (*notify)(struct card *c);
};
void somewhere_else(struct card *c);

static void reset(struct card *c)
{
	msleep(1); /* reports sleep-in-atomic msleep */
}

static irqreturn_t handler(int irq, void *p)
{
	struct card *c = p;

	spin_lock(&c->lock);
	spin_unlock(&c->lock);
	somewhere_else(c);
	c->notify(c);
	reset(c);
	return IRQ_HANDLED;
}

static irqreturn_t never_threaded(int irq, void *p)
{
	struct card *c = p;

	spin_lock(&c->lock); /* reports rt-lock-in-raw-section spin_lock, rt */
	spin_unlock(&c->lock);
	return IRQ_HANDLED;
}

static irqreturn_t primary(int irq, void *p)
{
	struct card *c = p;

	spin_lock(&c->lock); /* reports rt-lock-in-raw-section spin_lock, rt */
	spin_unlock(&c->lock);
	return IRQ_WAKE_THREAD;
}
static irqreturn_t thread(int irq, void *p)
{
	struct card *c = p;

	mutex_lock(&c->mutex);
	mutex_unlock(&c->mutex);
	return IRQ_HANDLED;
}

static void timed_out(struct timer_list *t)
{
	synchronize_irq(1); /* reports sleep-in-atomic synchronize_irq */
}

static enum hrtimer_restart expires_hard(struct hrtimer *t)
{
	struct card *c = container_of(t, struct card, hard);

	spin_lock(&c->lock); /* reports rt-lock-in-raw-section spin_lock, rt */
	spin_unlock(&c->lock);
	return HRTIMER_NORESTART;
}
static enum hrtimer_restart expires(struct hrtimer *t)
{
	struct card *c = container_of(t, struct card, either);

	spin_lock(&c->lock);
	spin_unlock(&c->lock);
	return HRTIMER_NORESTART;
}

static void works(struct work_struct *w)
{
	msleep(1);
}

static void mask(struct irq_data *d)
{
	struct card *c = d->chip_data;

	spin_lock(&c->lock); /* reports rt-lock-in-raw-section spin_lock, rt */
	spin_unlock(&c->lock);
}
static void sync_unlock(struct irq_data *d)
{
	msleep(1);
}
const struct irq_chip chip = {
	.irq_mask = mask,
	.irq_bus_sync_unlock = sync_unlock,
};

int probe(struct card *c)
{
	timer_setup(&c->timer, timed_out, 0);
	hrtimer_init(&c->hard, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	c->hard.function = expires_hard;
	hrtimer_init(&c->either, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	c->either.function = &expires;
	INIT_WORK(&c->work, works);
	if (request_irq(1, handler, IRQF_SHARED, "card", c))
		return -1;
	if (request_irq(2, never_threaded, IRQF_SHARED | IRQF_NO_THREAD, "card", c))
		return -1;
	return request_threaded_irq(3, primary, thread, IRQF_ONESHOT, "card", c);
}
