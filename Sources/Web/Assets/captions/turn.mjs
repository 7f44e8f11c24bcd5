import { say } from "../messages.mjs";

/**
 * Whose turn it is in the booth of a language, as the room tells it: `on`, `you` and `seats` of { id, name }. Pure.
 */
export class Turn {
    #on = null;
    #you = null;
    #seats = [];
    #isOut = false;

    /** @param {{ on?: string, you?: string, seats?: { id: string, name: string }[] }} told */
    take({ on = null, you = null, seats = [] }) {
        this.#on = on;
        this.#you = you;
        this.#seats = seats;
        this.#isOut = false;
    }

    /** There was no room; whoever is in there writes. */
    miss() {
        this.lose();
        this.#isOut = true;
    }

    /** The room has told of a place here. */
    get isSeated() {
        return this.#you !== null;
    }

    /** Nobody tells any more: whoever writes, writes. */
    lose() {
        this.take({});
    }

    /** "on" | "off" | "alone" (nobody else is there). */
    get state() {
        if (this.#isOut) return "off";
        if (this.others.length === 0) return "alone";
        return this.#on === this.#you ? "on" : "off";
    }

    get isMine() {
        return this.state !== "off";
    }

    get others() {
        return this.#seats.filter(({ id }) => id !== this.#you);
    }

    /** Who writes now, by name. */
    get name() {
        return this.#seats.find(({ id }) => id === this.#on)?.name ?? "";
    }

    get words() {
        const { state, others } = this;
        if (this.#isOut) return say("booth.turn.out");
        if (state === "alone") return say("booth.turn.alone");
        if (state === "on") return say("booth.turn.on", { name: others.map(({ name }) => name).join(", ") });
        return this.#on ? say("booth.turn.off", { name: this.name }) : say("booth.turn.nobody");
    }

    /** What the button does; "" where there is nobody to hand over to. */
    get act() {
        if (this.#isOut) return "";
        return { alone: "", on: say("booth.hand"), off: say("booth.take") }[this.state];
    }
}
