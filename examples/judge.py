# SPDX-License-Identifier: BSL-1.0
"""Whether an example is what it says: a file rejected*.cpp does not compile, and says why on the
lines that it marks; every other file compiles without a word."""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests/support"))
import toolchain  # noqa: E402

MARK = "// <-- rejected"
KERNELS = {"0": "without PREEMPT_RT", "1": "with PREEMPT_RT", "2": "on both kinds of kernel"}
PORTABLE = "2"  # the default, and the strictest


@dataclass
class Example:
    """A folder of examples: what is rejected, what is accepted, and the kernel's log of it."""
    path: Path
    rejected: list = field(default_factory=list)
    accepted: list = field(default_factory=list)

    @property
    def name(self):
        return self.path.name

    @property
    def title(self):
        return (self.path / "README.md").read_text().partition("\n")[0].lstrip("# ")

    @property
    def log(self):
        path = self.path / "log.txt"
        return path if path.exists() else None


def examples(kind):
    """The examples of a kind, documents or drivers, in order."""
    found = []
    for folder in sorted(path for path in (HERE / kind).iterdir() if path.is_dir()):
        example = Example(folder)
        # What reproduces the log is a program made of the others, which CMake builds.
        for source in sorted(set(folder.glob("*.cpp")) - {folder / "reproduce.cpp",
                                                                folder / "memory.cpp"}):
            is_rejected = source.name.startswith("rejected")
            (example.rejected if is_rejected else example.accepted).append(source)
        found.append(example)
    return found


def marked(source):
    """The lines of a file that are to be rejected: number -> text."""
    return {number: line.partition(MARK)[0].strip()
            for number, line in enumerate(source.read_text().splitlines(), 1) if MARK in line}


def is_plain(source):
    """Whether a file has no tokens, so that only function effects see what it does."""
    return bool(re.search(r"^#define KCTX_PLAIN_CALLS$", source.read_text(), re.M))


def compiler_for(source, compiler):
    """`compiler`, or for code without tokens one that checks function effects."""
    if is_plain(source) and "-Wfunction-effects" not in toolchain.flags(compiler):
        return next(c for c in toolchain.COMPILERS if "-Wfunction-effects" in toolchain.flags(c))
    return compiler


@dataclass
class Verdict:
    """What a compiler made of a file."""
    compiler: str
    rejected: bool
    errors: list     # (file, line, text)
    complaints: list # what is not as the file says
    output: str


def located(kind, output):
    """The errors or notes in what a compiler printed."""
    return [(Path(m[1]).resolve(), int(m[2]), m[3])
            for m in re.finditer(rf"^([^\n:]+):(\d+):\d+: {kind}: (.*)$", output, re.M)]


def judge(source, compiler, kernel=PORTABLE):
    """Compiles a file for a kind of kernel; its complaints hold only where it is rejected."""
    compiler = compiler_for(source, compiler)
    code, output = toolchain.compile_only(compiler, source, f"-DKCTX_PREEMPT_RT={kernel}")
    return verdict_on(source, compiler, code, output)


def verdict_on(source, compiler, code, output):
    """The same of what the compiler has said."""
    errors = located("error", output)
    verdict = Verdict(compiler, code != 0, errors, [], output)
    if code == 0:
        if output:
            verdict.complaints.append("it compiles with warnings")
        return verdict
    lines = list(marked(source))
    if not errors:
        verdict.complaints.append("it does not compile, without an error line")
    elif is_plain(source):
        # The error is where the kernel would call the handler; notes lead from there to the line.
        if "[-Werror,-Wfunction-effects]" not in errors[0][2]:
            verdict.complaints.append("the first error is not one of function effects")
        noted = [line for file, line, _ in located("note", output) if file == source.resolve()]
        verdict.complaints += [f"no note leads to line {n}" for n in lines if n not in noted]
    else:
        found = [line if file == source.resolve() else file for file, line, _ in errors]
        if list(dict.fromkeys(found)) != lines:
            verdict.complaints.append(f"errors on lines {found}, marked are {lines}")
        if any("kctx[" not in text for _, _, text in errors):
            verdict.complaints.append("an error is not one of kctx")
    return verdict
