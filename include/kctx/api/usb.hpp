// SPDX-License-Identifier: BSL-1.0
/// @file
/// USB: messages that are waited for, and URBs, whose completion is called back.
/// @par Kernel source
/// include/linux/usb.h, drivers/usb/core/message.c, drivers/usb/core/urb.c (6.12).
#pragma once

#include <kctx/api/advice.hpp>
#include <kctx/api/callback.hpp>
#include <kctx/api/device.hpp>
#include <kctx/api/slab.hpp>

namespace kctx {

/// A device on the bus.
struct usb_device {
    device dev;     ///< in the device model
    int devnum = 0; ///< its address on the bus
};
/// A function of a device.
struct usb_interface {
    device dev;                   ///< in the device model
    usb_device *parent = nullptr; ///< the device that it is a function of
};
struct urb;
/// Called when a URB is done: by the host controller's interrupt handler or in a softirq; `void
/// fn(IrqCtx, urb *)` bears both.
KCTX_CALLBACK(usb_complete_t, usb_fill_bulk_urb, IrqCtx, void, urb *)
/// A transfer. Its buffer must be fit for DMA, which memory of vmalloc() is not.
struct urb {
    usb_device *dev = nullptr;       ///< whom it is for
    unsigned int pipe = 0;           ///< endpoint, direction and kind, as usb_*pipe() make it
    void *transfer_buffer = nullptr; ///< what is sent, or where it is received
    u32 transfer_buffer_length = 0;  ///< bytes to transfer
    u32 actual_length = 0;           ///< bytes transferred, when it is through
    int status = 0;                  ///< 0 or -errno, when it is through
    usb_complete_t complete;         ///< called when it is through, in an interrupt
    void *context = nullptr;         ///< the driver's, for complete
};

// Where a transfer goes: the kind, the direction, the device, the endpoint.
constexpr unsigned int usb_pipe(unsigned int kind, unsigned int in, const usb_device *dev,
                                unsigned int endpoint) noexcept
{
    return (kind << 30) | (endpoint << 15) | (static_cast<unsigned int>(dev->devnum) << 8) | in;
}
constexpr unsigned int usb_sndctrlpipe(const usb_device *dev, unsigned int endpoint) noexcept
{
    return usb_pipe(2, 0, dev, endpoint);
}
constexpr unsigned int usb_rcvctrlpipe(const usb_device *dev, unsigned int endpoint) noexcept
{
    return usb_pipe(2, 0x80, dev, endpoint);
}
constexpr unsigned int usb_sndbulkpipe(const usb_device *dev, unsigned int endpoint) noexcept
{
    return usb_pipe(3, 0, dev, endpoint);
}
constexpr unsigned int usb_rcvbulkpipe(const usb_device *dev, unsigned int endpoint) noexcept
{
    return usb_pipe(3, 0x80, dev, endpoint);
}
constexpr unsigned int usb_rcvintpipe(const usb_device *dev, unsigned int endpoint) noexcept
{
    return usb_pipe(1, 0x80, dev, endpoint);
}

/// Describes a bulk transfer; @p complete is `handler<fn>`.
inline void usb_fill_bulk_urb(urb *u, usb_device *dev, unsigned int pipe, void *buffer, u32 length,
                              usb_complete_t complete, void *context) noexcept
{
    *u = {dev, pipe, buffer, length, 0, 0, complete, context};
}

#define KCTX_USB_WHY "waits for the transfer"
#define KCTX_USB_FIX "usb_submit_urb() with GFP_ATOMIC, or a work item that waits"

/// A URB with room for @p iso_packets isochronous packets.
KCTX_ALLOCATION(slab, urb, usb_alloc_urb, (int iso_packets), (), (iso_packets), (),
                "GFP_ATOMIC (it can fail), or allocate the URBs at probe time",
                "drivers/usb/core/urb.c usb_alloc_urb()")
/// Drops a reference; NULL is fine.
KCTX_CALL(allocates, void, usb_free_urb, (urb * u), (u),
          "drops a reference, and frees it with the last", "free it after the raw section",
          "drivers/usb/core/urb.c usb_free_urb()")
/// Starts a transfer; its completion is called back: 0 or -errno.
KCTX_GFP_CALL(int, usb_submit_urb, (urb * u), (), (u), (),
              "GFP_ATOMIC, as in every completion function",
              "drivers/usb/core/urb.c usb_submit_urb()")
/// Asks for the end of a transfer, and does not wait.
KCTX_CALL(locks, int, usb_unlink_urb, (urb * u), (u), "takes the locks of the host controller",
          KCTX_DO_OUTSIDE_RAW, "drivers/usb/core/urb.c usb_unlink_urb()")
/// Ends a transfer and waits for its completion.
KCTX_CALL(sleeps, void, usb_kill_urb, (urb * u), (u),
          "waits until the completion function has finished",
          "usb_unlink_urb(), which does not wait", "drivers/usb/core/urb.c usb_kill_urb()")
/// The same, and lets nobody submit it again.
KCTX_CALL(sleeps, void, usb_poison_urb, (urb * u), (u),
          "waits until the completion function has finished",
          "usb_unlink_urb(), which does not wait", "drivers/usb/core/urb.c usb_poison_urb()")
/// A control transfer; returns the bytes transferred, or -errno.
KCTX_CALL(sleeps, int, usb_control_msg,
          (usb_device * dev, unsigned int pipe, u8 request, u8 type, u16 value, u16 index,
           void *data, u16 size, int timeout),
          (dev, pipe, request, type, value, index, data, size, timeout), KCTX_USB_WHY, KCTX_USB_FIX,
          "drivers/usb/core/message.c usb_control_msg()")
/// A bulk transfer: 0 or -errno.
KCTX_CALL(sleeps, int, usb_bulk_msg,
          (usb_device * dev, unsigned int pipe, void *data, int length, int *actual, int timeout),
          (dev, pipe, data, length, actual, timeout), KCTX_USB_WHY, KCTX_USB_FIX,
          "drivers/usb/core/message.c usb_bulk_msg()")
/// Chooses an alternate setting.
KCTX_CALL(sleeps, int, usb_set_interface, (usb_device * dev, int interface_number, int alternate),
          (dev, interface_number, alternate), KCTX_USB_WHY, KCTX_DO_LATER,
          "drivers/usb/core/message.c usb_set_interface()")
/// Ends a stall.
KCTX_CALL(sleeps, int, usb_clear_halt, (usb_device * dev, int pipe), (dev, pipe), KCTX_USB_WHY,
          KCTX_DO_LATER, "drivers/usb/core/message.c usb_clear_halt()")
/// Keeps the device awake, which it waits for.
KCTX_CALL(sleeps, int, usb_autopm_get_interface, (usb_interface * intf), (intf),
          "resumes the device", "usb_autopm_get_interface_async()",
          "drivers/usb/core/driver.c usb_autopm_get_interface()")
KCTX_CALL(sleeps, void, usb_autopm_put_interface, (usb_interface * intf), (intf),
          "may suspend the device", "usb_autopm_put_interface_async()",
          "drivers/usb/core/driver.c usb_autopm_put_interface()")
/// The same without waiting.
KCTX_CALL(locks, int, usb_autopm_get_interface_async, (usb_interface * intf), (intf),
          "takes the lock of runtime power management", KCTX_DO_OUTSIDE_RAW,
          "drivers/usb/core/driver.c usb_autopm_get_interface_async()")
KCTX_CALL(locks, void, usb_autopm_put_interface_async, (usb_interface * intf), (intf),
          "takes the lock of runtime power management", KCTX_DO_OUTSIDE_RAW,
          "drivers/usb/core/driver.c usb_autopm_put_interface_async()")

} // namespace kctx
