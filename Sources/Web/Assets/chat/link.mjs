import { Patience } from "./patience.mjs";
import { SocketLine } from "./socket-line.mjs";
import { StreamLine } from "./stream-line.mjs";

/**
 * Keeps a page connected to a show's chat: resumes after a drop with the last sequence it has seen, waits longer with
 * each failure, and takes server-sent events where WebSockets do not get through.
 * Tells "events" (detail: what arrived) and "state" (see `state`).
 */
export class Link extends EventTarget {
    /** "connecting" | "open" | "waiting" (until `retryAt`) | "closed" (for good) | "absent" (this show has no chat). */
    state = "connecting";
    /** When a lost line is tried again, by `performance.now()`. */
    retryAt = 0;

    /** The secret of the host's link by which the reader came; empty without. */
    door;
    #show;
    #language;
    #guest;
    #token;
    #proof;
    #line = null;
    #patience = new Patience();
    #timer = 0;
    #room;
    #after;
    /** Languages whose captions come along. */
    #captions = [];

    /**
     * @param {{ show: string, language: string, guest?: { id: string, name: string, secret: string }, door?: string,
     *     token?: string, proof?: Record<string, string> }} options `token` is a playback token, `proof` the header fields of who shows a
     *     key in place of a session
     */
    constructor({ show, language, guest, door = "", token = "", proof = null }) {
        super();
        this.#token = token;
        this.#proof = proof;
        this.door = door;
        this.#show = show;
        this.#language = language;
        this.#guest = guest;
        addEventListener("online", () => this.#hurry());
        addEventListener("pagehide", () => this.#rest());
        addEventListener("pageshow", ({ persisted }) => {
            if (persisted) this.#hurry();
        });
        document.addEventListener("visibilitychange", () => {
            if (!document.hidden) this.#hurry();
        });
    }

    get isOpen() {
        return this.state === "open";
    }

    get canReact() {
        return this.isOpen && (this.#line?.canReact ?? false);
    }

    /** Who the guest is from now on: { id, name, secret }. */
    set guest(guest) {
        this.#guest = guest;
    }

    start() {
        this.#connect();
    }

    /** Ends for good. */
    stop() {
        this.#rest();
        this.#become("closed");
    }

    /** False where there is no line; what must not be lost is kept by who sends it. */
    send(words) {
        return this.isOpen && (this.#line?.send(words) ?? false);
    }

    /** What comes from now on is in this language. */
    speak(language) {
        this.#language = language;
        // The messages that are there are asked for anew in it.
        this.#after = undefined;
        if (this.#line) this.#restart();
    }

    /** Captions in these languages come along from here on; `[]` ends it. */
    read(languages) {
        if (languages.join() === this.#captions.join()) return;
        this.#captions = languages;
        // A stream is asked with its address what it brings.
        if (this.isOpen && this.#line && !this.#line.read(languages)) this.#restart();
    }

    #connect() {
        clearTimeout(this.#timer);
        const Line = this.#patience.kind === "socket" ? SocketLine : StreamLine;
        let hasSpoken = false;
        this.#become("connecting");
        this.#line = new Line({
            show: this.#show,
            guest: this.#guest,
            token: this.#token,
            proof: this.#proof,
            captions: this.#captions,
            hello: { language: this.#language, ...(this.door ? { link: this.door } : {}), ...(this.#after === undefined ? {} : { after: this.#after, room: this.#room }) },
            events: (list) => {
                if (!hasSpoken && list.some(({ type }) => type === "hello")) {
                    hasSpoken = true;
                    this.#patience.spoke();
                    this.#note(list);
                    this.#become("open");
                    if (this.#captions.length) this.#line?.read(this.#captions);
                } else {
                    this.#note(list);
                }
                this.dispatchEvent(new CustomEvent("events", { detail: list }));
            },
            ended: (how) => this.#ended({ ...how, hasSpoken }),
        });
    }

    /** Where to go on from after a drop. */
    #note(list) {
        for (const event of list) {
            if (event.type === "hello") {
                this.#room = event.room;
                // What was missed follows a hello that resumes, one event after the other.
                if (!event.resumed) this.#after = event.sequence;
            } else if (event.type !== "ack" && Number.isSafeInteger(event.seq)) {
                this.#after = Math.max(this.#after ?? 0, event.seq);
            }
        }
    }

    #ended(how) {
        this.#line = null;
        if (how.isAbsent) return this.#become("absent");
        const wait = this.#patience.ended(how, Math.random());
        if (wait === null) return this.#become("closed");
        this.retryAt = performance.now() + wait;
        this.#timer = setTimeout(() => this.#connect(), wait);
        this.#become("waiting");
    }

    /** The network is back, or the reader: not worth waiting any longer. */
    #hurry() {
        if (this.state !== "waiting" || this.#line) return;
        clearTimeout(this.#timer);
        // Thousands come back in the same instant where it was the network's doing.
        this.#timer = setTimeout(() => this.#connect(), Math.random() * 800);
    }

    #restart() {
        this.#line?.close();
        this.#line = null;
        this.#connect();
    }

    /** The page is left, perhaps to be shown again. */
    #rest() {
        this.#line?.close();
        this.#line = null;
        clearTimeout(this.#timer);
        if (["open", "connecting"].includes(this.state)) this.#become("waiting");
    }

    #become(state) {
        if (state === this.state) return;
        this.state = state;
        this.dispatchEvent(new Event("state"));
    }
}
