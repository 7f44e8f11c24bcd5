import { h, put } from "../console/elements.mjs";
import { say } from "../messages.mjs";
import { bubble } from "./bubble.mjs";
import { bound } from "./conversation.mjs";
import { sign } from "./icons.mjs";

/** So near (px) to the end counts as being there. */
const nearness = 48;

/**
 * The messages as a list that follows the newest one until its reader scrolls up. Draws at most once in a frame, and only
 * what has changed; holds as many elements as the conversation has entries.
 */
export class MessageList {
    /** What goes into the page: the list, and the way back to the newest message. */
    place;
    /** Every message as its author wrote it. */
    #onlyOriginals = false;
    #list;
    #latest;
    #conversation;
    #acts;
    #drawn = new Map();
    #turned = new Set();
    #isFollowing = true;
    #unread = 0;
    #frame = 0;
    #marked = null;

    /**
     * @param {import("./conversation.mjs").Conversation} conversation
     * @param {{ actions: (entry: object) => HTMLElement[], again: (entry: object) => void, discard: (entry: object) => void }} acts
     *     `actions` are the buttons of a message that is pointed at
     * @param {{ nothing?: string }} options what is said while there is nothing
     */
    constructor(conversation, acts, { nothing = "" } = {}) {
        this.#conversation = conversation;
        this.#acts = acts;
        this.#list = h("ol", { class: "chat-list", tabindex: "0", "aria-label": say("chat.messages") });
        this.#latest = h("button", { class: "pill chat-latest", type: "button", hidden: true }, sign("down"), h("span", {}));
        this.place = h("div", { class: "chat-scroll" }, this.#list, nothing && h("p", { class: "chat-empty" }, nothing), this.#latest);
        this.#list.addEventListener("scroll", () => this.#onScroll(), { passive: true });
        this.#latest.addEventListener("click", () => {
            this.follow();
            this.#list.focus({ preventScroll: true });
        });
        this.#list.addEventListener("pointerover", ({ target, pointerType }) => {
            if (pointerType === "mouse") this.#mark(target.closest(".msg"));
        });
        this.#list.addEventListener("pointerleave", ({ pointerType }) => {
            if (pointerType === "mouse" && !this.#list.contains(document.activeElement)) this.#mark(null);
        });
        this.#list.addEventListener("click", ({ target }) => {
            if (!target.closest("button")) this.#mark(target.closest(".msg"));
        });
        this.#list.addEventListener("focusin", ({ target }) => this.#mark(target.closest(".msg")));
        this.#list.addEventListener("keydown", (event) => this.#onKey(event));
        // What grows or shrinks (the keyboard, a field with more lines) does not move the newest message away.
        new ResizeObserver(() => {
            if (this.#isFollowing) this.#toEnd();
        }).observe(this.#list);
    }

    set onlyOriginals(isOn) {
        this.#onlyOriginals = isOn;
        this.#turned.clear();
        for (const key of this.#drawn.keys()) this.#forget(key);
        this.paint();
    }

    showsOriginal(entry) {
        return this.#onlyOriginals !== this.#turned.has(entry.key);
    }

    /** Draws in the next frame. */
    paint() {
        if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#paint());
    }

    /** Goes to the newest message and stays with it. */
    follow() {
        this.#isFollowing = true;
        this.#unread = 0;
        this.paint();
    }

    /** Draws a message anew whose surroundings have changed. */
    touch(entry) {
        this.#forget(entry.key);
        this.paint();
    }

    #paint() {
        this.#frame = 0;
        const conversation = this.#conversation;
        conversation.trim(this.#isFollowing ? bound : 2 * bound);
        for (const [key, { place }] of this.#drawn) if (!conversation.entry(key)) this.#leave(key, place);
        let added = 0;
        let at = this.#list.firstElementChild;
        for (const entry of conversation.entries) {
            let drawn = this.#drawn.get(entry.key);
            const isFresh = !drawn;
            if (!drawn || drawn.edition !== entry.edition) {
                const place = this.#make(entry);
                if (drawn) {
                    if (at === drawn.place) at = place;
                    this.#exchange(drawn.place, place);
                }
                drawn = { place, edition: entry.edition };
            }
            this.#drawn.set(entry.key, drawn);
            if (at === drawn.place) {
                at = at.nextElementSibling;
            } else {
                this.#list.insertBefore(drawn.place, at);
            }
            if (isFresh && !entry.isOwn && entry.kind === "message") added += 1;
        }
        if (this.#isFollowing) this.#toEnd();
        else this.#unread += added;
        this.#paintLatest();
    }

    #make(entry) {
        return bubble(entry, {
            quoted: entry.replyTo ? this.#conversation.find(entry.replyTo) : undefined,
            showsOriginal: this.showsOriginal(entry),
            turn: () => {
                if (!this.#turned.delete(entry.key)) this.#turned.add(entry.key);
                const hadFocus = this.#list.contains(document.activeElement);
                this.#forget(entry.key);
                this.paint();
                // The button is a new one.
                if (hadFocus) requestAnimationFrame(() => this.#drawn.get(entry.key)?.place.querySelector(".msg-turn")?.focus());
            },
            again: () => this.#acts.again(this.#conversation.entry(entry.key)),
            discard: () => this.#acts.discard(this.#conversation.entry(entry.key)),
        });
    }

    #exchange(old, place) {
        const hadFocus = old.contains(document.activeElement);
        if (this.#marked === old) this.#marked = null;
        old.replaceWith(place);
        if (hadFocus) place.focus({ preventScroll: true });
    }

    /** The focus does not fall out of the list with the message that had it. */
    #leave(key, place) {
        this.#drawn.delete(key);
        this.#turned.delete(key);
        if (this.#marked === place) this.#marked = null;
        if (place.contains(document.activeElement)) this.#list.focus({ preventScroll: true });
        place.remove();
    }

    #forget(key) {
        const drawn = this.#drawn.get(key);
        if (drawn) drawn.edition = -1;
    }

    #toEnd() {
        this.#list.scrollTop = this.#list.scrollHeight;
    }

    #onScroll() {
        const { scrollTop, scrollHeight, clientHeight } = this.#list;
        const isAtEnd = scrollHeight - clientHeight - scrollTop < nearness;
        if (isAtEnd === this.#isFollowing) return;
        this.#isFollowing = isAtEnd;
        this.#unread = 0;
        this.#paintLatest();
    }

    #paintLatest() {
        this.#latest.hidden = this.#isFollowing;
        put(this.#latest.lastElementChild, this.#unread ? say("chat.newMessages", { count: this.#unread }) : say("chat.latest"));
    }

    /** Only the message that is pointed at has its buttons in the page, so that a hundred of them are not on the way. */
    #mark(place) {
        if (place === this.#marked) return;
        this.#marked?.querySelector(".msg-acts")?.remove();
        this.#marked?.removeAttribute("data-marked");
        this.#marked = place;
        const entry = place && this.#conversation.entry(place.dataset.key);
        const buttons = entry?.kind === "message" && entry.state === "shown" ? this.#acts.actions(entry) : [];
        if (!buttons.length) return;
        place.dataset.marked = "true";
        place.append(h("div", { class: "msg-acts" }, buttons));
    }

    /** Arrows go from message to message; Tab goes to the buttons of the one that has the focus. */
    #onKey(event) {
        const { key } = event;
        if (!["ArrowUp", "ArrowDown", "Home", "End"].includes(key)) return;
        const places = [...this.#list.querySelectorAll(".msg[tabindex]")];
        const at = places.indexOf(document.activeElement.closest(".msg"));
        const next = { ArrowUp: at < 0 ? places.length - 1 : at - 1, ArrowDown: at + 1, Home: 0, End: places.length - 1 }[key];
        if (at < 0 && key === "ArrowDown") return;
        event.preventDefault();
        event.stopPropagation();
        places[Math.max(0, Math.min(places.length - 1, next))]?.focus();
    }
}
