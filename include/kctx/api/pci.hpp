// SPDX-License-Identifier: BSL-1.0
/// @file
/// PCI devices.
/// @par Kernel source
/// include/linux/pci.h, drivers/pci/pci.c, drivers/pci/access.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/device.hpp>
#include <kctx/api/types.hpp>
#include <kctx/declare/call.hpp>

namespace kctx {

/// A device on the bus.
struct pci_dev {
    device dev;           ///< in the device model
    unsigned int irq = 0; ///< its line; pci_irq_vector() for MSI
    u16 vendor = 0;       ///< who made it: 0x8086
    u16 device_id = 0;    ///< which of the maker's devices it is
};

#define KCTX_PCI_WHY "takes pci_lock, a raw lock"

/// Wakes the device up and enables its resources: 0 or -errno.
KCTX_CALL(sleeps, int, pci_enable_device, (pci_dev * dev), (dev), "waits for the device to wake up",
          KCTX_DO_AT_PROBE, "drivers/pci/pci.c pci_enable_device()")
KCTX_CALL(sleeps, void, pci_disable_device, (pci_dev * dev), (dev),
          "changes the power state of the device", KCTX_DO_AT_PROBE,
          "drivers/pci/pci.c pci_disable_device()")
KCTX_CALL(sleeps, int, pci_set_power_state, (pci_dev * dev, int state), (dev, state),
          "waits until the device has changed its state", KCTX_DO_LATER,
          "drivers/pci/pci.c pci_set_power_state()")
KCTX_CALL(sleeps, int, pci_request_regions, (pci_dev * dev, const char *name), (dev, name),
          "allocates and takes locks that sleep", KCTX_DO_AT_PROBE,
          "drivers/pci/pci.c pci_request_regions()")
/// Up to @p most interrupts; returns how many, or -errno.
KCTX_CALL(sleeps, int, pci_alloc_irq_vectors,
          (pci_dev * dev, unsigned int least, unsigned int most, unsigned int flags),
          (dev, least, most, flags), "allocates and takes mutexes", KCTX_DO_AT_PROBE,
          "drivers/pci/msi/api.c pci_alloc_irq_vectors()")
KCTX_CALL(sleeps, void, pci_free_irq_vectors, (pci_dev * dev), (dev), "takes mutexes",
          KCTX_DO_AT_PROBE, "drivers/pci/msi/api.c pci_free_irq_vectors()")
/// Resets the device and restores its state.
KCTX_CALL(sleeps, int, pci_reset_function, (pci_dev * dev), (dev), "waits for the reset",
          KCTX_DO_LATER, "drivers/pci/pci.c pci_reset_function()")
/// Reads from the configuration space.
KCTX_CALL(spins, int, pci_read_config_dword, (const pci_dev *dev, int where, u32 *value),
          (dev, where, value), KCTX_PCI_WHY, KCTX_DO_IN_IRQ_WORK,
          "drivers/pci/access.c pci_read_config_dword()")
KCTX_CALL(spins, int, pci_write_config_dword, (const pci_dev *dev, int where, u32 value),
          (dev, where, value), KCTX_PCI_WHY, KCTX_DO_IN_IRQ_WORK,
          "drivers/pci/access.c pci_write_config_dword()")
/// Lets the device do DMA.
KCTX_CALL(spins, void, pci_set_master, (pci_dev * dev), (dev), KCTX_PCI_WHY, KCTX_DO_IN_IRQ_WORK,
          "drivers/pci/pci.c pci_set_master()")

} // namespace kctx
