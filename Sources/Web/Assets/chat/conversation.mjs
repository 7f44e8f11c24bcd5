/**
 * What a chat shows, from the events of its line. Pure: no page, no clock; the same event twice changes nothing.
 *
 * An entry is { key, kind: "message" | "note", state: "shown" | "pending" | "unsent" | "held", isOwn, edition, … } with
 * what the protocol says of the message. `edition` rises with each change, so that only what has changed is drawn anew.
 */

/** Entries that are kept; while somebody reads further up, as many more. */
export const bound = 200;

export class Conversation {
    you = { id: null, name: "", badge: null, canWrite: false };
    mode = { slowSeconds: 0, writing: "anyone", links: "allow", hold: false };
    pinned = null;
    /** How many are in the chat; null while that is not known. */
    readers = null;
    /** Whether the first snapshot is there. */
    isReady = false;
    /** Entries that had to go to keep the bound. */
    dropped = 0;
    #entries = new Map();
    /** Keys of entries by the ids of their messages. */
    #keys = new Map();
    #serial = 0;
    #wrote = null;

    /** @param {(entry: object) => void} wrote called with each message that somebody else has written just now */
    constructor(wrote = () => {}) {
        this.#wrote = wrote;
    }

    /** Oldest first. */
    get entries() {
        return this.#entries.values();
    }

    get size() {
        return this.#entries.size;
    }

    /** By the key that an entry keeps for as long as it is there. */
    entry(key) {
        return this.#entries.get(key);
    }

    /** The entry of a message; undefined where it is not kept (any more). */
    find(id) {
        return this.#entries.get(this.#keys.get(id));
    }

    take(events) {
        for (const event of events) this.#take(event);
    }

    #take(event) {
        switch (event.type) {
            case "hello":
                return this.#greet(event);
            case "you":
                this.you = { ...this.you, ...event };
                return;
            case "message":
                return this.#put(event, { isNew: true });
            case "ack":
                return this.#confirm(event);
            case "refused":
                return this.#refuse(event);
            case "edited":
            case "translation":
                return this.#change(event);
            case "deleted":
                return this.#remove(event.id);
            case "pinned":
                this.pinned = event.message ?? null;
                return;
            case "unpinned":
                this.pinned = null;
                return;
            case "cleared":
                for (const entry of [...this.#entries.values()]) {
                    if (entry.kind === "note" || (entry.seq ?? Infinity) <= event.upTo) this.#drop(entry);
                }
                return this.note("cleared");
            case "mode":
                this.mode = { ...this.mode, ...event.mode };
                return;
            case "question":
                return this.#change({ id: event.id, question: true, answered: Boolean(event.answered) });
            case "count":
                this.readers = event.readers ?? this.readers;
                return;
            case "gap":
                return this.note("gap");
            default:
        }
    }

