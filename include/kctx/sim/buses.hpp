// SPDX-License-Identifier: BSL-1.0
/// @file
/// Buses and what sits on them: clocks, pins, regulators, I2C, SPI, USB, PCI. What a driver sees of
/// these calls is which locks they take and what they wait for; the devices always answer.
/// @par Kernel source
/// drivers/clk/clk.c, drivers/gpio/gpiolib.c, drivers/i2c/i2c-core-base.c, drivers/spi/spi.c,
/// drivers/usb/core/, drivers/pci/, drivers/regulator/core.c, drivers/base/regmap/regmap.c,
/// drivers/dma/dmaengine.c (6.12).
#pragma once

#include <kctx/api/clk.hpp>
#include <kctx/api/dmaengine.hpp>
#include <kctx/api/gpio.hpp>
#include <kctx/api/hwspinlock.hpp>
#include <kctx/api/i2c.hpp>
#include <kctx/api/mailbox.hpp>
#include <kctx/api/pci.hpp>
#include <kctx/api/pinctrl.hpp>
#include <kctx/api/pwm.hpp>
#include <kctx/api/regmap.hpp>
#include <kctx/api/regulator.hpp>
#include <kctx/api/reset.hpp>
#include <kctx/api/spi.hpp>
#include <kctx/api/usb.hpp>
#include <kctx/sim/kernel_lock.hpp>
#include <kctx/sim/memory.hpp>
#include <kctx/sim/vmalloc.hpp>

KCTX_SIM_BEGIN
namespace kctx::sim {

inline const kernel_lock<mutex> clk_prepare_lock("prepare_lock");
inline const kernel_lock<spinlock_t> clk_enable_lock("enable_lock");
inline const kernel_lock<spinlock_t> gpio_chip_lock("&chip->lock");
inline const kernel_lock<mutex> gpio_lookup_lock("gpio_lookup_lock");
inline const kernel_lock<mutex> pinctrl_lock("&p->mutex");
inline const kernel_lock<rt_mutex> i2c_bus_lock("i2c_bus_lock");
inline const kernel_lock<mutex> i2c_core_lock("core_lock");
inline const kernel_lock<spinlock_t> mailbox_lock("&chan->lock");
inline const kernel_lock<raw_spinlock_t> pci_lock("pci_lock");
inline const kernel_lock<rw_semaphore> pci_bus_sem("pci_bus_sem");
inline const kernel_lock<mutex> msi_lock("&dev->msi.data->mutex");
inline const kernel_lock<mutex> pwm_lock("&pwm->lock");
inline const kernel_lock<spinlock_t> pwm_atomic_lock("&chip->atomic_lock");
inline const kernel_lock<ww_mutex> regulator_lock("regulator_ww_class_mutex");
inline const kernel_lock<spinlock_t> spi_bus_lock_spinlock("&ctlr->bus_lock_spinlock");
inline const kernel_lock<mutex> spi_bus_lock_mutex("&ctlr->bus_lock_mutex");
inline const kernel_lock<mutex> spi_io_mutex("&ctlr->io_mutex");
inline const kernel_lock<spinlock_t> usb_host_lock("hcd_urb_list_lock");
inline const kernel_lock<spinlock_t> usb_pm_lock("&dev->power.lock");
inline const kernel_lock<mutex> dma_list_mutex("dma_list_mutex");
inline const kernel_lock<spinlock_t> dma_channel_lock("&vc->lock");

} // namespace kctx::sim

