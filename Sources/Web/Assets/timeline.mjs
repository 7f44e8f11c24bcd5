import { shortestWindow } from "./player.mjs";
import { text } from "./text.mjs";

/**
 * The bar over the picture's window: how far back one can go in a live show, or a recording's length.
 * It is a native slider, so fingers, mice, keyboards and screen readers all know it. Its value is seconds: behind live
 * (0 at the right end, negative to the left) or from the beginning of a recording.
 */
export class Timeline {
    #box;
    #bar;
    #tip;
    #place;
    #player;
    #isDragging = false;
    #drawn = "";

    /** `onUse` is called whenever a hand is on the bar. */
    constructor({ box, bar, tip, place }, player, onUse) {
        this.#box = box;
        this.#bar = bar;
        this.#tip = tip;
        this.#place = place;
        this.#player = player;
        bar.addEventListener("pointerdown", (event) => {
            this.#isDragging = true;
            this.#follow(event);
            onUse();
        });
        bar.addEventListener("pointermove", (event) => {
            if (this.#isDragging) this.#follow(event);
        });
        bar.addEventListener("pointerup", (event) => {
            if (this.#isDragging && this.#follow(event)) this.#seek(Number(bar.value));
            this.#isDragging = false;
        });
        bar.addEventListener("pointercancel", () => (this.#isDragging = false));
        bar.addEventListener("input", () => {
            this.#label(Number(bar.value));
            onUse();
        });
        bar.addEventListener("change", () => {
            this.#isDragging = false;
            this.#seek(Number(bar.value));
            onUse();
        });
        bar.addEventListener("blur", () => (this.#isDragging = false));
    }

    /** Whether a finger or a mouse holds the bar. */
    get isDragging() {
        return this.#isDragging;
    }

    paint() {
        const { range } = this.#player;
        const isUseful = range !== null && (!range.isLive || range.end - range.start >= shortestWindow);
        this.#box.hidden = !isUseful;
        this.#place.hidden = !isUseful;
        document.body.dataset.timeline = String(isUseful);
        if (!isUseful || this.#isDragging) return;
        const length = Math.floor(range.end - range.start);
        const position = Math.min(length, Math.max(0, range.position - range.start));
        const behind = this.#player.isShifted || this.#player.isHeld || this.#player.isBehind ? length - position : 0;
        const [least, most] = range.isLive ? [-length, 0] : [0, length];
        const value = Math.round(range.isLive ? -behind : position);
        const drawn = [least, most, value].join();
        if (drawn === this.#drawn) return;
        this.#drawn = drawn;
        this.#bar.min = least;
        this.#bar.max = most;
        this.#bar.value = value;
        this.#label(value);
    }

    /** Fingers are followed here, since not every browser's slider goes where it is tapped; true where it was one. */
    #follow({ pointerType, clientX }) {
        if (pointerType === "mouse") return false;
        const { left, width } = this.#bar.getBoundingClientRect();
        const share = Math.min(1, Math.max(0, (clientX - left - 8) / (width - 16)));
        const [least, most] = [Number(this.#bar.min), Number(this.#bar.max)];
        this.#bar.value = String(Math.round(least + share * (most - least)));
        this.#label(Number(this.#bar.value));
        return true;
    }

    #label(value) {
        const { isReplay } = this.#player;
        const [least, most] = [Number(this.#bar.min), Number(this.#bar.max)];
        const share = most > least ? (value - least) / (most - least) : 1;
        this.#box.style.setProperty("--played", String(share));
        const shown = isReplay ? text.place(value, most) : text.ago(-value);
        this.#tip.textContent = shown;
        this.#place.textContent = isReplay ? shown : value > -1 ? "" : shown;
        this.#bar.setAttribute("aria-valuetext", isReplay ? text.spokenPlace(value, most) : text.spokenBehind(-value));
    }

    #seek(value) {
        const { range } = this.#player;
        if (!range) return;
        this.#player.seek(range.isLive ? range.end + value : range.start + value);
    }
}
