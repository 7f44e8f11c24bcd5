import { language } from "./messages.mjs";

/** What the server said no to. `status` is HTTP's; 0 where it could not be reached. */
export class Refusal extends Error {
    constructor(status, message) {
        super(message);
        this.status = status;
    }
}

/** The secret that changes carry, of somebody who is signed in; null where nobody is. */
export async function ownSession() {
    try {
        const answer = await fetch("/api/v1/session", { cache: "no-store", headers: { Accept: "application/json" } });
        return answer.ok ? (await answer.json()).csrf : null;
    } catch {
        return null;
    }
}

/**
 * The host's side of the API of one show: with its stream key, which goes with each request in a header field and nowhere
 * else, or as somebody who is signed in.
 */
export class HostApi {
    #place;
    #proof;
    #credentials;

    /** @param {{ key?: string, csrf?: string }} proof one of the two */
    constructor(show, { key, csrf }) {
        this.#place = `/api/v1/shows/${encodeURIComponent(show)}/`;
        this.#proof = key ? { Authorization: `Bearer ${key}` } : { "X-Shopcast-CSRF": csrf };
        this.#credentials = key ? "omit" : "same-origin";
    }

    /** How the show and its feed stand. */
    feed() {
        return this.#ask("feed", "GET");
    }

    /** An address under which the show can be seen by its host: { playlist, expiresInSeconds }. */
    preview() {
        return this.#ask("preview", "POST");
    }

    /** @param {"rehearse"|"go-live"|"end"} command */
    tell(command) {
        return this.#ask(command, "POST");
    }

    /** The stream key's header field, where it is the key that opens the show; else null. */
    get key() {
        return this.#proof.Authorization ? this.#proof : null;
    }

    /** Asks below the show's `chat/`. */
    chat(method, path, body) {
        return this.#ask(`chat/${path}`, method, body);
    }

    /** Asks below the show's `captions`. */
    captions(method, path, body, tag) {
        return this.#ask(`captions${path}`, method, body, tag ? { "If-Match": tag } : {});
    }

    async #ask(path, method, body, headers = {}) {
        const ending = new AbortController();
        const deadline = setTimeout(() => ending.abort(), 8000);
        try {
            const answer = await fetch(this.#place + path, {
                method,
                signal: ending.signal,
                cache: "no-store",
                credentials: this.#credentials,
                body: body && JSON.stringify(body),
                headers: {
                    ...this.#proof,
                    ...headers,
                    ...(body ? { "Content-Type": method === "PATCH" ? "application/merge-patch+json" : "application/json" } : {}),
                    Accept: "application/json",
                    "Accept-Language": language,
                },
            });
            const document = await answer.json().catch(() => null);
            if (!answer.ok) throw new Refusal(answer.status, document?.detail ?? `the server answered ${answer.status}`);
            return document;
        } catch (error) {
            if (error instanceof Refusal) throw error;
            throw new Refusal(0, "the server cannot be reached");
        } finally {
            clearTimeout(deadline);
        }
    }
}
