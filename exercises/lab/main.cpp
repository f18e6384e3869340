// SPDX-License-Identifier: BSL-1.0
// The program around the tests of an answer. It reports on descriptor 3, each line after a word
// that it got as its input, so that an answer cannot report in its place; and it gives up, before
// any code of the answer runs, what tests do not need: other processes, files to write, the net.
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lab.hpp"

namespace lab {
namespace {

test *first = nullptr;
test **last = &first;
char word[64];

void report(const char *kind, const std::string &text)
{
    std::string line = std::string(word) + " " + kind;
    if (!text.empty())
        line += " ";
    for (const char c : text)
        line += c == '\n' ? std::string("\\n") : std::string(1, c);
    line += "\n";
    [[maybe_unused]] const auto n = write(3, line.data(), line.size());
}

#if defined(__x86_64__)
constexpr unsigned this_arch = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned this_arch = AUDIT_ARCH_AARCH64;
#else
constexpr unsigned this_arch = 0; // no filter: the limits alone
#endif

constexpr sock_filter load(std::size_t offset)
{
    return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset));
}
constexpr sock_filter answer(unsigned value) { return BPF_STMT(BPF_RET | BPF_K, value); }

/// Threads are allowed, processes are not; files are opened to be read.
void give_up_rights()
{
    if (this_arch == 0)
        return;
    constexpr unsigned refused = SECCOMP_RET_ERRNO | 1u; // EPERM
    static constexpr int never[] = {
#ifdef SYS_fork
        SYS_fork,         SYS_vfork,     SYS_open,
        SYS_creat,        SYS_unlink,    SYS_rename,
        SYS_mkdir,        SYS_rmdir,     SYS_symlink,
        SYS_link,         SYS_chmod,     SYS_chown,
        SYS_mknod,
#endif
        SYS_execve,       SYS_execveat,  SYS_kill,
        SYS_tkill,        SYS_socket,    SYS_connect,
        SYS_ptrace,       SYS_unlinkat,  SYS_renameat2,
        SYS_mkdirat,      SYS_symlinkat, SYS_linkat,
        SYS_fchmodat,     SYS_fchownat,  SYS_mknodat,
        SYS_truncate,     SYS_setsid,    SYS_process_vm_writev,
        SYS_mount,        SYS_openat2,   SYS_utimensat,
        SYS_memfd_create, SYS_shmget,    SYS_io_uring_setup};
    constexpr std::size_t max = 160;
    static sock_filter code[max];
    std::size_t n = 0;
    code[n++] = load(offsetof(seccomp_data, arch));
    code[n++] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, this_arch, 1, 0);
    code[n++] = answer(SECCOMP_RET_KILL_PROCESS);
    code[n++] = load(offsetof(seccomp_data, nr));
    for (const int call : never) {
        code[n++] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1);
        code[n++] = answer(refused);
    }
    // glibc falls back to clone(), whose flags can be looked at.
    code[n++] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1);
    code[n++] = answer(SECCOMP_RET_ERRNO | 38u); // ENOSYS
    code[n++] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4);
    code[n++] = load(offsetof(seccomp_data, args[0]));
    code[n++] = BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x10000 /* CLONE_THREAD */, 1, 0);
    code[n++] = answer(refused);
    code[n++] = answer(SECCOMP_RET_ALLOW);
    code[n++] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3);
    code[n++] = load(offsetof(seccomp_data, args[2]));
    code[n++] = BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, 0, 1);
    code[n++] = answer(refused);
    code[n++] = answer(SECCOMP_RET_ALLOW);
    const sock_fprog program{static_cast<unsigned short>(n), code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        std::fputs("lab: no seccomp here, the limits alone hold\n", stderr);
}

/// Before all objects of the answer are made.
[[gnu::constructor(101)]] void begin()
{
    std::size_t n = 0;
    for (char c = 0; n + 1 < sizeof word && read(0, &c, 1) == 1 && c != '\n';)
        word[n++] = c;
    close(0);
    give_up_rights();
}

} // namespace

test::test(const char *n, void (*b)()) : name(n), body(b)
{
    *last = this;
    last = &next;
}

void fail(const char *says)
{
    report("fail", says);
    throw failed{};
}

void fail_with(const char *says, long, long) { fail(says); }

long number_after(const char *text)
{
    std::string all;
    if (std::FILE *log = std::fopen("log.txt", "re")) {
        char part[4096];
        for (std::size_t n = 0; (n = std::fread(part, 1, sizeof part, log)) != 0;)
            all.append(part, n);
        std::fclose(log);
    }
    const std::size_t at = all.find(text);
    if (at == std::string::npos)
        fail((std::string("log.txt does not say \"") + text + "\"").c_str());
    return std::strtol(all.c_str() + at + std::strlen(text), nullptr, 0);
}

} // namespace lab

int main()
{
    for (lab::test *t = lab::first; t != nullptr; t = t->next) {
        lab::report("test", t->name);
        try {
            t->body();
        } catch (const lab::failed &) {
            std::_Exit(1);
        }
    }
    lab::report("end", "");
    std::_Exit(0);
}
