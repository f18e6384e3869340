// SPDX-License-Identifier: BSL-1.0
// The lines that are rejected, and the viewer of the page allocator's steps.
"use strict";

function markRejected() {
    for (const line of document.querySelectorAll("div.fragment div.line"))
        if (/<-- (rejected|error)/.test(line.textContent))
            line.classList.add("kctx-rejected");
}

const TYPES = ["Unmovable", "Movable", "Reclaimable", "HighAtomic", "CMA", "Isolate"];

// One step of a trace: its command, what came of it, and the free blocks by type and order. What
// changed since the step before is coloured.
function stepper(place, steps) {
    let at = 0;
    const make = (name, text, to) => {
        const element = document.createElement(name);
        if (text !== undefined)
            element.textContent = text;
        return (to || place).appendChild(element);
    };
    const show = () => {
        const step = steps[at], before = steps[at - 1];
        place.replaceChildren();
        for (const [text, move, label] of [["\u25c0", -1, "step back"], ["\u25b6", 1, "step on"]]) {
            const button = make("button", text);
            button.setAttribute("aria-label", label);
            button.onclick = () => go(at + move);
        }
        make("span", `step ${at + 1} of ${steps.length} (arrow keys, Home, End): `);
        make("code", step.command);
        if (step.pfn !== undefined)
            make("span", ` \u2192 frame 0x${step.pfn.toString(16)}`);
        if (step.failed)
            make("div", step.failed.split("\n")[0]).className = "kctx-failed";
        for (const [zone, state] of Object.entries(step.zones)) {
            const was = before && before.zones[zone];
            const table = make("table");
            make("caption", `zone ${zone}: ${state.free} pages free; blocks by order`, table);
            const head = make("tr", undefined, table);
            make("th", "", head);
            state.free_by_type_and_order[0].forEach((_, order) => make("th", order, head));
            state.free_by_type_and_order.forEach((orders, type) => {
                const row = make("tr", undefined, table);
                make("th", TYPES[type], row);
                orders.forEach((count, order) => {
                    const cell = make("td", count, row);
                    const change = was ? count - was.free_by_type_and_order[type][order] : 0;
                    if (change)
                        cell.className = change > 0 ? "kctx-up" : "kctx-down";
                });
            });
        }
    };
    const go = (to) => {
        at = Math.max(0, Math.min(steps.length - 1, to));
        show();
        place.focus();
    };
    place.addEventListener("keydown", (event) => {
        const to = {ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: steps.length - 1}[event.key];
        if (to === undefined)
            return;
        event.preventDefault();
        go(to);
    });
    show();
}

document.addEventListener("DOMContentLoaded", () => {
    markRejected();
    document.querySelectorAll(".kctx-stepper").forEach((place) =>
        stepper(place, JSON.parse(place.nextElementSibling.textContent)));
});
