# SPDX-License-Identifier: BSL-1.0
"""Reads a link to Compiler Explorer: lz-string, rison and the page's shortened words once more, as
they are described by those who made them, and with no code of the program under test."""

from urllib.parse import unquote_plus

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
KEYS = ("settings hasHeaders constrainDragToContainer selectionEnabled dimensions borderWidth "
        "minItemHeight minItemWidth headerHeight dragProxyWidth dragProxyHeight labels close "
        "maximise minimise popout content componentName componentState id width type height "
        "isClosable title popoutWholeStack openPopouts parentId activeItemIndex reorderEnabled "
        "borderGrabWidth").split()
VALUES = [True, False, "row", "column", "stack", "component", "close", "maximise", "minimise",
          "open in new window"]


def decompress(text):
    """lz-string's decompressFromBase64()."""
    bits = (DIGITS.index(digit) >> shift & 1 for digit in text.rstrip("=")
            for shift in (5, 4, 3, 2, 1, 0))

    def read(count):
        return sum(next(bits) << i for i in range(count))

    def character(code):
        return chr(read(8 if code == 0 else 16))

    first = read(2)
    if first == 2:
        return ""
    phrases = {3: character(first)}
    last, out = phrases[3], [phrases[3]]
    width, room = 3, 4
    while (code := read(width)) != 2:
        if code in (0, 1):
            phrases[len(phrases) + 3] = character(code)
            code = len(phrases) + 2
            room -= 1
            if room == 0:
                room, width = 1 << width, width + 1
        phrase = phrases.get(code) or last + last[0]
        out.append(phrase)
        phrases[len(phrases) + 3] = last + phrase[0]
        last = phrase
        room -= 1
        if room == 0:
            room, width = 1 << width, width + 1
    return "".join(out)


def rison(text):
    """A rison object without its parentheses."""
    value, end = _value("(" + text + ")", 0)
    assert end == len(text) + 2, f"more after the object: {text[end:end + 20]}"
    return value


def _value(s, at):
    if s[at] == "!":
        if s[at + 1] == "(":
            return _list(s, at + 2)
        return {"t": True, "f": False, "n": None}[s[at + 1]], at + 2
    if s[at] == "(":
        found, at = {}, at + 1
        while s[at] != ")":
            key, at = _value(s, at + (s[at] == ","))
            assert s[at] == ":"
            found[str(key)], at = _value(s, at + 1)
        return found, at + 1
    if s[at] == "'":
        out, at = [], at + 1
        while s[at] != "'":
            at += s[at] == "!"
            out.append(s[at])
            at += 1
        return "".join(out), at + 1
    end = at
    while end < len(s) and s[end] not in " '!:(),*@$":
        end += 1
    word = s[at:end]
    return (int(word) if word.lstrip("-").isdigit() else word), end


def _list(s, at):
    found = []
    while s[at] != ")":
        value, at = _value(s, at + (s[at] == ","))
        found.append(value)
    return found, at + 1


def _word(text, words):
    if isinstance(text, str) and len(text) == 1:
        return words[int(text, 36)]
    if isinstance(text, str) and text.startswith("___"):
        return text[3]
    return text


def _lengthen(value):
    if isinstance(value, dict):
        return {_word(key, KEYS): _lengthen(element) for key, element in value.items()}
    if isinstance(value, list):
        return [_lengthen(element) for element in value]
    return _word(value, VALUES)


def _windows(value):
    if isinstance(value, list):
        for element in value:
            yield from _windows(element)
    elif "componentName" in value:
        yield value["componentName"], value["componentState"]
    else:
        yield from _windows(value.get("content", []))


def read(link):
    """(files: name -> text, compiler, options) of a link."""
    wrapped = rison(unquote_plus(link.partition("#")[2]))
    page = _lengthen(rison(unquote_plus(decompress(wrapped["z"]))))
    windows = dict(_windows(page["content"]))
    tree, editor = windows["tree"], windows["codeEditor"]
    files = {file["filename"]: editor["source"] if file["isOpen"] else file["content"]
             for file in tree["files"]}
    pane = windows.get("compiler") or windows["executor"]
    return files, pane["compiler"], pane["options"]
