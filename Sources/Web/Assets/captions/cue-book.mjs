/** The captions of one language that a page knows, and of which spans of the show it knows all of them. Pure. */

/** So many are kept; beyond it those that are farthest from what came last go, with what is known of their spans: a few more than need be. */
const most = 5000;
const fewer = 4500;
/** Of so many it is remembered that they were taken away. */
const mostGone = 2000;
/** No caption stays longer (ms). */
const longest = 61_000;
/** So long (ms) is something shown that is being said and has no end yet, and beyond the end that it has so far. */
const patience = 20_000;
const grace = 1500;

/** Unix milliseconds of what the server tells as an instant. */
export const instant = (told) => (typeof told === "number" ? told : Date.parse(told ?? ""));

/** A caption as pages use it; null where it has no place in the show (yet), or is none. */
export function cueOf(told) {
    const [start, end] = [instant(told?.start), instant(told?.end)];
    if (Number.isNaN(start) || typeof told.text !== "string") return null;
    const isFinal = told.final !== false && told.id !== "p";
    if (isFinal && !Number.isSafeInteger(told.id)) return null;
    if (isFinal && Number.isNaN(end)) return null;
    return { ...told, start, end: Number.isNaN(end) ? null : end, isFinal, revision: told.revision ?? 1 };
}

export class CueBook {
    /** Rises with each change. */
    edition = 0;
    #cues = new Map();
    #gone = new Set();
    /** [from, to] in their order, apart from each other; the last may have no end. */
    #spans = [];
    #partial = null;
    #sorted = null;
    #turn = 0;
    /** What was asked for before it counts for nothing. */
    #begun = 0;

    /** What is said now and may still change; null without. */
    get partial() {
        return this.#partial;
    }

    /** All final ones in the order of their starts. */
    get list() {
        this.#sorted ??= [...this.#cues.values()].map(({ cue }) => cue).sort((a, b) => a.start - b.start || a.id - b.id);
        return this.#sorted;
    }

    /** A mark in time: what comes later is newer than an answer to what was asked before. */
    get turn() {
        return this.#turn;
    }

    find(id) {
        return this.#cues.get(id)?.cue ?? null;
    }

    /** It is there, or was and is there no more. */
    knows(id) {
        return this.#cues.has(id) || this.#gone.has(id);
    }

    /** A new one, or one that is other than it was. A final one ends what was being said. */
    put(told) {
        const cue = cueOf(told);
        if (!cue) return;
        if (!cue.isFinal) this.#partial = cue;
        else if (!this.#add(cue)) return;
        else {
            if (cue.revision === 1) this.#partial = null;
            this.#bound(cue.start);
        }
        this.#changed();
    }

    remove(id) {
        if (id === "p") this.#partial = null;
        else this.#bury(id);
        this.#changed();
    }

    /** Everything may be other than it was. */
    empty() {
        this.#cues.clear();
        this.#spans = [];
        this.#begun = ++this.#turn;
        this.#changed();
    }

    /** These are all that there are from one instant to another, as was asked at `turn`: what it was before `empty` or `forget` is nothing any more. */
    learn(from, to, told, turn) {
        if (turn < this.#begun) return;
        const cues = told.map(cueOf).filter((cue) => cue?.isFinal);
        const there = new Set(cues.map(({ id }) => id));
        for (const [id, { cue, since }] of this.#cues) {
            if (since <= turn && !there.has(id) && cue.start >= from && cue.start < to) this.#bury(id);
        }
        for (const cue of cues) this.#add(cue);
        this.#span(from, to);
        this.#bound((from + Math.min(to, from + longest)) / 2);
        this.#changed();
    }

    /** News may have been missed: nothing is known to be whole, though what is there stays. */
    forget() {
        this.#spans = [];
        this.#partial = null;
        this.#begun = ++this.#turn;
        this.#changed();
    }

    /** No more news come: what was known up to now stays known. */
    close(now) {
        this.#spans = this.#spans.filter(([from]) => from < now).map(([from, to]) => [from, Math.min(to, now)]);
        this.#partial = null;
        this.#changed();
    }

    covers(date) {
        return this.#spans.some(([from, to]) => from <= date && date < to);
    }

    /** The first part of a span of which not everything is known; null where all is. */
    missing(from, to) {
        let start = from;
        for (const [known, until] of this.#spans) {
            if (known > start) return [start, Math.min(to, known)];
            start = Math.max(start, until);
            if (start >= to) return null;
        }
        return [start, to];
    }

    /** What is to be read under the picture of this date, the oldest first. */
    at(date) {
        const { list } = this;
        let [low, high] = [0, list.length];
        while (low < high) {
            const middle = (low + high) >> 1;
            if (list[middle].start <= date) low = middle + 1;
            else high = middle;
        }
        const found = [];
        for (let i = low - 1; i >= 0 && list[i].start > date - longest; i--) if (list[i].end > date) found.unshift(list[i]);
        const said = this.#partial;
        if (said && said.start <= date && date < (said.end === null ? said.start + patience : said.end + grace)) found.push(said);
        return found;
    }

    /** False where it is known already, or gone for good. */
    #add(cue) {
        if (this.#gone.has(cue.id)) return false;
        const known = this.#cues.get(cue.id);
        if (known && known.cue.revision > cue.revision) return false;
        this.#cues.set(cue.id, { cue, since: ++this.#turn });
        return true;
    }

    #bury(id) {
        this.#cues.delete(id);
        this.#gone.add(id);
        if (this.#gone.size > mostGone) this.#gone.delete(this.#gone.values().next().value);
    }

    #span(from, to) {
        if (!(to > from)) return;
        const apart = [];
        let [start, end] = [from, to];
        for (const span of this.#spans) {
            if (span[1] < start || span[0] > end) apart.push(span);
            else [start, end] = [Math.min(start, span[0]), Math.max(end, span[1])];
        }
        this.#spans = [...apart, [start, end]].sort((a, b) => a[0] - b[0]);
    }

    #bound(middle) {
        if (this.#cues.size <= most) return;
        const far = ({ cue }) => Math.abs(cue.start - middle);
        const all = [...this.#cues.values()].sort((a, b) => far(a) - far(b));
        this.#cues = new Map(all.slice(0, fewer).map((entry) => [entry.cue.id, entry]));
        let [first, last] = [-Infinity, Infinity];
        for (const { cue } of all.slice(fewer)) {
            if (cue.start < middle) first = Math.max(first, cue.end);
            else last = Math.min(last, cue.start);
        }
        this.#spans = this.#spans.map(([from, to]) => [Math.max(from, first), Math.min(to, last)]).filter(([from, to]) => to > from);
    }

    #changed() {
        this.#sorted = null;
        this.edition += 1;
    }
}
