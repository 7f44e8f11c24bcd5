import { put } from "../console/elements.mjs";
import { say } from "../messages.mjs";

/** Milliseconds between two things that are said, and how many messages are read out in full. */
const pace = 6000;
const readOut = 2;
/** Messages that wait; of more, only the number is said. */
const most = 50;

/**
 * Reads the chat to those who do not see it, with restraint: a `role="log"` beside the list, which says a few messages in
 * full or how many there were, and nothing while the page is hidden.
 */
export class Herald {
    #place;
    #waiting = [];
    #missed = 0;
    #timer = 0;
    #saidAt = -pace;

    constructor(place) {
        this.#place = place;
    }

    hear({ author, text }) {
        if (document.hidden) return;
        if (this.#waiting.length < most) this.#waiting.push(say("chat.spoken", { name: author.name, text }));
        else this.#missed += 1;
        if (this.#timer) return;
        this.#timer = setTimeout(() => this.#speak(), Math.max(300, this.#saidAt + pace - performance.now()));
    }

    #speak() {
        this.#timer = 0;
        this.#saidAt = performance.now();
        const count = this.#waiting.length + this.#missed;
        const words = count <= readOut ? this.#waiting.join("\n") : say("chat.newMessages", { count });
        this.#waiting = [];
        this.#missed = 0;
        // A log says what is added to it; what was said goes.
        const line = document.createElement("p");
        put(line, words);
        this.#place.replaceChildren(line);
    }
}
