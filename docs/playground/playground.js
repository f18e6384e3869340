// SPDX-License-Identifier: BSL-1.0
// The page: an example, its text to be edited, and what clang says of it.
import {causes, headOf} from "./first_cause.js";

const FILE = "example.cpp";
const at = (id) => document.getElementById(id);
const source = at("source"), lines = at("lines"), verdict = at("verdict"), all = at("all");
const data = await fetch("data.json").then((r) => r.json());
const drafts = new Map(); // what was written, by example
let example = data.examples[0];

// clang is loaded when it is first asked.
let worker = null, asked = 0;
const waiting = new Map();
function say(text) { at("progress").textContent = text; }

function start() {
    worker = new Worker("worker.js", {type: "module"});
    worker.onmessage = ({data: answer}) => {
        if (answer.total !== undefined) {
            const mb = (bytes) => Math.round(bytes / 1e6);
            say(answer.done < answer.total ? `clang: ${mb(answer.done)} of ${mb(answer.total)} MB`
                : "clang is here; its first run takes a little longer");
            return;
        }
        waiting.get(answer.id)(answer);
        waiting.delete(answer.id);
    };
    worker.onerror = (e) => {
        for (const answer of waiting.values())
            answer({failure: e.message || "clang/bundle.js cannot be loaded"});
        waiting.clear();
        worker = null;
    };
}

export function check(text, flags = []) {
    if (!worker)
        start();
    return new Promise((answer) => {
        waiting.set(++asked, answer);
        worker.postMessage({id: asked, text, flags: [...data.flags, ...flags]});
    }).then((result) => ({...result, causes: causes(result.output ?? "", FILE)}));
}

function element(name, text, kind) {
    const e = document.createElement(name);
    e.textContent = text;
    if (kind)
        e.className = kind;
    return e;
}

function show(result) {
    const first = result.causes[0];
    verdict.replaceChildren();
    verdict.dataset.status = result.failure || !first && result.status ? "failed" : first ? "rejected" : "accepted";
    all.textContent = result.output ?? "";
    at("raw").hidden = !result.output;
    mark(first?.line ?? 0);
    if (result.failure || !first && result.status) {
        verdict.append(element("b", "✗ clang could not run"), `: ${result.failure ?? result.output}`);
    } else if (first) {
        verdict.append(element("b", `✗ ${headOf(first, FILE)}`), `: ${first.text}`);
        if (first.fix)
            verdict.append(element("span", `fix: ${first.fix}`, "fix"));
        const more = result.causes.length - 1;
        if (more > 0)
            verdict.append(element("span", `and ${more} more${more === 1 ? "" : " of them"}`, "faint"));
    } else {
        verdict.append(element("b", "✓ accepted"));
    }
    at("rule").hidden = !(first?.slug in data.rules);
    at("rule_text").textContent = data.rules[first?.slug] ?? "";
}

function forget() {
    verdict.replaceChildren(element("span", "not checked yet", "faint"));
    verdict.dataset.status = "";
    at("raw").hidden = at("rule").hidden = true;
    mark(0);
}

let marked = 0;
function mark(line) {
    marked = line;
    number();
}
function number() {
    const count = source.value.split("\n").length;
    lines.replaceChildren();
    for (let i = 1; i <= count; ++i)
        lines.append(element(i === marked ? "mark" : "span", String(i)), "\n");
    source.style.height = "auto";
    source.style.height = `${source.scrollHeight}px`;
}

async function run() {
    const shown = example;
    const kernel = ofOneKernel(example) ? [] : [`-DKCTX_PREEMPT_RT=${at("rt").value}`];
    at("check").disabled = true;
    say(worker ? "checking" : "loading clang");
    const result = await check(source.value, [...example.flags, ...kernel]);
    at("check").disabled = false;
    say(worker ? "" : "clang is not there");
    if (shown === example)
        show(result);
}

// An example for one kind of kernel keeps it.
const ofOneKernel = (e) => e.flags.some((flag) => flag.includes("KCTX_PREEMPT_RT"));

function open(chosen) {
    drafts.set(example.id, source.value);
    example = chosen;
    at("examples").value = example.id;
    source.value = drafts.get(example.id) ?? example.rejected;
    at("fixed").disabled = !example.accepted;
    at("rt").disabled = ofOneKernel(example);
    forget();
}
function write(text) {
    source.value = text;
    forget();
}

for (const group of [...new Set(data.examples.map((e) => e.group))]) {
    const list = element("optgroup", "");
    list.label = group;
    for (const e of data.examples.filter((one) => one.group === group)) {
        const option = element("option", e.title);
        option.value = e.id;
        list.append(option);
    }
    at("examples").append(list);
}
at("version").textContent = data.version;
at("examples").onchange = () => { location.hash = at("examples").value; };
at("check").onclick = run;
at("again").onclick = () => write(example.rejected);
at("fixed").onclick = () => write(example.accepted);
at("rt").onchange = forget;
source.oninput = () => { mark(0); };
source.onkeydown = (e) => {
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey))
        run();
};
const named = () => data.examples.find((e) => e.id === decodeURIComponent(location.hash.slice(1)));
onhashchange = () => open(named() ?? data.examples[0]);
source.value = example.rejected;
open(named() ?? example);
window.playground = {check, examples: data.examples};
