/** What is said of shows in more than one view. */
import { language, moment, say } from "../messages.mjs";
import { h } from "./elements.mjs";

export const titleOf = (show) =>
    (show.titles ?? {})[language] ?? (show.titles ?? {})[show.language] ?? Object.values(show.titles ?? {})[0] ?? show.title ?? show.id;

export function badge(state, isPaused = false) {
    const key = state === "live" && isPaused ? "paused" : state;
    return h("span", { class: `badge badge-${key}` }, say(`console.state.${key}`));
}

export const when = (show) => (show.start ? moment(new Date(show.start)) : say("console.unscheduled"));

/** One line of a list of shows. */
export function row(show, ...more) {
    return h("li", { class: "row" },
        h("a", { class: "row-main", href: `#/shows/${encodeURIComponent(show.id)}` },
            h("span", { class: "row-title" }, titleOf(show)),
            h("span", { class: "row-line" }, when(show), show.lengthMinutes ? ` · ${say("console.minutes", { count: show.lengthMinutes })}` : "")),
        badge(show.state, show.isPaused), ...more);
}

export const empty = (words) => h("p", { class: "empty" }, words);

/** A list that goes on: `load(cursor)` gives { items, next }. */
export async function pages(load, line, nothing) {
    const list = h("ul", { class: "rows" });
    const more = h("button", { class: "act", type: "button", hidden: true }, say("console.more"));
    let cursor = null;
    const add = async () => {
        const { items, next } = await load(cursor);
        list.append(...items.map(line));
        cursor = next;
        more.hidden = !next;
    };
    more.addEventListener("click", async () => {
        more.disabled = true;
        await add().finally(() => (more.disabled = false));
    });
    await add();
    return list.children.length ? h("div", { class: "paged" }, list, more) : empty(nothing);
}