namespace kctx::env::inline KCTX_ENV_NAMESPACE {

// Clocks.
KCTX_SIM_CALL(int, clk_prepare, (clk *), passes(clk_prepare_lock))
KCTX_SIM_CALL(void, clk_unprepare, (clk *), passes(clk_prepare_lock))
KCTX_SIM_CALL(int, clk_enable, (clk *), passes(clk_enable_lock))
KCTX_SIM_CALL(void, clk_disable, (clk *), passes(clk_enable_lock))
KCTX_SIM_CALL(int, clk_prepare_enable, (clk *), passes(clk_prepare_lock), passes(clk_enable_lock))
KCTX_SIM_CALL(void, clk_disable_unprepare, (clk *), passes(clk_enable_lock),
              passes(clk_prepare_lock))
KCTX_SIM_CALL(int, clk_set_rate, (clk *, unsigned long), passes(clk_prepare_lock))
KCTX_SIM_CALL(int, clk_set_parent, (clk *, clk *), passes(clk_prepare_lock))
KCTX_SIM_CALL(unsigned long, clk_get_rate, (clk *), passes(clk_prepare_lock))

// Lines. Those of a chip behind a bus have the functions that may sleep.
KCTX_SIM_CALL(int, gpiod_get_value, (const gpio_desc *), passes(gpio_chip_lock))
KCTX_SIM_CALL(void, gpiod_set_value, (gpio_desc *, int), passes(gpio_chip_lock))
KCTX_SIM_CALL(int, gpiod_get_value_cansleep, (const gpio_desc *), sleeps("drivers/gpio/gpiolib.c"))
KCTX_SIM_CALL(void, gpiod_set_value_cansleep, (gpio_desc *, int), sleeps("drivers/gpio/gpiolib.c"))
KCTX_SIM_CALL(int, gpiod_direction_output, (gpio_desc *, int), passes(pinctrl_lock))
KCTX_SIM_CALL(int, gpiod_direction_input, (gpio_desc *), passes(pinctrl_lock))
KCTX_SIM_CALL(gpio_desc *, gpiod_get, (device *, const char *, unsigned long),
              passes(gpio_lookup_lock))
KCTX_SIM_CALL(gpio_desc *, devm_gpiod_get, (device *, const char *, unsigned long),
              allocates(gfp_kernel), passes(gpio_lookup_lock))
KCTX_SIM_CALL(int, pinctrl_select_state, (pinctrl *, pinctrl_state *), passes(pinctrl_lock))
KCTX_SIM_CALL(int, pwm_apply_might_sleep, (pwm_device *, const pwm_state *),
              sleeps("drivers/pwm/core.c"), passes(pwm_lock))
KCTX_SIM_CALL(int, pwm_apply_atomic, (pwm_device *, const pwm_state *), passes(pwm_atomic_lock))
KCTX_SIM_CALL(int, reset_control_assert, (reset_control *), sleeps("drivers/reset/core.c"))
KCTX_SIM_CALL(int, reset_control_deassert, (reset_control *), sleeps("drivers/reset/core.c"))
KCTX_SIM_CALL(int, regulator_enable, (regulator *), passes(regulator_lock))
KCTX_SIM_CALL(int, regulator_disable, (regulator *), passes(regulator_lock))
KCTX_SIM_CALL(int, regulator_set_voltage, (regulator *, int, int), passes(regulator_lock))
KCTX_SIM_CALL(int, regulator_is_enabled, (regulator *), passes(regulator_lock))

// Registers.
KCTX_SIM_CALL(int, regmap_read, (regmap * map, unsigned int, unsigned int *),
              passes(mutex_of(map, "&map->mutex")))
KCTX_SIM_CALL(int, regmap_write, (regmap * map, unsigned int, unsigned int),
              passes(mutex_of(map, "&map->mutex")))
KCTX_SIM_CALL(int, regmap_update_bits, (regmap * map, unsigned int, unsigned int, unsigned int),
              passes(mutex_of(map, "&map->mutex")))

// hwspinlock: the other processor has given it back.
int hwspin_lock_timeout(hwspinlock *lock, unsigned int) noexcept
{
    const sim::in_call in("hwspin_lock_timeout");
    env::spin_lock(sim::spinlock_of(lock, "&hwlock->lock"));
    return 0;
}
void hwspin_unlock(hwspinlock *lock) noexcept
{
    const sim::in_call in("hwspin_unlock");
    env::spin_unlock(sim::spinlock_of(lock, "&hwlock->lock"));
}
KCTX_SIM_CALL(int, hwspin_lock_timeout_in_atomic, (hwspinlock *, unsigned int), nothing())
KCTX_SIM_CALL(void, hwspin_unlock_in_atomic, (hwspinlock *), nothing())

// I2C, SPI: the lock of the bus, and the end of the transfer.
int i2c_transfer(i2c_adapter *, i2c_msg *, int count) noexcept
{
    const sim::in_call in("i2c_transfer");
    sim::passes(sim::i2c_bus_lock);
    sim::awaits();
    return count;
}
int i2c_master_send(const i2c_client *, const char *, int count) noexcept
{
    const sim::in_call in("i2c_master_send");
    sim::passes(sim::i2c_bus_lock);
    sim::awaits();
    return count;
}
int i2c_master_recv(const i2c_client *, char *, int count) noexcept
{
    const sim::in_call in("i2c_master_recv");
    sim::passes(sim::i2c_bus_lock);
    sim::awaits();
    return count;
}
KCTX_SIM_CALL(s32, i2c_smbus_read_byte_data, (const i2c_client *, u8), passes(i2c_bus_lock),
              awaits())
KCTX_SIM_CALL(s32, i2c_smbus_write_byte_data, (const i2c_client *, u8, u8), passes(i2c_bus_lock),
              awaits())
KCTX_SIM_CALL(s32, i2c_smbus_read_word_data, (const i2c_client *, u8), passes(i2c_bus_lock),
              awaits())
KCTX_SIM_CALL(int, i2c_add_adapter, (i2c_adapter *), allocates(gfp_kernel), passes(i2c_core_lock))
KCTX_SIM_CALL(void, i2c_del_adapter, (i2c_adapter *), passes(i2c_core_lock))
KCTX_SIM_CALL(int, spi_sync, (spi_device *, spi_message *), passes(spi_bus_lock_mutex),
              passes(spi_bus_lock_spinlock), passes(spi_io_mutex), awaits())
KCTX_SIM_CALL(int, spi_write_then_read,
              (spi_device *, const void *, unsigned int, void *, unsigned int),
              allocates(gfp_kernel), passes(spi_bus_lock_mutex), passes(spi_io_mutex), awaits())
KCTX_SIM_CALL(int, spi_async, (spi_device *, spi_message *), passes(spi_bus_lock_spinlock))
int spi_bus_lock(spi_controller *) noexcept
{
    const sim::in_call in("spi_bus_lock");
    env::mutex_lock(sim::spi_bus_lock_mutex.get());
    return 0;
}
int spi_bus_unlock(spi_controller *) noexcept
{
    const sim::in_call in("spi_bus_unlock");
    env::mutex_unlock(sim::spi_bus_lock_mutex.get());
    return 0;
}
KCTX_SIM_CALL(int, mbox_send_message, (mbox_chan *, void *), passes(mailbox_lock))

// USB.
urb *usb_alloc_urb(int, gfp_t flags) noexcept
{
    const sim::in_call in("usb_alloc_urb");
    return sim::object<urb>(flags);
}
KCTX_SIM_CALL(void, usb_free_urb, (urb * u), frees(u))
KCTX_SIM_CALL(int, usb_submit_urb, (urb *, gfp_t flags), might_alloc(flags), passes(usb_host_lock))
KCTX_SIM_CALL(int, usb_unlink_urb, (urb *), passes(usb_host_lock))
KCTX_SIM_CALL(void, usb_kill_urb, (urb *), sleeps("drivers/usb/core/urb.c"), passes(usb_host_lock))
KCTX_SIM_CALL(void, usb_poison_urb, (urb *), sleeps("drivers/usb/core/urb.c"),
              passes(usb_host_lock))
int usb_control_msg(usb_device *, unsigned int, u8, u8, u16, u16, void *, u16 size, int) noexcept
{
    const sim::in_call in("usb_control_msg");
    sim::allocates(sim::gfp_noio);
    sim::passes(sim::usb_host_lock);
    sim::awaits();
    return size;
}
int usb_bulk_msg(usb_device *, unsigned int, void *, int length, int *actual, int) noexcept
{
    const sim::in_call in("usb_bulk_msg");
    sim::allocates(sim::gfp_kernel);
    sim::passes(sim::usb_host_lock);
    sim::awaits();
    if (actual)
        *actual = length;
    return 0;
}
KCTX_SIM_CALL(int, usb_set_interface, (usb_device *, int, int), allocates(gfp_noio),
              passes(usb_host_lock), awaits())
KCTX_SIM_CALL(int, usb_clear_halt, (usb_device *, int), allocates(gfp_noio), passes(usb_host_lock),
              awaits())
KCTX_SIM_CALL(int, usb_autopm_get_interface, (usb_interface *),
              sleeps("drivers/base/power/runtime.c"), passes(usb_pm_lock))
KCTX_SIM_CALL(void, usb_autopm_put_interface, (usb_interface *),
              sleeps("drivers/base/power/runtime.c"), passes(usb_pm_lock))
KCTX_SIM_CALL(int, usb_autopm_get_interface_async, (usb_interface *), passes(usb_pm_lock))
KCTX_SIM_CALL(void, usb_autopm_put_interface_async, (usb_interface *), passes(usb_pm_lock))

// PCI.
KCTX_SIM_CALL(int, pci_enable_device, (pci_dev *), reads(pci_bus_sem), passes(pci_lock))
KCTX_SIM_CALL(void, pci_disable_device, (pci_dev *), reads(pci_bus_sem), passes(pci_lock))
KCTX_SIM_CALL(int, pci_set_power_state, (pci_dev *, int), reads(pci_bus_sem), passes(pci_lock))
KCTX_SIM_CALL(int, pci_request_regions, (pci_dev *, const char *), allocates(gfp_kernel),
              writes(resource_lock))
KCTX_SIM_CALL(int, pci_alloc_irq_vectors, (pci_dev *, unsigned int, unsigned int, unsigned int),
              allocates(gfp_kernel), passes(msi_lock))
KCTX_SIM_CALL(void, pci_free_irq_vectors, (pci_dev *), passes(msi_lock))
KCTX_SIM_CALL(int, pci_reset_function, (pci_dev * dev), passes(mutex_of(dev, "&dev->mutex")),
              sleeps("drivers/pci/pci.c"))
int pci_read_config_dword(const pci_dev *, int, u32 *value) noexcept
{
    const sim::in_call in("pci_read_config_dword");
    sim::passes(sim::pci_lock);
    *value = 0;
    return 0;
}
KCTX_SIM_CALL(int, pci_write_config_dword, (const pci_dev *, int, u32), passes(pci_lock))
KCTX_SIM_CALL(void, pci_set_master, (pci_dev *), passes(pci_lock))

// dmaengine.
KCTX_SIM_CALL(dma_chan *, dma_request_chan, (device *, const char *), passes(dma_list_mutex),
              allocates(gfp_kernel))
KCTX_SIM_CALL(void, dma_release_channel, (dma_chan *), passes(dma_list_mutex))
KCTX_SIM_CALL(dma_async_tx_descriptor *, dmaengine_prep_slave_single,
              (dma_chan *, dma_addr_t, size_t, int, unsigned long), passes(dma_channel_lock))
KCTX_SIM_CALL(dma_cookie_t, dmaengine_submit, (dma_async_tx_descriptor *), passes(dma_channel_lock))
KCTX_SIM_CALL(void, dma_async_issue_pending, (dma_chan *), passes(dma_channel_lock))
KCTX_SIM_CALL(int, dmaengine_terminate_async, (dma_chan *), passes(dma_channel_lock))
KCTX_SIM_CALL(int, dmaengine_terminate_sync, (dma_chan *), passes(dma_channel_lock),
              sleeps("include/linux/dmaengine.h"))
KCTX_SIM_CALL(void, dmaengine_synchronize, (dma_chan *), sleeps("include/linux/dmaengine.h"))

} // namespace kctx::env::inline KCTX_ENV_NAMESPACE
KCTX_SIM_END
