import { h, put } from "../console/elements.mjs";
import { clock, moment, say } from "../messages.mjs";

/** A show that is live is read this much at once before what can be seen (ms), so that a sentence has its beginning. */
const before = 5000;
/** Milliseconds between two looks. */
const pace = 250;
/** So many lines are in the page, and so many more come where somebody reads on. */
const most = 200;
const step = 80;
/** Pixels before an end of the list at which more come. */
const edge = 200;
const plainTime = { weekday: undefined, day: undefined, month: undefined, year: undefined, timeZoneName: undefined, second: "2-digit" };

/**
 * What is said in the show, as text: it goes along with the picture, and a press on a line goes to its picture. Filled when it
 * is first opened. Tells "change" when it opens, closes, or is read in another language.
 */
export class Transcript extends EventTarget {
    #place;
    #button;
    #player;
    #feed = null;
    #list = h("ol", { class: "said-list", tabindex: "0", "aria-label": say("player.transcript") });
    #menu = h("select", { class: "said-language", "aria-label": say("player.transcript.language") });
    #back = h("button", { class: "pill said-back", type: "button", hidden: true }, say("player.transcript.now"));
    #nothing = h("p", { class: "said-nothing" }, say("player.transcript.empty"));
    #languages = [];
    #own = "";
    #isFollowing = true;
    #lines = new Map();
    #rests = 0;
    #drawn = "";
    #painted = "";
    #now = new Set();
    /** What there is to be read, and from where on it is in the page. */
    #cues = [];
    #first = 0;
    #firstID = null;

