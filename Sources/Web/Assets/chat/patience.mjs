/** How long to wait before the chat is asked for again, and over which kind of line. Pure. */

/** Milliseconds: the first wait, the longest, and what a server that is full or going is given. */
const shortest = 500;
const longest = 20_000;
const whenFull = 8_000;
/** So many WebSockets in a row may fail to say a word until server-sent events are tried. */
const trust = 2;

/** Close codes of the protocol. */
const code = { going: 1001, policy: 1008, full: 1013 };

export class Patience {
    #failures = 0;
    #mute = 0;
    #kind = "socket";

    /** The line to try next: "socket" or "stream". */
    get kind() {
        return this.#kind;
    }

    /** The line said hello. */
    spoke() {
        this.#failures = 0;
        this.#mute = 0;
    }

    /**
     * A line has ended. `hasSpoken` says whether it had said hello; `random` is from 0 to 1, and spreads those who lost
     * their lines in the same instant.
     * @returns {number | null} milliseconds to wait; null where coming back is not wanted
     */
    ended({ code: reason = 1006, hasSpoken, retryAfterSeconds = 0 }, random) {
        if (reason === code.policy) return null;
        if (hasSpoken) this.#mute = 0;
        else this.#mute += 1;
        // What the way between cannot carry is not tried for ever; nor is the poorer line where both fail.
        if (this.#kind === "stream" && !hasSpoken) this.#kind = "socket";
        else if (this.#kind === "socket" && this.#mute >= trust) this.#kind = "stream";
        const base = Math.min(longest, shortest * 2 ** this.#failures);
        this.#failures = Math.min(this.#failures + 1, 16);
        const least = Math.max(retryAfterSeconds * 1000, reason === code.full ? whenFull : 0);
        return Math.round(least + base * (0.3 + 0.7 * random));
    }
}
