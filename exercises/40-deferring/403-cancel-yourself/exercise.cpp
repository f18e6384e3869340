// SPDX-License-Identifier: BSL-1.0
// A connection attempt is given up after a while by a delayed work.
#include <kctx/api/workqueue.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct timeout_work : delayed_work {}; // a type of its own, so that it can be told from others

struct connection {
    timeout_work timeout;
    bool failed;
};

static connection the_connection;

// Ends the connection. Called by the timeout, and when the peer refuses.
template <context C> static void connection_failed(C ctx, connection *c)
{
    c->failed = true;
    // [[solve]]
    cancel_delayed_work(ctx, &c->timeout);
    // [[stub]]
    cancel_delayed_work_sync(ctx, &c->timeout); // TODO 1: who is running this?
    // [[wrong flush]]
    flush_delayed_work(ctx, &c->timeout);
    // [[wrong forgets]]
    (void)ctx;
    // [[end]]
}

void connect_timeout(CallbackOf<timeout_work, WorkCtx> ctx, work_struct *)
{
    connection_failed(ctx, &the_connection);
}

void connect_refused(WorkCtx ctx, work_struct *) { connection_failed(ctx, &the_connection); }

inline connection *connect(ProcessCtx ctx, unsigned long delay)
{
    the_connection.failed = false;
    INIT_DELAYED_WORK(&the_connection.timeout, handler<connect_timeout>);
    schedule_delayed_work(ctx, &the_connection.timeout, delay);
    return &the_connection;
}
