/** What who runs a room does with its messages: the buttons beside each, and the lists of questions and of what waits. */
import { h, put } from "../console/elements.mjs";
import { say } from "../messages.mjs";
import { langOf } from "./bubble.mjs";
import { Docket, page } from "./docket.mjs";
import { sign } from "./icons.mjs";
import { time } from "./words.mjs";

/** Seconds of a time-out, as it is given with one press. */
const timeOut = 600;
/** Milliseconds until the lists are asked for again where something of them was lost on the way. */
const pace = 4000;

export class ChatDesk {
    /** Lists of questions and of what is held, for the page. */
    questions;
    held;
    #ask;
    #tell;
    #confirm;
    #docket = new Docket();
    #panel = null;
    #timer = 0;
    #isLooking = false;
    #isStale = false;

    /**
     * @param {{ ask: (method: string, path: string, body?: object) => Promise<object>, tell: (refusal: Error) => void,
     *     confirm: (question: { title: string, line: string, yes: string }) => Promise<boolean> }} options
     *     `ask` asks the API below `chat/`
     */
    constructor({ ask, tell, confirm }) {
        this.#ask = ask;
        this.#tell = tell;
        this.#confirm = confirm;
        this.questions = this.#list("desk.questions", "desk.questions.none");
        this.held = this.#list("desk.held", "desk.held.none");
        this.look();
    }

    /** The panel whose messages stand in the lists in the reader's language. */
    set panel(panel) {
        this.#panel = panel;
    }

    /** The buttons of a message. */
    buttons = (entry) => {
        const isStaff = ["host", "moderator", "operator"].includes(entry.author.badge);
        const id = encodeURIComponent(entry.id);
        return [
            entry.question && !entry.answered && this.#button("check", say("desk.answered"), () => this.#do("POST", `messages/${id}/answer`, {})),
            this.#button("pin", say("desk.pin"), () => this.#do("POST", `messages/${id}/pin`)),
            this.#button("remove", say("desk.delete"), () => this.#do("DELETE", `messages/${id}`)),
            !isStaff && this.#button("quiet", say("desk.sanction"), (event) => this.#sanction(entry, event.currentTarget)),
        ].filter(Boolean);
    };

