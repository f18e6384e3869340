# SPDX-License-Identifier: BSL-1.0
"""The headers as Doxygen reads them. A call is declared by a macro (KCTX_CALL() and its kin), of
which Doxygen's preprocessor would see nothing: here each becomes the function that its user sees,
with its contract's words, as `kctx matrix` knows them, below its own comment. Left out are what is
there for the compiler alone: the overloads that refuse, namespaces `detail`, helper macros."""

import itertools
import re

CONTEXT = "context auto ctx"  # the parameter that stands for the token


def balanced(text, at):
    """The index after the parenthesis, brace or bracket that closes the one at `at`."""
    depth, i = 0, at
    while i < len(text):
        c = text[i]
        if text.startswith("//", i):
            i = text.find("\n", i)
            continue
        if text.startswith("/*", i):
            i = text.find("*/", i) + 2
            continue
        if c in "\"'" and not (c == "'" and text[i - 1].isalnum()):
            end = i + 1
            while text[end] != c:
                end += 2 if text[end] == "\\" else 1
            i = end
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
            if depth == 0:
                return i + 1
        i += 1
    raise ValueError("unbalanced: " + text[at:at + 60])


def arguments(text):
    """The arguments of a macro call, split at the commas that are not inside anything."""
    found, depth, last, i = [], 0, 0, 0
    while i < len(text):
        c = text[i]
        if c == '"':
            i += 1
            while text[i] != '"':
                i += 2 if text[i] == "\\" else 1
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == "," and depth == 0:
            found.append(text[last:i].strip())
            last = i + 1
        i += 1
    return [*found, text[last:].strip()]


def inside(params):
    """`(a, b)` -> `, a, b`"""
    text = params.strip()[1:-1].strip()
    return ", " + text if text else ""


def call(kind, ret, name, params, *_):
    return [(name, f"{ret} {name}({CONTEXT}{inside(params)});")]


def memory(kind, ret, name, params, *_):
    return [(name, f"unchecked<{ret}> {name}({CONTEXT}{inside(params)});")]


def allocation(zone, ret, name, before, after, *_):
    return [(name, f"unchecked<{ret}> {name}({CONTEXT}{inside(before)}, gfp_set auto flags"
                   f"{inside(after)});")]


def gfp_call(ret, name, before, after, *_):
    return [(name, f"{ret} {name}({CONTEXT}{inside(before)}, gfp_set auto flags{inside(after)});")]


def user_copy(ret, name, params, *_):
    return [(name, f"{ret} {name}({CONTEXT}{inside(params)});")]


def user_access(name, value_t, *_):
    return [(name, f"template <class T, class U> int {name}({CONTEXT}, {value_t} value, "
                   f"user_ptr<U> p);")]


def own_cpu(ret, name, params, *_):
    return [(name, f"template <class T> {ret} {name}({CONTEXT}, per_cpu<T> &variable"
                   f"{inside(params)});")]


def rcu(kind, name):
    return [(name, f"template <class T> T *{name}({CONTEXT}, const rcu_ptr<T> &p);")]


def pair(kind, lock_t, held, hold, lock_fn, unlock_fn, *_, saved=""):
    taken = f", {saved} &saved" if saved else ""
    back = f", {saved} saved" if saved else ""
    return [(held, f"template <class L, class C> struct {held} : held<> {{}};"),
            (lock_fn, f"template <class L, class C> {held}<L, C> {lock_fn}(C ctx, L *lock{taken});"),
            (None, f"/// Gives back what {lock_fn}() took; returns the token from before.\n"
                   f"template <class L, class C> C {unlock_fn}({held}<L, C> in, L *lock{back});")]


def pair_saving(kind, lock_t, held, hold, saved, lock_fn, unlock_fn, *_):
    return pair(kind, lock_t, held, hold, lock_fn, unlock_fn, saved=saved)


