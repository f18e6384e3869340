// SPDX-License-Identifier: BSL-1.0
#include "watch.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <optional>
#include <system_error>
#include <utility>

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "rules.hpp"

namespace kctx::tools::lab {
namespace {

constexpr int poll_ms = 300;

volatile std::sig_atomic_t told_to_pause = 0; // Ctrl-Z
void on_pause(int) { told_to_pause = 1; }

/// Keys come one by one and are not shown; at the end the terminal is as it was.
class keyboard
{
    termios before_{};

    void take() const
    {
        termios raw = before_;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
        std::fputs("\033[?1049h\033[?25l", stdout); // the other screen, no cursor
    }
    void give_back() const
    {
        std::fputs("\033[?25h\033[?1049l", stdout);
        std::fflush(stdout);
        tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    }

public:
    keyboard()
    {
        tcgetattr(STDIN_FILENO, &before_);
        std::signal(SIGTSTP, on_pause);
        take();
    }
    ~keyboard()
    {
        give_back();
        std::signal(SIGTSTP, SIG_DFL);
    }
    keyboard(const keyboard &) = delete;
    keyboard &operator=(const keyboard &) = delete;

    /// Stops the program, as the shell expects it, until `fg`. Whether it did.
    bool pause_if_told() const
    {
        if (told_to_pause == 0)
            return false;
        told_to_pause = 0;
        give_back();
        raise(SIGSTOP);
        take();
        return true;
    }

    /// 'q' at the end of the input, 0 if nothing comes.
    static char read_key()
    {
        pollfd in{STDIN_FILENO, POLLIN, 0};
        if (poll(&in, 1, poll_ms) <= 0)
            return 0;
        char c = 0;
        return read(STDIN_FILENO, &c, 1) == 1 ? c : 'q';
    }
};

/// A line as a list of keys: in the width that there is.
std::string keys_line(const look &l)
{
    const std::string text = "n next  p back  h hint  e errors  x explain  m machine  "
                             "l list  c check all  r reset  q quit";
    return l.faint(wrapped(text, l.columns));
}

class session
{
    tree &files_;
    const course &course_;
    toolbox &tools_;
    const bool ascii_;
    screen_state s_;
    std::string seen_; ///< the text of the last verdict
    std::optional<fs::file_time_type> time_;

    look now() const { return look::of(STDOUT_FILENO, ascii_); }

    void show()
    {
        const look l = now();
        s_.passed = static_cast<std::size_t>(
            std::ranges::count_if(course_.exercises, [&](const exercise &e) {
                return files_.stands(e, tools_) == standing::passed;
            }));
        s_.stands = files_.stands(*s_.current, tools_);
        const std::string text = screen_of(s_, l);
        std::fputs("\033[H\033[2J", stdout);
        std::fwrite(text.data(), 1, text.size(), stdout);
        std::fflush(stdout);
    }

    void tell(std::string text, bool instead = false)
    {
        s_.extra = std::move(text);
        s_.instead = instead;
        s_.page = 0;
        show();
    }

    /// Whether there is something new to say of the file. One that is gone is new, too.
    bool changed()
    {
        std::error_code none;
        fs::file_time_type time = fs::last_write_time(files_.file_of(*s_.current), none);
        if (none)
            time = fs::file_time_type::min();
        return std::exchange(time_, time) != time;
    }

    void check()
    {
        std::string text;
        try {
            text = files_.answer(*s_.current);
        } catch (const content_error &e) {
            s_.checked = false;
            return tell(replaced(e.what(), files_.root().string() + "/", "") +
                        "\nr brings the starter back.");
        }
        if (s_.checked && text == seen_) // written again as it was
            return;
        seen_ = std::move(text);
        s_.checking = true;
        tell("");
        s_.last = judge(*s_.current, seen_, files_.seed(), tools_);
        s_.checking = false;
        s_.checked = true;
        files_.record(*s_.current, seen_, s_.last, tools_);
        files_.save();
        tell(s_.last.passed() ? s_.current->why : "");
    }

    void go_to(std::size_t index)
    {
        s_.current = &course_.exercises[index];
        s_.number = index + 1;
        s_.file = fs::relative(files_.file_of(*s_.current), files_.root()).string();
        s_.checked = false;
        s_.last = {};
        s_.extra.clear();
        s_.page = 0;
        time_.reset();
        files_.set_current(s_.current->id);
        files_.save();
        if (!fs::exists(files_.file_of(*s_.current)))
            files_.reset(*s_.current);
    }