    /** What has come over the room's line: the lists follow it. */
    take(events) {
        const isNew = this.#docket.take(events);
        // A line that stands anew does not tell what was held or released meanwhile.
        if (events.some(({ type }) => type === "hello")) this.look();
        else if (this.#docket.isShort || events.some(({ type }) => type === "gap" || type === "sampled")) this.#lookSoon();
        if (isNew) this.#paint();
    }

    /** Asks for the lists now. */
    async look() {
        clearTimeout(this.#timer);
        this.#timer = 0;
        // The page has gone on to something else.
        if (this.#panel?.link.state === "closed") return;
        this.#isStale = this.#isLooking;
        if (this.#isLooking) return;
        this.#isLooking = true;
        this.#docket.ask();
        try {
            const [asked, waiting] = await Promise.all([this.#ask("GET", `questions?answered=false&limit=${page}`), this.#ask("GET", `queue?limit=${page}`)]);
            this.#docket.fill({ questions: asked.messages, held: waiting.messages });
        } catch ({ status }) {
            // Whoever runs the room no more sees nothing of it.
            const isOver = [401, 403, 404].includes(status);
            this.#docket.fill(isOver ? { questions: [], held: [] } : null);
            if (!isOver) this.#lookSoon();
        }
        this.#isLooking = false;
        this.#paint();
        if (this.#isStale) this.look();
    }

    #lookSoon() {
        this.#timer ||= setTimeout(() => this.look(), pace);
    }

    #paint() {
        this.#draw(this.questions, [...this.#docket.questions.values()], (message) => this.#question(message));
        this.#draw(this.held, [...this.#docket.held.values()], (message) => this.#waiting(message));
    }

    #list(title, nothing) {
        const count = h("span", { class: "figure" });
        const list = h("ul", { class: "desk-list" });
        const place = h("section", { class: "desk-part", "aria-label": say(title) }, h("div", { class: "card-head" }, h("h2", {}, say(title)), count), list, h("p", { class: "soft desk-none" }, say(nothing)));
        Object.assign(place, { list, count });
        return place;
    }

    /** Draws only what has changed, so that what is being typed stays. */
    #draw(place, messages, line) {
        put(place.count, messages.length ? String(messages.length) : "");
        place.dataset.empty = String(messages.length === 0);
        const wanted = new Set(messages.map(({ id }) => id));
        const there = new Map([...place.list.children].map((item) => [item.dataset.id, item]));
        for (const [id, item] of there) if (!wanted.has(id)) item.remove();
        let next = place.list.firstElementChild;
        for (const message of messages) {
            const shown = this.#panel?.conversation.find(message.id) ?? message;
            const item = there.get(message.id) ?? line(message);
            if (item === next) next = next.nextElementSibling;
            else place.list.insertBefore(item, next);
            const words = item.querySelector(".msg-text");
            put(words, shown.text);
            words.lang = langOf(shown.language) ?? "";
        }
    }

    #head(message) {
        return [
            h("p", { class: "msg-head" }, h("bdi", { class: "msg-name" }, message.author.name), h("time", { class: "msg-time", datetime: message.at }, time(message.at))),
            h("p", { class: "msg-text", dir: "auto" }),
        ];
    }

    #question(message) {
        const id = encodeURIComponent(message.id);
        const words = h("input", { type: "text", class: "chat-field", dir: "auto", maxlength: 2000, "aria-label": say("desk.answer.to", { name: message.author.name }), placeholder: say("desk.answer") });
        const form = h("form", { class: "chat-row" }, words, h("button", { class: "act act-small", type: "submit" }, say("desk.send")));
        form.addEventListener("submit", (event) => {
            event.preventDefault();
            if (words.value.trim()) this.#do("POST", `messages/${id}/answer`, { text: words.value.trim() }, event.submitter);
        });
        return h("li", { class: "desk-item", "data-id": message.id }, this.#head(message), form,
            h("div", { class: "acts" }, this.#act(say("desk.answered"), "", () => this.#do("POST", `messages/${id}/answer`, {})), this.#act(say("desk.pin"), "", () => this.#do("POST", `messages/${id}/pin`))));
    }

    #waiting(message) {
        const id = encodeURIComponent(message.id);
        const why = { word: say("desk.why.word"), link: say("desk.why.link"), address: say("desk.why.address"), review: say("desk.why.review") }[message.heldFor] ?? "";
        return h("li", { class: "desk-item", "data-id": message.id }, this.#head(message), h("p", { class: "soft" }, why),
            h("div", { class: "acts" },
                this.#act(say("desk.approve"), "act-main", () => this.#do("POST", `messages/${id}/approve`)),
                this.#act(say("desk.reject"), "act-end", () => this.#do("POST", `messages/${id}/reject`)),
                this.#act(say("desk.sanction"), "", (event) => this.#sanction(message, event.currentTarget))));
    }

    /** A time-out, a ban or neither is chosen in place of the button. */
    #sanction({ author }, button) {
        const impose = (kind, seconds) => this.#do("POST", "sanctions", { author: author.id, kind, ...(seconds ? { seconds } : {}), reason: say("desk.reason") });
        const choices = h("span", { class: "acts desk-choices" },
            this.#act(say("desk.timeout"), "", () => impose("timeout", timeOut)),
            this.#act(say("desk.shadow"), "", () => impose("shadow")),
            this.#act(say("desk.ban"), "act-end", async () => {
                if (await this.#confirm({ title: say("desk.ban.title"), line: say("desk.ban.line"), yes: say("desk.ban") })) await impose("ban");
            }));
        choices.addEventListener("click", () => choices.replaceWith(button));
        button.replaceWith(choices);
        choices.querySelector("button").focus();
    }

    #button(name, words, act) {
        return h("button", { class: "chat-small", type: "button", title: words, "aria-label": words, onclick: act }, sign(name));
    }

    #act(words, kind, act) {
        return h("button", { class: `act act-small ${kind}`, type: "button", onclick: act }, words);
    }

    async #do(method, path, body = undefined, button = null) {
        if (button) button.disabled = true;
        try {
            await this.#ask(method, path, body);
            // Else the line tells what became of it.
            if (!this.#panel?.link.isOpen) await this.look();
        } catch (refusal) {
            this.#tell(refusal);
        } finally {
            if (button) button.disabled = false;
        }
    }
}
