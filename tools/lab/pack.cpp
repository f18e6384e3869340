// SPDX-License-Identifier: BSL-1.0
#include "pack.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace kctx::tools::lab {
namespace {

using nlohmann::json;

constexpr std::string_view student_readme = R"(# Exercises

Driver functions that the kernel would complain about when it is too late, to be repaired one by one.
What you need is the program `kctx`, a C++ compiler (g++ 12 or clang 14, or later) and an editor.

    kctx lab init --project . work      makes your folder; --student NAME if your course says so
    cd work
    kctx lab                            shows the first exercise, and checks it whenever you save

`kctx lab list` shows all of them, `kctx lab hint` the next hint, `kctx lab run --all` every error.
Hand in your folder `work` as it is: of it the files exercise.cpp are taken.
)";

constexpr std::string_view setup_script = R"(#!/usr/bin/env bash
# Gradescope runs this once, on the image that submissions are graded on.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends g++-12 cmake ninja-build libcli11-dev \
    nlohmann-json3-dev libboost-dev libboost-context-dev python3
cmake -S /autograder/source -B /autograder/build -G Ninja -DCMAKE_CXX_COMPILER=g++-12 \
    -DCMAKE_BUILD_TYPE=Release -DKCTX_BUILD_TESTS=OFF -DKCTX_BUILD_EXAMPLES=OFF \
    -DKCTX_TABLE_PROGRAMS=OFF
cmake --build /autograder/build --target kctx_program
)";

constexpr std::string_view autograder_script = R"(#!/usr/bin/env bash
# Gradescope runs this for each submission. The student's name draws the numbers of the exercises.
set -euo pipefail
who=$(python3 - <<'EOF'
import json, re
try:
    users = json.load(open("/autograder/submission_metadata.json"))["users"]
    print(re.sub(r"[^A-Za-z0-9.@_-]", "_", users[0]["email"]) or "student")
except (OSError, KeyError, IndexError, ValueError):
    print("student")
EOF
)
work=$(mktemp -d)
mkdir -p "$work/in" /autograder/results
cp -r --no-dereference /autograder/submission "$work/in/$who"
/autograder/build/tools/kctx lab grade --project /autograder/source --salt "${LAB_SALT-}" \
    --from "$work/in" --out "$work/out"
cp "$work/out/$who/results.json" /autograder/results/results.json
)";

void add_tree(packed_files &to, const fs::path &root, const fs::path &inside)
{
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(root / inside))
        if (entry.is_regular_file())
            to.emplace_back(fs::relative(entry.path(), root).string(), read_file(entry.path()));
}

void sort(packed_files &files) { std::ranges::sort(files); }

std::uint32_t crc32(std::string_view text)
{
    static const auto table = [] {
        std::array<std::uint32_t, 256> t{};
        for (std::uint32_t i = 0; i < t.size(); ++i) {
            std::uint32_t c = i;
            for (int bit = 0; bit < 8; ++bit)
                c = (c & 1) != 0 ? 0xedb88320u ^ (c >> 1) : c >> 1;
            t[i] = c;
        }
        return t;
    }();
    std::uint32_t c = ~0u;
    for (const char byte : text)
        c = table[(c ^ static_cast<unsigned char>(byte)) & 0xff] ^ (c >> 8);
    return ~c;
}

/// Little-endian numbers, one after the other.
class bytes
{
    std::string text_;

public:
    bytes &u16(std::size_t n) { return number(n, 2); }
    bytes &u32(std::size_t n) { return number(n, 4); }
    bytes &text(std::string_view t)
    {
        text_ += t;
        return *this;
    }
    const std::string &all() const { return text_; }

private:
    bytes &number(std::size_t n, int size)
    {
        for (int i = 0; i < size; ++i)
            text_ += static_cast<char>((n >> (8 * i)) & 0xff);
        return *this;
    }
};

} // namespace

packed_files student_files(const place &p, const course &c)
{
    packed_files files = {{"README.md", std::string(student_readme)}};
    add_tree(files, p.include.parent_path(), "include/kctx");
    if (fs::exists(p.project / "LICENSE"))
        files.emplace_back("LICENSE", read_file(p.project / "LICENSE"));
    add_tree(files, p.project, "exercises/lab");
    add_tree(files, p.project, "docs/rules");
    json about = json::parse(read_file(c.folder / "course.json"));
    about["student_copy"] = true;
    files.emplace_back("exercises/course.json", about.dump(2) + "\n");
    for (const group &g : c.groups)
        if (fs::exists(c.folder / g.id / "README.md"))
            files.emplace_back("exercises/" + g.id + "/README.md",
                               read_file(c.folder / g.id / "README.md"));
    for (const exercise &e : c.exercises) {
        const std::string folder =
            "exercises/" + e.group + "/" + e.folder.filename().string() + "/";
        json given = json::parse(read_file(e.folder / "exercise.json"));
        given.erase("wrong");
        files.emplace_back(folder + "exercise.json", given.dump(2) + "\n");
        files.emplace_back(folder + "exercise.cpp", e.source.starter());
        for (const char *name : {"check.cpp", "hints.md", "log.txt"})
            if (fs::exists(e.folder / name))
                files.emplace_back(folder + name, read_file(e.folder / name));
    }
    sort(files);
    return files;
}