def scope(held, hold, enter_fn, leave_fn, *_, saved=""):
    taken = f", {saved} &saved" if saved else ""
    back = f", {saved} saved" if saved else ""
    return [(held, f"template <context C> struct {held} : held<> {{}};"),
            (enter_fn, f"template <context C> {held}<C> {enter_fn}(C ctx{taken});"),
            (None, f"/// Ends what {enter_fn}() began; returns the token from before.\n"
                   f"template <context C> C {leave_fn}({held}<C> in{back});")]


def scope_saving(held, hold, saved, enter_fn, leave_fn, *_):
    return scope(held, hold, enter_fn, leave_fn, saved=saved)


def tries(kind, lock_t, held, try_fn, *_):
    return [(try_fn, f"template <class L, class C> const {held}<L, C> *{try_fn}(C ctx, L *lock);")]


def nested(kind, lock_t, held, nested_fn, *_):
    return [(nested_fn, f"template <class L, class C> auto {nested_fn}(C ctx, L *lock, "
                        "unsigned subclass);")]


def callback(name, registrar, context, ret, *params):
    listed = "".join(f", {p}" for p in params)
    return [(name, f"using {name} = {ret} (*)({context} ctx{listed});")]


def tag(name, *_):
    return [(name, f"class {name} {{}}")]


MACROS = {
    "KCTX_CALL": call, "KCTX_RULED_CALL": call, "KCTX_MEMORY_CALL": memory,
    "KCTX_ALLOCATION": allocation, "KCTX_GFP_CALL": gfp_call,
    "KCTX_USER_COPY": user_copy, "KCTX_USER_ACCESS": user_access,
    "KCTX_OWN_CPU_OPERATION": own_cpu, "KCTX_RCU_DEREFERENCE": rcu,
    "KCTX_LOCK_PAIR": pair, "KCTX_RULED_LOCK_PAIR": pair, "KCTX_LOCK_PAIR_SAVING": pair_saving,
    "KCTX_SCOPE_PAIR": scope, "KCTX_SCOPE_PAIR_SAVING": scope_saving,
    "KCTX_LEVEL_SCOPE_PAIR": lambda kind, *a: scope(*a),
    "KCTX_RULED_SCOPE_PAIR": lambda kind, *a: scope(*a),
    "KCTX_LOCK_TRY": tries, "KCTX_RULED_LOCK_TRY": tries,
    "KCTX_FREE_LOCK_TRY": lambda *a: tries("", *a), "KCTX_LOCK_NESTED": nested,
    "KCTX_CALLBACK": callback, "KCTX_CONTEXT": tag,
}
# What is in the source for the compiler alone, with its parentheses.
ATTRIBUTES = re.compile(
    r"\bKCTX_(?:EFFECT\w*|EXCLUDES\w*|ACQUIRE|RELEASE|MUST_NOT_HOLD|NO_ANALYSIS|CAPABILITY|TSA_|CLOSED_|"
    r"SCOPED_CAPABILITY|MAY_LOCK|MAY_SLEEP|GUARDED_BY|MUST_CHECK|TRUST_BEGIN|TRUST_END|"
    r"SECTION_TOKEN_OF|NO_INSTRUMENT|INSTRUMENTED)\b")
INTERNAL_MACRO = re.compile(
    r"KCTX_(LEVEL|RULE|SLUG|SAYS|BREAKS|TEXT|EFFECT|EXCLUDES|ENTRIES|BREAK|REJECTED|ERROR|PLAIN|"
    r"PASTE|DO|TOKENLESS|NO_TOKEN|NOT_HELD|AND|ARGS|COMMA|LIST|ENV|GIVE|TRY_SECTION|"
    r"CLOSES|CONTRACT|GFP_ERROR|GFP_REJECTED|GFP_TOKENLESS|OTHER_TOKEN|SECTION_TEXT|TSA)(_|$)"
    r"|_(WHY|FIX|SOURCE|FROM)$|_$|^_")


