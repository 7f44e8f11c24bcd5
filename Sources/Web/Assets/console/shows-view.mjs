/** All shows, one show, a new one. */
import { say } from "../messages.mjs";
import { h, select } from "./elements.mjs";
import { pages, row } from "./show-words.mjs";

const states = ["draft", "scheduled", "rehearsal", "live", "ended", "replay", "cancelled"];

export async function view(context) {
    const [id] = context.path;
    if (id === "new") return (await import("./show-view.mjs")).newShow(context);
    if (id) return (await import("./show-view.mjs")).oneShow(context, id);

    const words = h("input", { type: "search", placeholder: say("console.shows.search"), "aria-label": say("console.shows.search"), maxlength: 100 });
    const state = select([["", say("console.shows.any")], ...states.map((name) => [name, say(`console.state.${name}`)])], "", { "aria-label": say("console.shows.state") });
    const place = h("div", { "aria-live": "polite" });
    let asked = 0;
    const find = async () => {
        const turn = (asked += 1);
        const load = (cursor) => {
            const query = new URLSearchParams({ limit: "40", order: "latest", ...context.mine });
            if (words.value.trim()) query.set("q", words.value.trim());
            if (state.value) query.set("state", state.value);
            if (cursor) query.set("cursor", cursor);
            return context.api.get(`shows?${query}`);
        };
        try {
            const found = await pages(load, (show) => row(show), say("console.shows.none"));
            if (turn === asked) place.replaceChildren(found);
        } catch (refusal) {
            if (turn === asked) context.talk.tell(context.talk.words(refusal), { isTrouble: true });
        }
    };
    let timer = 0;
    words.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(find, 250);
    });
    state.addEventListener("change", find);
    await find();
    return h("div", { class: "stack" },
        h("div", { class: "head head-acts" },
            h("h1", {}, say("console.shows")),
            context.me.isOperator && h("a", { class: "act act-main", href: "#/shows/new" }, say("console.shows.new"))),
        h("form", { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() }, words, state),
        h("section", { class: "card" }, place));
}
