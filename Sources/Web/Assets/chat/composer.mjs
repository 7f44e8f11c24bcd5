import { h, put } from "../console/elements.mjs";
import { say, unit } from "../messages.mjs";
import { sign } from "./icons.mjs";

/** As the server counts them: what a reader takes for one letter. */
export const longest = 500;
const longestName = 40;
/** From so many letters left on, their number is shown. */
const nearEnd = 60;

const letters = typeof Intl.Segmenter === "function" ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;
export const lengthOf = (text) => (text.length <= 60 || !letters ? [...text].length : [...letters.segment(text)].length);

/**
 * The field for a message, or what stands in its place: the name that is asked for first, or why one cannot write.
 * Enter sends, Shift+Enter is a new line, and an Enter that ends the composition of a word does neither.
 */
export class Composer {
    place;
    #on;
    #form;
    #field;
    #button;
    #note;
    #left;
    #about;
    #aboutWords;
    #nameForm;
    #name;
    #wall;
    #as;
    #reply = null;
    #edited = null;
    #freeAt = 0;
    #timer = 0;
    #isRenaming = false;
    #standing = "connecting";
    #own = "";

    /**
     * @param {{ send: (words: { text: string, replyTo: string | null, edits: string | null }) => void,
     *     name: (name: string) => void }} on
     */
    constructor(on, { name = "", extra = null } = {}) {
        this.#on = on;
        this.#field = h("textarea", {
            class: "chat-field", id: "chat-field", rows: "1", dir: "auto", placeholder: say("chat.write"), "aria-label": say("chat.write"), enterkeyhint: "send", autocomplete: "off",
            "aria-describedby": "chat-note chat-left", maxlength: "4000",
        });
        this.#button = h("button", { class: "chat-send", type: "submit", "aria-label": say("chat.send") }, sign("send"), h("span", { class: "chat-wait", "aria-hidden": "true" }));
        this.#left = h("span", { class: "chat-left", id: "chat-left" });
        this.#aboutWords = h("p", { class: "chat-about-words", dir: "auto" });
        this.#about = h("div", { class: "chat-about", hidden: true }, sign("reply"), this.#aboutWords,
            h("button", { class: "chat-small", type: "button", "aria-label": say("chat.cancel"), onclick: () => this.#drop({ takesFocus: true }) }, sign("close")));
        this.#as = h("p", { class: "chat-as" });
        this.#form = h("form", { class: "chat-form", hidden: true }, this.#about, h("div", { class: "chat-row" }, this.#field, this.#left, this.#button, extra), this.#as);
        this.#name = h("input", { class: "chat-field", id: "chat-name", type: "text", maxlength: String(longestName), required: true, dir: "auto", autocomplete: "nickname", enterkeyhint: "go", value: name });
        this.#nameForm = h("form", { class: "chat-form", hidden: true }, h("label", { for: "chat-name" }, say("chat.name")),
            h("div", { class: "chat-row" }, this.#name, h("button", { class: "pill chat-join", type: "submit" }, say("chat.join"))));
        this.#wall = h("p", { class: "chat-wall", hidden: true });
        this.#note = h("p", { class: "chat-note", id: "chat-note", role: "status" });
        this.place = h("div", { class: "chat-composer" }, this.#note, this.#form, this.#nameForm, this.#wall);
        this.#listen();
    }

    get hasFocus() {
        return this.place.contains(document.activeElement) && document.activeElement.matches("input, textarea");
    }

    /**
     * @param {string} standing "write" | "name" (to be chosen first) | anything else: not now
     * @param {Node[]} why what stands in the field's place then
     */
    paint(standing, { why = [], name = "" } = {}) {
        if (standing === "write" && this.#standing === "name") this.#isRenaming = false;
        const hadName = this.#standing === "name" || this.#isRenaming;
        this.#standing = standing;
        this.#own = name;
        const asksName = standing === "name" || (standing === "write" && this.#isRenaming);
        const takesFocus = hadName && !asksName && this.#nameForm.contains(document.activeElement);
        this.#nameForm.hidden = !asksName;
        this.#form.hidden = standing !== "write" || asksName;
        this.#wall.hidden = standing === "write" || standing === "name";
        if (!this.#wall.hidden) this.#wall.replaceChildren(...why);
        if (this.#as.dataset.name !== name) {
            this.#as.dataset.name = name;
            this.#as.replaceChildren(...(name ? this.#signature(name) : []));
        }
        if (takesFocus) this.#field.focus();
    }

    /** The name was taken. */
    named() {
        this.#isRenaming = false;
    }

    /** Something about what was written: why it was not taken. Empty: nothing. */
    tell(words, { isTrouble = true } = {}) {
        put(this.#note, words);
        this.#note.classList.toggle("chat-trouble", isTrouble && Boolean(words));
    }

    /** Nothing can be sent for so many seconds. */
    wait(seconds) {
        this.#freeAt = performance.now() + seconds * 1000;
        this.#tick();
    }

    /** What was not taken goes back to who wrote it, unless something else is being written. */
    giveBack(text) {
        if (this.#field.value) return;
        this.#field.value = text;
        this.#grow();
    }

    reply(entry) {
        this.#drop();
        this.#reply = entry.id;
        this.#show(say("chat.replyTo", { name: entry.author.name }));
    }

    edit(entry) {
        this.#drop();
        this.#edited = entry.id;
        this.#field.value = (entry.original ?? entry).text;
        this.#grow();
        this.#show(say("chat.editing"));
    }

    focus() {
        (this.#nameForm.hidden ? this.#field : this.#name).focus();
    }

    #listen() {
        this.#form.addEventListener("submit", (event) => {
            event.preventDefault();
            this.#send();
        });
        this.#nameForm.addEventListener("submit", (event) => {
            event.preventDefault();
            const name = this.#name.value.trim();
            if (!name) return;
            this.tell("");
            if (name === this.#own) {
                this.#isRenaming = false;
                this.paint(this.#standing, { name });
            } else {
                this.#on.name(name);
            }
        });
        this.#field.addEventListener("keydown", (event) => {
            // 229: a browser that has ended the composition a moment before the key that ended it.
            if (event.isComposing || event.keyCode === 229) return;
            if (event.key === "Enter" && !event.shiftKey && !event.altKey && !event.ctrlKey) {
                event.preventDefault();
                this.#send();
            } else if (event.key === "Escape" && (this.#reply || this.#edited)) {
                event.stopPropagation();
                this.#drop();
            }
        });
        this.#field.addEventListener("input", () => {
            this.tell("");
            this.#grow();
        });
    }

    #send() {
        const text = this.#field.value.trim();
        if (!text || performance.now() < this.#freeAt) return;
        if (lengthOf(text) > longest) return this.tell(say("chat.refused.long"));
        this.tell("");
        const words = { text, replyTo: this.#reply, edits: this.#edited };
        this.#field.value = "";
        this.#drop();
        this.#grow();
        // The keyboard of a phone stays.
        this.#field.focus({ preventScroll: true });
        this.#on.send(words);
    }

    #grow() {
        const field = this.#field;
        field.style.blockSize = "auto";
        field.style.blockSize = `${Math.min(field.scrollHeight + 2, 132)}px`;
        const left = longest - lengthOf(field.value);
        put(this.#left, left <= nearEnd ? say("chat.left", { count: left }) : "");
        this.#left.classList.toggle("chat-trouble", left < 0);
    }

    #tick() {
        clearTimeout(this.#timer);
        const seconds = Math.ceil((this.#freeAt - performance.now()) / 1000);
        const mustWait = seconds > 0;
        this.#button.disabled = mustWait;
        put(this.#button.lastElementChild, mustWait ? unit(seconds, "second") : "");
        this.#button.classList.toggle("chat-waits", mustWait);
        this.#button.setAttribute("aria-label", mustWait ? say("chat.wait", { time: unit(seconds, "second", 0, "long") }) : say("chat.send"));
        if (mustWait) this.#timer = setTimeout(() => this.#tick(), 250);
    }

    #show(words) {
        put(this.#aboutWords, words);
        this.#about.hidden = false;
        this.#field.focus();
    }

    #drop({ takesFocus = false } = {}) {
        if (this.#edited) {
            this.#field.value = "";
            this.#grow();
        }
        this.#reply = null;
        this.#edited = null;
        this.#about.hidden = true;
        if (takesFocus) this.#field.focus();
    }

    #signature(name) {
        const who = h("bdi", {});
        put(who, name);
        const parts = say("chat.as", { name: "\u0000" }).split("\u0000");
        const change = h("button", { class: "msg-turn", type: "button", onclick: () => {
            this.#isRenaming = true;
            this.#name.value = name;
            this.paint(this.#standing, { name });
            this.#name.focus();
        } }, say("chat.rename"));
        return [parts[0], who, parts[1] ?? "", " ", change];
    }
}
