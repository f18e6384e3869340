# SPDX-License-Identifier: BSL-1.0
"""Answers made of the course's own sources, and twenty submissions as a class hands them in."""

import json
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def variants(folder):
    """The texts of an exercise: {"solve": ..., "stub": ..., NAME OF A WRONG ANSWER: ...}."""
    lines = (folder / "exercise.cpp").read_text().splitlines()[1:]  # without the licence
    marks = re.compile(r"\s*// \[\[(?:wrong )?([\w-]+)\]\]")
    names = {found[1] for found in map(marks.fullmatch, lines) if found} - {"end"}

    def text(name):
        out, block, inside = [], {}, None  # of a block the part of that name, else the solution's
        for line in lines:
            found = marks.fullmatch(line)
            if found and found[1] == "end":
                out += block[name if name in block else "solve" if "solve" in block else inside]
                block, inside = {}, None
            elif found:
                inside = found[1]
                block[inside] = []
            elif inside:
                block[inside].append(line)
            else:
                out.append(line)
        return "\n".join(out) + "\n"

    return {name: text(name) for name in sorted(names)}


class Answers:
    """All texts of all exercises, with the numbers that are drawn for a student."""

    def __init__(self, kctx, work, only=""):
        self.kctx, self.work = kctx, work
        self.folders = [f.parent for f in sorted((ROOT / "exercises").glob("*/*/exercise.json"))
                        if f.parent.name.startswith(only) or f.parent.parent.name.startswith(only)]
        self.about = {f.name: json.loads((f / "exercise.json").read_text()) for f in self.folders}
        self.texts = {f.name: variants(f) for f in self.folders}

    def own_copy(self, student):
        """The folder that `kctx lab init` makes for him."""
        folder = self.work / "own" / student
        if not folder.exists():
            subprocess.run([self.kctx, "lab", "init", "--project", ROOT, "--student", student,
                            "--salt", "autumn", folder], check=True, stdout=subprocess.DEVNULL)
        return folder

    def text(self, student, folder, which):
        template = self.texts[folder.name]
        if "draws" not in self.about[folder.name]:
            return template[which]
        given = self.own_copy(student) / folder.parent.name / folder.name / "exercise.cpp"
        names, pattern = [], ""
        for part in re.split(r"(@\w+@)", template["stub"]):
            if not re.fullmatch(r"@\w+@", part):
                pattern += re.escape(part)
            elif part in names:
                pattern += f"(?P={part.strip('@')})"
            else:
                names.append(part)
                pattern += f"(?P<{part.strip('@')}>\\d+)"
        numbers = re.fullmatch(pattern, given.read_text()).groupdict()
        return re.sub(r"@(\w+)@", lambda m: numbers[m[1]], template[which])


def class_of_twenty(answers, students):
    """Hands in twenty submissions below the folder `students`. Returns {name: (the ids that pass,
    words that must stand on his page)}."""
    folders, due = answers.folders, {}
    everything = {f.name for f in folders}

    def hand_in(name, choose, change=lambda text, f: text, place=None, passes=None, words=(),
                numbers_of=None):
        """`choose(i, texts)` names the variant of the i-th exercise, or None."""
        right = set()
        for i, f in enumerate(folders):
            which = choose(i, answers.texts[f.name])
            if which is None:
                continue
            text = answers.text(numbers_of or name, f, which)
            # Nobody's answer is another's; in a review no line may be added.
            if which != "stub" and answers.about[f.name]["kind"] != "review":
                text += f"// {name}\n".encode("ascii", "replace").decode()
            if which == "solve":
                right.add(f.name)
            text = change(text, f)
            inside = place(f) if place else Path(f.parent.name) / f.name / "exercise.cpp"
            to = students / name / inside
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(text if isinstance(text, bytes) else text.encode())
        due[name] = (right if passes is None else passes, words)

    def always(which):
        return lambda i, texts: which

    def wrong(nth):
        return lambda i, texts: [n for n in texts if n not in ("solve", "stub")][nth]

    # Good ones, however they come.
    hand_in("ada", always("solve"))
    hand_in("windows", always("solve"), lambda text, f: text.replace("\n", "\r\n").encode())
    hand_in("latin1", always("solve"),
            lambda text, f: text.replace("// latin1", "// l\xe4tin1").encode("latin-1"))
    hand_in("a-zip-with-a-folder", always("solve"),
            place=lambda f: Path("work") / f.parent.name / f.name / "exercise.cpp")
    (students / "a-zip-with-a-folder/__MACOSX/work").mkdir(parents=True)
    hand_in("all-in-one-folder", always("solve"), place=lambda f: Path(f.name + ".cpp"))
    hand_in("Zo\xeb O'Brien, \"3\" & co", always("solve"))
    # Partial ones.
    hand_in("begins-well", lambda i, texts: "solve" if i < len(folders) // 2 + 1 else "stub")
    hand_in("leaves-out", lambda i, texts: None if i % 3 == 2 else "solve")
    hand_in("every-other", lambda i, texts: "solve" if i % 2 == 0 else wrong(0)(i, texts))
    # Wrong ones.
    hand_in("not-begun", always("stub"), words=["the starter, unchanged"])
    hand_in("wrong", wrong(0))
    hand_in("also-wrong", wrong(1))
    # Those that are no C++.
    hand_in("no-semicolon", always("solve"), lambda text, f: re.sub(r"(.*);\n", r"\1\n", text, 1, re.S),
            passes=set())
    hand_in("merge-conflict", always("solve"),
            lambda text, f: "<<<<<<< HEAD\n" + text + "=======\n>>>>>>> mine\n", passes=set())
    hand_in("a-pdf", always("solve"), lambda text, f: b"%PDF-1.4\n\0\xff" + text.encode(),
            passes=set(), words=["NUL"])
    hand_in("prints", always("solve"), lambda text, f: "#include <iostream>\n" + text, passes=set())
    # Those that are not where they should be, or somebody else's.
    (students / "empty").mkdir()
    due["empty"] = (set(), ["nothing in it is of this course"])
    (students / "only-an-archive").mkdir()
    (students / "only-an-archive/work.zip").write_bytes(b"PK")
    due["only-an-archive"] = (set(), ["but work.zip"])
    hand_in("twice", always("solve"), passes=set(), words=["more than once"],
            place=lambda f: Path("work") / f.parent.name / f.name / "exercise.cpp")
    shutil.copytree(students / "twice/work", students / "twice/old")
    drawn = {f.name for f in folders if "draws" in answers.about[f.name]}
    hand_in("without-a-name", always("solve"), passes=everything - drawn, numbers_of="nobody",
            words=["drawn for the name \"nobody\""])
    (students / "without-a-name/.lab").mkdir()
    shutil.copy(answers.own_copy("nobody") / ".lab/settings.json", students / "without-a-name/.lab")
    (students / ".DS_Store").write_bytes(b"\0")
    assert len(due) == 20
    return due
