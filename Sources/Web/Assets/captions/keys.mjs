import { h } from "../console/elements.mjs";
import { say } from "../messages.mjs";

/** What an interpreter does without a mouse, in the order in which it is listed. */
const keys = [
    [["Enter"], "send"],
    [["Shift", "Enter"], "line"],
    [["↑"], "last"],
    [["Esc"], "clear"],
    [["F2"], "hand"],
    [["F4"], "sound"],
    [["F8"], "again"],
    [["F9"], "edge"],
];

export function listKeys(place) {
    place.replaceChildren(...keys.map(([names, act]) =>
        h("div", {}, h("dt", {}, names.flatMap((name) => [h("kbd", {}, name), " "])), h("dd", {}, say(`booth.key.${act}`)))));
}

/** Calls one of `acts` (by the names of their keys) whatever has the focus. */
export function hearKeys(acts) {
    document.addEventListener("keydown", (event) => {
        const act = acts[event.key];
        if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        act();
    });
}