def contract_text(contract):
    """What a call needs, as lines of a comment."""
    slug = contract["slug"]
    if slug == "legal-anywhere":
        needs = f"It {contract['why']}, and is legal in every context."
        return [f"@par Contract\n{needs}", f"@par Kernel source\n`{contract['source']}`"]
    level = {"free": "bears every context", "spin": "needs a context that bears a raw spinlock",
             "config": "needs a context that bears a `spinlock_t`",
             "sleep": "needs a context that may sleep"}[contract["needs"]]
    if slug == "gfp-may-sleep":
        level = "needs what its flags say: a context that may sleep, or one that bears a `spinlock_t`"
    rule = f", and has a rule of its own ({contract['rule']})" if contract["rule"] else ""
    return [f"@par Contract\nIt {contract['why']}: it {level}{rule}. Where a context does not allow "
            f"it: @ref rule-{slug} \"kctx[{slug}]\"; instead: {contract['fix']}.",
            f"@par Kernel source\n`{contract['source']}`"]


def as_comment(lines):
    return "".join(f"/// {line}\n" for line in "\n\n".join(lines).split("\n"))


def expand(text, contracts, used):
    """Macro calls that declare something become what they declare."""
    out, at = [], 0
    pattern = re.compile(r"((?:^[ \t]*///[^\n]*\n)*)^[ \t]*(KCTX_[A-Z_]+)\(", re.M)
    while found := pattern.search(text, at):
        end = balanced(text, found.end() - 1)
        if text.startswith(";", end):
            end += 1
        comment, macro = found[1], found[2]
        before = text[at:found.start()]
        line = text[text.rfind("\n", 0, found.start(2)) + 1:found.start(2)]
        if before.rstrip(" \t").endswith("\\\n") or "#define" in line:
            out.append(text[at:found.end()])
            at = found.end()
            continue
        out.append(before)
        at = end
        if macro not in MACROS:
            if macro in ("KCTX_UNAVAILABLE", "KCTX_ERROR", "KCTX_ERROR_PARAMS") or ATTRIBUTES.fullmatch(macro):
                at = found.end()
                out.append(text[found.start():found.end()])
            continue
        args = arguments(text[found.end():end - 1 - (text[end - 1] == ";")])
        for i, (name, declaration) in enumerate(MACROS[macro](*args)):
            lines = comment if i == 0 else "" if name is None else comment
            if name and i > 0 and not comment:
                lines = ""
            known = contracts.get(name)
            if known and not macro == "KCTX_CALLBACK":
                if not lines:
                    lines = f"/// It {known['why']}.\n"
                lines += "///\n" + as_comment(contract_text(known))
                used.add(name)
            out.append(f"{lines}{declaration}" + (";" if not declaration.endswith(";") else "") + "\n")
    return "".join(out) + text[at:]


def describe_plain(text, contracts, used):
    """Functions that are written out, for they are legal everywhere or of a shape of their own, with
    the words of their contracts."""
    lines = text.split("\n")
    for i, line in enumerate(lines):
        named = re.match(r"(?:inline|constexpr|template|void|bool|int|long|u\d+|[a-z]\w*_t)\b[^(=;]*?[ *&](\w+)\(", line)
        if not named or named[1] not in contracts or named[1] in used:
            continue
        used.add(named[1])
        at = i
        while at > 0 and re.match(r"template <|    requires", lines[at - 1]):
            at -= 1
        has_comment = at > 0 and lines[at - 1].startswith("///")
        words = "" if has_comment else f"/// It {contracts[named[1]]['why']}.\n"
        words += "///\n" + as_comment(contract_text(contracts[named[1]]))
        lines[at] = words + lines[at]
    return "\n".join(lines)


def drop_namespaces(text):
    """Without `namespace detail`, `call` and `result`, and without the definitions behind the calls;
    what api declares in `env` is spoken of as kctx's own."""
    hidden = r"^namespace (?:(?:\w+::)*(?:detail|result|call)|kctx::env::inline KCTX_ENV_NAMESPACE)\b[^{;]*\{"
    while found := re.search(hidden, text, re.M):
        text = text[:found.start()] + text[balanced(text, found.end() - 1):]
    text = re.sub(r"^(?:///[^\n]*\n)*template <>\s+(?:inline )?constexpr \w+ detail::[^;]*;\n", "", text, flags=re.M)
    while found := re.search(r"^namespace env::inline KCTX_ENV_NAMESPACE \{", text, re.M):
        end = balanced(text, found.end() - 1)
        text = text[:found.start()] + text[found.end():end - 1] + text[end:]
    return text


