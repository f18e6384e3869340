// SPDX-License-Identifier: BSL-1.0
/// @file
/// I2C buses: every transfer waits for the bus.
/// @par Kernel source
/// include/linux/i2c.h, drivers/i2c/i2c-core-base.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/device.hpp>
#include <kctx/api/types.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// A bus and who drives it; the environment's.
struct i2c_adapter;
/// A device on a bus.
struct i2c_client {
    device dev;                     ///< in the device model
    u16 addr = 0;                   ///< on the bus: 7 bits
    i2c_adapter *adapter = nullptr; ///< the bus
};
/// One message of a transfer.
struct i2c_msg {
    u16 addr = 0;      ///< whom it is for: 7 bits
    u16 flags = 0;     ///< I2C_M_RD is 0x1
    u16 len = 0;       ///< bytes
    u8 *buf = nullptr; ///< what is sent, or where it is received
};

#define KCTX_I2C_WHY "takes the lock of the bus and waits for the transfer"
#define KCTX_I2C_FIX "transfer in a work item, or in the thread of request_threaded_irq()"

/// Transfers messages in one go; returns how many, or -errno.
KCTX_CALL(sleeps, int, i2c_transfer, (i2c_adapter * adapter, i2c_msg *messages, int count),
          (adapter, messages, count), KCTX_I2C_WHY, KCTX_I2C_FIX,
          "drivers/i2c/i2c-core-base.c i2c_transfer()")
/// Writes bytes; returns how many, or -errno.
KCTX_CALL(sleeps, int, i2c_master_send, (const i2c_client *client, const char *data, int count),
          (client, data, count), KCTX_I2C_WHY, KCTX_I2C_FIX,
          "include/linux/i2c.h i2c_master_send()")
KCTX_CALL(sleeps, int, i2c_master_recv, (const i2c_client *client, char *data, int count),
          (client, data, count), KCTX_I2C_WHY, KCTX_I2C_FIX,
          "include/linux/i2c.h i2c_master_recv()")
/// The value of a register, or -errno.
KCTX_CALL(sleeps, s32, i2c_smbus_read_byte_data, (const i2c_client *client, u8 command),
          (client, command), KCTX_I2C_WHY, KCTX_I2C_FIX,
          "drivers/i2c/i2c-core-smbus.c i2c_smbus_read_byte_data()")
KCTX_CALL(sleeps, s32, i2c_smbus_write_byte_data, (const i2c_client *client, u8 command, u8 value),
          (client, command, value), KCTX_I2C_WHY, KCTX_I2C_FIX,
          "drivers/i2c/i2c-core-smbus.c i2c_smbus_write_byte_data()")
KCTX_CALL(sleeps, s32, i2c_smbus_read_word_data, (const i2c_client *client, u8 command),
          (client, command), KCTX_I2C_WHY, KCTX_I2C_FIX,
          "drivers/i2c/i2c-core-smbus.c i2c_smbus_read_word_data()")
/// Registers a bus.
KCTX_CALL(sleeps, int, i2c_add_adapter, (i2c_adapter * adapter), (adapter),
          "takes mutexes and probes devices", KCTX_DO_AT_PROBE,
          "drivers/i2c/i2c-core-base.c i2c_add_adapter()")
KCTX_CALL(sleeps, void, i2c_del_adapter, (i2c_adapter * adapter), (adapter),
          "takes mutexes and removes devices", KCTX_DO_AT_PROBE,
          "drivers/i2c/i2c-core-base.c i2c_del_adapter()")

} // namespace kctx
