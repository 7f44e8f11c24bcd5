/** What the server said no to. `status` is HTTP's; 0 where it could not be reached. */
export class Refusal extends Error {
    constructor(status, message) {
        super(message);
        this.status = status;
    }
}

/** The host's side of the API of one show. The key goes with each request in a header field, and nowhere else. */
export class HostApi {
    #place;
    #key;

    constructor(show, key) {
        this.#place = `/api/v1/shows/${encodeURIComponent(show)}/`;
        this.#key = key;
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

    async #ask(path, method) {
        const ending = new AbortController();
        const deadline = setTimeout(() => ending.abort(), 8000);
        try {
            const answer = await fetch(this.#place + path, {
                method,
                signal: ending.signal,
                cache: "no-store",
                credentials: "omit",
                headers: { Authorization: `Bearer ${this.#key}`, Accept: "application/json" },
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
