// SPDX-License-Identifier: BSL-1.0
// The timer leaves what sleeps to a work item.
#include <kctx/api/kernel.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct sensor {
    timer_list timer;
    work_struct work;
    int reads = 0;
};

static void count(context auto, sensor *s) { s->reads++; }

static void settle(ProcessCtx ctx) { msleep(ctx, 10); }

static void read(WorkCtx ctx, work_struct *work)
{
    settle(ctx);
    count(ctx, container_of(work, sensor, work));
}

static void poll(TimerCtx ctx, timer_list *timer)
{
    schedule_work(ctx, &container_of(timer, sensor, timer)->work);
}

void start(sensor *s)
{
    INIT_WORK(&s->work, handler<read>);
    timer_setup(&s->timer, handler<poll>, 0);
}
