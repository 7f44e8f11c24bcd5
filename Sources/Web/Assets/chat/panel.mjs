/** A show's chat as a panel: what is written, who writes, and how the line stands. The watch page and the studio use it. */
import { h, put } from "../console/elements.mjs";
import { number, say } from "../messages.mjs";
import { pinnedCard } from "./bubble.mjs";
import { Composer } from "./composer.mjs";
import { Conversation } from "./conversation.mjs";
import { Herald } from "./herald.mjs";
import { sign } from "./icons.mjs";
import { Keepsake } from "./keepsake.mjs";
import { Link } from "./link.mjs";
import { MessageList } from "./message-list.mjs";
import { Outbox } from "./outbox.mjs";
import { Reactions } from "./reactions.mjs";
import { isStaff, standing } from "./standing.mjs";
import { firstTongue, tongues } from "./tongues.mjs";
import { line, refused, span } from "./words.mjs";

/** The choice in the menu of languages that leaves every message as it was written. */
const asWritten = "original";
/** So long (ms) stays the word that only a part of a flood is shown. */
const floodWords = 8000;

export class ChatPanel {
    conversation;
    link;
    list;
    #place;
    #composer;
    #reactions = null;
    #herald;
    #keepsake;
    #status = h("p", { class: "chat-status", role: "status" });
    #count = h("span", { class: "chat-count" });
    #pinned = h("div", { class: "pinned", hidden: true });
    #slow = h("p", { class: "chat-slow", hidden: true });
    #floodUntil = 0;
    #showsOriginals = false;
    #language;
    #moderates;
    #onChange;
    #wasThere = false;
    #isOver = false;
    #outbox;

