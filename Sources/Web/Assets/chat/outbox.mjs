/** So long (ms) is a message on its way until it counts as not sent. */
const patience = 20_000;
/** Of so many it is remembered what they said, for the case that they are refused. */
const most = 20;

/**
 * What this reader writes, until the room has acknowledged or refused it: under its own name it is one message, however
 * often it goes.
 */
export class Outbox {
    #conversation;
    #send;
    /** What was sent lately, by name. */
    #texts = new Map();
    /** Since when messages are on their way. */
    #since = new Map();

    /** @param {(words: object) => boolean} send over the line that there is */
    constructor(conversation, send) {
        this.#conversation = conversation;
        this.#send = send;
    }

    put({ text, replyTo }) {
        const id = randomName();
        this.#texts.set(id, text);
        if (this.#texts.size > most) this.#texts.delete(this.#texts.keys().next().value);
        this.#conversation.send({ id, text, replyTo, at: new Date().toISOString() });
        this.#post(this.#conversation.entry(`own-${id}`));
    }

    again({ sendId }) {
        this.#conversation.retry(sendId);
        this.#post(this.#conversation.entry(`own-${sendId}`));
    }

    /** The line is there again: what was on its way goes once more. */
    resume() {
        for (const entry of this.#conversation.pending) this.#post(entry);
    }

    /** What a message said that was refused; undefined where it was none of these. */
    takeBack(id) {
        const text = this.#texts.get(id);
        this.#texts.delete(id);
        return text;
    }

    /** Gives up what has been on its way for too long; true where there was any. */
    look() {
        const late = performance.now() - patience;
        let isAny = false;
        for (const { sendId } of this.#conversation.pending) {
            if ((this.#since.get(sendId) ?? Infinity) > late) continue;
            this.#since.delete(sendId);
            this.#conversation.giveUp(sendId);
            isAny = true;
        }
        return isAny;
    }

    #post({ sendId, text, replyTo }) {
        this.#since.set(sendId, performance.now());
        this.#send({ type: "send", id: sendId, text, ...(replyTo ? { replyTo } : {}) });
    }
}

/** 96 random bits: the same message under the same name, however often it is sent. */
export function randomName() {
    return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
