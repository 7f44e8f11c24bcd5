import { h, put } from "../console/elements.mjs";
import { number, say, unit } from "../messages.mjs";
import { cueOf } from "./cue-book.mjs";
import { CueRows } from "./cue-rows.mjs";
import { nameOf } from "../chat/tongues.mjs";

/** Milliseconds between two looks at how the tracks do, and at the cues of one that is open. */
const pace = 3000;
/** Of an open track the last of its cues are shown: those of so many milliseconds, and at most so many. */
const span = 1_800_000;
const most = 1000;
const mostPages = 20;
const forms = ["vtt", "srt", "txt"];

/**
 * A show's caption tracks for those who work on it: how each does, its machine started and stopped, its cues put right, its
 * files. The console and the studio use it.
 */
export class TracksCard {
    place;
    #show;
    #ask;
    #tell;
    #mayWrite;
    #list = h("ul", { class: "tracks" });
    #nothing = h("p", { class: "soft" }, say("track.none"));
    #tracks = new Map();
    #timer = 0;
    #wasThere = false;

    /**
     * @param {{ show: string, ask: (method: string, path: string, body?: object, tag?: string) => Promise<object>, tell: (refusal: ?Error) => void,
     *     mayWrite?: boolean }} options `ask` asks the API below the show's `captions`, `tell` is told what went wrong, and null
     *     before something is tried anew
     */
    constructor({ show, ask, tell, mayWrite = true }) {
        this.#show = show;
        this.#ask = ask;
        this.#tell = tell;
        this.#mayWrite = mayWrite;
        styled();
        this.place = h("section", { class: "card tracks-card", "aria-labelledby": "tracks-title" },
            h("div", { class: "card-head" }, h("h2", { id: "tracks-title" }, say("track.title"))),
            this.#nothing, this.#list,
            !mayWrite && h("p", { class: "soft" }, say("track.signIn"), " ", h("a", { href: `/login?next=${encodeURIComponent(location.pathname)}` }, say("track.signIn.link"))));
        this.#timer = setInterval(() => this.#look(), pace);
        this.look();
    }

