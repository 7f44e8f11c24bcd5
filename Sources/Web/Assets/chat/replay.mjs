import { h } from "../console/elements.mjs";
import { say } from "../messages.mjs";
import { Conversation } from "./conversation.mjs";
import { MessageList } from "./message-list.mjs";

/** Milliseconds of the show that are asked for at once, how long before they are needed, and what is shown after a seek. */
const span = 60_000;
const ahead = 15_000;
const before = 60_000;
/** Messages of one span, and how often (ms) the picture's moment is looked at. */
const most = 200;
const pace = 500;

/**
 * What was said while the show ran, beside its recording: each message appears at its moment, and goes again where the
 * viewer goes back.
 */
export class ReplayChat {
    #show;
    #player;
    #token;
    #conversation = new Conversation();
    #list;
    #box;
    /** What is there, sorted: { from, to } in Unix milliseconds, and the messages in it. */
    #from = null;
    #to = null;
    #messages = [];
    #next = 0;
    #shownUntil = 0;
    #isAsking = false;
    #turn = 0;
    /** Puts the box into the page; most pages never show a recording. */
    #put;

    constructor(place, { show, token, player, video, panel }) {
        this.#show = show;
        this.#token = token;
        this.#player = player;
        this.#list = new MessageList(this.#conversation, { actions: () => [], again() {}, discard() {} });
        this.#box = h("div", { class: "chat-replay", hidden: true }, h("p", { class: "chat-replay-line" }, say("chat.replay")), this.#list.place);
        this.#put = () => panel.list.place.before(this.#box);
        setInterval(() => this.#look(place), pace);
        video.addEventListener("seeked", () => this.#look(place));
    }

    get isOn() {
        return !this.#box.hidden;
    }

    #look(place) {
        const date = this.#player.isReplay ? this.#player.date : null;
        const isOn = date !== null;
        if (isOn === this.#box.hidden) {
            if (isOn && !this.#box.isConnected) this.#put();
            this.#box.hidden = !isOn;
            place.dataset.replay = String(isOn);
        }
        if (!isOn) return;
        if (this.#from === null || date < this.#from || date > this.#to) this.#begin(date);
        else if (date > this.#to - ahead) this.#ask(this.#to, this.#to + span);
        this.#tellUntil(date);
    }

    /** Somewhere else in the show: what was said a little before is there at once. */
    #begin(date) {
        this.#turn += 1;
        this.#isAsking = false;
        this.#messages = [];
        this.#next = 0;
        this.#from = date - before;
        this.#to = date - before;
        this.#conversation.empty();
        this.#list.paint();
        this.#ask(this.#from, date + span);
    }

    #tellUntil(date) {
        if (date < this.#shownUntil) {
            // Back, within what is there.
            this.#conversation.empty();
            this.#next = 0;
        }
        this.#shownUntil = date;
        const due = [];
        while (this.#next < this.#messages.length && Date.parse(this.#messages[this.#next].showTime) <= date) due.push(this.#messages[this.#next++]);
        if (!due.length) return;
        this.#conversation.take(due.map((message) => ({ ...message, type: "message" })));
        this.#list.paint();
    }

    async #ask(from, to) {
        if (this.#isAsking) return;
        const turn = this.#turn;
        this.#isAsking = true;
        const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), limit: String(most) });
        if (this.#token) query.set("token", this.#token);
        try {
            const answer = await fetch(`/api/v1/shows/${encodeURIComponent(this.#show)}/chat/messages?${query}`, { headers: { Accept: "application/json" } });
            if (turn !== this.#turn) return;
            if (answer.ok) {
                const found = (await answer.json()).messages ?? [];
                if (turn !== this.#turn) return;
                const isTimed = ({ showTime }) => !Number.isNaN(Date.parse(showTime));
                this.#messages.push(...found.filter(isTimed).sort((a, b) => Date.parse(a.showTime) - Date.parse(b.showTime)));
                this.#to = to;
            }
        } catch {
            // Asked for again with the next look.
        } finally {
            if (turn === this.#turn) this.#isAsking = false;
        }
    }
}
