# SPDX-License-Identifier: BSL-1.0
"""What the compilers say of a file that they reject, asked anew where a file, a header or the flags
have changed since they were asked last."""

import functools
import hashlib
import html
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import toolchain  # noqa: E402


@functools.lru_cache(None)
def headers():
    """What all verdicts depend on: the library, line for line, without its comments."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "include").rglob("*.hpp")):
        digest.update(re.sub(r"[ \t]*//[^\n]*", "", path.read_text()).encode())
    return digest.hexdigest()


def said(source, compiler, options, cache):
    """(exit code, output) of `compiler` for `source`, from the folder `cache` if it is there."""
    flags = toolchain.flags(compiler)
    key = hashlib.sha256("\0".join([headers(), source.read_text(), compiler, *flags[2:], *options])
                         .encode()).hexdigest()
    path = cache / f"{key[:24]}.json"
    if path.exists():
        return json.loads(path.read_text())
    code, output = toolchain.compile_only(compiler, source, *options)
    output = output.replace(f"{source.parent}/", "").replace(f"{ROOT}/", "")
    cache.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([code, output]))
    return code, output


def first_error(output):
    """The first error as it is printed; of function effects, whose error is where the chain begins,
    with the notes that lead down it."""
    lines = [line for line in output.splitlines()
             if re.match(r"[^ ].*:\d+:\d+: (?:fatal )?(?:error|note): ", line)]
    at = next((i for i, line in enumerate(lines) if " error: " in line), None)
    if at is None:
        return []
    report = [lines[at]]
    if "function-effects" in lines[at]:
        for line in lines[at + 1:]:
            if " error: " in line:
                break
            if not line.startswith("include/"):
                report.append(line)
    return report


def as_html(compiler, report):
    """The lines of a report, coloured."""
    rows = []
    for line in report:
        place, kind, text = re.match(r"([^ ]+:\d+:\d+:) ((?:fatal )?(?:error|note)): (.*)", line).groups()
        text = html.escape(text)
        text = re.sub(r"kctx\[([a-z-]+)\]", r'<a class="kctx-slug" href="rule-\1.html">kctx[\1]</a>', text)
        text = re.sub(r"(fix: .*?)(?=$| \[-W)", r'<span class="kctx-fix">\1</span>', text)
        rows.append(f'<span class="kctx-place">{html.escape(place)}</span> '
                    f'<span class="kctx-{kind.split()[-1]}">{kind}:</span> {text}')
    return (f'<div class="kctx-said"><span class="kctx-compiler">{html.escape(compiler)}</span>'
            f'<pre>{chr(10).join(rows)}</pre></div>')
