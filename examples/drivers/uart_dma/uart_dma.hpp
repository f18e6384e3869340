// SPDX-License-Identifier: BSL-1.0
/// @file
/// A serial port that sends and receives by DMA. Its interrupt says that the line has fallen
/// silent, or that something is wrong with it; the controller of the DMA says that a transfer is
/// done.
#pragma once

#include <kctx/api/dma.hpp>
#include <kctx/api/dmaengine.hpp>
#include <kctx/api/interrupt.hpp>
#include <kctx/api/io.hpp>
#include <kctx/api/kfifo.hpp>
#include <kctx/api/serial.hpp>
#include <kctx/api/timer.hpp>
#include <kctx/kctx.hpp>

namespace uart_dma {

using namespace kctx;

// Registers, and their bits.
inline constexpr unsigned DATA = 0x00;
inline constexpr unsigned STATUS = 0x04; ///< a write of a bit clears it
inline constexpr unsigned CONTROL = 0x08;
inline constexpr unsigned DIVISOR = 0x0c;
inline constexpr unsigned RX_LEFT = 0x10; ///< bytes that the transfer still waits for
inline constexpr unsigned REGISTERS = 0x14;

inline constexpr u32 IDLE = 0x01;
inline constexpr u32 OVERRUN = 0x02;
inline constexpr u32 TX_FULL = 0x80;

inline constexpr u32 ENABLE = 0x01;
inline constexpr u32 BREAK = 0x02;

inline constexpr size_t RX_SIZE = 4096;
inline constexpr unsigned int TX_SIZE = 1024;
inline constexpr int MEM_TO_DEV = 1; ///< of enum dma_transfer_direction
inline constexpr int DEV_TO_MEM = 2;

struct port_lock : spinlock_t {}; ///< registers, rings and transfers; every context but NMI
struct config_lock : mutex {};    ///< open, close, settings; before port_lock

struct port {
    device *dev = nullptr;
    iomem *base = nullptr;
    unsigned int irq = 0;
    uart_port *uart = nullptr;
    tty_port *tty = nullptr;

    config_lock config;
    bool open = false;
    dma_chan *rx = nullptr;
    dma_chan *tx = nullptr;

    port_lock lock;
    u8 *rx_buffer = nullptr; ///< coherent
    dma_addr_t rx_address = 0;
    size_t rx_taken = 0; ///< of the running transfer, by the terminal
    kfifo<u8, TX_SIZE> tx_ring;
    u8 tx_buffer[TX_SIZE];
    dma_addr_t tx_address = 0;
    size_t tx_sending = 0;      ///< 0: no transfer is running
    unsigned long overruns = 0; ///< bytes that came too fast
    unsigned long lost = 0;     ///< bytes that could not be sent
    timer_list poll;
};

int probe(ProcessCtx ctx, port *p, device *dev, iomem *base, unsigned int irq);
void remove(ProcessCtx ctx, port *p);
int startup(SyscallCtx ctx, port *p);   ///< the first open(2)
void shutdown(SyscallCtx ctx, port *p); ///< the last close(2)
size_t write(SyscallCtx ctx, port *p, const u8 *text, size_t n);
int send_break(SyscallCtx ctx, port *p, unsigned int msecs);
void set_divisor(SyscallCtx ctx, port *p, u32 divisor);
/// The console: printk() comes from everywhere, NMI included.
void console_write(port *p, const char *text, size_t n);

} // namespace uart_dma
