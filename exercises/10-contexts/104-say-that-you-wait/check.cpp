// SPDX-License-Identifier: BSL-1.0
// All of these may wait, and must stay legal.
inline void in_work(WorkCtx ctx, eeprom *e) { eeprom_write(ctx, e, 0, 1); }
inline void in_thread(ThreadedIrqCtx ctx, eeprom *e) { eeprom_write(ctx, e, 1, 2); }
inline void under_mutex(ProcessCtx ctx, eeprom *e, mutex *m)
{
    KCTX_MUTEX_LOCK(ctx, *m) {
        eeprom_write(ctx, e, 2, 3);
    }
}

LAB_TEST("it still writes")
{
    eeprom e{};
    mutex m;
    host::run<WorkCtx>(in_work, &e);
    host::run<ThreadedIrqCtx>(in_thread, &e);
    host::run<ProcessCtx>(under_mutex, &e, &m);
    LAB_EXPECT(e.cells[0] == 1 && e.cells[1] == 2 && e.cells[2] == 3, "the cells have other values");
}

// [[must-reject in-irq: sleep-in-atomic]]
void bad_isr(kctx::IrqCtx ctx, eeprom *e) { eeprom_write(ctx, e, 0, 1); }
// [[end]]
// [[must-reject in-timer: sleep-in-atomic]]
void bad_timer(kctx::TimerCtx ctx, eeprom *e) { eeprom_write(ctx, e, 0, 1); }
// [[end]]
// [[must-reject under-spinlock: sleep-in-atomic]]
struct bad_lock : kctx::spinlock_t {};
void bad_user(kctx::ProcessCtx ctx, eeprom *e, bad_lock *l)
{
    KCTX_SPIN_LOCK(ctx, *l) {
        eeprom_write(ctx, e, 0, 1);
    }
}
// [[end]]