    async look() {
        try {
            const { captions = [] } = await this.#ask("GET", "");
            this.#paint(captions);
            await Promise.all([...this.#tracks.values()].filter(({ isOpen }) => isOpen).map((track) => this.#read(track)));
        } catch {
            // Asked for again in a moment.
        }
    }

    #look() {
        this.#wasThere ||= this.place.isConnected;
        if (this.#wasThere && !this.place.isConnected) return clearInterval(this.#timer);
        if (!document.hidden) this.look();
    }

    #paint(captions) {
        this.#nothing.hidden = captions.length > 0;
        const wanted = new Set(captions.map(({ language }) => language));
        for (const [language, track] of this.#tracks) {
            if (wanted.has(language)) continue;
            track.place.remove();
            this.#tracks.delete(language);
        }
        for (const told of captions) {
            const track = this.#tracks.get(told.language) ?? this.#track(told);
            const state = stateOf(told);
            put(track.name, told.name);
            put(track.source, `${say(`track.source.${told.source}`)}${state.engine ? `, ${state.engine}` : ""}`);
            put(track.badge, say(`track.state.${state.name}`));
            track.badge.dataset.state = state.name;
            put(track.why, state.why ?? "");
            put(track.figures, figures(told, state));
            if (!track.toggle) continue;
            track.isStopped = state.name === "stopped";
            put(track.toggle, say(track.isStopped ? "track.start" : "track.stop"));
            track.toggle.setAttribute("aria-label", say(track.isStopped ? "track.start.label" : "track.stop.label", { name: told.name }));
        }
    }

    #track({ language, name, source }) {
        const track = {
            language,
            name: h("span", { class: "track-name", lang: language, dir: "auto" }),
            source: h("span", { class: "soft" }),
            badge: h("span", { class: "badge track-badge" }),
            why: h("p", { class: "trouble" }),
            figures: h("p", { class: "soft track-figures" }),
            rows: new CueRows(language, this.#mayWrite ? { edit: (cue, text) => this.#edit(track, cue, text), remove: (cue) => this.#remove(track, cue) } : null, { label: say("track.cues.of", { name }) }),
            isOpen: false,
            isStopped: false,
        };
        const path = encodeURIComponent(language);
        if (this.#mayWrite && ["speech", "translation"].includes(source)) {
            track.toggle = h("button", { class: "act act-small", type: "button" });
            track.toggle.addEventListener("click", () => this.#do(track.toggle, () => this.#ask("POST", `/${path}/${track.isStopped ? "start" : "stop"}`)));
        }
        const open = h("details", { class: "track-cues" }, h("summary", {}, say("track.cues")), track.rows.place);
        open.addEventListener("toggle", async () => {
            track.isOpen = open.open;
            if (!open.open) return;
            await this.#read(track);
            track.rows.toEnd();
        });
        const files = this.#mayWrite ? forms.map((form) => h("a", { class: "act act-small", href: `/api/v1/shows/${encodeURIComponent(this.#show)}/captions/${path}/file?format=${form}`, download: "", "aria-label": say("track.file", { form: form.toUpperCase(), name }) }, form.toUpperCase())) : [];
        track.place = h("li", { class: "track", "data-language": language },
            h("div", { class: "track-head" }, h("div", {}, track.name, " ", h("span", { class: "soft" }, nameOf(language)), h("br"), track.source), track.badge),
            track.figures, track.why,
            h("div", { class: "acts" }, track.toggle ?? null,
                this.#mayWrite && h("a", { class: "act act-small", href: `/captions/${encodeURIComponent(this.#show)}/${path}`, target: "_blank", rel: "noopener", "aria-label": say("track.booth.label", { name }) }, say("track.booth")),
                ...files),
            open);
        this.#tracks.set(language, track);
        this.#list.append(track.place);
        return track;
    }

    async #read(track) {
        try {
            track.rows.paint((await this.#cues(track)).map((cue) => cueOf(cue) ?? { ...cue, start: NaN, end: NaN }));
        } catch (refusal) {
            this.#tell(refusal);
        }
    }

    /** The last ones, of a show that is over too. */
    async #cues(track) {
        const ask = (query) => this.#ask("GET", `/${encodeURIComponent(track.language)}/cues?${new URLSearchParams({ limit: most, ...query })}`);
        const { cues: recent = [] } = await ask({ from: new Date(track.from ?? Date.now() - span).toISOString() });
        if (recent.length || track.from) return recent;
        let [found, next] = [[], ""];
        for (let page = 0; page < mostPages && next !== undefined; page++) {
            const answer = await ask(next ? { cursor: next } : {});
            found = [...found, ...(answer.cues ?? [])].slice(-most);
            next = answer.next;
        }
        const last = cueOf(found.at(-1));
        if (last) track.from = last.start - span;
        return found;
    }

    async #edit(track, cue, text) {
        return this.#change(track, () => this.#ask("PATCH", `/${encodeURIComponent(track.language)}/cues/${cue.id}`, { text }, `"r${cue.revision}"`));
    }

    async #remove(track, cue) {
        return this.#change(track, () => this.#ask("DELETE", `/${encodeURIComponent(track.language)}/cues/${cue.id}`));
    }

    async #change(track, act) {
        this.#tell(null);
        try {
            await act();
            return true;
        } catch (refusal) {
            this.#tell(refusal.status === 412 ? Object.assign(new Error(say("track.cue.elsewhere")), { status: 412 }) : refusal);
            return false;
        } finally {
            await this.#read(track);
        }
    }

    async #do(button, act) {
        button.disabled = true;
        this.#tell(null);
        try {
            await act();
            await this.look();
        } catch (refusal) {
            this.#tell(refusal);
        } finally {
            button.disabled = false;
        }
    }
}

/** How a track does, as the API tells it; nobody who may not know is told. */
function stateOf({ state }) {
    const known = ["idle", "running", "stopped", "failed"];
    const name = state?.state ?? state?.phase;
    return { ...(state ?? {}), name: known.includes(name) ? name : "idle" };
}

function figures({ cues }, state) {
    const delay = Number.isFinite(state.delaySeconds) ? say("track.delay", { time: unit(state.delaySeconds, "second", 1) }) : "";
    const rate = Number.isFinite(state.cuesPerMinute) ? say("track.rate", { count: state.cuesPerMinute }) : "";
    const { cost } = state;
    const spent = cost ? say(`track.cost.${cost.unit === "seconds" ? "seconds" : "characters"}`, { spent: number(cost.spent), cap: number(cost.cap) }) : "";
    return [say("track.count", { count: cues ?? 0 }), rate, delay, spent].filter(Boolean).join(" · ");
}

/** The style sheet of tracks and their cues, for pages that have them only now and then. */
export function styled() {
    const href = new URL("tracks.css", import.meta.url).href;
    if ([...document.querySelectorAll("link[rel=stylesheet]")].some((sheet) => sheet.href === href)) return;
    document.head.append(h("link", { rel: "stylesheet", href }));
}
