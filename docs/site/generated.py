# SPDX-License-Identifier: BSL-1.0
"""The pages that are made of the project's data: the rules, the calls, the exercises, the files."""

import hashlib
import html
import importlib.machinery
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import diagnostics
from pages import ROOT, raw, slug_of, text_block

sys.path.insert(0, str(ROOT / "examples"))
import judge  # noqa: E402

COMPILERS = diagnostics.toolchain.COMPILERS


def script(path):
    """A program of the project that has no .py, as a module."""
    loader = importlib.machinery.SourceFileLoader(path.name, str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(path.name, loader))
    sys.modules[path.name] = module
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


run_cases = script(ROOT / "tests/fail/run_cases")
playground = script(ROOT / "docs/playground/build")


def branch(text, fixed):
    """A case as the compiler sees it, with FIXED or without, and without what it says of itself."""
    out, keep = [], [True]
    for line in text.splitlines():
        if re.match(r"// (SPDX|EXPECT|COMPILERS|FLAGS|UNCHECKED)", line):
            continue
        if line.strip() == "#ifdef FIXED":
            keep.append(fixed)
        elif line.strip() == "#ifndef FIXED":
            keep.append(not fixed)
        elif line.strip() == "#else" and len(keep) > 1:
            keep[-1] = not keep[-1]
        elif line.strip() == "#endif" and len(keep) > 1:
            keep.pop()
        elif all(keep):
            out.append(line if not fixed else line.replace(f" {run_cases.MARK}", ""))
    return "\n".join(out)


def cases(slug):
    """The cases of a rule, the shortest first, in the playground's order."""
    found = [run_cases.read_case(p) for p in sorted((ROOT / "tests/fail" / slug).glob("*.cpp"))]
    return sorted(found, key=lambda c: ("slug" not in c.expect, not c.runs_with(playground.COMPILER),
                                        len(playground.sides(c.path.read_text())[0]), c.path.name))


def exercises():
    course = json.loads((ROOT / "exercises/course.json").read_text())
    for group in course["groups"]:
        for path in sorted((ROOT / "exercises" / group["id"]).glob("*/exercise.json")):
            yield group, json.loads(path.read_text())


def kernel_says(slug):
    rows = [line.split("\t") for line in (Path(__file__).parent / "kernel_says.tsv").read_text()
            .splitlines() if line and not line.startswith("#")]
    for name, kernel, context, call, words in rows:
        if name != slug:
            continue
        if kernel == "-":
            return words
        for line in (ROOT / f"tests/data/kernel-truth/{kernel}.tsv").read_text().splitlines():
            cell = line.split("\t")
            if cell[:2] == [context, call]:
                of = "PREEMPT_RT" if kernel == "rt" else "PREEMPT"
                return (f"Measured on Linux 6.12 with {of}, `{call}` in the context `{context}`:\n"
                        + text_block(cell[3]))
        raise SystemExit(f"kernel_says.tsv: {slug}: no cell {context}, {call}")
    raise SystemExit(f"kernel_says.tsv: no line for {slug}")


def rule_page(pages, path):
    slug = path.stem
    text = path.read_text()
    case = cases(slug)[0]
    compilers = [c for c in COMPILERS if case.runs_with(c)]
    blind = [c for c in COMPILERS if c not in compilers]
    main = "g++-12" if "g++-12" in compilers else compilers[-1]
    source = case.path
    after = ["\n## The smallest program that breaks it\n",
             pages.code(source, branch(source.read_text(), False), main, case.flags_for(main), slug),
             "\n## What the compilers say\n"]
    for compiler in compilers:
        after.append(pages.said(source, [compiler], case.flags_for(compiler)))
    if blind:
        after.append(f"\n{', '.join(blind)} {'does' if len(blind) == 1 else 'do'} not see it "
                     "(see @ref limits).\n")
    after += ["\n## The same, accepted\n", "\n```cpp\n" + branch(source.read_text(), True).strip() + "\n```\n",
              "\n## What the kernel says\n", "\n" + kernel_says(slug) + "\n", "\n## Exercises\n"]
    about = [e for _, e in exercises() if slug in re.split(r"[:,]\s*", e.get("starts", ""))
             or any(slug in w.get("expect", "") for w in e.get("wrong", {}).values())]
    after.append("\n".join(f"- @ref exercises \"{e['id']}\": {e['title']}. `kctx lab run {e['id'][:3]}`" for e in about)
                 if about else "- none is about this rule alone; take the program above, open it in Compiler "
                 "Explorer, and repair it before you look at the version that is accepted.")
    others = cases(slug)[1:]
    if others:
        after.append(f"\n\nAnother {len(others)} case{'s' * (len(others) > 1)} that must not compile: " +
                     ", ".join(f'<a class="el" href="{pages.page_of(c.path)}.html">{c.path.stem}</a>'
                               for c in others) + ".\n")
    pages.convert(path, f"rule-{slug}", text, after="\n".join(after))