    /** @param {HTMLElement} place a hidden section @param {HTMLElement} button that opens it, where there is one */
    constructor(place, button, player) {
        super();
        this.#place = place;
        this.#button = button;
        this.#player = player;
        button?.addEventListener("click", () => this.toggle());
        const close = h("button", { class: "said-close", type: "button", "aria-label": say("player.transcript.close"), title: say("player.transcript.close"), onclick: () => this.close() }, "✕");
        place.replaceChildren(
            h("div", { class: "said-head" }, h("h2", {}, say("player.transcript")), h("span", { class: "said-space" }), this.#menu, close),
            this.#nothing, this.#list, this.#back);
        this.#menu.addEventListener("change", () => {
            this.#own = this.#menu.value;
            this.#rests = 0;
            this.#clear();
            this.dispatchEvent(new Event("change"));
        });
        this.#list.addEventListener("click", (event) => this.#go(event.target.closest("button")));
        for (const event of ["wheel", "touchmove", "keydown"]) this.#list.addEventListener(event, ({ key }) => {
            if (key && !["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", " "].includes(key)) return;
            if (key === " " && document.activeElement !== this.#list) return;
            this.#follow(false);
        }, { passive: true });
        this.#list.addEventListener("scroll", () => this.#readOn(), { passive: true });
        this.#back.addEventListener("click", () => {
            this.#follow(true);
            this.#list.focus({ preventScroll: true });
        });
        place.addEventListener("keydown", (event) => {
            if (event.key === "Escape") this.close();
            // What is read here is no key of the player's.
            event.stopPropagation();
        });
    }

    get isOpen() {
        return !this.#place.hidden;
    }

    /** The language that is read; "" while it is closed. */
    get language() {
        return this.isOpen ? this.#chosen : "";
    }

    get #chosen() {
        return this.#languages.some(({ language }) => language === this.#own) ? this.#own : (this.#languages[0]?.language ?? "");
    }

    connect(feed) {
        this.#feed = feed;
    }

    toggle() {
        if (this.isOpen) this.close();
        else this.open();
    }

    open() {
        this.#place.hidden = false;
        document.body.dataset.transcript = "open";
        this.#button?.setAttribute("aria-expanded", "true");
        this.#follow(true);
        this.#place.scrollIntoView({ block: "nearest" });
        this.#list.focus({ preventScroll: true });
        this.dispatchEvent(new Event("change"));
    }

    close() {
        const hadFocus = this.#place.contains(document.activeElement);
        this.#place.hidden = true;
        document.body.dataset.transcript = "closed";
        this.#button?.setAttribute("aria-expanded", "false");
        if (hadFocus) (this.#button?.offsetParent ? this.#button : document.getElementById("captions"))?.focus({ preventScroll: true });
        this.dispatchEvent(new Event("change"));
    }

    /** The languages that there are, and the one that is on the picture: it is read first. */
    offer(captions, shown) {
        const drawn = JSON.stringify([captions, shown]);
        if (drawn === this.#drawn) return;
        this.#drawn = drawn;
        const chosen = this.#chosen;
        this.#languages = captions;
        if (!this.#own && shown) this.#own = shown;
        if (this.#button) this.#button.hidden = captions.length === 0;
        this.#menu.replaceChildren(...captions.map(({ language, name }) => h("option", { value: language, lang: language, selected: language === this.#chosen }, name)));
        this.#menu.hidden = captions.length < 2;
        if (this.isOpen && chosen !== this.#chosen) this.#clear();
    }

    /** The picture has this date. */
    follow(date) {
        if (!this.isOpen || !this.#feed || performance.now() < this.#rests) return;
        this.#rests = performance.now() + pace;
        const language = this.#chosen;
        const book = this.#feed.book(language);
        const { range, isReplay } = this.#player;
        let end = date;
        if (range) {
            const offset = date === null ? null : date - range.position * 1000;
            const dateAt = (time) => this.#player.dateAt(time) ?? (offset === null ? null : offset + time * 1000);
            const start = dateAt(range.start);
            const last = dateAt(Math.max(range.start, range.end - 0.05));
            if (start !== null && last !== null) {
                this.#feed.load(language, start - before, Math.max(last, date ?? last) + 1000);
                // At the live edge nobody reads ahead of the picture; who has gone back may.
                end = isReplay || this.#player.isShifted ? Math.max(last, date ?? last) : date;
            }
        }
        this.#paint(book, end ?? Infinity, date);
        this.#mark(date === null ? [] : book.at(date));
    }

    #clear() {
        this.#lines.clear();
        this.#list.replaceChildren();
        this.#painted = "";
        this.#cues = [];
        this.#firstID = null;
    }

    #paint(book, end, date) {
        const painted = `${this.#chosen} ${book.edition}`;
        const count = countUpTo(book.list, end);
        const isNew = painted !== this.#painted || count !== this.#cues.length;
        if (isNew) {
            this.#painted = painted;
            this.#cues = book.list.slice(0, count);
            const first = this.#cues.findIndex(({ id }) => id === this.#firstID);
            if (first >= 0) this.#first = first;
        }
        const isPlaced = this.#firstID !== null;
        const now = countUpTo(this.#cues, date ?? end) - this.#first;
        // With more of what was said than of what is to come; not moved for every line.
        const hasEnough = now >= Math.min(step, this.#first) && (now < most - step / 2 || this.#first + most >= count);
        const isMoved = this.#isFollowing ? !isPlaced || !hasEnough : !isPlaced;
        if (!isNew && !isMoved) return;
        if (isMoved) this.#first += now - (most * 3) / 4;
        this.#draw();
    }

    /** Who reads back or ahead finds more there; what they look at stays where it is. */
    #readOn() {
        const { scrollTop, scrollHeight, clientHeight } = this.#list;
        if (this.#isFollowing) return;
        const isBack = scrollTop < edge && this.#first > 0;
        const isOn = scrollHeight - scrollTop - clientHeight < edge && this.#first + most < this.#cues.length;
        if (!isBack && !isOn) return;
        const top = this.#list.getBoundingClientRect().top;
        const seen = [...this.#list.children].find((line) => line.getBoundingClientRect().bottom > top);
        const before = seen.getBoundingClientRect().top;
        this.#first += isBack ? -step : step;
        this.#draw();
        this.#list.scrollTop += seen.getBoundingClientRect().top - before;
    }

    /** Draws only what has changed, so that the reader's place and focus stay. */
    #draw() {
        this.#first = Math.max(0, Math.min(this.#first, this.#cues.length - most));
        const cues = this.#cues.slice(this.#first, this.#first + most);
        this.#firstID = cues[0]?.id ?? null;
        this.#list.lang = this.#chosen;
        const wanted = new Set(cues.map(({ id }) => id));
        for (const [id, line] of this.#lines) {
            if (wanted.has(id)) continue;
            line.place.remove();
            this.#lines.delete(id);
        }
        let at = this.#list.firstElementChild;
        let speaker = this.#cues[this.#first - 1]?.speaker ?? "";
        for (const cue of cues) {
            const line = this.#lines.get(cue.id) ?? this.#line(cue);
            if (line.place === at) at = at.nextElementSibling;
            else this.#list.insertBefore(line.place, at);
            put(line.words, cue.text);
            put(line.time, this.#time(cue.start));
            put(line.speaker, cue.speaker && cue.speaker !== speaker ? `${cue.speaker}: ` : "");
            speaker = cue.speaker ?? "";
        }
        this.#nothing.hidden = cues.length > 0;
    }

    #line({ id, start }) {
        const line = {
            time: h("span", { class: "said-time" }),
            speaker: h("bdi", { class: "said-who" }),
            words: h("span", { class: "said-words", dir: "auto" }),
        };
        const button = h("button", { class: "said-line", type: "button", "data-cue": id, "data-start": start }, line.time, h("span", {}, line.speaker, line.words));
        line.place = h("li", {}, button);
        this.#lines.set(id, line);
        return line;
    }

    /** Of a recording how far in, of a live show the time of day. */
    #time(date) {
        const { range, isReplay } = this.#player;
        const time = isReplay && range ? this.#player.timeOf(date) : null;
        return time === null ? moment(new Date(date), plainTime) : clock(time - range.start);
    }

    #mark(active) {
        const now = new Set(active.map(({ id }) => id).filter((id) => this.#lines.has(id)));
        if (now.size === this.#now.size && [...now].every((id) => this.#now.has(id))) return;
        for (const id of this.#now) this.#lines.get(id)?.place.firstElementChild.removeAttribute("aria-current");
        for (const id of now) this.#lines.get(id).place.firstElementChild.setAttribute("aria-current", "true");
        this.#now = now;
        if (this.#isFollowing) this.#show();
    }

    /** Scrolls the list alone, and never the page. */
    #show() {
        const newest = this.#lines.get([...this.#now].at(-1))?.place;
        if (!newest) return;
        const { offsetTop, offsetHeight } = newest;
        this.#list.scrollTop = offsetTop - this.#list.offsetTop - (this.#list.clientHeight - offsetHeight) / 2;
    }

    #follow(isFollowing) {
        this.#isFollowing = isFollowing;
        this.#back.hidden = isFollowing;
        if (isFollowing) this.#show();
    }

    #go(button) {
        if (!button) return;
        const cue = this.#feed?.book(this.#chosen).find(Number(button.dataset.cue));
        const time = cue && this.#player.timeOf(cue.start);
        if (typeof time !== "number") return;
        this.#player.seek(time);
        this.#follow(true);
    }
}

/** How many of the cues begin up to this instant. */
function countUpTo(cues, date) {
    let [low, high] = [0, cues.length];
    while (low < high) {
        const middle = (low + high) >> 1;
        if (cues[middle].start <= date) low = middle + 1;
        else high = middle;
    }
    return low;
}
