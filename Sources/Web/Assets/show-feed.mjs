/**
 * Asks the server again and again how a document stands (a show, or the list of shows) and tells of each answer.
 * Every 3 s while the page is seen, every 15 s while it is hidden, up to every 20 s while the server does not answer.
 */
export class ShowFeed {
    #address;
    #tell;
    #timed;
    #timer = 0;
    #failures = 0;
    #request = null;
    #period = 3000;

    /**
     * @param {string} address of a JSON document
     * @param {(document: object | null) => void} tell called with each answer; null once the document is gone (404)
     * @param {(date: string | null, asked: number, answered: number) => void} [timed] called with the `Date` of each answer
     */
    constructor(address, tell, timed = () => {}) {
        this.#timed = timed;
        this.#address = address;
        this.#tell = tell;
        document.addEventListener("visibilitychange", () => {
            if (!document.hidden) this.askNow();
        });
        addEventListener("online", () => this.askNow());
        this.#schedule();
    }

    /** The time between two questions while the page is seen, in milliseconds. */
    set period(milliseconds) {
        if (milliseconds === this.#period) return;
        this.#period = milliseconds;
        if (!this.#request) this.#schedule();
    }

    askNow() {
        if (!this.#request) this.#ask();
    }

    #schedule() {
        clearTimeout(this.#timer);
        const calm = document.hidden ? 15000 : this.#period;
        const wait = this.#failures ? Math.min(20000, Math.max(calm, 1000 * 2 ** this.#failures)) : calm;
        // A little spread keeps a thousand viewers from asking in the same instant.
        this.#timer = setTimeout(() => this.#ask(), wait * (0.9 + Math.random() * 0.2));
    }

    async #ask() {
        clearTimeout(this.#timer);
        this.#request = new AbortController();
        const deadline = setTimeout(() => this.#request?.abort(), 8000);
        try {
            const asked = Date.now();
            const answer = await fetch(this.#address, {
                signal: this.#request.signal,
                cache: "no-store",
                headers: { Accept: "application/json" },
            });
            this.#timed(answer.headers.get("date"), asked, Date.now());
            if (answer.status === 404) {
                this.#failures = 0;
                this.#tell(null);
            } else if (answer.ok) {
                const found = await answer.json();
                this.#failures = 0;
                this.#tell(found);
            } else {
                this.#failures += 1;
            }
        } catch {
            this.#failures += 1;
        } finally {
            clearTimeout(deadline);
            this.#request = null;
            this.#schedule();
        }
    }
}
