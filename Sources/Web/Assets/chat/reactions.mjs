import { h } from "../console/elements.mjs";
import { say } from "../messages.mjs";
import { sign } from "./icons.mjs";
import { reactions } from "./words.mjs";

/** Pictures in the air at once, and new ones of one moment; what is beyond that is not shown. */
const inTheAir = 24;
const atOnce = 6;
/** Milliseconds between two of one's own. */
const pace = 200;

/**
 * Six ways to react, and those of all others as pictures that rise; where less motion is wanted they stand still for a
 * moment instead.
 */
export class Reactions {
    /** The button with its menu. */
    place;
    #sky;
    #send;
    #button;
    #menu;
    #sentAt = 0;
    #isStill = matchMedia("(prefers-reduced-motion: reduce)");

    /** @param {HTMLElement} sky where they rise */
    constructor(sky, send) {
        this.#sky = sky;
        this.#send = send;
        this.#menu = h("div", { class: "react-menu", role: "group", "aria-label": say("chat.react"), id: "react-menu", hidden: true },
            [...reactions].map(([emoji, name]) => h("button", { type: "button", class: "react-one", "aria-label": name, onclick: () => this.#react(emoji) }, emoji)));
        this.#button = h("button", { type: "button", class: "chat-react", "aria-label": say("chat.react"), "aria-expanded": "false", "aria-controls": "react-menu", onclick: () => this.#open(this.#menu.hidden) }, sign("smile"));
        this.place = h("div", { class: "react-place" }, this.#menu, this.#button);
        this.place.addEventListener("keydown", (event) => {
            if (event.key !== "Escape" || this.#menu.hidden) return;
            event.stopPropagation();
            this.#open(false);
            this.#button.focus();
        });
        document.addEventListener("pointerdown", ({ target }) => {
            if (!this.place.contains(target)) this.#open(false);
        });
    }

    set isPossible(isPossible) {
        this.#button.hidden = !isPossible;
        if (!isPossible) this.#open(false);
    }

    /** @param {Record<string, number>} counts since the last time */
    show(counts) {
        if (document.hidden) return;
        for (const [emoji, count] of Object.entries(counts ?? {})) {
            if (!reactions.has(emoji)) continue;
            for (let i = 0; i < Math.min(count, atOnce); i += 1) this.#rise(emoji);
        }
    }

    #react(emoji) {
        const now = performance.now();
        if (now - this.#sentAt < pace) return;
        this.#sentAt = now;
        this.#send(emoji);
    }

    #rise(emoji) {
        if (this.#sky.childElementCount >= inTheAir) return;
        const one = h("span", { class: this.#isStill.matches ? "react-still" : "react-rising" }, emoji);
        const { style } = one;
        style.setProperty("--at", String(Math.random()));
        style.setProperty("--sway", String(Math.random() * 2 - 1));
        style.setProperty("--late", `${Math.round(Math.random() * 500)}ms`);
        this.#sky.append(one);
        // An animation that never ran (a hidden panel) never ends.
        const gone = () => one.remove();
        one.addEventListener("animationend", gone);
        setTimeout(gone, 4000);
    }

    #open(isOpen) {
        this.#menu.hidden = !isOpen;
        this.#button.setAttribute("aria-expanded", String(isOpen));
    }
}
