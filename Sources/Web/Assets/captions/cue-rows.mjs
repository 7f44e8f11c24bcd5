import { h, put } from "../console/elements.mjs";
import { moment, say } from "../messages.mjs";

const plainTime = { weekday: undefined, day: undefined, month: undefined, year: undefined, timeZoneName: undefined, second: "2-digit" };
/** So many rows are in the page; the newest stay. */
const most = 200;

/** The captions of a track for those who work on them: each can be put right or taken away where it stands. */
export class CueRows {
    place;
    #list = h("ol", { class: "cue-list" });
    #nothing;
    #rows = new Map();
    #acts;
    #language;
    #partial;

    /**
     * @param {string} language of the captions
     * @param {{ edit: (cue: object, text: string) => Promise<boolean>, remove: (cue: object) => Promise<boolean>, seek?: (cue: object) => void,
     *     original?: (cue: object) => string }} acts  `edit` and `remove` tell whether it was done; null where nothing may be changed
     */
    constructor(language, acts, { label, nothing = say("track.cues.none") }) {
        this.#language = language;
        this.#acts = acts;
        this.#nothing = h("p", { class: "soft cue-none" }, nothing);
        this.#partial = h("p", { class: "cue-partial", dir: "auto", lang: language, hidden: true });
        this.place = h("div", { class: "cue-place", tabindex: "0", role: "region", "aria-label": label }, this.#nothing, this.#list, this.#partial);
    }

    /** Draws what has changed; what somebody is putting right stays as they have it. */
    paint(cues, partial = null) {
        const isAtEnd = this.place.scrollHeight - this.place.scrollTop - this.place.clientHeight < 60;
        const shown = cues.slice(-most);
        const wanted = new Set(shown.map(({ id }) => id));
        // What somebody is putting right stays, even where it is gone for everybody else.
        const held = new Set();
        for (const [id, row] of this.#rows) {
            row.isGone = !wanted.has(id);
            if (!row.isGone) continue;
            if (!row.form) {
                this.#drop(row);
                continue;
            }
            held.add(row.place);
            const now = cues.find((cue) => cue.id === id);
            if (now) this.#fill(row, now);
        }
        let at = this.#list.firstElementChild;
        for (const cue of shown) {
            while (held.has(at)) at = at.nextElementSibling;
            const row = this.#rows.get(cue.id) ?? this.#row(cue);
            if (row.place === at) at = at.nextElementSibling;
            else this.#list.insertBefore(row.place, at);
            this.#fill(row, cue);
        }
        put(this.#partial, partial?.text ?? "");
        this.#partial.hidden = !partial?.text;
        this.#nothing.hidden = shown.length > 0;
        if (isAtEnd) this.toEnd();
    }

    toEnd() {
        this.place.scrollTop = this.place.scrollHeight;
    }

    #row(cue) {
        const row = {
            time: h(this.#acts?.seek ? "button" : "span", { class: "cue-time", ...(this.#acts?.seek ? { type: "button", title: say("track.cue.seek") } : {}) }),
            original: h("p", { class: "cue-original", dir: "auto", hidden: true }),
            speaker: h("bdi"),
            said: h("span"),
            words: h("p", { class: "cue-words", dir: "auto", lang: this.#language }),
            mark: h("span", { class: "cue-mark soft" }),
            cue,
        };
        row.words.append(row.speaker, row.said);
        if (this.#acts?.seek) row.time.addEventListener("click", () => this.#acts.seek(row.cue));
        const buttons = this.#acts?.edit
            ? h("span", { class: "cue-acts" },
                h("button", { class: "act act-small", type: "button", onclick: () => this.#edit(row) }, say("track.cue.edit")),
                h("button", { class: "act act-small act-end", type: "button", onclick: (event) => this.#remove(row, event.currentTarget) }, say("track.cue.delete")))
            : null;
        row.place = h("li", { class: "cue-row", "data-cue": cue.id }, h("div", { class: "cue-head" }, row.time, row.mark, buttons), row.original, row.words);
        this.#rows.set(cue.id, row);
        return row;
    }

    #drop(row) {
        row.place.remove();
        this.#rows.delete(row.cue.id);
    }

    #fill(row, cue) {
        row.cue = cue;
        put(row.time, Number.isNaN(cue.start) ? "" : moment(new Date(cue.start), plainTime));
        put(row.speaker, cue.speaker ? `${cue.speaker}: ` : "");
        put(row.said, cue.text);
        put(row.mark, marks(cue));
        const original = this.#acts?.original?.(cue) ?? "";
        put(row.original, original);
        row.original.hidden = !original;
    }

    /** The words become a field, in their place; Enter keeps what is in it, Escape leaves it. */
    #edit(row) {
        if (row.form) return row.form.querySelector("textarea").focus();
        // As it was read: what somebody else makes of it meanwhile is not written over.
        let { cue } = row;
        const words = h("textarea", { rows: 2, maxlength: 1000, dir: "auto", lang: this.#language, "aria-label": say("track.cue.edit.label"), value: cue.text });
        const save = h("button", { class: "act act-small act-main", type: "submit" }, say("console.save"));
        const form = h("form", { class: "cue-form" }, words, h("span", { class: "acts" }, save, h("button", { class: "act act-small", type: "button", onclick: () => leave() }, say("console.cancel"))));
        const leave = () => {
            form.replaceWith(row.words);
            row.form = null;
            if (row.isGone) return this.#drop(row);
            row.place.querySelector(".cue-acts button")?.focus({ preventScroll: true });
        };
        form.addEventListener("submit", async (event) => {
            event.preventDefault();
            const text = words.value.trim();
            if (!text || text === cue.text) return leave();
            save.disabled = true;
            if (await this.#acts.edit(cue, text)) leave();
            else if (row.cue.revision !== cue.revision) {
                // Their words stand above: who has seen them and keeps to the own ones may.
                form.before(row.words);
                cue = row.cue;
            }
            save.disabled = false;
        });
        words.addEventListener("keydown", (event) => {
            if (event.key === "Escape") {
                event.stopPropagation();
                leave();
            } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
                event.preventDefault();
                form.requestSubmit();
            }
        });
        row.form = form;
        row.words.replaceWith(form);
        words.focus();
        words.setSelectionRange(words.value.length, words.value.length);
    }

    /** Begins to put right this one, or else the last of the list; false where there is none. */
    editOf(id) {
        const last = this.#list.lastElementChild;
        const row = this.#rows.get(id) ?? [...this.#rows.values()].find(({ place }) => place === last);
        if (!row || !this.#acts?.edit) return false;
        this.#edit(row);
        return true;
    }

    async #remove(row, button) {
        button.disabled = true;
        await this.#acts.remove(row.cue);
        button.disabled = false;
    }
}

/** Where the words come from, where that is no person who typed them. */
function marks({ source, engine, hops, revision }) {
    const isMachine = source === "speech" || source === "translation";
    const by = isMachine ? [say(`track.source.${source}`), engine && `${engine}${hops > 1 ? ` ×${hops}` : ""}`].filter(Boolean).join(", ") : "";
    const isChanged = revision > 1 ? say("track.cue.changed") : "";
    return [by, isChanged].filter(Boolean).join(" · ");
}
