// SPDX-License-Identifier: BSL-1.0
// eeprom_write() waits up to 5 ms for the chip. Nobody can see that who calls it.
#include <kctx/api/sched.hpp>
#include <kctx/kctx.hpp>

using namespace kctx;

struct eeprom {
    u8 cells[8];
};

// [[solve]]
inline void eeprom_write(context auto ctx, eeprom *e, unsigned at, u8 value)
{
    might_sleep(ctx);
    e->cells[at] = value;
}
// [[stub]]
// TODO 1: who must not wait must not be able to call this
inline void eeprom_write(context auto, eeprom *e, unsigned at, u8 value)
{
    e->cells[at] = value;
}
// [[wrong process-only]]
inline void eeprom_write(ProcessCtx, eeprom *e, unsigned at, u8 value)
{
    e->cells[at] = value;
}
// [[wrong atomic-wait]]
inline void eeprom_write(context auto, eeprom *e, unsigned at, u8 value)
{
    udelay(5000);
    e->cells[at] = value;
}
// [[end]]
