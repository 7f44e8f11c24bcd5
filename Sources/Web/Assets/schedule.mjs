/**
 * When a show starts, by the server's clock: a device's own clock may be hours off, and its owner would be late.
 */
import { clock, moment, say, unit } from "./messages.mjs";

/** Milliseconds that the server's clock is ahead of this device's. */
let offset = 0;
/** How far off `offset` may be: the best answer so far counts. */
let doubt = Infinity;

/** What a page tells of the server's clock when it was made (Unix milliseconds). */
export function learnFromPage(now) {
    const [page] = performance.getEntriesByType("navigation");
    if (!Number.isFinite(now) || !page?.responseStart || doubt < Infinity) return;
    // Between the request and the answer; this page may come out of the browser's own cache, and every answer knows better.
    const then = Date.now() - performance.now() + page.responseStart;
    learn(now - then, 5000);
}

/**
 * What an answer's `Date` tells, which has whole seconds.
 * @param {string | null} date of the answer's head
 * @param {number} asked and
 * @param {number} answered by this device's clock
 */
export function learnFromAnswer(date, asked, answered) {
    const told = Date.parse(date ?? "");
    if (Number.isNaN(told)) return;
    learn(told + 500 - (asked + answered) / 2, 500 + (answered - asked) / 2);
}

function learn(found, within) {
    // A clock that was set anew meanwhile makes older answers worthless.
    if (within > doubt && Math.abs(found - offset) < within + doubt) return;
    offset = found;
    doubt = within;
}

/** The server's clock, Unix milliseconds. */
export const serverNow = () => Date.now() + offset;

/** Whole seconds until `start`; 0 or less from then on. Null without a start. */
export function secondsUntil(start) {
    const date = Date.parse(start ?? "");
    return Number.isNaN(date) ? null : Math.ceil((date - serverNow()) / 1000);
}

/** So long (s) before its start a show is "scheduled"; then it starts "soon". */
export const soon = 15 * 60;

/** The words in place of the picture until `start`: a countdown, then that it may begin any moment; "" without a start. */
export function countdown(start) {
    const left = secondsUntil(start);
    if (left === null) return "";
    if (left <= 0) return say("watch.anyMoment");
    const days = Math.floor(left / 86_400);
    const time = clock(left % 86_400);
    return say("watch.startsIn", { time: days ? `${unit(days, "day", 0, "long")} ${time}` : time });
}

export { moment };
