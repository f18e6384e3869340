# SPDX-License-Identifier: BSL-1.0
"""The project's own source files."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("include", "tools", "examples", "exercises", "tests", "benchmarks")


def cpp_sources():
    """Every C++ file, headers included."""
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.[ch]pp"))


def scripts():
    """Every other file that is a program: CMake files and whatever begins with #!."""
    found = list((ROOT / "cmake").glob("*.cmake")) + [ROOT / "CMakeLists.txt", ROOT / ".ci/run"]
    for folder in (*FOLDERS, "scripts"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".cmake") or path.name == "CMakeLists.txt":
                found.append(path)
            elif not path.suffix and path.is_file() and path.read_bytes()[:2] == b"#!":
                found.append(path)
    return sorted(found)
