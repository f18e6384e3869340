# SPDX-License-Identifier: BSL-1.0
"""scripts/demo: shows for every document its log, what the log means, the line that is rejected
with the compiler's first error, and that the fix is accepted."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import judge

ROOT = judge.HERE.parent
toolchain = judge.toolchain
COLOURS = {"bold": "1", "red": "31", "green": "32", "cyan": "36", "dim": "2"}
LABEL = 10  # columns


def colourful():
    return (sys.stdout.isatty() and not os.environ.get("NO_COLOR")
            and os.environ.get("TERM", "dumb") != "dumb")


def paint(colour, text):
    return f"\033[{COLOURS[colour]}m{text}\033[0m" if colourful() else text


def row(label, text, colour=None):
    """A labelled paragraph, wrapped to the terminal."""
    width = max(60, min(shutil.get_terminal_size((100, 24)).columns, 120))
    lines = textwrap.wrap(text, width - LABEL, break_long_words=False, break_on_hyphens=False)
    for i, line in enumerate(lines or [""]):
        head = paint("cyan", f"{label if i == 0 else '':{LABEL}}")
        print(head + (paint(colour, line) if colour else line))


def block(label, text):
    """Lines as they are."""
    for i, line in enumerate(text.splitlines()):
        print(paint("cyan", f"{label if i == 0 else '':{LABEL}}") + line)


def build_kctx(compiler):
    """Builds the kctx program. Returns its path, or raises with what went wrong."""
    folder = ROOT / "build/demo" / compiler
    for command in (["cmake", "-S", ROOT, "-B", folder, "-G", "Ninja", "--log-level=WARNING",
                     f"-DCMAKE_CXX_COMPILER={compiler}", "-DCMAKE_BUILD_TYPE=Debug",
                     "-DKCTX_BUILD_TESTS=OFF", "-DKCTX_BUILD_EXAMPLES=OFF", "-DKCTX_INSTALL=OFF"],
                    ["cmake", "--build", folder, "--target", "kctx_program"]):
        done = subprocess.run(command, text=True, errors="replace", stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise RuntimeError(f"the kctx program cannot be built:\n{done.stdout}")
    return folder / "tools/kctx"


def decode(kctx, log):
    """What the log's last report says, in words: (its line, the rest)."""
    done = subprocess.run([kctx, "decode", log], text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise RuntimeError(f"kctx explain {log} exits with {done.returncode}: {done.stderr}")
    reports = done.stdout.strip().split("\n\n")[:-1]  # the last paragraph counts them
    header, _, rest = reports[-1].partition("\n")
    return re.sub(r"^.*?:\d+: ", "", header), textwrap.dedent(rest)


def show(example, verdicts, kctx):
    """Prints a document. Returns whether it is rejected, and whether its fixes are accepted."""
    print(paint("bold", f"{example.name}: {example.title}"))
    if example.log:
        line, words = decode(kctx, example.log)
        row("log", line, "bold")
        block("decoded", words)
    else:
        row("log", "none: this document gives advice, and shows no report of a kernel")

    rejected = True
    for source in example.rejected:
        of = {kernel: verdicts[source, kernel] for kernel in judge.KERNELS}
        here = of[judge.PORTABLE]
        right = (here.rejected and of["1"].rejected
                 and not any(v.complaints for v in of.values()))
        rejected &= right
        name = source.relative_to(ROOT)
        if not here.rejected:
            row("rejected", f"{name}: NOT, {here.compiler} compiles it", "red")
            continue
        number, text = next(iter(judge.marked(source).items()), (0, ""))
        row("rejected", f"{name}:{number}", "dim")
        row("", text, "bold")
        row("", f"{here.compiler}: {here.errors[0][2] if here.errors else 'no error line'}",
            "green" if right else "red")
        if judge.is_plain(source):
            for file, line, note in judge.located("note", here.output):
                if file == source:
                    row("", f"line {line}: {note}")
                    if line == number:
                        break
        accepted = [words for kernel, words in judge.KERNELS.items() if not of[kernel].rejected]
        if accepted:
            row("", f"accepted {' and '.join(accepted)}")
        for complaint in dict.fromkeys(c for v in of.values() for c in v.complaints):
            row("", f"NOT as the file says: {complaint}", "red")

    fixed = bool(example.accepted)
    for source in example.accepted:
        of = [verdicts[source, kernel] for kernel in judge.KERNELS]
        right = not any(v.rejected or v.complaints for v in of)
        fixed &= right
        row("fixed", f"{source.relative_to(ROOT)}: "
            + (f"{of[0].compiler} accepts it" if right else "NOT accepted"),
            "green" if right else "red")
        if not right:
            block("", next(v.output for v in of if v.rejected or v.complaints))
    print()
    return rejected and bool(example.rejected), fixed


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Shows that the failures of the documents do not compile, and their fixes do.")
    parser.add_argument("documents", metavar="DOCUMENT", nargs="*",
                        help="how the documents to show begin: 0, 2b, 4-rt (all)")
    parser.add_argument("--compiler", metavar="NAME", choices=toolchain.COMPILERS,
                        default=os.environ.get("KCTX_COMPILER", "g++-12"),
                        help=f"one of {', '.join(toolchain.COMPILERS)} (g++-12, or KCTX_COMPILER)")
    parser.add_argument("--kctx", metavar="PROGRAM", type=Path,
                        help="a kctx program that is built already")
    options = parser.parse_args()
    if options.compiler not in toolchain.COMPILERS:
        parser.error(f"KCTX_COMPILER={options.compiler} is none of {', '.join(toolchain.COMPILERS)}")
    if not shutil.which(options.compiler):
        parser.error(f"{options.compiler} is not installed")

    documents = judge.examples("documents")
    for start in options.documents:
        if not any(document.name.startswith(start) for document in documents):
            parser.error(f"no document begins with {start!r}")
    if options.documents:
        documents = [document for document in documents
                     if document.name.startswith(tuple(options.documents))]
    keys = [(source, kernel) for document in documents
            for source in document.rejected + document.accepted for kernel in judge.KERNELS]
    work = [lambda: options.kctx or build_kctx(options.compiler)]
    work += [lambda key=key: judge.judge(key[0], options.compiler, key[1]) for key in keys]
    try:
        results = dict(toolchain.run_all(work, os.cpu_count() or 1, "demo"))
        kctx = results[0]
        verdicts = {key: results[i] for i, key in enumerate(keys, 1)}
        outcome = [(document, *show(document, verdicts, kctx)) for document in documents]
    except BrokenPipeError:
        raise
    except (RuntimeError, OSError) as error:
        print(f"scripts/demo: {error}", file=sys.stderr)
        return 1

    width = max(len(document.name) for document in documents) + 2
    print(paint("bold", f"{'document':{width}}{'rejected':12}fixed"))
    for document, rejected, fixed in outcome:
        cells = [paint("green" if yes else "red", f"{'yes' if yes else 'NO':12}")
                 for yes in (rejected, fixed)]
        print(f"{document.name:{width}}{''.join(cells).rstrip()}")
    r, f = (sum(column) for column in list(zip(*outcome))[1:])
    print(f"demo: {r} of {len(outcome)} rejected, {f} of {len(outcome)} fixes accepted")
    return 0 if r == f == len(outcome) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError: # whoever reads has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
