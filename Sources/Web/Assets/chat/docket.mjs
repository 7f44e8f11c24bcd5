/** So many of each kind are asked for at once. */
export const page = 200;

/**
 * What waits for who runs a room: open questions and held messages, as the API lists them and as the room's events change
 * them. Pure.
 */
export class Docket {
    questions = new Map();
    held = new Map();
    /** More wait than the API told at once. */
    #isCut = { questions: false, held: false };
    /** Events since the lists were asked for: the answer may be older than they are. */
    #meanwhile = null;

    /** The lists are being asked for. */
    ask() {
        this.#meanwhile = [];
    }

    /** They have come; null where they have not. */
    fill(lists) {
        const meanwhile = this.#meanwhile ?? [];
        this.#meanwhile = null;
        if (!lists) return;
        for (const kind of ["questions", "held"]) {
            this[kind] = new Map(lists[kind].map((message) => [message.id, message]));
            this.#isCut[kind] = lists[kind].length >= page;
        }
        for (const event of meanwhile) this.#change(event);
    }

    /** @returns {boolean} whether the lists may be other than they were */
    take(events) {
        let isNew = false;
        for (const event of events) {
            this.#meanwhile?.push(event);
            isNew = this.#change(event) || isNew;
        }
        return isNew;
    }

    /** What the events say no more, the API has to: the rest of a long list. */
    get isShort() {
        return ["questions", "held"].some((kind) => this.#isCut[kind] && this[kind].size < page / 2);
    }

    /** Bound: twice a page; the oldest go, and are asked for again once there is room. */
    #add(kind, message) {
        this[kind].set(message.id, message);
        if (this[kind].size > 2 * page) {
            this[kind].delete(this[kind].keys().next().value);
            this.#isCut[kind] = true;
        }
        return true;
    }

    #change(event) {
        switch (event.type) {
            case "held":
                return this.#add("held", event);
            case "released":
                return this.held.delete(event.id);
            case "message":
            case "edited":
                return event.question && !event.answered ? this.#add("questions", event) : this.questions.delete(event.id);
            case "question":
                return this.questions.delete(event.id);
            case "deleted":
                return this.questions.delete(event.id);
            case "cleared": {
                const gone = [...this.questions.values()].filter(({ seq }) => seq <= event.upTo);
                for (const { id } of gone) this.questions.delete(id);
                return gone.length > 0;
            }
            case "translation":
                return this.questions.has(event.id);
            default:
                return false;
        }
    }
}