def drop_refusals(text):
    """Without the declarations that are errors when chosen."""
    while found := re.search(r"\bKCTX_(?:UNAVAILABLE|ERROR)\(", text):
        start = max(text.rfind(c, 0, found.start()) for c in (";", "{", "}", "public:"))
        start = max(start + (7 if text.startswith("public:", start) else 1), 0)
        # Not behind the last line of the preprocessor before it.
        directives = list(re.finditer(r"^#.*\n", text[start:found.start()], re.M))
        if directives:
            start += directives[-1].end()
        i = balanced(text, found.end() - 1)
        while text[i] not in ";{":
            i = balanced(text, i) if text[i] in "([" else i + 1
        end = balanced(text, i) if text[i] == "{" else i + 1
        text = text[:start] + "\n" + text[end:]
    return text


def block_form(definition):
    """What the block form of a section's call is, from its definition: no more is to be said of it."""
    found = re.search(r"^#define (\w+)(\([^)]*\)).*?\bKCTX_(TRY_)?SECTION\(ctx, (?:::kctx::)?(\w+)\b", definition,
                      re.M | re.S)
    if not found or definition.startswith("///") or "\n///" in definition:
        return ""
    name, parameters, tries, fn = found.groups()
    if tries:
        return (f"\n/// `{name}{parameters} {{ ... }} else ...`: the block runs if {fn}() succeeds, with @p ctx as "
                "the token of\n/// its section, and every way out of it leaves the section; else the `else`, which "
                "may be left out.\n")
    return (f"\n/// `{name}{parameters} {{ ... }}`: the block runs in the section of {fn}(), with @p ctx as its "
            "token,\n/// and every way out of it leaves the section.\n")


def drop_macros(text):
    """Without helper macros, and without what is said to the compiler alone."""
    # What its own header takes back is no interface either.
    helpers = {name for name in re.findall(r"^#undef (\w+)", text, re.M)
               if text.rfind(f"#undef {name}\n") > text.rfind(f"#define {name}")}
    kept = []
    for part in re.split(r"((?:^[ \t]*//[^\n]*\n)*^#[ \t]*define[ \t]+\w+(?:[^\n]*\\\n)*[^\n]*\n)", text, flags=re.M):
        name = re.search(r"^#[ \t]*define[ \t]+(\w+)", part, re.M)
        if name and (INTERNAL_MACRO.search(name[1]) or name[1] in helpers):
            continue
        if name and (said := block_form(part)):
            part = said + re.sub(r"^//[^\n]*\n", "", part, flags=re.M) + "\n"
        if name and "\\\n" in part: # a body is no interface
            end = name.end() if part[name.end()] != "(" else balanced(part, name.end())
            part = re.sub(r"\s*\\\n\s*", " ", part[:end]) + "\n"
        kept.append(part)
    text = "".join(kept)
    while found := re.search(r"\b__attribute__\(", text):
        text = text[:found.start()] + text[balanced(text, found.end() - 1):].lstrip(" ")
    text = re.sub(r"^#(pragma|undef)[^\n]*\n", "", text, flags=re.M)
    text = re.sub(r"^#if defined\(__GNUC__\) && !defined\(__clang__\)\n#endif\n", "", text, flags=re.M)
    while found := ATTRIBUTES.search(text):
        line = text[text.rfind("\n", 0, found.start()) + 1:found.start()]
        end = found.end()
        if text[end:end + 1] == "(":
            end = balanced(text, end)
        if line.lstrip().startswith(("#", "//")) or text[:found.start()].endswith("#define "):
            text = text[:found.start()] + "\x01" + text[found.start():found.end()].lower() + text[found.end():]
            continue
        text = text[:found.start()] + text[end:]
    text = re.sub(r"\x01(\w+)", lambda m: m[1].upper() if m[1].startswith("kctx") else m[1], text)
    return re.sub(r"^[ \t]*_Pragma\([^\n]*[^\\\n]\n", "", text, flags=re.M)


