/** One message as it is drawn: words only ever become text. */
import { h, put } from "../console/elements.mjs";
import { say } from "../messages.mjs";
import { sign } from "./icons.mjs";
import { badge, note, time, translated } from "./words.mjs";

/**
 * @param {object} entry of a `Conversation`
 * @param {{ quoted: object | undefined, showsOriginal: boolean, turn: () => void, again: () => void, discard: () => void }} options
 *     `quoted` is the entry that it replies to, `turn` changes between translation and original
 */
export function bubble(entry, options) {
    if (entry.kind === "note") return h("li", { class: "msg msg-note", "data-key": entry.key }, note[entry.what] ?? "");
    const { author, state } = entry;
    const kind = ["host", "moderator", "operator", "interpreter"].includes(author.badge) ? author.badge : null;
    const place = h("li", { class: "msg", "data-key": entry.key, "data-id": entry.id, "data-state": state, "data-own": String(entry.isOwn), "data-kind": kind, tabindex: "-1" });
    place.append(
        h("p", { class: "msg-head" },
            h("bdi", { class: "msg-name" }, author.name || say("chat.somebody")),
            author.badge && badge[author.badge] ? h("span", { class: `msg-badge msg-badge-${author.badge}` }, badge[author.badge]) : null,
            entry.question ? h("span", { class: entry.answered ? "msg-badge msg-answered" : "msg-badge msg-question" }, say(entry.answered ? "chat.answered" : "chat.question")) : null,
            entry.at ? h("time", { class: "msg-time", datetime: entry.at }, time(entry.at)) : null,
            entry.isEdited ? h("span", { class: "msg-time" }, say("chat.edited")) : null),
        entry.replyTo ? quote(options.quoted) : "",
        words(entry, options.showsOriginal),
        foot(entry, options) ?? "",
    );
    return place;
}

/** What is said, in the direction and with the language of its words. */
export function words(entry, showsOriginal) {
    const said = showsOriginal && entry.original ? entry.original : entry;
    return h("p", { class: "msg-text", dir: "auto", lang: langOf(said.language) }, said.text);
}

export const langOf = (tag) => (tag && tag !== "und" ? tag : null);

function quote(entry) {
    if (!entry) return h("p", { class: "msg-quote" }, say("chat.aReply"));
    return h("p", { class: "msg-quote", dir: "auto" }, h("bdi", { class: "msg-quoted" }, entry.author.name), " ", h("span", { lang: langOf(entry.language) }, entry.text));
}

function foot(entry, { showsOriginal, turn, again, discard }) {
    switch (entry.state) {
        case "pending":
            return h("p", { class: "msg-foot" }, say("chat.sending"));
        case "unsent":
            return h("p", { class: "msg-foot msg-trouble" }, say("chat.notSent"), " ",
                h("button", { class: "msg-turn", type: "button", onclick: again }, say("chat.again")), " ",
                h("button", { class: "msg-turn", type: "button", onclick: discard }, say("chat.discard")));
        case "held":
            return h("p", { class: "msg-foot" }, say("chat.held"));
        default:
    }
    if (!entry.engine || !entry.original) return null;
    const button = h("button", { class: "msg-turn", type: "button", onclick: turn }, say(showsOriginal ? "chat.showTranslation" : "chat.showOriginal"));
    return h("p", { class: "msg-foot" }, h("span", { class: "msg-engine" }, translated(entry)), " ", button);
}

/** The message above all others. */
export function pinnedCard(place, message, showsOriginal) {
    if (!message) {
        place.hidden = true;
        return;
    }
    const key = JSON.stringify([message.id, message.text, message.author?.name, showsOriginal]);
    place.hidden = false;
    if (place.dataset.key === key) return;
    place.dataset.key = key;
    const who = h("bdi", { class: "msg-name" });
    put(who, message.author?.name ?? "");
    place.replaceChildren(sign("pin"), h("div", { class: "pinned-words" },
        h("p", { class: "pinned-head" }, h("span", {}, say("chat.pinned")), " · ", who), words(message, showsOriginal)));
}
