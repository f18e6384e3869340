// SPDX-License-Identifier: BSL-1.0
#include "process.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kctx::tools::lab {
namespace {

std::atomic<bool> stopping{false};

struct descriptor {
    int fd = -1;
    descriptor() = default;
    explicit descriptor(int n) : fd(n) {}
    descriptor(const descriptor &) = delete;
    descriptor &operator=(const descriptor &) = delete;
    ~descriptor() { reset(); }
    void reset()
    {
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
};

struct channel {
    descriptor read, write;
    bool open()
    {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0)
            return false;
        read.fd = ends[0];
        write.fd = ends[1];
        return true;
    }
};

void limit(int what, rlim_t value) noexcept
{
    const rlimit l{value, value};
    setrlimit(static_cast<__rlimit_resource_t>(what), &l);
}

/// Everything between fork() and exec() that does not allocate.
[[noreturn]] void become(char *const *argv, char *const *envp, const limits &l, const char *folder,
                         int in, int out, int report) noexcept
{
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const rlimit cpu{l.cpu_seconds, l.cpu_seconds + 1}; // SIGXCPU first, which says why
    setrlimit(RLIMIT_CPU, &cpu);
    limit(RLIMIT_FSIZE, l.file);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NPROC, l.processes);
    if (l.address_space != 0)
        limit(RLIMIT_AS, l.address_space);
    // 3 may be one of the others.
    const int o = fcntl(out, F_DUPFD, 10), r = fcntl(report, F_DUPFD, 10),
              i = fcntl(in, F_DUPFD, 10);
    if (dup2(i, 0) < 0 || dup2(o, 1) < 0 || dup2(o, 2) < 0 || dup2(r, 3) < 0)
        _exit(127);
    close(o);
    close(r);
    close(i);
    if (folder != nullptr && chdir(folder) != 0)
        _exit(127);
    execvpe(argv[0], argv, envp);
    constexpr std::string_view message = "cannot be started\n";
    [[maybe_unused]] const auto ignored = write(2, message.data(), message.size());
    _exit(127);
}

/// Bytes that a process holds now, 0 if it is gone.
std::size_t resident_of(pid_t pid)
{
    std::array<char, 64> name{};
    std::snprintf(name.data(), name.size(), "/proc/%d/statm", static_cast<int>(pid));
    std::FILE *f = std::fopen(name.data(), "re");
    if (f == nullptr)
        return 0;
    std::array<char, 128> pages{}; // in all, and resident
    const bool read = std::fgets(pages.data(), pages.size(), f) != nullptr;
    std::fclose(f);
    const char *resident = read ? std::strchr(pages.data(), ' ') : nullptr;
    if (resident == nullptr)
        return 0;
    return std::strtoul(resident, nullptr, 10) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// Reads what is there. False at the end.
bool drain(int fd, std::string &into, std::size_t most, bool &too_much)
{
    std::array<char, 16384> part{};
    const ssize_t n = read(fd, part.data(), part.size());
    if (n > 0) {
        into.append(part.data(),
                    std::min(static_cast<std::size_t>(n), most - std::min(most, into.size())));
        too_much = too_much || into.size() >= most;
        return true;
    }
    return n < 0 && (errno == EINTR || errno == EAGAIN);
}

std::vector<std::string> environment()
{
    std::vector<std::string> kept = {"LC_ALL=C", "ASAN_OPTIONS=detect_leaks=0:abort_on_error=0",
                                     "UBSAN_OPTIONS=print_stacktrace=0"};
    for (const char *name : {"PATH", "HOME", "TMPDIR", "CCACHE_DIR"})
        if (const char *value = std::getenv(name))
            kept.push_back(std::string(name) + "=" + value);
    return kept;
}

std::vector<char *> pointers_to(std::vector<std::string> &texts)
{
    std::vector<char *> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string &text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

class watcher
{
    using clock = std::chrono::steady_clock;
    const limits &limits_;
    finished &result_;
    const pid_t pid_;
    const clock::time_point start_ = clock::now();
    bool killed_ = false;

    void kill_it(ending why)
    {
        if (!killed_)
            result_.how = why;
        killed_ = true;
        kill(-pid_, SIGKILL);
        kill(pid_, SIGKILL);
    }

public:
    watcher(const limits &l, finished &result, pid_t pid) : limits_(l), result_(result), pid_(pid)
    {}

    double seconds() const { return std::chrono::duration<double>(clock::now() - start_).count(); }

    void look(bool too_much_output)
    {
        if (too_much_output)
            kill_it(ending::too_much_output);
        else if (seconds() > limits_.wall_seconds || stopping)
            kill_it(ending::too_long);
        else if (resident_of(pid_) > limits_.resident)
            kill_it(ending::too_much_memory);
    }

    void finish(int status, const rusage &usage)
    {
        kill(-pid_, SIGKILL); // what it has left behind
        result_.seconds = seconds();
        const auto in_seconds = [](const timeval &t) {
            return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
        };
        result_.cpu_seconds = in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime);
        if (killed_)
            return;
        result_.how = WIFEXITED(status) ? ending::exited : ending::signalled;
        result_.code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
        if (result_.how == ending::signalled && result_.code == SIGXCPU)
            result_.how = ending::too_long;
        if (result_.how == ending::signalled && result_.code == SIGKILL &&
            result_.cpu_seconds >= limits_.cpu_seconds)
            result_.how = ending::too_long;
    }
};

} // namespace

