import { serverNow } from "../schedule.mjs";
import { CueBook, cueOf, instant } from "./cue-book.mjs";

/**
 * Milliseconds: what is known around the picture, at least and with some more, since not all viewers should ask in the same
 * moment; and what is asked for at once.
 */
const before = 15_000;
const ahead = 30_000;
const more = 20_000;
const span = 300_000;
/** Milliseconds between two questions, and after one that failed. */
const pace = 1500;
const patience = 6000;
/** Cues of one answer. */
const most = 500;
/** So many languages come over one line. */
const mostLanguages = 3;

/**
 * The captions of a show in the languages that a page wants: at once over the room's line, and of other times from the API.
 * Tells "change" (detail: the language).
 */
export class CueFeed extends EventTarget {
    #show;
    #token;
    #link = null;
    #ahead = ahead + Math.random() * more;
    #languages = [];
    #books = new Map();
    /** By language: when the API may be asked again. */
    #rests = new Map();
    /** Of these the line has told the newest, and goes on to. */
    #told = new Set();

    /** @param {{ show: string, token?: string }} options `token` is a playback token */
    constructor({ show, token = "" }) {
        super();
        this.#show = show;
        this.#token = token;
    }

    /** From here on news come over this line of the room. */
    connect(link) {
        this.#link = link;
        link.addEventListener("events", ({ detail }) => this.#take(detail));
        link.addEventListener("state", () => {
            if (!link.isOpen) this.#close();
        });
        link.read(this.#languages);
    }

    /** These languages, the most wanted first. */
    want(languages) {
        const wanted = [...new Set(languages.filter(Boolean))].slice(0, mostLanguages);
        if (wanted.join() === this.#languages.join()) return;
        this.#languages = wanted;
        // Of what is not wanted no more news come.
        for (const [language, book] of this.#books) {
            if (wanted.includes(language)) continue;
            this.#told.delete(language);
            book.close(serverNow());
        }
        this.#link?.read(wanted);
    }

    book(language) {
        if (!this.#books.has(language)) this.#books.set(language, new CueBook());
        return this.#books.get(language);
    }

    /** Sees to it that what belongs to the picture of this date is there, in the languages that are wanted. */
    look(date) {
        for (const language of this.#languages) this.load(language, date - before, date + this.#ahead);
    }

    /** Asks for a part of what is not known of this span; called again and again until it is. True once all is there. */
    load(language, from, to) {
        const gap = this.book(language).missing(from, this.#told.has(language) ? to : Math.min(to, serverNow()));
        if (!gap || gap[1] - gap[0] < 200) return true;
        if (performance.now() >= (this.#rests.get(language) ?? 0)) {
            // Without a line, an answer is right up to now; with one, what is to come stays right as well.
            const horizon = this.#told.has(language) ? Infinity : serverNow();
            this.#ask(language, gap[0], Math.min(Math.max(gap[1], gap[0] + span), horizon));
        }
        return false;
    }

    async #ask(language, from, to) {
        if (!(to > from)) return;
        this.#rests.set(language, Infinity);
        const book = this.book(language);
        const turn = book.turn;
        const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), limit: String(most) });
        if (this.#token) query.set("token", this.#token);
        let rest = pace;
        try {
            const place = `/api/v1/shows/${encodeURIComponent(this.#show)}/captions/${encodeURIComponent(language)}/cues?${query}`;
            const answer = await fetch(place, { headers: { Accept: "application/json" } });
            if (!answer.ok) {
                rest = answer.status === 404 ? 10 * patience : patience;
            } else {
                const { cues = [], next } = await answer.json();
                // A page that is not the last one is whole up to its last start.
                const last = next ? (cueOf(cues.at(-1))?.start ?? from) : to;
                // Without a line, what a moment ago was said may not be in the answer yet.
                book.learn(from, this.#told.has(language) ? last : Math.min(last, serverNow() - 1500), cues, turn);
                this.#changed(language);
                if (next) rest = 0;
            }
        } catch {
            rest = patience;
        } finally {
            this.#rests.set(language, performance.now() + rest);
        }
    }

    #take(events) {
        const changed = new Set();
        for (const event of events) {
            if (event.type === "hello") {
                // Whatever was told to others meanwhile is not known here.
                for (const [language, book] of this.#books) {
                    book.forget();
                    changed.add(language);
                }
                this.#told.clear();
                continue;
            }
            if (!this.#languages.includes(event.language)) continue;
            const book = this.book(event.language);
            switch (event.type) {
                case "captions":
                    this.#begin(event, book);
                    break;
                case "cue":
                    book.put(event);
                    break;
                case "cueRemoved":
                    book.remove(event.id);
                    break;
                case "cuesReplaced":
                    book.empty();
                    break;
                default:
                    continue;
            }
            changed.add(event.language);
        }
        for (const language of changed) this.#changed(language);
    }

    #begin({ language, from, until, cues = [] }, book) {
        book.learn(instant(from), instant(until), cues, book.turn);
        const partial = cues.find(({ final }) => final === false);
        if (partial) book.put(partial);
        this.#told.add(language);
    }

    #close() {
        this.#told.clear();
        for (const [language, book] of this.#books) {
            book.close(serverNow());
            this.#changed(language);
        }
    }

    #changed(language) {
        this.dispatchEvent(new CustomEvent("change", { detail: language }));
    }
}
