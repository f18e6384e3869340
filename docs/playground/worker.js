// SPDX-License-Identifier: BSL-1.0
// Runs clang beside the page, which stays awake: {id, text, flags} in, {id, output, status} out.
// While clang is on its way: {done, total}, in bytes.
import {Exit, runLLVM} from "./clang/bundle.js";

const decoder = new TextDecoder();

// The headers, as the tree of files that clang sees.
async function library() {
    const files = {};
    for (const [name, text] of Object.entries(await fetch("headers.json").then((r) => r.json()))) {
        const path = name.split("/");
        const last = path.pop();
        const folder = path.reduce((at, part) => at[part] ??= {}, files);
        folder[last] = text;
    }
    return files;
}
const headers = library();

async function check(text, flags) {
    let output = "";
    const options = {
        stderr: (bytes) => { output += bytes ? decoder.decode(bytes, {stream: true}) : ""; },
        fetchProgress: (event) =>
            postMessage({done: event.doneLength, total: event.totalLength}),
    };
    // The compiler proper: its driver would run a second time only to say how.
    const args = ["clang", "-cc1", "-triple", "x86_64-unknown-linux-gnu", "-fsyntax-only", "-x", "c++",
        "-fcxx-exceptions", "-fexceptions", "-I.", ...flags, "example.cpp"];
    try {
        await runLLVM(args, {...structuredClone(await headers), "example.cpp": text}, options);
        return {output, status: 0};
    } catch (e) {
        if (e instanceof Exit)
            return {output, status: e.code};
        throw e;
    }
}

// One after the other, as they come.
let last = Promise.resolve();
onmessage = ({data}) => {
    last = last.then(() => check(data.text, data.flags))
        .then((result) => postMessage({id: data.id, ...result}))
        .catch((e) => postMessage({id: data.id, failure: String(e.message ?? e)}));
};