    /** A message of one's own that is on its way, under the name that it is sent by. */
    send({ id, text, replyTo = null, at }) {
        const key = `own-${id}`;
        this.#entries.set(key, {
            key, id: null, sendId: id, kind: "message", state: "pending", isOwn: true, edition: 0, at, text, replyTo,
            author: { id: this.you.id, name: this.you.name, badge: this.you.badge },
        });
        this.#bind();
    }

    /** What is still to be sent after a line was lost. */
    get pending() {
        return [...this.#entries.values()].filter(({ state }) => state === "pending");
    }

    /** Nothing came back for too long. */
    giveUp(sendId) {
        this.#set(`own-${sendId}`, { state: "unsent" });
    }

    retry(sendId) {
        this.#set(`own-${sendId}`, { state: "pending" });
    }

    discard(sendId) {
        const entry = this.#entries.get(`own-${sendId}`);
        if (entry && entry.state !== "shown") this.#drop(entry);
    }

    /** A line of the page's own between the messages; the same twice in a row is one. */
    note(what, values = {}) {
        const last = [...this.#entries.values()].at(-1);
        if (last?.kind === "note" && last.what === what) return;
        const key = `note-${(this.#serial += 1)}`;
        this.#entries.set(key, { key, kind: "note", what, values, edition: 0 });
        this.#bind();
    }

    /** Forgets the oldest beyond `limit`. */
    trim(limit = bound) {
        for (const entry of this.#entries.values()) {
            if (this.#entries.size <= limit) return;
            this.#drop(entry);
            this.dropped += 1;
        }
    }

    /** Everything goes but what waits to be sent. */
    empty() {
        for (const entry of [...this.#entries.values()]) {
            if (entry.state !== "pending" && entry.state !== "unsent") this.#drop(entry);
        }
    }

    #greet(hello) {
        this.you = { badge: null, ...hello.you };
        this.mode = { ...this.mode, ...hello.mode };
        this.pinned = hello.pinned ?? null;
        this.readers = hello.count?.readers ?? hello.count ?? this.readers;
        this.isReady = true;
        if (hello.resumed) return;
        const waiting = this.pending.concat([...this.#entries.values()].filter(({ state }) => state === "unsent"));
        this.#entries.clear();
        this.#keys.clear();
        for (const message of hello.messages ?? []) this.#put(message);
        for (const entry of waiting) this.#entries.set(entry.key, entry);
    }

    #put(message, { isNew = false } = {}) {
        const known = this.find(message.id);
        const isOwn = Boolean(message.author?.id) && message.author.id === this.you.id;
        if (known) {
            // Acknowledged already, or told twice.
            if (known.state !== "shown") this.#set(known.key, { ...told(message), state: "shown" });
            return;
        }
        const key = `m-${message.id}`;
        const entry = { key, kind: "message", state: "shown", isOwn, edition: 0, ...told(message) };
        // Its acknowledgement is behind it.
        const pending = isOwn && this.pending.find(({ text, replyTo }) => text === message.text && (replyTo ?? null) === (message.replyTo ?? null));
        if (pending) {
            this.#keys.set(message.id, pending.key);
            this.#set(pending.key, { ...told(message), state: "shown" });
            return;
        }
        this.#entries.set(key, entry);
        this.#keys.set(message.id, key);
        this.#bind();
        if (isNew && !isOwn) this.#wrote(entry);
    }

    #confirm({ id, message }) {
        const pending = this.#entries.get(`own-${id}`);
        const twin = message && this.find(message.id);
        if (pending && twin && twin !== pending) {
            this.#drop(pending);
        } else if (pending) {
            if (message) this.#keys.set(message.id, pending.key);
            this.#set(pending.key, { ...(message ? told(message) : {}), state: message?.state === "held" ? "held" : "shown" });
        } else if (message) {
            this.#put(message);
        }
    }

    #refuse({ id, code }) {
        const entry = this.#entries.get(`own-${id}`);
        if (!entry) return;
        if (code === "held") this.#set(entry.key, { state: "held" });
        else this.#drop(entry);
    }

    #change({ id, type, seq, ...news }) {
        const entry = this.find(id);
        if (!entry) return;
        const changes = { ...news };
        if (type === "translation") {
            // The first words that came are its author's, unless it came translated.
            changes.original = entry.original ?? { text: entry.text, language: entry.language };
        } else if (type === "edited") {
            Object.assign(changes, { original: news.original ?? null, engine: news.engine ?? null, hops: news.hops ?? 0, isEdited: true });
            // Whoever wrote it is still who wrote it.
            if (!news.author) delete changes.author;
        }
        this.#set(entry.key, changes);
        if (this.pinned?.id === id) this.pinned = { ...this.pinned, ...changes };
    }

    #remove(id) {
        const entry = this.find(id);
        if (entry) this.#drop(entry);
        if (this.pinned?.id === id) this.pinned = null;
    }

    #set(key, changes) {
        const entry = this.#entries.get(key);
        if (entry) this.#entries.set(key, { ...entry, ...changes, key, edition: entry.edition + 1 });
    }

    #drop(entry) {
        this.#entries.delete(entry.key);
        if (entry.id) this.#keys.delete(entry.id);
    }

    #bind() {
        this.trim(2 * bound);
    }
}

/** What the protocol says of a message, and nothing else. */
function told({ id, seq, at, showTime, author, text, language, original, engine, hops, replyTo, question, answered, editedAt }) {
    return {
        id, seq, at, showTime, language, text,
        author: { id: author?.id ?? null, name: author?.name ?? "", badge: author?.badge ?? null },
        original: original ?? null, engine: engine ?? null, hops: hops ?? 0, replyTo: replyTo ?? null,
        question: Boolean(question), answered: Boolean(answered),
        isEdited: Boolean(editedAt),
    };
}
