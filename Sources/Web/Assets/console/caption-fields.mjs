/** The caption tracks of a show, in the order in which viewers are offered them. */
import { nameOf } from "../chat/tongues.mjs";
import { say } from "../messages.mjs";
import { h, put, select } from "./elements.mjs";

const sources = ["person", "speech", "embedded", "upload", "translation"];

export class CaptionFields {
    place;
    #rows = h("div", { class: "caption-rows" });
    #trouble = h("p", { class: "field-trouble", role: "alert" });
    #languages;

    /** @param {object[]} tracks as the API has them @param {string[]} languages that are offered */
    constructor(tracks, languages) {
        this.#languages = languages;
        const more = h("button", { class: "act act-small", type: "button" }, say("console.form.captions.add"));
        more.addEventListener("click", () => {
            const taken = new Set(this.#all.map(({ language }) => language));
            this.#add({ language: languages.find((tag) => !taken.has(tag)) ?? languages[0], source: "person" }).focus();
        });
        for (const track of tracks) this.#add(track);
        this.place = h("div", { class: "stack" }, h("p", { class: "soft" }, say("console.form.captions.hint")), this.#rows, this.#trouble, h("div", { class: "acts" }, more));
    }

    get #all() {
        return [...this.#rows.children].map((row) => row.track);
    }

    /** What the API takes; null where there are none. */
    get draft() {
        const tracks = this.#all;
        return tracks.length ? tracks : null;
    }

    fault(words) {
        put(this.#trouble, words);
    }

    querySelector(what) {
        return this.place.querySelector(what);
    }

    #add(track) {
        const tags = this.#languages.includes(track.language) ? this.#languages : [track.language, ...this.#languages];
        const language = select(tags.map((tag) => [tag, nameOf(tag)]), track.language, { "aria-label": say("console.form.captions.language") });
        const source = select(sources.map((name) => [name, say(`track.source.${name}`)]), track.source ?? "person", { "aria-label": say("console.form.captions.source") });
        const name = h("input", { type: "text", maxlength: 80, dir: "auto", value: track.name ?? "", placeholder: say("console.form.captions.name"), "aria-label": say("console.form.captions.name") });
        const remove = h("button", { class: "act act-small", type: "button" }, say("console.remove"));
        const row = h("div", { class: "caption-row" }, language, source, name, remove);
        remove.addEventListener("click", () => {
            row.remove();
            this.fault("");
        });
        row.addEventListener("input", () => this.fault(""));
        Object.defineProperty(row, "track", {
            get: () => {
                const { name: _, from, ...rest } = track;
                const kept = source.value === "translation" && from ? { from } : {};
                return { ...rest, ...kept, language: language.value, source: source.value, ...(name.value.trim() ? { name: name.value.trim() } : {}) };
            },
        });
        this.#rows.append(row);
        return language;
    }
}
