// SPDX-License-Identifier: BSL-1.0
/// @file
/// What happened in a run, in order: as text, and drawn with a lane for each who did it.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <kctx/sim/text.hpp>

namespace kctx::sim {

/// What happened in a run in turn, drawn as text or as a picture: a lane for each task and
/// interrupt.
class timeline
{
    enum class kind : unsigned char { call, event, report, end };
    struct entry {
        kind is;
        unsigned cpu;
        std::string who; ///< of a call: the task, "interrupt", "softirq"
        std::string what;
    };
    std::vector<entry> entries_;

public:
    /// @p who calls @p function.
    void call(unsigned cpu, std::string who, std::string_view function)
    {
        entries_.push_back({kind::call, cpu, std::move(who), std::string(function) + "()"});
    }
    /// Something that happens to a CPU: an interrupt.
    void event(unsigned cpu, std::string_view what)
    {
        entries_.push_back({kind::event, cpu, {}, std::string(what)});
    }
    /// A line of a report that the kernel prints.
    void report(unsigned cpu, std::string_view line)
    {
        entries_.push_back({kind::report, cpu, {}, std::string(line)});
    }
    /// How the run ends.
    void end(std::string_view what)
    {
        if (entries_.empty() || entries_.back().what != what)
            entries_.push_back({kind::end, 0, {}, std::string(what)});
    }
    std::size_t size() const { return entries_.size(); } ///< entries

    /// A line for each; calls stand in the column of who made them.
    std::string text() const
    {
        const std::vector<std::string> lanes = who_is_there();
        std::size_t width = 12;
        for (const std::string &lane : lanes)
            width = std::max(width, lane.size() + 2);
        for (const entry &e : entries_) {
            if (e.is == kind::call)
                width = std::max(width, e.what.size() + 2);
        }
        std::string out;
        for (const std::string &lane : lanes)
            out += padded(lane, width);
        out += '\n';
        for (const entry &e : entries_) {
            if (e.is == kind::call) {
                out += padded("", width * lane_of(lanes, e)) + e.what + '\n';
            } else {
                const char *mark = e.is == kind::event ? "--- " : "*** ";
                out += mark + (e.is == kind::event ? sim::text("CPU %u: ", e.cpu) : "") + e.what +
                       '\n';
            }
        }
        return out;
    }

    /// The picture, as an SVG document.
    std::string svg() const
    {
        constexpr unsigned row = 20, lane_width = 220, top = 40;
        const std::vector<std::string> lanes = who_is_there();
        const auto lane_count = static_cast<unsigned>(std::max<std::size_t>(lanes.size(), 1));
        const unsigned height = top + row * (static_cast<unsigned>(entries_.size()) + 1);
        const unsigned width = lane_width * lane_count;
        std::string out =
            sim::text("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %u %u\" "
                      "font-family=\"monospace\" font-size=\"12\">\n"
                      "<rect width=\"%u\" height=\"%u\" fill=\"white\"/>\n",
                      width, height, width, height);
        for (unsigned i = 0; i < lanes.size(); ++i) {
            out += sim::text("<text x=\"%u\" y=\"20\" font-weight=\"bold\">", i * lane_width + 10) +
                   escaped(lanes[i]) + "</text>\n";
            out += sim::text("<line x1=\"%u\" y1=\"28\" x2=\"%u\" y2=\"%u\" stroke=\"#ccc\"/>\n",
                             i * lane_width + 4, i * lane_width + 4, height);
        }
        unsigned y = top;
        for (const entry &e : entries_) {
            if (e.is == kind::call) {
                const auto x = static_cast<unsigned>(lane_of(lanes, e)) * lane_width;
                out += sim::text("<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"16\" rx=\"3\" "
                                 "fill=\"#dbe9f6\"/>\n<text x=\"%u\" y=\"%u\">",
                                 x + 8, y - 12, lane_width - 20, x + 14, y) +
                       escaped(e.what) + "</text>\n";
            } else {
                const char *colour = e.is == kind::event ? "#b07000" : "#c00000";
                out += sim::text("<line x1=\"0\" y1=\"%u\" x2=\"%u\" y2=\"%u\" stroke=\"%s\" "
                                 "stroke-dasharray=\"4 3\"/>\n<text x=\"10\" y=\"%u\" fill=\"%s\">",
                                 y + 4, width, y + 4, colour, y, colour) +
                       escaped(e.what) + "</text>\n";
            }
            y += row;
        }
        return out + "</svg>\n";
    }

private:
    std::vector<std::string> who_is_there() const
    {
        std::vector<std::string> lanes;
        for (const entry &e : entries_) {
            if (e.is == kind::call && std::ranges::find(lanes, lane(e)) == lanes.end())
                lanes.push_back(lane(e));
        }
        return lanes;
    }
    static std::string lane(const entry &e) { return sim::text("CPU %u ", e.cpu) + e.who; }
    static std::size_t lane_of(const std::vector<std::string> &lanes, const entry &e)
    {
        return static_cast<std::size_t>(std::ranges::find(lanes, lane(e)) - lanes.begin());
    }
    static std::string padded(std::string what, std::size_t width)
    {
        what.resize(std::max(width, what.size()), ' ');
        return what;
    }
    static std::string escaped(std::string_view what)
    {
        std::string out;
        for (const char c : what)
            out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
        return out;
    }
};

} // namespace kctx::sim
