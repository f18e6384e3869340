// SPDX-License-Identifier: BSL-1.0
// A card has a lock, and each of its ports has one. Their order is declared, once: card, then port.
#include <kctx/kctx.hpp>
#include <kctx/lock/lock_class.hpp>

using namespace kctx;

struct card_lock : mutex, lock_order<10> {};
struct port_lock : mutex, lock_order<20> {};

struct port {
    port_lock lock;
    unsigned resets;
    bool open;
};
struct card {
    card_lock lock;
    port ports[2];
    unsigned resets;
};

void card_reset(WorkCtx ctx, card *c)
{
    KCTX_MUTEX_LOCK(ctx, c->lock) {
        for (port &p : c->ports) {
            KCTX_MUTEX_LOCK(ctx, p.lock) {
                p.resets++;
            }
        }
        c->resets++;
    }
}

// An error on a port that is open resets the card's counter as well. Returns whether it was open.
bool port_error(WorkCtx ctx, card *c, port *p)
{
    // [[solve]]
    bool open = false;
    KCTX_MUTEX_LOCK(ctx, c->lock) {
        KCTX_MUTEX_LOCK(ctx, p->lock) {
            open = p->open;
            if (open) {
                p->resets++;
                c->resets++;
            }
        }
    }
    return open;
    // [[stub]]
    bool open = false;
    KCTX_MUTEX_LOCK(ctx, p->lock) {
        open = p->open;
        if (open) {
            p->resets++;
            KCTX_MUTEX_LOCK(ctx, c->lock) { // TODO 1: who else holds one and wants the other?
                c->resets++;
            }
        }
    }
    return open;
    // [[wrong twice]]
    bool open = false;
    KCTX_MUTEX_LOCK(ctx, c->lock) {
        KCTX_MUTEX_LOCK(ctx, p->lock) {
            open = p->open;
            if (open)
                p->resets++;
        }
        if (open) {
            KCTX_MUTEX_LOCK(ctx, c->lock) {
                c->resets++;
            }
        }
    }
    return open;
    // [[wrong forgets-open]]
    KCTX_MUTEX_LOCK(ctx, c->lock) {
        KCTX_MUTEX_LOCK(ctx, p->lock) {
            p->resets++;
            c->resets++;
        }
    }
    return true;
    // [[end]]
}
