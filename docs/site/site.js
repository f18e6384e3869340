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
// changed since the step before is marked. Usable by keys alone: the arrows, Home and End wherever
// the focus is inside, and buttons that keep it.
function stepper(place, steps) {
    let at = 0;
    const make = (name, text, to) => {
        const element = document.createElement(name);
        if (text !== undefined)
            element.textContent = text;
        return to.appendChild(element);
    };
    const header = (text, scope, to) => { make("th", text, to).scope = scope; };
    place.setAttribute("role", "group");
    place.setAttribute("aria-label", "The steps one by one: arrow keys, Home, End");
    const moves = [["|\u25c0", "first step", () => 0], ["\u25c0", "step back", () => at - 1],
                   ["\u25b6", "step on", () => at + 1], ["\u25b6|", "last step", () => steps.length - 1]];
    const bar = make("div", undefined, place);
    const buttons = moves.map(([text, label, to]) => {
        const button = make("button", text, bar);
        button.type = "button";
        button.setAttribute("aria-label", label);
        button.onclick = () => go(to());
        return button;
    });
    const said = make("p", undefined, place);
    said.setAttribute("role", "status"); // read out when it changes
    const tables = make("div", undefined, place);
    tables.className = "kctx-wide";

    const zoneTable = (zone, state, was) => {
        const table = make("table", undefined, tables);
        make("caption", `zone ${zone}: ${state.free} pages free; blocks by order`, table);
        const head = make("tr", undefined, table);
        header("order", "col", head);
        state.free_by_type_and_order[0].forEach((_, order) => header(order, "col", head));
        state.free_by_type_and_order.forEach((orders, type) => {
            const row = make("tr", undefined, table);
            header(TYPES[type], "row", row);
            orders.forEach((count, order) => {
                const cell = make("td", count, row);
                const change = was ? count - was.free_by_type_and_order[type][order] : 0;
                if (change) {
                    cell.className = change > 0 ? "kctx-up" : "kctx-down";
                    make("small", change > 0 ? `+${change}` : `\u2212${-change}`, cell);
                }
            });
        });
    };
    const show = () => {
        const step = steps[at], before = steps[at - 1];
        buttons.forEach((button, i) =>
            button.setAttribute("aria-disabled", i < 2 ? at === 0 : at === steps.length - 1));
        said.replaceChildren();
        make("span", `step ${at + 1} of ${steps.length}: `, said);
        make("code", step.command, said);
        if (step.pfn !== undefined)
            make("span", ` \u2192 frame 0x${step.pfn.toString(16)}`, said);
        if (step.failed)
            make("span", ` ${step.failed.split("\n")[0]}`, said).className = "kctx-failed";
        tables.replaceChildren();
        for (const [zone, state] of Object.entries(step.zones))
            zoneTable(zone, state, before && before.zones[zone]);
    };
    const go = (to) => {
        at = Math.max(0, Math.min(steps.length - 1, to));
        show();
    };
    place.addEventListener("keydown", (event) => {
        const to = {ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: steps.length - 1}[event.key];
        if (to === undefined || event.ctrlKey || event.altKey || event.metaKey)
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
