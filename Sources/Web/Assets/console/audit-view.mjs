/** Who changed what, and when. */
import { moment, say } from "../messages.mjs";
import { h, select } from "./elements.mjs";
import { pages } from "./show-words.mjs";

const kinds = ["", "show.", "key.", "person.", "member.", "token.", "hook.", "session."];

export async function view(context) {
    const place = h("div", { "aria-live": "polite" });
    const kind = select(kinds.map((name) => [name, name ? name.slice(0, -1) : say("console.audit.all")]), "", { "aria-label": say("console.audit.kind") });
    const find = async () => {
        const load = (cursor) => {
            const query = new URLSearchParams({ limit: "50" });
            if (kind.value) query.set("action", kind.value);
            if (cursor) query.set("cursor", cursor);
            return context.api.get(`audit?${query}`);
        };
        place.replaceChildren(await pages(load, line, say("console.audit.none")));
    };
    kind.addEventListener("change", () => context.talk.doing(kind, find));
    await find();
    return h("div", { class: "stack" },
        h("div", { class: "head" }, h("h1", {}, say("console.audit"))),
        h("div", { class: "filters" }, kind),
        h("section", { class: "card" }, place));
}

function line(entry) {
    const details = Object.entries(entry.details ?? {}).map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`);
    return h("li", { class: "row row-tall" },
        h("div", { class: "row-main" },
            h("span", { class: "row-title" }, `${entry.actorName || entry.actor} · ${entry.action}`),
            h("span", { class: "row-line" }, `${moment(new Date(entry.at), { second: "2-digit" })} · ${entry.subject}`),
            details.length ? h("span", { class: "row-line" }, details.join(" · ")) : null));
}