def rules_page(pages):
    files = sorted((ROOT / "docs/rules").glob("*.md"))
    lines = ["Each rule has a name, its slug, which stands in the first line of the error: `kctx[sleep-in-atomic]`. "
             "`kctx explain` and the exercises call it by the same name.\n"]
    lines.append("| slug | rule |\n|---|---|")
    for path in files:
        rule = next(line for line in path.read_text().splitlines()[1:] if line.strip())
        lines.append(f"| @subpage rule-{path.stem} \"{path.stem}\" | {rule} |")
    pages.convert(ROOT / "docs/rules/README.md", "rules", "# The rules\n" + "\n".join(lines))
    for path in files:
        rule_page(pages, path)
    return [path.stem for path in files]


# What kctx review is shown on: the drivers that were reviewed, and what their pages say must not be.
REVIEWED = [("tests/review/cases/illegal.cpp", "a driver with faults"),
            ("tests/review/cases/fixed.cpp", "the same, mended"),
            ("examples/drivers/card_reader/card_reader.cpp", "the card reader"),
            ("examples/drivers/card_reader/rejected_fifo_in_isr.cpp", "the card reader, its FIFO read in the interrupt"),
            ("examples/drivers/uart_dma/uart_dma.cpp", "the serial port with DMA"),
            ("examples/drivers/uart_dma/rejected_sleep_under_lock.cpp", "the serial port, a break with its lock held")]


