// SPDX-License-Identifier: BSL-1.0
// The driver as a normal program: this file plays the port, the DMA controller and the terminal.
#include "uart_dma.hpp"

#include <kctx/api/tasklet.hpp>
#include <kctx/host.hpp>
#include <kctx/host/control.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

// What the environment knows of them, and the driver need not.
struct kctx::dma_chan {
    tasklet_struct finished;
    dma_async_tx_descriptor transfer;
    u8 *prepared = nullptr; // by the driver
    size_t prepared_length = 0;
    u8 *memory = nullptr; // of the transfer that runs
    size_t length = 0;
    size_t done = 0;
};
struct kctx::tty_port {
    std::mutex lock;
    std::string text;
};
struct kctx::uart_port {
    std::atomic<unsigned> wakeups = 0;
};

namespace {

using namespace uart_dma;

constexpr unsigned int IRQ = 7;

/// The line: what was sent on it, and the registers and transfers that it comes from.
class line
{
    std::mutex lock_;
    u8 registers_[REGISTERS] = {};
    u32 status_ = 0;
    std::string sent_;
    std::vector<u32> controls_;

public:
    dma_chan rx;
    dma_chan tx;
    tty_port terminal;
    uart_port uart;

    iomem *base() { return registers_; }
    std::string sent()
    {
        const std::lock_guard held(lock_);
        return sent_;
    }
    std::vector<u32> controls()
    {
        const std::lock_guard held(lock_);
        return controls_;
    }
    std::string received()
    {
        const std::lock_guard held(terminal.lock);
        return terminal.text;
    }

    u32 read(const iomem *address)
    {
        const std::lock_guard held(lock_);
        if (address - registers_ == STATUS)
            return status_;
        return address - registers_ == RX_LEFT ? static_cast<u32>(rx.length - rx.done) : 0;
    }
    void write(u32 value, const iomem *address)
    {
        const std::lock_guard held(lock_);
        if (address - registers_ == STATUS)
            status_ &= ~value;
        if (address - registers_ == CONTROL)
            controls_.push_back(value);
        if (address - registers_ == DATA)
            sent_ += static_cast<char>(value);
    }

    /// A transfer starts. What is to be sent is gone at once.
    void start(dma_chan *chan)
    {
        const std::lock_guard held(lock_);
        chan->memory = chan->prepared;
        chan->length = chan->prepared_length;
        chan->done = 0;
        if (chan != &tx)
            return;
        sent_.append(reinterpret_cast<const char *>(chan->memory), chan->length);
        kctx::env::tasklet_schedule(&chan->finished);
    }
    /// Bytes come in, until the transfer is full; returns how many.
    size_t receive(const char *bytes, size_t n)
    {
        const std::lock_guard held(lock_);
        size_t taken = 0;
        while (taken < n && rx.done < rx.length)
            rx.memory[rx.done++] = static_cast<u8>(bytes[taken++]);
        if (taken != 0 && rx.done == rx.length)
            kctx::env::tasklet_schedule(&rx.finished);
        return taken;
    }
    void falls_silent()
    {
        {
            const std::lock_guard held(lock_);
            status_ |= IDLE;
        }
        kctx::host::raise_irq(IRQ);
    }
} device_line;

// What the environment calls, so that it takes no token.
void transfer_finished(tasklet_struct *t)
{
    dma_chan *chan = container_of(t, dma_chan, finished);
    chan->transfer.callback.function()(chan->transfer.callback_param);
}

int failures = 0;

void expect(bool right, const char *what)
{
    std::printf("%s: %s\n", right ? "ok" : "NOT ok", what);
    failures += !right;
}

template <class Condition> bool comes_true(Condition condition)
{
    for (int i = 0; i < 500 && !condition(); i++)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return condition();
}

} // namespace

// What the driver reaches all of them by.
KCTX_HOST_BEGIN
namespace kctx {

u32 env::readl(const iomem *address) noexcept { return device_line.read(address); }
void env::writel(u32 value, iomem *address) noexcept { device_line.write(value, address); }

dma_chan *env::dma_request_chan(device *, const char *name) noexcept
{
    dma_chan *chan = *name == 'r' ? &device_line.rx : &device_line.tx;
    chan->finished.callback = transfer_finished;
    return chan;
}
void env::dma_release_channel(dma_chan *) noexcept {}
dma_async_tx_descriptor *env::dmaengine_prep_slave_single(dma_chan *chan, dma_addr_t address,
                                                          size_t length, int,
                                                          unsigned long) noexcept
{
    chan->prepared = reinterpret_cast<u8 *>(address);
    chan->prepared_length = length;
    chan->transfer.chan = chan;
    return &chan->transfer;
}
dma_cookie_t env::dmaengine_submit(dma_async_tx_descriptor *) noexcept { return 1; }
void env::dma_async_issue_pending(dma_chan *chan) noexcept { device_line.start(chan); }
int env::dmaengine_terminate_sync(dma_chan *chan) noexcept
{
    tasklet_kill(&chan->finished);
    return 0;
}

int env::tty_insert_flip_char(tty_port *port, unsigned char c, char) noexcept
{
    const std::lock_guard held(port->lock);
    port->text += static_cast<char>(c);
    return 1;
}
void env::tty_flip_buffer_push(tty_port *) noexcept {}
void env::uart_write_wakeup(uart_port *port) noexcept { port->wakeups++; }

} // namespace kctx
KCTX_HOST_END

int main()
{
    const std::size_t before = kctx::host::memory_in_use();
    device dev;
    port p;
    p.uart = &device_line.uart;
    p.tty = &device_line.terminal;

    expect(kctx::host::run<ProcessCtx>(uart_dma::probe, &p, &dev, device_line.base(), IRQ) == 0,
           "probed");
    expect(kctx::host::run<SyscallCtx>(uart_dma::startup, &p) == 0, "opened");

    const auto *hello = reinterpret_cast<const u8 *>("hello");
    expect(kctx::host::run<SyscallCtx>(uart_dma::write, &p, hello, size_t{5}) == 5, "written");
    expect(comes_true([] { return device_line.sent() == "hello"; }), "and sent");
    expect(comes_true([] { return device_line.uart.wakeups == 1; }), "which is told");

    device_line.receive("ping", 4);
    device_line.falls_silent();
    expect(device_line.received() == "ping", "what comes is there when the line falls silent");

    const std::string much(3 * RX_SIZE, 'x');
    for (size_t done = 0; done < much.size();)
        done += device_line.receive(much.data() + done, much.size() - done);
    expect(comes_true([&] { return device_line.received() == "ping" + much; }),
           "three full buffers and more, with nothing lost");

    kctx::host::run<SyscallCtx>(uart_dma::send_break, &p, 10u);
    expect(device_line.controls() == std::vector<u32>{ENABLE, ENABLE | BREAK, ENABLE}, "a break");

    kctx::host::run<NmiCtx>([&](NmiCtx) { console_write(&p, " NMI", 4); });
    expect(device_line.sent() == "hello NMI", "the console, from an NMI");

    kctx::host::run<SyscallCtx>(uart_dma::shutdown, &p);
    kctx::host::run<ProcessCtx>(uart_dma::remove, &p);
    expect(kctx::host::memory_in_use() == before, "closed and removed, and nothing is left");
    return failures == 0 ? 0 : 1;
}
