/** What the server said no to. `status` is HTTP's, 0 where it could not be reached; `errors` tell of single fields. */
export class Refusal extends Error {
    constructor(status, message, errors = []) {
        super(message);
        this.status = status;
        this.errors = errors;
    }
}

/** What lists of the API are called; a view reads each as `items`. */
const lists = ["shows", "people", "keys", "members", "events", "tokens", "entries", "hooks", "deliveries"];

function listed(document) {
    const name = document && lists.find((list) => Array.isArray(document[list]));
    // Of the console's status, shows are one thing among others.
    return name && !("version" in document) ? { ...document, items: document[name] } : document;
}

/** So long (ms) is an answer waited for. */
const patience = 15_000;

/** The API as a signed-in person asks it: the session is a cookie, and changes carry the session's own secret with them. */
export class Api {
    #csrf = "";
    /** Called where the session has ended. */
    onSignedOut = () => {};

    /** Who is signed in: { person, csrf }; null where nobody is. */
    async session() {
        try {
            const { body } = await this.#ask("GET", "session");
            this.#csrf = body.csrf ?? "";
            return body;
        } catch (refusal) {
            if (refusal.status === 401) return null;
            throw refusal;
        }
    }

    async signIn(login, password) {
        // Whoever is still signed in here shows so: no other site can sign somebody over.
        await this.session();
        const { body } = await this.#ask("POST", "session", { body: { login, password } });
        this.#csrf = body.csrf;
        return body;
    }

    async welcome(secret, password, name) {
        await this.session();
        const { body } = await this.#ask("POST", "welcome", { body: { secret, password, ...(name ? { name } : {}) } });
        return body;
    }

    signOut() {
        return this.#ask("DELETE", "session");
    }

    async get(path) {
        return (await this.#ask("GET", path)).body;
    }

    /** With its version, for a later `patch`: { body, tag }. */
    read(path) {
        return this.#ask("GET", path);
    }

    /** `once` makes a repeated creation the same one. */
    async post(path, body = undefined, { once = "" } = {}) {
        return (await this.#ask("POST", path, { body, headers: once ? { "Idempotency-Key": once } : {} })).body;
    }

    patch(path, body, tag) {
        return this.#ask("PATCH", path, { body, type: "application/merge-patch+json", headers: tag ? { "If-Match": tag } : {} });
    }

    async put(path, body, tag = "") {
        return (await this.#ask("PUT", path, { body, headers: tag ? { "If-Match": tag } : {} })).body;
    }

    async upload(path, file) {
        return (await this.#ask("PUT", path, { raw: file, type: file.type || "application/octet-stream" })).body;
    }

    async remove(path, tag = "") {
        return (await this.#ask("DELETE", path, { headers: tag ? { "If-Match": tag } : {} })).body;
    }

    async #ask(method, path, { body, raw, type = "application/json", headers = {} } = {}) {
        const ending = new AbortController();
        const deadline = setTimeout(() => ending.abort(), patience);
        try {
            const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
            const answer = await fetch(`/api/v1/${path}`, {
                method,
                body: content,
                signal: ending.signal,
                cache: "no-store",
                headers: {
                    Accept: "application/json",
                    ...(content === undefined ? {} : { "Content-Type": type }),
                    ...(method === "GET" ? {} : { "X-Shopcast-CSRF": this.#csrf }),
                    ...headers,
                },
            });
            const document = answer.status === 204 ? null : await answer.json().catch(() => null);
            if (answer.ok) return { body: listed(document), tag: answer.headers.get("ETag") };
            if (answer.status === 401 && path !== "session" && path !== "welcome") this.onSignedOut();
            throw new Refusal(answer.status, document?.detail ?? `HTTP ${answer.status}`, document?.errors ?? []);
        } catch (error) {
            if (error instanceof Refusal) throw error;
            throw new Refusal(0, "");
        } finally {
            clearTimeout(deadline);
        }
    }
}
