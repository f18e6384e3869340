// SPDX-License-Identifier: BSL-1.0
// Programs that do what they like: run_limited() comes back, and says why it ended them.
#include <doctest/doctest.h>

#include <lab/process.hpp>

#include <chrono>

using namespace kctx::tools::lab;

static finished shell(const std::string &script, const limits &l, std::string_view input = {})
{
    return run_limited({"sh", "-c", script}, l, input);
}

TEST_CASE("a program's output, report and status")
{
    const finished f = shell("read x; echo out $x; echo err >&2; echo rep >&3; exit 7", {}, "in\n");
    CHECK(f.how == ending::exited);
    CHECK(f.code == 7);
    CHECK(f.output == "out in\nerr\n");
    CHECK(f.report == "rep\n");
    CHECK_FALSE(f.success());
    CHECK(run_limited({"/no/such/program"}, {}).code == 127);
    CHECK(shell("kill -SEGV $$", {}).in_words({}) == "it was ended by SIGSEGV");
}

TEST_CASE("an environment without surprises")
{
    setenv("LD_PRELOAD_OF_A_TEST", "1", 1);
    CHECK(shell("echo $LD_PRELOAD_OF_A_TEST-$LC_ALL", {}).output == "-C\n");
}

TEST_CASE("limits")
{
    CHECK(shell("while :; do :; done", {.wall_seconds = 0.5}).how == ending::too_long);
    CHECK(shell("while :; do :; done", {.wall_seconds = 30, .cpu_seconds = 1}).how ==
          ending::too_long);
    CHECK(shell("sleep 60", {.wall_seconds = 0.3}).how == ending::too_long);
    const finished flood = shell("yes", {.output = 100000});
    CHECK(flood.how == ending::too_much_output);
    CHECK(flood.output.size() <= 100000);
    CHECK(shell("yes >&3", {.output = 100000}).how == ending::too_much_output);
    CHECK(shell("exec tail -c 100m /dev/zero | tail", {.resident = 30u << 20}).how !=
          ending::not_started);
}

TEST_CASE("what a program leaves behind is ended, and keeps nobody waiting")
{
    const auto start = std::chrono::steady_clock::now();
    const finished f = shell("sleep 60 & echo $!", {});
    CHECK(f.how == ending::exited);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
    const finished still =
        shell("sleep 0.2; readlink /proc/" + f.output.substr(0, f.output.find('\n')) + "/exe", {});
    CHECK(still.output.empty());
}
