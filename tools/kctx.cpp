// SPDX-License-Identifier: BSL-1.0
// The kctx program. One file a subcommand: see commands.hpp.
#include "commands.hpp"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

int main(int argc, char **argv)
{
    using namespace kctx::tools;
    int status = done;
    CLI::App program("Linux kernel execution contexts: reads what kernels report, reviews drivers, "
                     "runs exercises",
                     "kctx");
    program.set_version_flag("--version", version_text());
    program.require_subcommand(1);
    program.footer(
        "Exit status: 0 done, 1 nothing for this command or a fault found, 2 bad arguments or "
        "input that cannot be read; each command says what it means by it.\n\n"
        "Environment: NO_COLOR turns colours off.");
    add_explain(program, status);
    add_link(program, status);
    add_lab(program, status);
#ifdef KCTX_PROGRAM_HAS_RULES
    add_matrix(program, status);
    add_overlay(program, status);
    add_lint(program, status);
    add_review(program, status);
#endif
    add_mm(program, status);
#ifdef KCTX_PROGRAM_HAS_ZLIB
    add_replay(program, status);
#endif
    add_manual(program, status);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError &e) {
        return program.exit(e) == 0 ? done : unusable;
    } catch (const std::exception &e) {
        std::fprintf(stderr, "kctx: %s\n", e.what());
        return unusable;
    }
    if (std::fflush(stdout) != 0) {
        std::fprintf(stderr, "kctx: cannot write the output: %s\n", std::strerror(errno));
        return unusable;
    }
    return status;
}