packed_files grader_files(const place &p, const course &c)
{
    if (!c.complete)
        throw std::runtime_error("this copy of the course is one for students");
    if (!fs::exists(p.project / "tools/CMakeLists.txt"))
        throw std::runtime_error("a grader is built from the sources, which are not in " +
                                 p.project.string() + "; say where with --project DIR");
    packed_files files;
    for (const char *folder : {"include", "exercises", "tools", "cmake", "docs/rules"})
        add_tree(files, p.project, folder);
    for (const char *name : {"CMakeLists.txt", "LICENSE"})
        files.emplace_back(name, read_file(p.project / name));
    // Gradescope unpacks all of it to /autograder/source.
    files.emplace_back("setup.sh", std::string(setup_script));
    files.emplace_back("run_autograder", std::string(autograder_script));
    sort(files);
    return files;
}

std::string zip_of(const packed_files &files)
{
    constexpr std::size_t version = 20, unix_host = 3 << 8, day = (44 << 9) | (1 << 5) | 1;
    constexpr std::size_t utf8 = 0x800;
    bytes out, directory;
    for (const auto &[name, content] : files) {
        const std::size_t at = out.all().size();
        const bool runs = name.ends_with(".sh") || name == "run_autograder";
        const std::size_t mode = runs ? 0100755 : 0100644;
        const auto common = [&](bytes &to) {
            to.u16(version).u16(utf8).u16(0).u16(0).u16(day).u32(crc32(content));
            to.u32(content.size()).u32(content.size()).u16(name.size()).u16(0);
        };
        out.u32(0x04034b50);
        common(out);
        out.text(name).text(content);
        directory.u32(0x02014b50).u16(unix_host | version);
        common(directory);
        directory.u16(0).u16(0).u16(0).u32(mode << 16).u32(at).text(name);
    }
    const std::size_t start = out.all().size();
    out.text(directory.all());
    out.u32(0x06054b50).u16(0).u16(0).u16(files.size()).u16(files.size());
    out.u32(directory.all().size()).u32(start).u16(0);
    return out.all();
}

std::string pack(const place &p, const course &c, std::string_view whom, const fs::path &out)
{
    if (fs::exists(out))
        throw std::runtime_error(out.string() + " is there already");
    if (p.project.empty())
        throw std::runtime_error("say where the project is: --project DIR");
    const packed_files files = whom == "gradescope" ? grader_files(p, c) : student_files(p, c);
    if (whom == "students") {
        for (const auto &[name, content] : files)
            write_file(out / name, content);
    } else {
        write_file(out, zip_of(files));
    }
    return out.string() + ": " + std::to_string(files.size()) + " files, " +
           std::to_string(c.exercises.size()) + " exercises" +
           (whom == "gradescope" ? ", with their solutions: for Gradescope alone"
                                 : ", without solutions");
}

std::string make_exercise(const fs::path &course_folder, const std::string &target,
                          const std::string &kind)
{
    const fs::path folder = course_folder / target;
    const std::string id = folder.filename().string();
    if (folder.parent_path().parent_path() != course_folder ||
        !fs::is_directory(folder.parent_path()) || id.empty())
        throw std::runtime_error(target + " is not GROUP/NAME with a group of the course");
    if (fs::exists(folder))
        throw std::runtime_error(folder.string() + " is there already");
    const bool tested = kind == "implement" || kind == "trace" || kind == "predict";
    json about = {{"id", id},
                  {"title", "A title of at most 60 characters"},
                  {"goal", "One sentence: what is to hold in the end."},
                  {"kind", kind},
                  {"points", 4},
                  {"minutes", 10},
                  {"starts", kind == "reject"   ? "reject: in-irq"
                             : kind == "review" ? "review: missed"
                             : tested           ? "test: the first test"
                                                : "compile: sleep-in-atomic"},
                  {"at", 1},
                  {"world", tested ? "host" : "none"},
                  {"wrong",
                   {{"first",
                     {{"expect", "compile: sleep-in-atomic"},
                      {"why", "Why somebody would write it, and why it is wrong."}}},
                    {"second",
                     {{"expect", "compile: gfp-may-sleep"},
                      {"why", "Why somebody would write it, and why it is wrong."}}}}}};
    write_file(folder / "exercise.json", about.dump(2) + "\n");
    write_file(folder / "exercise.cpp",
               "// SPDX-License-Identifier: BSL-1.0\n"
               "// What the driver does, and what is wrong.\n"
               "#include <kctx/kctx.hpp>\n\nusing namespace kctx;\n\n"
               "void handler_of_yours(IrqCtx ctx)\n{\n"
               "    // [[solve]]\n    udelay(ctx, 10);\n"
               "    // [[stub]]\n    msleep(ctx, 10); // TODO 1: wait without sleeping\n"
               "    // [[wrong first]]\n    usleep_range(ctx, 10, 20);\n"
               "    // [[wrong second]]\n    kfree(ctx, KCTX_TRY(kmalloc(ctx, 8, GFP_KERNEL), "
               "return));\n"
               "    // [[end]]\n}\n");
    write_file(folder / "check.cpp",
               "// SPDX-License-Identifier: BSL-1.0\n"
               "// Tests, uses that must be refused, and the scene on the simulated machine: see "
               "exercises/README.md.\n");
    write_file(
        folder / "hints.md",
        "The idea, without a word of code.\n---\nThe place.\n---\nThe shape of the answer.\n");
    write_file(folder / "why.md", "The real bug behind it, in three sentences.\n\n"
                                  "Source: commit, mail or document.\n");
    return "Begun: " + folder.string() + "\nFill it in, then: kctx lab verify --only " + id + "\n";
}

} // namespace kctx::tools::lab