def describe_rules(text):
    """The one function of each rule, whose meaning is the rule's own comment."""
    return re.sub(r"(?<!\n)\n([ ]+)(static constexpr bool holds\()",
                  r"\n\1/// Whether a context in this state obeys the rule; the second argument: on PREEMPT_RT.\n\1\2",
                  text)


def describe_locks(text):
    """The locks of the simulated kernel, each known by lockdep's name for it."""
    return re.sub(r"^inline const kernel_lock<(\w+)> (\w+)\((\"[^\"]+\")\);$",
                  r"/// A \1 of the kernel, which lockdep calls \3.\n\g<0>", text, flags=re.M)


def escape_comments(text):
    """What comments say of formats and tags is no command to Doxygen."""
    def one(match):
        words = re.sub(r"<(IRQ|TASK|level|soft|hard|either)>", r"\\<\1\\>", match[0])
        return re.sub(r"\\xNN", r"\\\\xNN", re.sub(r"#(?=x\b)", r"\\#", words))
    return re.sub(r"//[/!]<?[^\n]*", one, text)


def for_doxygen(text, contracts, used):
    """The text of a header as Doxygen is to read it. Names of the calls found go into `used`."""
    text = re.sub(r"^template <[^>]*>\nconcept (?:forbidden|obeys_not)\w* =[^;]*;\n", "", text, flags=re.M)
    text = re.sub(r"^#[ \t]*include[^\n]*\n", "", text, flags=re.M)
    text = re.sub(r"^[ \t]*using (?:\w+::)*(\w+)::\1;\n", "", text, flags=re.M) # constructors
    text = re.sub(r"^[ \t]*// (?:clang-format|NOLINT)[^\n]*\n", "", text, flags=re.M)
    text = describe_plain(expand(text, contracts, used), contracts, used)
    text = drop_refusals(drop_macros(drop_namespaces(text)))
    return share_comments(escape_comments(describe_locks(describe_rules(text))))


def declarations(lines):
    """The lines of a run in pieces, each a declaration with what is said of it."""
    pieces, piece, depth = [], [], 0
    for line in lines:
        piece.append(line)
        code = re.sub(r"//.*|\"[^\"]*\"|'.'", "", line).strip()
        depth += sum((c in "({") - (c in ")}") for c in code)
        if line.startswith("#") or depth == 0 and code.endswith((";", "}")):
            pieces.append(piece)
            piece = []
    return [*pieces, piece] if piece else pieces


def share_comments(text):
    """A comment is about all declarations below it up to an empty line, but those that have their own."""
    out = []
    for run in re.split(r"(\n{2,})", text):
        lines = run.split("\n")
        at = next((i for i, line in enumerate(lines) if not line.startswith("//")), len(lines))
        starts = [line for line in lines[at:] if re.match(r"[A-Za-z_\[#]", line) and
                  not re.match(r"(requires|namespace|KCTX_HOST|#(if|else|endif|el))", line)]
        if at == 0 or len(starts) < 2 or "@file" in run or "@def" in run or \
                re.search(r"^(struct|class|enum|namespace)\b", "\n".join(lines[at:]), re.M):
            out.append(run)
            continue
        comment = [line if line.startswith("///") else "/" + line for line in lines[:at]]
        shared = list(itertools.takewhile(lambda line: line != "///" and not line.startswith("/// @par"), comment))
        below = declarations(lines[at:])
        for piece in below[1:]:
            if not any("///" in line for line in piece) and re.match(r"(?!#(?!define))[A-Za-z_\[#]", piece[0]):
                piece[:0] = shared
        out.append("\n".join(comment + list(itertools.chain(*below))))
    return "".join(out)


def in_group(text, group):
    """The text with what its namespaces hold in a group."""
    for found in reversed(list(re.finditer(r"^namespace kctx[\w:]* \{$", text, re.M))):
        end = balanced(text, found.end() - 1)
        text = (text[:found.end()] + f"\n/// @addtogroup {group}\n/// @{{\n" +
                text[found.end():end - 1] + "/// @}\n}" + text[end:])
    return text