    /**
     * @param {HTMLElement} place what it fills
     * @param {{ show: string, door?: string, token?: string, proof?: Record<string, string>, moderates?: (entry: object) => HTMLElement[], extra?: Node[],
     *     onChange?: (events: object[]) => void }} options
     *     `door` is the secret of the host's link by which the reader came just now, `moderates` makes the buttons of who runs
     *     the room, who is no guest there whatever they are elsewhere, `extra` stands in the head, and `onChange` is called after each change
     */
    constructor(place, { show, door = "", token = "", proof = null, moderates = null, extra = [], onChange = () => {} }) {
        this.#place = place;
        this.#moderates = moderates ?? (() => []);
        this.#onChange = onChange;
        this.#keepsake = new Keepsake(show);
        if (door) this.#keepsake.door = door;
        const kept = this.#keepsake.language;
        this.#showsOriginals = kept === asWritten;
        this.#language = kept && kept !== asWritten ? kept : firstTongue();
        const log = h("div", { class: "unseen", role: "log", "aria-live": "polite", "aria-label": say("chat.title") });
        this.#herald = new Herald(log);
        this.conversation = new Conversation((entry) => this.#herald.hear(entry));
        this.list = new MessageList(this.conversation, {
            actions: (entry) => this.#actions(entry),
            again: (entry) => {
                this.#outbox.again(entry);
                this.list.paint();
            },
            discard: (entry) => {
                this.conversation.discard(entry.sendId);
                this.list.paint();
            },
        }, { nothing: say("chat.empty") });
        this.list.onlyOriginals = this.#showsOriginals;
        this.link = new Link({ show, language: this.#language, guest: moderates ? null : this.#keepsake.guest, door: this.#keepsake.door, token, proof });
        this.#outbox = new Outbox(this.conversation, (words) => this.link.send(words));
        const sky = h("div", { class: "react-sky", "aria-hidden": "true" });
        this.#reactions = new Reactions(sky, (emoji) => this.link.send({ type: "react", emoji }));
        this.#composer = new Composer(
            { send: (words) => this.#send(words), name: (name) => this.#name(name) },
            { name: this.#keepsake.name, extra: this.#reactions.place });
        place.replaceChildren(
            h("div", { class: "chat-head" }, h("h2", {}, say("chat.title")), this.#count, h("span", { class: "chat-space" }), this.#menu(), ...extra),
            this.#pinned, this.#status, this.list.place, this.#slow, this.#composer.place, sky, log);
        this.link.addEventListener("events", ({ detail }) => this.#take(detail));
        this.link.addEventListener("state", () => this.#paintLine());
        addEventListener("online", () => this.#paintLine());
        addEventListener("offline", () => this.#paintLine());
        const clock = setInterval(() => this.#tick() || clearInterval(clock), 1000);
        this.#paintLine();
    }

    start() {
        this.link.start();
    }

    /** Ends for good, and leaves its place to another. */
    stop() {
        this.#isOver = true;
        this.link.stop();
    }

    get language() {
        return this.#language;
    }

    get isWriting() {
        return this.#composer.hasFocus;
    }

    /** Begins a reply to a message of the list. */
    reply(entry) {
        this.#composer.reply(entry);
    }

    tell(words, options) {
        this.#composer.tell(words, options);
    }

    #menu() {
        const options = [...tongues(), [asWritten, say("chat.language.original")]];
        const chosen = this.#showsOriginals ? asWritten : this.#language;
        const menu = h("select", { class: "chat-language", "aria-label": say("chat.language"), title: say("chat.language") },
            options.map(([tag, name]) => h("option", { value: tag, selected: tag === chosen, lang: tag === asWritten ? null : tag }, name)));
        menu.addEventListener("change", () => {
            this.#keepsake.language = menu.value;
            this.#showsOriginals = menu.value === asWritten;
            this.list.onlyOriginals = this.#showsOriginals;
            if (!this.#showsOriginals && menu.value !== this.#language) {
                this.#language = menu.value;
                this.link.speak(menu.value);
            }
            this.#paint();
        });
        return menu;
    }

    #take(events) {
        this.conversation.take(events);
        for (const event of events) {
            switch (event.type) {
                case "hello":
                    this.#outbox.resume();
                    break;
                case "you":
                    this.#onYou(event);
                    break;
                case "ack":
                    this.#onAck();
                    break;
                case "refused":
                    this.#onRefused(event);
                    break;
                case "reactions":
                    this.#reactions.show(event.counts);
                    break;
                case "mode":
                    if (event.mode?.slowSeconds === 0) this.#composer.wait(0);
                    break;
                case "sampled":
                    this.#floodUntil = performance.now() + floodWords;
                    break;
                default:
            }
        }
        this.#paint();
        this.#onChange(events);
    }

    #onYou({ id, name, guest }) {
        this.#composer.named();
        if (guest) {
            this.#keepsake.guest = { id, name, secret: guest };
            this.link.guest = { id, name, secret: guest };
        }
    }

    #onAck() {
        const { mode, you } = this.conversation;
        if (mode.slowSeconds > 0 && !isStaff(you)) this.#composer.wait(mode.slowSeconds);
    }

    #onRefused(event) {
        if (event.code === "held") return;
        this.#composer.tell(refused(event));
        if (event.code === "slow-mode" && event.retryAfterSeconds > 0) this.#composer.wait(event.retryAfterSeconds);
        const text = this.#outbox.takeBack(event.id);
        if (text) this.#composer.giveBack(text);
    }

    #send({ text, replyTo, edits }) {
        this.list.follow();
        if (edits) {
            if (!this.link.send({ type: "edit", message: edits, text })) this.#composer.giveBack(text);
            return;
        }
        this.#outbox.put({ text, replyTo });
        this.list.paint();
    }

    #name(name) {
        if (!this.link.send({ type: "name", name, ...(this.link.door ? { link: this.link.door } : {}) })) this.#composer.tell(say("chat.reconnecting"));
    }

    #actions(entry) {
        const { you } = this.conversation;
        const buttons = [];
        const button = (name, words, act) => h("button", { class: "chat-small", type: "button", title: words, "aria-label": words, onclick: act }, sign(name));
        if (you.canWrite) buttons.push(button("reply", say("chat.reply"), () => this.#composer.reply(entry)));
        if (entry.isOwn && you.id) {
            buttons.push(button("edit", say("chat.edit"), () => this.#composer.edit(entry)));
            if (!isStaff(you)) buttons.push(button("remove", say("chat.delete"), () => this.link.send({ type: "delete", message: entry.id })));
        }
        return [...buttons, ...this.#moderates(entry)];
    }

    #paint() {
        const { conversation } = this;
        this.list.paint();
        pinnedCard(this.#pinned, conversation.pinned, this.#showsOriginals);
        put(this.#count, conversation.readers > 0 ? number(conversation.readers) : "");
        this.#count.title = conversation.readers > 0 ? say("chat.readers", { count: conversation.readers }) : "";
        const { slowSeconds } = conversation.mode;
        this.#slow.hidden = !(slowSeconds > 0);
        put(this.#slow, slowSeconds > 0 ? say("chat.slow", { time: span(slowSeconds) }) : "");
        this.#place.dataset.ready = String(conversation.isReady);
        this.#place.dataset.empty = String(conversation.isReady && conversation.size === 0);
        this.#paintComposer();
        this.#paintLine();
    }

    #paintComposer() {
        const { you } = this.conversation;
        const now = this.conversation.isReady ? standing(this.conversation, Boolean(this.link.door)) : "connecting";
        const signIn = () => h("a", { class: "pill", href: `/login?next=${encodeURIComponent(location.pathname)}` }, say("chat.signIn"));
        const why = {
            signIn: () => [h("span", {}, say("chat.needsSignIn")), " ", signIn()],
            link: () => [say("chat.needsLink")],
            nobody: () => [say("chat.readOnly")],
            banned: () => [say("chat.refused.banned")],
            timedOut: () => [say("chat.refused.timedOut")],
            refused: () => [say("chat.refused.notAllowed")],
            connecting: () => [],
        }[now];
        this.#composer.paint(now, { why: why?.() ?? [], name: now === "write" && !you.badge ? (you.name ?? "") : "" });
    }

    #paintLine() {
        if (this.#isOver) return;
        const { link } = this;
        const isFlooded = performance.now() < this.#floodUntil;
        const words = line(link, performance.now()) || (isFlooded ? say("chat.sampled") : "");
        // The first connecting is nothing to speak of.
        put(this.#status, !this.conversation.isReady && link.state === "connecting" ? "" : words);
        this.#place.dataset.line = link.state;
        this.#reactions.isPossible = link.canReact;
        if (link.state === "absent") this.#onChange([]);
    }

    /** False once the panel has gone from the page, which ends its line. */
    #tick() {
        if (this.#isOver) return false;
        this.#wasThere ||= this.#place.isConnected;
        if (this.#wasThere && !this.#place.isConnected) {
            this.link.stop();
            return false;
        }
        this.#paintLine();
        if (this.#outbox.look()) this.list.paint();
        return true;
    }
}
