/** The words of a show that no translation touches, and what they are called elsewhere. */
import { tongues } from "../chat/tongues.mjs";
import { say } from "../messages.mjs";
import { h } from "./elements.mjs";

export async function glossaryPanel({ api, talk }, path) {
    let { body, tag } = await api.read(`${path}/glossary`);
    const list = h("div", { class: "glossary" });
    const add = (term) => list.append(row(term));
    for (const term of body.terms ?? []) add(term);
    const trouble = h("p", { class: "trouble", role: "alert" });
    const more = h("button", { class: "act", type: "button" }, say("desk.glossary.add"));
    more.addEventListener("click", () => {
        add({ text: "", keep: true, renderings: {} });
        list.lastElementChild.querySelector("input").focus();
    });
    const save = h("button", { class: "act act-main", type: "submit" }, say("console.save"));
    return h("form", { class: "card stack", onsubmit: async (event) => {
        event.preventDefault();
        trouble.textContent = "";
        const terms = [...list.children].map((place) => place.term).filter(({ text }) => text);
        save.disabled = true;
        try {
            await api.put(`${path}/glossary`, { terms }, tag);
            ({ body, tag } = await api.read(`${path}/glossary`));
            talk.tell(say("console.saved"));
        } catch (refusal) {
            trouble.textContent = [talk.words(refusal), ...(refusal.errors ?? []).map(({ detail, message }) => detail ?? message ?? "")].join(" ");
        } finally {
            save.disabled = false;
        }
    } }, h("h2", {}, say("desk.glossary")), h("p", { class: "soft" }, say("desk.glossary.line")), list, trouble, h("div", { class: "acts" }, save, more));
}

/** One word. Its renderings are lines `es: abrigo`, so that a list from elsewhere can be put in at once. */
function row(term) {
    const text = h("input", { type: "text", maxlength: 80, dir: "auto", value: term.text, "aria-label": say("desk.glossary.word"), placeholder: say("desk.glossary.word") });
    const lines = Object.entries(term.renderings ?? {}).map(([tag, words]) => `${tag}: ${words}`);
    const renderings = h("textarea", { rows: Math.max(1, Math.min(6, lines.length)), "aria-label": say("desk.glossary.renderings"), placeholder: say("desk.glossary.renderings"), value: lines.join("\n"), title: tongues().map(([tag]) => tag).join(", ") });
    const isExact = h("input", { type: "checkbox", checked: Boolean(term.caseSensitive) });
    const remove = h("button", { class: "act act-small", type: "button" }, say("console.remove"));
    const place = h("div", { class: "glossary-row" }, text, renderings, h("label", { class: "choice" }, isExact, h("span", {}, say("desk.glossary.exact"))), remove);
    remove.addEventListener("click", () => place.remove());
    Object.defineProperty(place, "term", { get: () => {
        const found = {};
        for (const line of renderings.value.split("\n")) {
            const [, tag, words] = line.match(/^\s*([A-Za-z-]+)\s*[:=]\s*(.+?)\s*$/) ?? [];
            if (tag) found[tag] = words;
        }
        return { text: text.value.trim(), keep: Object.keys(found).length === 0 || Boolean(term.keep), renderings: found, caseSensitive: isExact.checked };
    } });
    return place;
}