def review(pages, source, title):
    """(report as JSON, as a page) of kctx review, asked anew where the file or a header has changed."""
    texts = [p.read_text() for p in sorted({source, *source.parent.glob("*.hpp")})]
    key = hashlib.sha256("\0".join([diagnostics.headers(), title, *texts]).encode()).hexdigest()[:24]
    cached = [pages.cache / f"review-{key}.{kind}" for kind in ("json", "html")]
    if not all(path.exists() for path in cached):
        pages.cache.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([pages.program, "review", source, "--title", title, "--quiet", "--include",
                               ROOT / "include", "--json", cached[0], "--html", cached[1]], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise SystemExit(f"{source}: {done.stdout}")
    return json.loads(cached[0].read_text()), cached[1].read_text()


def reviews(pages):
    """The reports, each a page of its own, and a table of them."""
    folder = pages.site / "review"
    folder.mkdir(parents=True, exist_ok=True)
    rows = ["| driver | illegal | |", "|---|---|---|"]
    for name, title in REVIEWED:
        source = ROOT / name
        facts, page = review(pages, source, title)
        (folder / f"{source.stem}.html").write_text(page)
        slugs = sorted({e["slug"] for e in facts["illegal"]})
        if bool(slugs) != (source.stem in ("illegal",) or source.stem.startswith("rejected")):
            raise SystemExit(f"{name}: reviewed as {slugs or 'legal'}")
        rows.append(f'| <a class="el" href="{pages.page_of(source)}.html">{source.name}</a>: {title} | ' +
                    (", ".join(f'<a class="el" href="rule-{slug}.html">{slug}</a>' for slug in slugs) or "nothing") +
                    f' | <a href="review/{source.stem}.html">report</a> |')
    return "\n".join(rows)


def exercises_page(pages):
    out, last = ["`kctx lab` runs them: @ref doc-lab says how. In a page of a rule stands which are about it.\n"], None
    for group, e in exercises():
        if group["id"] != last:
            last = group["id"]
            out.append(f"\n## {group['title']}\n\n| | goal | kind | points | minutes |\n|---|---|---|---|---|")
        out.append(f"| {e['id']} **{e['title']}** | {e['goal']} | {e['kind']} | {e['points']} | {e['minutes']} |")
    pages.convert(ROOT / "exercises/README.md", "exercises", "# Exercises\n" + "\n".join(out))


def tasks():
    """task -> (title, [headers])"""
    found = {}
    for line in (Path(__file__).parent / "tasks.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            task, title, headers = line.split("\t")
            found[task] = (title, headers.split())
    return found


MAIN = ["ProcessCtx", "IrqCtx", "HardIrqCtx", "SoftirqCtx", "NmiCtx", "ProcessCtx + spin_lock",
        "ProcessCtx + raw_spin_lock", "ProcessCtx + rcu_read_lock"]


def calls_pages(pages, contracts, where):
    """All declared calls, by task: what each needs, and where it is legal."""
    words = [w for c in MAIN for w in ("--context", c)]
    table = json.loads(subprocess.run([pages.program, "matrix", "--format", "json", *words], text=True,
                                      check=True, stdout=subprocess.PIPE).stdout)
    by_task = {}
    for row in table["calls"]:
        name = row["call"].partition("(")[0]
        by_task.setdefault(where.get(name, "other"), []).append(row)
    listed = []
    for task, (title, _) in tasks().items():
        rows = by_task.pop(task, [])
        if not rows:
            continue
        sets = {}
        for row in rows:  # an allocation has a row for each set of flags: three tell the story
            name, _, flags = row["call"].partition("(")
            if not flags or flags in ("GFP_KERNEL)", "GFP_ATOMIC)", "GFP_NOWAIT)"):
                sets.setdefault(name, []).append(row)
        out = ["<div class='kctx-wide'><table class='markdownTable kctx-matrix'><thead><tr><th>call</th><th>needs</th>" +
               "".join(f"<th>{html.escape(c.replace('ProcessCtx + ', ''))}</th>" for c in MAIN) +
               "<th>where not, instead</th></tr></thead><tbody>"]
        for name in sorted(sets):
            for row in sets[name]:
                cells = ""
                for off, rt in zip(row["no_rt"], row["rt"]):
                    word = "" if off is None else "yes" if off and rt else "no" if not off and not rt \
                        else "not RT" if off else "RT only"
                    cells += f'<td class="kctx-{word.replace(" ", "-").lower()}">{word}</td>'
                instead = "" if row["slug"] == "legal-anywhere" else \
                    f'<a href="rule-{row["slug"]}.html">{row["slug"]}</a>: {html.escape(row["fix"])}'
                out.append(f'<tr><td><code>{html.escape(row["call"])}</code><br>'
                           f'<small>{html.escape(row["source"])}</small></td><td>{row["needs"]}</td>'
                           f"{cells}<td>{instead}</td></tr>")
        listed.append(f"calls-{task}")
        pages.convert(ROOT / "README.md", f"calls-{task}", f"# Calls: {title}\n\nSee also the @ref task_{task} "
                      f"\"signatures\".\n" + raw("".join(out) + "</tbody></table></div>"))
    if by_task:
        raise SystemExit(f"calls of no task: {sorted(r['call'] for rows in by_task.values() for r in rows)[:20]}")
    return listed


def source_pages(pages):
    """Every file that a page links to, whole. They may link on: until there are no more."""
    done = set()
    while todo := {p: page for p, page in pages.sources.items() if p not in done}:
        for path, page in sorted(todo.items()):
            done.add(path)
            name = path.relative_to(ROOT)
            if path.is_dir():
                rows = []
                for entry in sorted(path.iterdir()):
                    if entry.name.startswith((".", "__")):
                        continue
                    known = entry.resolve() in pages.ids or entry.resolve() in pages.sources
                    target = pages.page_of(entry) if known else None
                    rows.append(f'- <a class="el" href="{target}.html">{entry.name}</a>' if target else f"- {entry.name}")
                body = "\n".join(rows)
            elif path.suffix == ".md":
                pages.convert(path, page)
                continue
            elif path.suffix in (".cpp", ".hpp"):
                body = f"```cpp\n{path.read_text()}\n```"
            else:
                text = path.read_text(errors="replace")
                lines = text.splitlines()
                body = text_block("\n".join(lines[:400]))
                if len(lines) > 400:
                    body += f"\n... and {len(lines) - 400} lines more.\n"
            (pages.output / "pages" / f"{page}.md").write_text(f"# {name} {{#{page}}}\n\n{body}\n")
    listed = "\n".join(f"- @subpage {page} \"{path.relative_to(ROOT)}\""
                       for path, page in sorted(pages.sources.items()))
    (pages.output / "pages/sources.md").write_text(
        f"# Files {{#sources}}\n\nFiles of the project that these pages show or speak of.\n\n{listed}\n")
