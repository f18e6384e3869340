// SPDX-License-Identifier: BSL-1.0
// What of clang's output a reader needs first, as `kctx lab` shows it (tools/lab/judge.cpp
// errors_in(), tools/lab/screen.cpp one_cause()): the rule, the line, what is wrong, what to do.

function readMessage(message) {
    const found = /kctx\[([a-z0-9-]+)\]: (.*)/.exec(message);
    if (found) {
        const [text, fix = ""] = found[2].split("; fix: ", 2);
        return {slug: found[1], text, fix};
    }
    const slug = /unused-result|nodiscard/.test(message) ? "discarded-result" : "";
    return {slug, text: message, fix: ""};
}

// All errors of `output`, each {slug, line, text, fix}; slug is "" where C++ itself says no, line is
// 0 where none of `file` is to blame.
export function causes(output, file) {
    const found = [];
    let lineBefore = 0;       // the last line of the file that led to what follows
    let looksForLine = false; // of the error just read
    for (const text of output.split("\n")) {
        const at = /^(.+?):(\d+):\d+: (.*)$/.exec(text);
        if (!at)
            continue;
        const ours = at[1] === file;
        const line = Number(at[2]);
        const error = /^(?:fatal )?error: (.*)$/.exec(at[3]);
        if (error) {
            const cause = readMessage(error[1]);
            cause.line = ours ? line : lineBefore;
            looksForLine = cause.line === 0;
            lineBefore = 0;
            found.push(cause);
        } else if (ours && looksForLine && found.length > 0) {
            found.at(-1).line = line;
            looksForLine = false;
        }
    }
    return found;
}

// One cause in words: `kctx[sleep-in-atomic] example.cpp:16`, and what follows it.
export function headOf(cause, file) {
    const where = cause.slug ? `kctx[${cause.slug}]` : "error";
    return cause.line ? `${where} ${file}:${cause.line}` : where;
}
