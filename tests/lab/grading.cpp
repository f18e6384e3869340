// SPDX-License-Identifier: BSL-1.0
// What the grader writes down, and archives.
#include <doctest/doctest.h>

#include <lab/grade_page.hpp>
#include <lab/pack.hpp>
#include <lab/tree.hpp>

#include <nlohmann/json.hpp>

#include <cstdlib>

using namespace kctx::tools::lab;

static class_result two_students()
{
    class_result r;
    r.title = "A course";
    r.exercises = {{"101-a", "A", "10-g", 3}, {"102-b", "B", "10-g", 4}};
    r.students = {
        {"=ann\"<b>",
         {{3, 3, "", 0, "", "", "", 0.5, 0.4},
          {0, 4, "gfp-may-sleep", 19, "a <b>\n\"c\"", "f(<b>);", "<b>!", 1, 0.9}},
         {"a <b> note"}},
        {"bob",
         {{0, 3, "missing", 0, "not handed in", "", "", 0, 0}, {4, 4, "", 0, "", "", "", 0, 0}},
         {}}};
    return r;
}

TEST_CASE("points and causes, for people and programs")
{
    const class_result r = two_students();
    CHECK(csv_of(r) ==
          "student,points,of,101-a,102-b\n\"'=ann\"\"<b>\",3,7,3,0\n\"bob\",4,7,0,4\n");
    const auto json = nlohmann::json::parse(gradescope_of(r, r.students[0]));
    CHECK(json["score"] == 3);
    CHECK(json["tests"][1]["max_score"] == 4);
    CHECK(json["tests"][1]["output"] == "gfp-may-sleep exercise.cpp:19: a <b>\n\"c\"\nfix: <b>!");
    CHECK(json["tests"][1]["status"] == "failed");
    CHECK(json["output"] == "a <b> note");
    const std::string junit = junit_of(r, {&r.students[0], &r.students[1]});
    CHECK(junit.find("<testsuites tests=\"4\" failures=\"2\">") != std::string::npos);
    CHECK(junit.find("<b>") == std::string::npos);
    CHECK(student_page(r, r.students[0]).find("<b>") == std::string::npos);
    CHECK(student_page(r, r.students[0]).find("exercise.cpp:19") != std::string::npos);
    CHECK(class_page(r).find("gfp-may-sleep") != std::string::npos);
    CHECK(class_page(r).find("<b>") == std::string::npos);
}

TEST_CASE("an archive that others can open")
{
    const scratch_folder scratch;
    write_file(scratch.path() / "a.zip",
               zip_of({{"run_autograder", "#!/bin/sh\n"}, {"d/ä.txt", "x"}}));
    const std::string in = scratch.path().string();
    REQUIRE(std::system(("cd " + in +
                         " && python3 -c 'import zipfile; z = zipfile.ZipFile(\"a.zip\"); "
                         "assert z.testzip() is None; assert z.namelist()[1] == \"d/ä.txt\"; "
                         "assert z.infolist()[0].external_attr >> 16 == 0o100755'")
                            .c_str()) == 0);
}

TEST_CASE("a seed is a student's own")
{
    CHECK(seed_of("s", "ann") == seed_of("s", "ann"));
    CHECK(seed_of("s", "ann") != seed_of("s", "bob"));
    CHECK(seed_of("s", "ann") != seed_of("t", "ann"));
    CHECK(seed_of("sa", "nn") != seed_of("s", "ann"));
}
