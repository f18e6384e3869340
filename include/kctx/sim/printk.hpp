// SPDX-License-Identifier: BSL-1.0
/// @file
/// The log of a machine: a ring of records, as dmesg shows it, and a sink that gets each line when
/// it is printed, as a console does.
#pragma once

#include <deque>
#include <functional>
#include <string_view>
#include <utility>

#include <kctx/sim/config.hpp>
#include <kctx/sim/text.hpp>

namespace kctx::sim {

/// KERN_EMERG, ... (include/linux/kern_levels.h).
enum class level : unsigned char { emerg, alert, crit, err, warning, notice, info, debug };

/// A line of the log.
struct log_record {
    std::uint64_t ns; ///< virtual time
    sim::level level; ///< KERN_EMERG to KERN_DEBUG
    unsigned cpu;     ///< which CPU printed it
    unsigned caller;  ///< the pid of the task, or 0x80000000 + the CPU of an interrupt
    std::string line; ///< without its newline
};

/// What a message is of the line that it is in.
struct message_part {
    bool continues = false; ///< KERN_CONT: it goes on with the open line of the same caller
    bool ends = true;       ///< it ends with a newline; a line without one stays open
};

/// The log of a machine, and where it goes as it is printed.
class log_ring
{
    const machine_config &config_;
    std::deque<log_record> records_;
    std::size_t bytes_ = 0;
    bool open_ = false; // the last line has not ended
    std::function<void(std::string_view)> sink_;

public:
    explicit log_ring(const machine_config &config) : config_(config) {}

    /// Gets every line from now on, with what stands before it.
    void set_sink(std::function<void(std::string_view)> sink) { sink_ = std::move(sink); }

    /// Each line of @p text as a record with what @p head says (kernel/printk/printk.c,
    /// vprintk_store()). As in the kernel, an open line is not on the console before it is closed:
    /// by its end, or by the next message that does not go on with it.
    void print(log_record head, std::string_view text, message_part part)
    {
        if (open_ && part.continues && records_.back().caller == head.caller) {
            const std::size_t end = text.find('\n');
            records_.back().line += text.substr(0, end);
            bytes_ += text.substr(0, end).size();
            if (end == text.npos) {
                if (part.ends)
                    close();
                return;
            }
            text.remove_prefix(end + 1);
        }
        close();
        for (std::size_t end = 0; (end = text.find('\n')) != text.npos;) {
            head.line = text.substr(0, end);
            add(head);
            close();
            text.remove_prefix(end + 1);
        }
        head.line = text;
        add(std::move(head));
        if (part.ends)
            close();
    }

    /// A record as the console shows it (kernel/printk.c, kernel/printk/printk.c, print_time(); the
    /// level is in the ring itself up to 3.4, and what a vendor's console shows).
    std::string shown(const log_record &r) const
    {
        std::string out;
        if (config_.printk_level)
            out += text("<%u>", static_cast<unsigned>(r.level));
        if (config_.printk_time)
            out += text("[%5llu.%06llu]", static_cast<unsigned long long>(r.ns / 1'000'000'000),
                        static_cast<unsigned long long>(r.ns % 1'000'000'000 / 1000));
        if (config_.printk_cpu)
            out += text("[%3u]", r.cpu);
        return out + (config_.printk_time || config_.printk_cpu ? " " : "") + r.line;
    }

    const std::deque<log_record> &records() const { return records_; } ///< from the oldest on

    /// The whole log, each line with its end.
    std::string dmesg() const
    {
        std::string out;
        for (const log_record &r : records_)
            out += shown(r) + '\n';
        return out;
    }

private:
    void add(log_record r)
    {
        records_.push_back(std::move(r));
        open_ = true;
        bytes_ += records_.back().line.size();
        while (bytes_ > config_.log_bytes && records_.size() > 1) {
            bytes_ -= records_.front().line.size();
            records_.pop_front();
        }
    }
    void close()
    {
        if (std::exchange(open_, false) && sink_)
            sink_(shown(records_.back()));
    }
};

} // namespace kctx::sim
