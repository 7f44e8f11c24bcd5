/** How captions look on the picture: what a viewer may choose, and what they chose. */
import { keep, kept } from "./memory.mjs";

const place = "shopcast.captions.look";

/** By what is chosen; the first is what nobody chose. */
export const choices = {
    size: ["normal", "small", "large", "huge"],
    place: ["bottom", "top"],
    backdrop: ["shade", "solid", "none"],
    ink: ["white", "yellow", "black"],
};

export class Look {
    #chosen = {};

    constructor() {
        let known = {};
        try {
            known = JSON.parse(kept(place) || "{}") ?? {};
        } catch {
            // What somebody else has put there counts for nothing.
        }
        for (const [what, names] of Object.entries(choices)) this.#chosen[what] = names.includes(known[what]) ? known[what] : names[0];
    }

    of(what) {
        return this.#chosen[what];
    }

    choose(what, name) {
        if (!choices[what]?.includes(name)) return;
        this.#chosen[what] = name;
        keep(place, JSON.stringify(this.#chosen));
    }

    /** Tells the style sheet. */
    dress(box) {
        for (const [what, name] of Object.entries(this.#chosen)) if (box.dataset[what] !== name) box.dataset[what] = name;
    }
}