    void check_all()
    {
        std::size_t i = 0;
        for (const exercise &e : course_.exercises) {
            ++i;
            if (files_.stands(e, tools_) == standing::not_begun)
                continue;
            tell("checking all: " + std::to_string(i) + "/" +
                 std::to_string(course_.exercises.size()) + " " + e.id);
            const std::string answer = files_.answer(e);
            const verdict v = judge(e, answer, files_.seed(), tools_);
            files_.record(e, answer, v, tools_);
        }
        files_.save();
        tell(list_in_words(course_, files_, tools_, now()), true);
    }

    void hint()
    {
        const unsigned level = files_.take_hint(*s_.current);
        files_.save();
        std::string text;
        for (unsigned i = 1; i <= level; ++i)
            text += "Hint " + std::to_string(i) + " of 3: " + s_.current->hints[i - 1] + "\n";
        tell(std::move(text));
    }

    void explain()
    {
        if (!s_.checked || s_.last.passed())
            return tell("There is no error to explain.");
        std::string text = explain_rule(course_.folder, s_.last.causes.front().name, course_);
        if (text.empty())
            text = "No rule of kctx: what the compiler or the test says is all there is.";
        tell(std::move(text));
    }

    bool ask(std::string_view question)
    {
        tell(std::string(question) + " (y/n)");
        for (char key = 0; !told_to_stop();)
            if ((key = keyboard::read_key()) != 0)
                return key == 'y';
        return false;
    }

    void on_machine()
    {
        tell("on the simulated machine ...");
        std::string log =
            run_on_machine(*s_.current, files_.answer(*s_.current), files_.seed(), tools_).log;
        if (log.empty())
            log = "The machine runs it, and has nothing to report.";
        tell(std::move(log));
    }

    void reset()
    {
        if (!ask("Back to the starter? Your text is kept in .lab/backup."))
            return tell("");
        const fs::path kept = files_.reset(*s_.current);
        files_.save();
        s_.checked = false;
        check();
        tell("Your text is kept in " + fs::relative(kept, files_.root()).string());
    }

    /// False when it is over.
    bool key(char k)
    {
        const std::size_t index = s_.number - 1;
        switch (k) {
        case 'q':
            return false;
        case 'n':
            if (index + 1 == course_.exercises.size()) {
                tell(course_.farewell);
                break;
            }
            go_to(index + 1);
            show();
            break;
        case 'p':
            if (index == 0)
                break;
            go_to(index - 1);
            show();
            break;
        case 'h':
            hint();
            break;
        case 'e':
            if (s_.checked)
                tell(verdict_in_words(s_.last, now(), true) + printable(s_.last.raw), true);
            break;
        case 'x':
            explain();
            break;
        case 'm':
            on_machine();
            break;
        case 'l':
            tell(list_in_words(course_, files_, tools_, now()), true);
            break;
        case 'c':
            check_all();
            break;
        case 'r':
            reset();
            break;
        case ' ':
            ++s_.page;
            show();
            break;
        case '\n':
            tell("");
            break;
        default:
            break;
        }
        return true;
    }

public:
    session(tree &files, const course &c, toolbox &tools, bool ascii)
        : files_(files), course_(c), tools_(tools), ascii_(ascii)
    {
        s_.all = c.exercises.size();
        const exercise *e = c.find(files.current());
        go_to(e != nullptr ? static_cast<std::size_t>(e - c.exercises.data()) : 0);
    }

    bool once()
    {
        const look l = now();
        print(l.strong(s_.current->id) + "  " + s_.file + "\n" +
              wrapped("Goal: " + s_.current->goal, l.columns, "      ") + "\n\n");
        const std::string answer = files_.answer(*s_.current);
        const verdict v = judge(*s_.current, answer, files_.seed(), tools_);
        files_.record(*s_.current, answer, v, tools_);
        files_.save();
        print(verdict_in_words(v, l));
        return v.passed();
    }

