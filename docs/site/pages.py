# SPDX-License-Identifier: BSL-1.0
"""Markdown as Doxygen is to read it: `{{...}}` lines become what they ask for, links between files
of the project become links between pages, and every file that a page links to becomes a page."""

import html
import re
import subprocess
from pathlib import Path

import diagnostics
import drawings

ROOT = Path(__file__).resolve().parents[2]
CODE = {".cpp", ".hpp"}


def raw(text):
    return f"\n\\htmlonly[block]\n{text}\n\\endhtmlonly\n"


def text_block(text, kind="text"):
    return raw(f'<pre class="kctx-{kind}">{html.escape(text.rstrip())}</pre>')


def slug_of(path):
    return re.sub(r"[^a-z0-9]+", "-", str(path).lower()).strip("-")


class Pages:
    """All pages of the site: made from sources, written as Markdown for Doxygen."""

    def __init__(self, output, program, programs, cache):
        self.output, self.program, self.programs, self.cache = output, program, programs, cache
        self.ids = {}      # file of the project -> page
        self.sources = {}  # file that is shown whole -> page
        self.links = {}    # id -> (file, compiler, options), for Compiler Explorer
        self.playground = False  # whether it lies in this site
        self.site = output / "html"

    def page_of(self, path):
        """The page of a file or folder of the project, or None."""
        path = path.resolve()
        if path in self.ids:
            return self.ids[path]
        if path.is_dir():
            readme = path / "README.md"
            if readme in self.ids:
                return self.ids[readme]
        if not path.is_relative_to(ROOT):
            return None
        if path.is_dir() or path.suffix in {".md"}:
            return self.sources.setdefault(path, "source-" + slug_of(path.relative_to(ROOT)))
        return self.sources.setdefault(path, "source-" + slug_of(path.relative_to(ROOT)))

    def relink(self, text, folder):
        """Links to files -> links to pages. Code is left alone."""
        def one(match):
            label, target = match[1], match[2]
            if re.match(r"[a-z]+:|#", target):
                return match[0]
            path = (folder / target.partition("#")[0]).resolve()
            if not path.exists():
                raise SystemExit(f"{folder}: a link to {target}, which is not there")
            page = self.page_of(path)
            return f'<a class="el" href="{page}.html">{label.replace("`", "")}</a>'

        parts = re.split(r"(^```.*?^```$)", text, flags=re.M | re.S)
        for i in range(0, len(parts), 2):
            parts[i] = re.sub(r"(?<!!)\[((?:`[^`]*`|[^\]`])+)\]\(([^)\s]+)\)", one, parts[i])
        return "".join(parts)

    def fences(self, text):
        """Fenced text that is no C++ goes to the page as it is."""
        def one(match):
            words, body = match[1].split(), match[2]
            if words and words[0] == "cpp":
                return f"\n```cpp\n{body}```\n"
            if len(words) == 3 and words[0] == "text" and words[1] in diagnostics.toolchain.COMPILERS:
                return raw(diagnostics.as_html(words[1], [line for line in body.splitlines() if line]))
            if words and words[0] == "diff":
                rows = "\n".join(f'<span class="kctx-{"added" if line[:1] == "+" else "removed" if line[:1] == "-" else "same"}">'
                                 f'{html.escape(line)}</span>' for line in body.splitlines())
                return raw(f'<pre class="kctx-text">{rows}</pre>')
            return text_block(body)
        text = re.sub(r"^```([^\n]*)\n(.*?)^```[ \t]*$", one, text, flags=re.M | re.S)

        def indented(match):
            body = re.sub(r"^ {4}", "", match[2], flags=re.M)
            return match[1] + text_block(body)
        parts = re.split(r"(^```cpp\n.*?^```$|^\\htmlonly.*?^\\endhtmlonly$)", text, flags=re.M | re.S)
        for i in range(0, len(parts), 2):
            parts[i] = re.sub(r"(\A\n*|(?<!^- )\n\n)((?:^ {4}[^\n]*\n(?:\n(?= {4}))?)+)", indented,
                              parts[i], flags=re.M)
        return "".join(parts)

    def escape(self, text):
        """What Doxygen would take for a command or a reference of its own."""
        parts = re.split(r"(^```cpp\n.*?^```$|^\\htmlonly.*?^\\endhtmlonly$|`[^`\n]+`)", text, flags=re.M | re.S)
        for i, part in enumerate(parts):
            if i % 2 == 0:
                parts[i] = re.sub(r"(?<=[\w\[(])#(?=\w)", r"\\#", part)
            elif part.startswith("`") and not part.startswith("```"):
                body = html.escape(part[1:-1], quote=False)
                body = re.sub(r"([\\@#%$~])", lambda m: f"&#{ord(m[1])};", body).replace("::", "&#58;:")
                parts[i] = f"<code>{body}</code>" if not re.fullmatch(r"[\w.]+\(\)|kctx", part[1:-1]) else part
        return "".join(parts)

    def convert(self, source, page, text=None, title=None, after=""):
        """Writes the page of the Markdown file `source`."""
        text = source.read_text() if text is None else text
        head, _, body = text.partition("\n")
        # "3. Levels" would be an item of a list.
        title = title or re.sub(r"^(\d+)\. ", r"\1 · ", head.lstrip("# ").replace("`", ""))
        body = self.directives(body, source.parent) + after
        body = self.escape(self.relink(self.fences(body), source.parent))
        (self.output / "pages" / f"{page}.md").write_text(
            f"# {title} {{#{'mainpage' if page == 'index' else page}}}\n\n{body}\n")

    # What the lines {{...}} ask for.

    def directives(self, text, folder):
        return re.sub(r"^\{\{(\w+) ?([^}\n]*)\}\}$",
                      lambda m: getattr(self, f"do_{m[1]}")(folder, *m[2].split()), text, flags=re.M)

    def do_code(self, folder, name):
        """A file of code, whole, with a link to Compiler Explorer."""
        return self.code((folder / name).resolve())

    def code(self, source, text=None, compiler="g++-12", options=(), example=None):
        """A file of code with what can be done with it; `example` is its name in the playground."""
        body = (text or source.read_text()).strip("\n")
        body = re.sub(r"\A// SPDX[^\n]*\n", "", body)
        page = self.page_of(source)
        under = [f'<a href="{page}.html">{source.relative_to(ROOT)}</a>']
        # A header is no program, and a program on the whole environment no link.
        if source.suffix == ".cpp" and "<kctx/host.hpp>" not in source.read_text():
            self.links.setdefault(page, (source, compiler, tuple(options)))
            under.append(f'<a href="ce/{page}.html">open in Compiler Explorer</a>')
        if example and self.playground:
            under.append(f'<a href="playground/index.html#{example}">change it here, with clang in this page</a>')
        return f"\n```cpp\n{body}\n```\n" + raw(f'<p class="kctx-under">{" · ".join(under)}</p>')

    def do_said(self, folder, name, *compilers):
        return self.said((folder / name).resolve(), compilers)

    def said(self, source, compilers, options=()):
        blocks = []
        for compiler in compilers:
            code, output = diagnostics.said(source, compiler, list(options), self.cache)
            report = diagnostics.first_error(output)
            if code and not report:
                raise SystemExit(f"{source}: {compiler} fails without an error:\n{output}")
            blocks.append(diagnostics.as_html(compiler, report) if report else
                          f'<div class="kctx-said kctx-accepted"><span class="kctx-compiler">{compiler}</span>'
                          f'<pre>{"compiles without a word" if not output else html.escape(output)}</pre></div>')
        return raw("".join(blocks))

    def do_run(self, folder, *words):
        """What the kctx program prints."""
        done = subprocess.run([self.program, *(w.replace("~", " ") for w in words)], cwd=folder, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode > 1:
            raise SystemExit(f"kctx {' '.join(words)}: {done.stdout}")
        shown = " ".join(f'"{w.replace("~", " ")}"' if "~" in w else w for w in words)
        return text_block(f"$ kctx {shown}\n{done.stdout}", "terminal")

    def do_matrix(self, folder, *words):
        """A table of verdicts: calls, then contexts after a bar."""
        at = words.index("|")
        options = [o for w in words[:at] for o in ("--call", w.replace("~", " "))]
        options += [o for w in words[at + 1:] for o in ("--context", w.replace("~", " "))]
        table = subprocess.run([self.program, "matrix", *options], text=True, check=True,
                               stdout=subprocess.PIPE).stdout
        rows = [line.strip("| \n").split(" | ") for line in table.splitlines() if "---" not in line]
        out = ["<div class='kctx-wide'><table class='markdownTable kctx-matrix'><thead><tr>" +
               "".join(f"<th>{html.escape(c)}</th>" for c in rows[0]) + "</tr></thead><tbody>"]
        for row in rows[1:]:
            cells = "".join(f'<td class="kctx-{c.strip().replace(" ", "-").replace(",", "").lower()}">{html.escape(c)}</td>' for c in row[2:])
            out.append(f"<tr><td><code>{html.escape(row[0])}</code></td><td>{html.escape(row[1])}</td>{cells}</tr>")
        return raw("".join(out) + "</tbody></table></div>")

    def do_program(self, folder, name, *words):
        """What a program of the examples prints, if it was built."""
        path = next((p / name for p in self.programs if (p / name).exists()), None)
        if path is None:
            return f"\n(The program `{name}` was not built with this copy.)\n"
        done = subprocess.run([path, *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return text_block(done.stdout or "(nothing)", "terminal")

    def do_text(self, folder, name):
        return text_block((folder / name).read_text())

    def do_drawing(self, folder, name):
        return raw(f'<div class="kctx-wide">{getattr(drawings, name)(self)}</div>')

    def do_mm(self, folder, script, *options):
        """A script of requests: what it prints, the picture of the end, and the viewer."""
        work = self.output / "work"
        work.mkdir(exist_ok=True)
        picture, trace = work / "state.svg", work / "trace.json"
        lines = (folder / script).read_text()
        full = work / script
        full.write_text(f"{lines.rstrip()}\ndraw {picture}\n")
        done = subprocess.run([self.program, "mm", full, "--trace", trace, *options], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise SystemExit(done.stdout)
        drawn = re.sub(r"<style>.*?</style>", "", picture.read_text())
        drawn = drawn.replace("<svg ", '<svg class="kctx-drawing kctx-blocks" role="img" ', 1)
        steps = trace.read_text().replace(str(picture), "state.svg").replace("</", "<\\/")
        return (text_block(lines) + text_block(done.stdout, "terminal") + raw(f'<div class="kctx-wide">{drawn}</div>') +
                raw('<div class="kctx-stepper" tabindex="0"></div>'
                    f'<script type="application/json" class="kctx-trace">{steps}</script>'))

    def do_playground(self, folder, *words):
        """A row of a table, where the playground is."""
        return '| try it, in this page | <a href="playground/index.html">the playground</a> |' if self.playground else ""

    def do_subpages(self, folder, *pages):
        return "\n" + "\n".join(f"- @subpage {page}" for page in pages) + "\n"
