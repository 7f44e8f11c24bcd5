import { ownSession } from "../host-api.mjs";
import { language } from "../messages.mjs";
import { eventsOf } from "./socket-line.mjs";

/** So long (ms) is an answer waited for. */
const patience = 10_000;
/** The server is never silent for so long (ms). */
const death = 40_000;

/**
 * The chat where no WebSocket gets through: server-sent events to read, requests to write, with the same words as
 * `SocketLine`. What a request is answered comes as the event that a socket would have brought.
 */
export class StreamLine {
    canReact = false;
    #place;
    #reading = new AbortController();
    #guest;
    #token;
    #proof;
    #csrf = null;
    #isSignedIn = false;
    #isOver = false;
    #heard = performance.now();
    #bye = null;
    #captions;
    #on;

    /** The options are those of `SocketLine`. */
    constructor({ show, hello, guest, token, proof, captions = [], events, ended }) {
        this.#captions = captions;
        this.#token = token;
        this.#proof = proof;
        this.#place = `/api/v1/shows/${encodeURIComponent(show)}/`;
        this.#on = { events, ended };
        this.#guest = guest;
        this.#open(hello);
    }

    send(words) {
        if (this.#isOver) return false;
        const { type, id, message, text, replyTo, name, link } = words;
        const one = () => `chat/messages/${encodeURIComponent(message)}`;
        switch (type) {
            case "send":
                this.#ask("POST", "chat/messages", { id, text, ...(replyTo ? { replyTo } : {}) }, id).then(
                    (found) => found && this.#tell({ type: "ack", id, message: found.message ?? found }));
                return true;
            case "name":
                this.#ask("POST", "chat/guest", { name, ...(link ? { link } : {}) }, null).then((found) => {
                    if (!found) return;
                    const { guest, you } = found;
                    this.#guest = { id: you.id, name: you.name, secret: guest };
                    this.#tell({ type: "you", canWrite: true, ...you, guest });
                });
                return true;
            case "edit":
                this.#ask("PATCH", one(), { text }, id);
                return true;
            case "delete":
                this.#ask("DELETE", one(), undefined, id);
                return true;
            default:
                return false;
        }
    }

    /** Its address says already which captions it brings: others need another line. */
    read(languages) {
        return languages.join() === this.#captions.join();
    }

    close() {
        this.#isOver = true;
        this.#reading.abort();
    }

    async #open({ language: wanted, after, room }) {
        const query = new URLSearchParams({ language: wanted });
        if (after !== undefined && room) {
            query.set("after", after);
            query.set("room", room);
        }
        if (this.#token) query.set("token", this.#token);
        if (this.#captions.length) query.set("captions", this.#captions.join());
        // An EventSource would show neither a key nor a guest's secret, and would not say why it has ended.
        const watch = setInterval(() => {
            if (performance.now() - this.#heard > death) this.#reading.abort();
        }, 5000);
        let status = 0;
        try {
            const answer = await fetch(`${this.#place}events?${query}`, {
                signal: this.#reading.signal,
                credentials: this.#proof ? "omit" : "same-origin",
                cache: "no-store",
                headers: { Accept: "text/event-stream", ...(this.#proof ?? (this.#guest ? { Authorization: `Guest ${this.#guest.secret}` } : {})) },
            });
            status = answer.status;
            if (answer.ok) await this.#read(answer.body);
        } catch {
            // The line broke, or was ended here.
        }
        clearInterval(watch);
        this.#end(status);
    }

    /** Tells what comes until nothing comes any more. */
    async #read(body) {
        let rest = "";
        for (let reader = body.pipeThrough(new TextDecoderStream()).getReader(); ;) {
            const { value, done } = await reader.read();
            if (done || this.#isOver) return;
            this.#heard = performance.now();
            const blocks = (rest + value).split("\n\n");
            rest = blocks.pop();
            for (const line of blocks.join("\n").split("\n")) {
                const list = line.startsWith("data: ") ? eventsOf(line.slice(6)) : null;
                if (list) this.#hear(list);
            }
        }
    }

    #hear(list) {
        for (const event of list) {
            if (event.type === "hello") this.#isSignedIn = Boolean(event.you?.id) && !event.you.id.startsWith("g_");
            // The server says that there is no use in coming back.
            if (event.type === "bye") this.#bye = event;
        }
        this.#on.events(list);
    }

    #end(status) {
        if (this.#isOver) return;
        this.close();
        const isRefused = status === 401 || status === 403 || status === 404;
        this.#on.ended({ code: isRefused ? 1008 : this.#bye?.code, isAbsent: status === 404, retryAfterSeconds: this.#bye?.retryAfterSeconds });
    }

    #tell(event) {
        if (!this.#isOver) this.#on.events([event]);
    }

    /** The answer's document; what was refused is told as the event `refused`, and gives null. */
    async #ask(method, path, body, id) {
        const ending = new AbortController();
        const deadline = setTimeout(() => ending.abort(), patience);
        try {
            const answer = await fetch(this.#place + this.#paid(path), {
                method,
                signal: ending.signal,
                credentials: this.#proof ? "omit" : "same-origin",
                cache: "no-store",
                body: body && JSON.stringify(body),
                headers: {
                    Accept: "application/json",
                    "Accept-Language": language,
                    ...(body ? { "Content-Type": method === "PATCH" ? "application/merge-patch+json" : "application/json" } : {}),
                    ...(method === "PATCH" ? { "If-Match": "*" } : {}),
                    ...(await this.#identity()),
                },
            });
            const document = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
            if (answer.ok) return document;
            const wait = Number(answer.headers.get("Retry-After")) || undefined;
            this.#tell({ type: "refused", id, code: document.code ?? codeOf(answer.status), detail: document.detail, retryAfterSeconds: document.retryAfterSeconds ?? wait });
        } catch {
            // Not answered: what was sent stays pending, and is sent again under the same id.
        } finally {
            clearTimeout(deadline);
        }
        return null;
    }

    /** With the playback token, where the show asks for one. */
    #paid(path) {
        return this.#token ? `${path}?token=${encodeURIComponent(this.#token)}` : path;
    }

    /** A key that was given; a guest's secret; else the session's, for who is signed in. */
    async #identity() {
        if (this.#proof) return this.#proof;
        if (this.#guest) return { Authorization: `Guest ${this.#guest.secret}` };
        // Who is not is not asked: the browser would call the answer an error.
        if (!this.#isSignedIn) return {};
        this.#csrf ??= (await ownSession()) ?? "";
        return this.#csrf ? { "X-Shopcast-CSRF": this.#csrf } : {};
    }
}

function codeOf(status) {
    if (status === 429) return "flood";
    return status === 401 || status === 403 ? "not-allowed" : "bad-request";
}