    bool until_quit()
    {
        const keyboard keys;
        tools_.says = [this](std::string_view what) {
            s_.building = what;
            show();
        };
        unsigned columns = 0, rows = 0;
        try {
            while (!told_to_stop()) {
                const look l = now();
                if (changed())
                    check();
                else if (l.columns != columns || l.rows != rows)
                    show(); // the window has another size
                columns = l.columns;
                rows = l.rows;
                if (!key(keyboard::read_key()))
                    break;
                if (keys.pause_if_told())
                    show();
            }
        } catch (const interrupted &) {
            s_.checked = false; // in the middle of a check
        }
        return s_.checked && s_.last.passed();
    }

private:
    static void print(const std::string &text) { std::fwrite(text.data(), 1, text.size(), stdout); }
};

} // namespace

std::string screen_of(const screen_state &s, const look &l)
{
    const exercise &e = *s.current;
    std::string top = l.strong(std::string(l.sign(s.stands)) + " " + e.id) + "  " +
                      l.faint(std::string(name_of(e.kind)) + ", " + std::to_string(e.points) +
                              " points, " + std::to_string(e.minutes) + " minutes") +
                      "\n" + wrapped(s.file, l.columns) + "\n" +
                      wrapped("Goal: " + e.goal, l.columns, "      ") + "\n\n";
    std::string middle;
    if (s.checking || !s.building.empty())
        middle = (s.building.empty() ? "checking" : s.building) + " ...\n";
    else if (s.checked && !s.instead)
        middle = verdict_in_words(s.last, l);
    if (s.checked && !s.checking && !s.instead && s.last.passed())
        middle += l.faint("n goes on to the next one") + "\n";
    if (!s.extra.empty())
        middle += (middle.empty() ? "" : "\n") + wrapped(s.extra, l.columns, "") + "\n";
    const std::string bottom = keys_line(l) + "\n" + l.bar(s.passed, s.all);

    // Goal, keys and bar are always there; what is between them gives way.
    const std::vector<std::string> above = folded(top, l.columns),
                                   below = folded(bottom, l.columns);
    std::vector<std::string> lines = folded(middle, l.columns);
    const std::size_t room =
        l.rows > above.size() + below.size() + 1 ? l.rows - above.size() - below.size() - 1 : 1;
    if (lines.size() > room) { // by pages, and after the last the first again
        const std::size_t each = std::max<std::size_t>(room - 1, 1);
        const std::size_t pages = (lines.size() + each - 1) / each, page = s.page % pages;
        lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(page * each));
        lines.resize(room);
        lines.back() = l.faint("page " + std::to_string(page + 1) + " of " + std::to_string(pages) +
                               ": the space bar shows the next");
    }
    lines.resize(room);
    std::string text;
    const auto add = [&](const std::vector<std::string> &part) {
        for (const std::string &line : part)
            text += line + "\n";
    };
    add(above);
    add(lines);
    add(below);
    text.pop_back();
    return text;
}

std::string list_in_words(const course &c, const tree &files, const toolbox &tools, const look &l)
{
    std::string text;
    std::size_t passed = 0;
    unsigned points = 0, all = 0;
    for (const group &g : c.groups) {
        text += l.strong(g.title) + "\n";
        for (const exercise &e : c.exercises) {
            if (e.group != g.id)
                continue;
            const standing s = files.stands(e, tools);
            std::string line =
                (e.id == files.current() ? "> " : "  ") + std::string(l.sign(s)) + " " + e.id;
            line.append(40 - std::min<std::size_t>(width_of(line), 40), ' ');
            line += " " + std::to_string(e.points) + (e.points < 10 ? "  " : " ") +
                    std::string(name_of(e.kind));
            if (s == standing::recheck)
                line += ", to be checked again";
            else if (s == standing::failing && !files.first_cause(e).empty())
                line += ", " + files.first_cause(e);
            if (files.gave_up(e))
                line += ", given up";
            text += (s == standing::passed ? l.good(line) : line) + "\n";
            all += e.points;
            passed += s == standing::passed ? 1 : 0;
            points += s == standing::passed && !files.gave_up(e) ? e.points : 0;
        }
    }
    return text + std::to_string(points) + " of " + std::to_string(all) + " points\n" +
           l.bar(passed, c.exercises.size()) + "\n";
}

bool watch(tree &files, const course &c, toolbox &tools, bool ascii, bool once)
{
    session s(files, c, tools, ascii);
    if (once || isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0)
        return s.once();
    return s.until_quit();
}

} // namespace kctx::tools::lab