void stop_all_programs() noexcept { stopping = true; }
bool told_to_stop() noexcept { return stopping; }

std::string finished::in_words(const limits &l) const
{
    switch (how) {
    case ending::exited:
        return "it ended with status " + std::to_string(code);
    case ending::signalled:
        return std::string("it was ended by SIG") +
               (sigabbrev_np(code) != nullptr ? sigabbrev_np(code) : std::to_string(code));
    case ending::too_long:
        return "it ran longer than " + std::to_string(static_cast<int>(l.wall_seconds)) + " s";
    case ending::too_much_memory:
        return "it took more than " + std::to_string(l.resident >> 20) + " MB of memory";
    case ending::too_much_output:
        return "it wrote more than " + std::to_string(l.output >> 10) + " kB";
    default:
        return "it could not be started";
    }
}

finished run_limited(const std::vector<std::string> &command, const limits &l,
                     std::string_view input, const std::string &folder)
{
    if (stopping)
        throw interrupted();
    finished result;
    channel in, out, report;
    if (!in.open() || !out.open() || !report.open()) {
        result.output = std::strerror(errno);
        return result;
    }
    std::vector<std::string> words = command, surroundings = environment();
    const std::vector<char *> argv = pointers_to(words), envp = pointers_to(surroundings);
    const pid_t pid = fork();
    if (pid < 0) {
        result.output = std::strerror(errno);
        return result;
    }
    if (pid == 0)
        become(argv.data(), envp.data(), l, folder.empty() ? nullptr : folder.c_str(), in.read.fd,
               out.write.fd, report.write.fd);
    out.write.reset();
    report.write.reset();
    in.read.reset();
    // It is short, and who does not read it must not stop us.
    fcntl(in.write.fd, F_SETFL, O_NONBLOCK);
    [[maybe_unused]] const auto written = write(in.write.fd, input.data(), input.size());
    in.write.reset();
    fcntl(out.read.fd, F_SETFL, O_NONBLOCK);
    fcntl(report.read.fd, F_SETFL, O_NONBLOCK);

    watcher watch(l, result, pid);
    int status = 0;
    rusage usage{};
    bool too_much = false, ended = false;
    int pause_ms = 1;
    while (!ended) {
        // A process that was left behind may keep the pipes open: the end is that of the first.
        ended = wait4(pid, &status, WNOHANG, &usage) != 0;
        std::array<pollfd, 2> ready = {pollfd{out.read.fd, POLLIN, 0},
                                       pollfd{report.read.fd, POLLIN, 0}};
        if (poll(ready.data(), ready.size(), ended ? 0 : pause_ms) > 0) {
            pause_ms = 1;
            if (ready[0].revents != 0 && !drain(out.read.fd, result.output, l.output, too_much))
                out.read.reset();
            if (ready[1].revents != 0 && !drain(report.read.fd, result.report, l.output, too_much))
                report.read.reset();
        } else {
            pause_ms = std::min(pause_ms * 2, 10);
        }
        if (!ended)
            watch.look(too_much);
    }
    for (int more = 0; more < 1024 && out.read.fd >= 0 && !too_much; ++more) {
        pollfd ready{out.read.fd, POLLIN, 0};
        if (poll(&ready, 1, 0) <= 0 || !drain(out.read.fd, result.output, l.output, too_much))
            break;
    }
    for (int more = 0; more < 1024 && report.read.fd >= 0 && !too_much; ++more) {
        pollfd ready{report.read.fd, POLLIN, 0};
        if (poll(&ready, 1, 0) <= 0 || !drain(report.read.fd, result.report, l.output, too_much))
            break;
    }
    watch.finish(status, usage);
    if (stopping)
        throw interrupted();
    return result;
}

} // namespace kctx::tools::lab
