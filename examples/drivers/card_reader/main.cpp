// SPDX-License-Identifier: BSL-1.0
// The driver as a normal program: this file plays the device, and the user of it.
#include "card_reader.hpp"

#include <kctx/api/kernel.hpp>
#include <kctx/host.hpp>
#include <kctx/host/control.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace {

using namespace card_reader;

constexpr unsigned int IRQ = 5;

/// The controller, with a slot for a card that answers a reset.
class controller
{
    std::mutex lock_;
    u32 status_ = 0;
    u32 control_ = 0;
    std::deque<u8> fifo_;
    std::string answer_;
    u8 registers_[REGISTERS] = {};

    void happens(u32 events, const std::string &bytes, u32 state, u32 mask)
    {
        {
            const std::lock_guard held(lock_);
            status_ = (status_ & ~mask) | events | state;
            fifo_.insert(fifo_.end(), bytes.begin(), bytes.end());
            if ((control_ & IRQ_ENABLE) == 0)
                return;
        }
        kctx::host::raise_irq(IRQ);
    }

public:
    iomem *base() { return registers_; }

    void insert(const std::string &answer)
    {
        answer_ = answer;
        happens(CARD_CHANGED, "", CARD_PRESENT, 0);
    }
    void pull() { happens(CARD_CHANGED, "", 0, CARD_PRESENT); }
    void send(const std::string &bytes) { happens(RECEIVED, bytes, 0, 0); }

    u32 read(const iomem *address)
    {
        const std::lock_guard held(lock_);
        switch (address - registers_) {
        case STATUS:
            return status_;
        case COUNT:
            return static_cast<u32>(fifo_.size());
        case FIFO: {
            const u8 byte = fifo_.front();
            fifo_.pop_front();
            return byte;
        }
        default:
            return 0;
        }
    }
    void write(u32 value, const iomem *address)
    {
        {
            const std::lock_guard held(lock_);
            if (address - registers_ == ACK)
                status_ &= ~value;
            if (address - registers_ != CONTROL)
                return;
            control_ = value;
        }
        if ((value & RESET_CARD) != 0)
            happens(RECEIVED | COMMAND_DONE, answer_, 0, 0);
    }
} slot;

int failures = 0;

void expect(bool right, const char *what)
{
    std::printf("%s: %s\n", right ? "ok" : "NOT ok", what);
    failures += !right;
}

std::string state(reader *r)
{
    char page[16] = {};
    kctx::host::run<SyscallCtx>(card_reader::state_show, r, page);
    return page;
}

/// The driver notices a card after 20 ms and more.
template <class Condition> bool comes_true(Condition condition)
{
    for (int i = 0; i < 500 && !condition(); i++)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return condition();
}

} // namespace

// What the driver reaches the device by.
KCTX_HOST_BEGIN
kctx::u32 kctx::env::readl(const iomem *address) noexcept { return slot.read(address); }
void kctx::env::writel(u32 value, iomem *address) noexcept { slot.write(value, address); }
KCTX_HOST_END

int main()
{
    const std::size_t before = kctx::host::memory_in_use();
    reader r;
    char text[64] = {};
    const user_ptr<char> user(text);

    expect(kctx::host::run<ProcessCtx>(card_reader::probe, &r, slot.base(), IRQ) == 0, "probed");
    expect(state(&r) == "empty\n", "without a card");

    slot.insert("ATR");
    expect(comes_true([&] { return state(&r) == "card\n"; }), "a card is found");

    slot.send("hello");
    const ssize_t n = kctx::host::run<SyscallCtx>(card_reader::read, &r, user, sizeof text);
    expect(n == 5 && std::memcmp(text, "hello", 5) == 0, "what it sends is read");

    slot.send("lost");
    {
        const kctx::host::bad_user_memory unmapped(text, sizeof text);
        expect(kctx::host::run<SyscallCtx>(card_reader::read, &r, user, sizeof text) == -EFAULT,
               "reading to memory that is not there: -EFAULT");
    }

    expect(kctx::host::run<SyscallCtx>(card_reader::eject_store, &r, "1", size_t{1}) == 1,
           "ejected");
    expect(state(&r) == "empty\n", "and gone");

    slot.pull();
    std::atomic<bool> warned = false;
    kctx::host::set_printk_sink([&](int, std::string_view line) {
        if (line.find("card_reader: the card cannot be used: -12") != line.npos)
            warned = true;
    });
    kctx::host::set_memory_faults({.probability = 100, .times = 1});
    slot.insert("ATR");
    expect(comes_true([&] { return warned.load(); }), "no memory for the next card: -ENOMEM");
    expect(state(&r) == "empty\n", "which stays unused");
    kctx::host::set_printk_sink({});
    kctx::host::set_memory_faults({});
    slot.pull();
    slot.insert("ATR");
    expect(comes_true([&] { return state(&r) == "card\n"; }), "the one after that is found");

    kctx::host::run<ProcessCtx>(card_reader::remove, &r);
    expect(kctx::host::memory_in_use() == before, "removed, and nothing is left");
    return failures == 0 ? 0 : 1;
}
