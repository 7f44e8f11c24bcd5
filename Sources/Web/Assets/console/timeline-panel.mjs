/** What happened in a show, in order, and notes that people add. */
import { moment, say } from "../messages.mjs";
import { h } from "./elements.mjs";
import { empty } from "./show-words.mjs";

export async function timelinePanel(context, path) {
    const { api, talk } = context;
    const list = h("ol", { class: "rows", reversed: true });
    const nothing = empty(say("console.timeline.none"));
    let last = 0;
    const paint = async () => {
        for (;;) {
            const { items } = await api.get(`${path}/timeline?after=${last}&limit=100`);
            for (const event of items) {
                list.prepend(line(event));
                last = event.sequence;
            }
            if (items.length < 100) break;
        }
        nothing.hidden = list.children.length > 0;
    };
    const words = h("input", { type: "text", maxlength: 1000, "aria-label": say("console.timeline.note"), placeholder: say("console.timeline.note"), required: true });
    const add = h("button", { class: "act", type: "submit" }, say("console.timeline.add"));
    const form = h("form", { class: "filters", onsubmit: async (event) => {
        event.preventDefault();
        const done = await talk.doing(add, () => api.post(`${path}/timeline`, { kind: "note", payload: { text: words.value.trim() } }));
        if (done === undefined) return;
        words.value = "";
        await paint();
    } }, words, add);
    await paint();
    context.every(5000, paint);
    return h("section", { class: "card stack" }, form, nothing, list);
}

function line(event) {
    const { payload } = event;
    // What was made has been in no state before.
    const states = [payload.from, payload.to].filter(Boolean).map((state) => say(`console.state.${state}`));
    const said = payload.text ?? payload.title ?? (event.kind === "state" ? states.join(" → ") : [payload.what, payload.role, payload.reason].filter(Boolean).join(" · "));
    return h("li", { class: "row row-tall" }, h("div", { class: "row-main" },
        h("span", { class: "row-title" }, `${say(`console.timeline.${event.kind}`)}: ${said}`),
        h("span", { class: "row-line" }, `${moment(new Date(event.shopTime), { second: "2-digit" })}`)));
}
