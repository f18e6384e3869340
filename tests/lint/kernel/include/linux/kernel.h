/* SPDX-License-Identifier: BSL-1.0 */
/* Declarations after the kernel's names, as many as the cases need: a kernel to test the linter by. */
#ifndef KERNEL_H
#define KERNEL_H

typedef _Bool bool;
typedef unsigned int gfp_t;
typedef unsigned long size_t;
typedef unsigned int u32;
enum { false, true };
#define NULL ((void *)0)
#define container_of(ptr, type, member) ((type *)((char *)(ptr) - __builtin_offsetof(type, member)))
#define ___GFP_DIRECT_RECLAIM 0x400u
#define __GFP_DIRECT_RECLAIM ((gfp_t)___GFP_DIRECT_RECLAIM)
#define GFP_ATOMIC ((gfp_t)0xa20u)
#define GFP_KERNEL ((gfp_t)0xcc0u)
#define __GFP_ZERO ((gfp_t)0x100u)

typedef struct { int v; } raw_spinlock_t;
typedef struct { raw_spinlock_t rlock; } spinlock_t;
typedef struct { int v; } rwlock_t;
struct mutex { int v; };
typedef struct { int v; } wait_queue_head_t;

void _raw_spin_lock(raw_spinlock_t *lock);
void _raw_spin_unlock(raw_spinlock_t *lock);
int _raw_spin_trylock(raw_spinlock_t *lock);
unsigned long _raw_spin_lock_irqsave(raw_spinlock_t *lock);
void _raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags);
#define raw_spin_lock(lock) _raw_spin_lock(lock)
#define raw_spin_unlock(lock) _raw_spin_unlock(lock)
#define raw_spin_lock_irqsave(lock, flags) do { flags = _raw_spin_lock_irqsave(lock); } while (0)
#define raw_spin_unlock_irqrestore(lock, flags) _raw_spin_unlock_irqrestore(lock, flags)
static inline void spin_lock(spinlock_t *lock) { raw_spin_lock(&lock->rlock); }
static inline void spin_unlock(spinlock_t *lock) { raw_spin_unlock(&lock->rlock); }
static inline int spin_trylock(spinlock_t *lock) { return _raw_spin_trylock(&lock->rlock); }
#define spin_lock_irqsave(lock, flags) raw_spin_lock_irqsave(&(lock)->rlock, flags)
static inline void spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags)
{
	raw_spin_unlock_irqrestore(&lock->rlock, flags);
}
static inline void spin_lock_bh(spinlock_t *lock) { spin_lock(lock); }
static inline void spin_unlock_bh(spinlock_t *lock) { spin_unlock(lock); }
#define local_irq_save(flags) ((flags) = 0)
#define local_irq_restore(flags) ((void)(flags))
static inline void rcu_read_lock(void) {}
static inline void rcu_read_unlock(void) {}
#define preempt_disable() do {} while (0)
#define preempt_enable() do {} while (0)

void mutex_lock(struct mutex *lock);
int mutex_lock_interruptible(struct mutex *lock);
void mutex_unlock(struct mutex *lock);
void mdelay(unsigned long ms);
void udelay(unsigned long us);
void msleep(unsigned int ms);
void usleep_range_state(unsigned long min, unsigned long max, unsigned int state);
static inline void usleep_range(unsigned long min, unsigned long max)
{
	usleep_range_state(min, max, 2);
}
void schedule(void);
void synchronize_rcu(void);
#define wait_event(wq, condition) do { while (!(condition)) schedule(); } while (0)
void complete(void *done);
bool in_interrupt(void);
bool gfpflags_allow_blocking(gfp_t flags);

void *__kmalloc(size_t size, gfp_t flags);
static inline void *kmalloc(size_t size, gfp_t flags) { return __kmalloc(size, flags); }
#define kzalloc(...) kmalloc(__VA_ARGS__)
char *kstrdup(const char *s, gfp_t flags);
void kfree(const void *p);
void vfree(const void *p);

typedef int irqreturn_t;
enum { IRQ_NONE, IRQ_HANDLED, IRQ_WAKE_THREAD };
typedef irqreturn_t (*irq_handler_t)(int irq, void *dev);
#define IRQF_SHARED 0x80
#define IRQF_ONESHOT 0x2000
#define IRQF_NO_THREAD 0x10000
int request_threaded_irq(unsigned int irq, irq_handler_t handler, irq_handler_t thread,
			 unsigned long flags, const char *name, void *dev);
static inline int request_irq(unsigned int irq, irq_handler_t handler, unsigned long flags,
			      const char *name, void *dev)
{
	return request_threaded_irq(irq, handler, NULL, flags, name, dev);
}
void free_irq(unsigned int irq, void *dev);
void synchronize_irq(unsigned int irq);

struct timer_list { int v; };
void timer_setup(struct timer_list *t, void (*f)(struct timer_list *), unsigned int flags);
int del_timer_sync(struct timer_list *t);
enum hrtimer_restart { HRTIMER_NORESTART };
struct hrtimer { enum hrtimer_restart (*function)(struct hrtimer *t); };
enum { CLOCK_MONOTONIC = 1 };
enum hrtimer_mode { HRTIMER_MODE_REL, HRTIMER_MODE_REL_HARD, HRTIMER_MODE_REL_SOFT };
void hrtimer_init(struct hrtimer *t, int clock, enum hrtimer_mode mode);
struct work_struct { int v; };
#define INIT_WORK(work, function) ((void)(function))
void cancel_work_sync(struct work_struct *work);
struct irq_data { void *chip_data; };
struct irq_chip {
	void (*irq_mask)(struct irq_data *d);
	void (*irq_bus_sync_unlock)(struct irq_data *d);
};

#endif
