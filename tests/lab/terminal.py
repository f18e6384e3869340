# SPDX-License-Identifier: BSL-1.0
"""A program in a pseudo-terminal of its own, and what stands on the screen."""

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

SEQUENCE = re.compile(r"\033\[([?0-9;]*)([A-Za-z])")


class Screen:
    """What a terminal makes of what is written to it. It knows the sequences that the lab uses, and
    complains of all others, of a line wider than the window, and of text that scrolls away."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.complaints = []
        self.alternate, self.cursor_shown, self.colours = False, True, 0
        self.clear()

    def clear(self):
        self.cells = [[] for _ in range(self.rows)]
        self.row = self.column = 0

    def lines(self):
        return ["".join(cells).rstrip() for cells in self.cells]

    def text(self):
        return "\n".join(self.lines())

    def obey(self, parameters, letter):
        known = {"H": self.home, "2J": self.clear, "K": self.erase_line}
        private = {"?1049h": ("alternate", True), "?1049l": ("alternate", False),
                   "?25h": ("cursor_shown", True), "?25l": ("cursor_shown", False)}
        if letter == "m":
            self.colours += 1
        elif parameters + letter in known:
            known[parameters + letter]()
        elif parameters + letter in private:
            name, value = private[parameters + letter]
            setattr(self, name, value)
            if name == "alternate":
                self.clear()
        else:
            self.complaints.append(f"the sequence ESC [ {parameters}{letter}")

    def home(self):
        self.row = self.column = 0

    def erase_line(self):
        del self.cells[self.row][self.column:]

    def put(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.row += 1
            if self.row == self.rows:
                self.row -= 1
                self.cells = [*self.cells[1:], []]
                if self.alternate:
                    self.complaints.append("the screen scrolled")
        elif character < " ":
            self.complaints.append(f"the control character {character!r}")
        else:
            if self.column >= self.columns and self.alternate:
                self.complaints.append(f"wider than {self.columns}: {''.join(self.cells[self.row])}")
            cells = self.cells[self.row]
            cells += " " * (self.column + 1 - len(cells))
            cells[self.column] = character
            self.column += 1

    def write(self, text):
        """Returns what is not whole yet: the beginning of a sequence."""
        at = 0
        while at < len(text):
            if text[at] != "\033":
                self.put(text[at])
                at += 1
                continue
            found = SEQUENCE.match(text, at)
            if not found:
                if len(text) - at < 16:
                    return text[at:]
                self.complaints.append(f"no sequence: {text[at:at + 16]!r}")
                return ""
            self.obey(*found.groups())
            at = found.end()
        return ""


class Terminal:
    """Runs `command`; its screen is what it has written until now."""

    def __init__(self, command, columns=80, rows=24, **more):
        self.master, self.slave = pty.openpty()
        self.screen = Screen(columns, rows)
        self.resize(columns, rows)
        self.settings = termios.tcgetattr(self.slave)
        self.raw, self.rest, self.decoder = b"", "", codecs.getincrementaldecoder("utf-8")()
        # Its controlling terminal, so that Ctrl-C and a change of size reach it.
        self.program = subprocess.Popen(
            [str(word) for word in command], stdin=self.slave, stdout=self.slave, stderr=self.slave,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0), **more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.program.poll() is None:
            self.program.kill()
            self.program.wait()
        os.close(self.master)
        os.close(self.slave)

    def resize(self, columns, rows):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.columns, self.screen.rows = columns, rows
        self.screen.clear()

    def press(self, keys):
        os.write(self.master, keys.encode())

    def read(self, seconds):
        """Takes what comes within `seconds`. Whether something did."""
        if not select.select([self.master], [], [], max(seconds, 0))[0]:
            return False
        new = os.read(self.master, 65536)
        self.raw += new
        self.rest = self.screen.write(self.rest + self.decoder.decode(new))
        return True

    def until(self, what, seconds=20):
        """Reads until `what` is on the screen: a text, or a function that looks at the screen.
        Raises AssertionError with the screen if it does not come."""
        holds = (lambda screen: what in screen.text()) if isinstance(what, str) else what
        end = time.monotonic() + seconds
        while not holds(self.screen):
            if not self.read(min(end - time.monotonic(), 0.2)) and (
                    time.monotonic() >= end or self.program.poll() is not None):
                raise AssertionError(f"not on the screen: {what}\n{self.screen.text()}")

    def pauses(self, seconds):
        """Whether nothing is written for so long."""
        return not self.read(seconds)

    def ended(self, seconds=10):
        """The exit status, once all is read."""
        end = time.monotonic() + seconds
        while self.program.poll() is None and time.monotonic() < end:
            self.read(0.05)
        while self.read(0):
            pass
        if self.program.poll() is None:
            raise AssertionError(f"it still runs\n{self.screen.text()}")
        return self.program.returncode

    def stopped(self, seconds=10):
        """Whether the program is stopped, as by Ctrl-Z."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(0.05)
            with open(f"/proc/{self.program.pid}/stat") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "T":
                    return True
        return False

    def goes_on(self):
        self.program.send_signal(signal.SIGCONT)

    def is_as_before(self):
        """Whether the terminal is left as it was found: its settings, the cursor, the screen."""
        return (termios.tcgetattr(self.slave) == self.settings and self.screen.cursor_shown
                and not self.screen.alternate)
