import { randomName } from "../chat/outbox.mjs";
import { serverNow } from "../schedule.mjs";

/** Milliseconds between two tellings of what is being typed. */
const pace = 600;
/** So long (ms) may a caption be on its way until it is sent again, and the line be away until it goes over the API. */
const patience = 4000;
const despair = 15_000;
/** The reader's time for a caption: milliseconds at least, for each letter, for each sign of Chinese, Japanese or Korean, and at most. */
const reading = { least: 1800, letter: 55, sign: 200, most: 7000 };
const isSign = (letter) => /[\u1100-\u11ff\u3040-\u9fff\uac00-\ud7af\uf900-\ufaff]/.test(letter);
/** Nobody types longer at one caption (ms). */
const longest = 20_000;

/**
 * What an interpreter writes, on its way: as it is typed, and once it stands. Over the room's line, and where that carries
 * no captions, over the API; under one name it is one caption. Tells "change" when something came to be on its way, or was taken.
 */
export class Pen extends EventTarget {
    #link;
    #language;
    #post;
    #give;
    #start = null;
    #told = "";
    #toldAt = 0;
    #timer = 0;
    /** By name: { words, since, isAsked }; `since` is when it was sent last. */
    #underWay = new Map();
    #last = null;

    /**
     * @param {{ link: import("../chat/link.mjs").Link, language: string, post: (cue: object, name: string) => Promise<void>, give: (text: string, why: string) => void }} options
     *     `post` sends over the API, and `give` gives back what was not taken
     */
    constructor({ link, language, post, give }) {
        super();
        this.#link = link;
        this.#language = language;
        this.#post = post;
        this.#give = give;
        link.addEventListener("events", ({ detail }) => this.#take(detail));
        setInterval(() => this.#look(), 1000);
    }

    /** So many captions have not been acknowledged. */
    get underWay() {
        return this.#underWay.size;
    }

    /** The id of the caption that was taken last; null where none was. */
    get last() {
        return this.#last;
    }

    /** This is typed so far, of what was heard at `heard` (Unix milliseconds of the show clock). Empty: nothing any more. */
    type(text, heard) {
        if (!text.trim()) {
            this.#start = null;
            return this.#tell("");
        }
        this.#start ??= heard;
        this.#tell(text);
    }

    /** Has been typed, and stands. */
    send(text, heard) {
        const now = serverNow();
        const time = [...text].reduce((sum, letter) => sum + (isSign(letter) ? reading.sign : reading.letter), 0);
        const end = now + Math.min(reading.most, Math.max(reading.least, time));
        const start = Math.max(Math.min(this.#start ?? heard, now), end - longest);
        this.#start = null;
        this.#told = "";
        clearTimeout(this.#timer);
        const name = randomName();
        const words = { text, start: Math.round(start), end: Math.round(end) };
        const entry = { words, since: performance.now(), isAsked: false };
        this.#underWay.set(name, entry);
        // A line that is open and does not take it never will.
        if (!this.#put(name, words) && this.#link.isOpen) this.#ask(name, entry);
        this.dispatchEvent(new Event("change"));
    }

    #put(name, { text, start, end }) {
        return this.#link.send({ type: "caption", language: this.#language, id: name, text, start, end, final: true });
    }

    /** At most so often; the last word of all is always told. */
    #tell(text) {
        clearTimeout(this.#timer);
        if (text === this.#told) return;
        const wait = this.#toldAt + pace - performance.now();
        if (wait > 0) {
            this.#timer = setTimeout(() => this.#tell(text), wait);
            return;
        }
        this.#told = text;
        this.#toldAt = performance.now();
        const start = this.#start === null ? {} : { start: Math.round(this.#start) };
        this.#link.send({ type: "caption", language: this.#language, id: randomName(), text, ...start, final: false });
    }

    #take(events) {
        for (const event of events) {
            if (event.type === "hello") {
                for (const [name, { words }] of this.#underWay) this.#put(name, words);
            } else if (event.type === "ack" && this.#underWay.delete(event.id)) {
                this.#last = event.cues?.at(-1)?.id ?? this.#last;
                this.dispatchEvent(new Event("change"));
            } else if (event.type === "refused" && this.#underWay.has(event.id)) {
                // Too much at once, or a server that is busy: it goes again in a moment.
                if (["flood", "busy"].includes(event.code)) continue;
                this.#lose(event.id, event.detail ?? "");
            }
        }
    }

    #lose(name, why) {
        const { text } = this.#underWay.get(name).words;
        this.#underWay.delete(name);
        this.#give(text, why);
        this.dispatchEvent(new Event("change"));
    }

    /** What was not answered goes once more; over the API where the line does not take it. */
    #look() {
        for (const [name, entry] of this.#underWay) {
            const waited = performance.now() - entry.since;
            if (entry.isAsked || waited < (this.#link.isOpen ? patience : despair)) continue;
            entry.since = performance.now();
            if (this.#put(name, entry.words)) continue;
            this.#ask(name, entry);
        }
    }

    async #ask(name, entry) {
        entry.isAsked = true;
        try {
            await this.#post(entry.words, name);
            this.#underWay.delete(name);
            this.dispatchEvent(new Event("change"));
        } catch (refusal) {
            entry.isAsked = false;
            if (refusal.status >= 400 && refusal.status < 500 && refusal.status !== 429) this.#lose(name, refusal.message);
        }
    }
}
