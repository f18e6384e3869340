# SPDX-License-Identifier: BSL-1.0
"""The compilers that kctx is held to and the flags its own code is compiled with."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "include"  # where the library is
COMPILERS = (ROOT / "cmake/compilers.txt").read_text().split()

# What a compiler prints must not depend on who runs it.
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TMPDIR": os.environ.get("TMPDIR", "/tmp")}


def flags(compiler, nets=("warnings", "thread_safety", "effects")):
    """The flags of our own code for `compiler` (a name of cmake/compilers.txt): those of the lists
    in cmake/flags that it knows."""
    clang = re.fullmatch(r"clang\+\+-(\d+)", compiler)
    known = {"warnings": True, "thread_safety": bool(clang),
             "effects": bool(clang) and int(clang[1]) >= 20}
    found = ["-std=c++20", f"-I{INCLUDE}"]
    for name in nets:
        if known[name]:
            found += (ROOT / f"cmake/flags/{name}.txt").read_text().split()
    return found


def compile_only(compiler, source, *options, text=None, **which):
    """(exit code, output) of checking `source`, or `text` given as standard input, for errors;
    `which` as for flags()."""
    command = [compiler, *flags(compiler, **which), "-fsyntax-only", *options, str(source)]
    done = subprocess.run(command, env=ENVIRONMENT, input=text, text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def run_all(work, jobs, title):
    """Calls every function of `work`, `jobs` at a time. Yields (index, result) as they come and
    shows on a terminal how far it got."""
    show = sys.stderr.isatty()
    with ThreadPoolExecutor(jobs) as pool:
        index = {pool.submit(call): i for i, call in enumerate(work)}
        for done, future in enumerate(as_completed(index), 1):
            if show:
                print(f"\r{title}: {done}/{len(work)} ", end="", file=sys.stderr, flush=True)
            yield index[future], future.result()
    if show:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
