/** The parts of the studio that show figures: findings, meters, the plot, the details. Each paints only what differs. */
import { number, say } from "./messages.mjs";
import { elsewhere, elsewhereVerdict, facts, isOver, kilobits, loudness, noFindings, plotLabel, severities } from "./studio-text.mjs";

const $ = (id) => document.getElementById(id);
const vector = (name, attributes = {}) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
};
const element = (name, words, className = "") => {
    const made = document.createElement(name);
    made.textContent = words;
    if (className) made.className = className;
    return made;
};

/** Writes only what differs, so that nothing is laid out or spoken anew. */
export function put(place, words) {
    if (place.textContent !== words) place.textContent = words;
}

/** A list of notes with their severities; one that stays keeps its place in the page. */
function paintNotes(list, notes) {
    const places = new Map([...list.children].map((place) => [place.dataset.code, place]));
    notes.forEach((note, index) => {
        const place = places.get(note.code) ?? notePlace(note.code);
        places.delete(note.code);
        if (place.dataset.severity !== note.severity) {
            place.dataset.severity = note.severity;
            place.querySelector("use").setAttribute("href", `#i-${note.severity}`);
        }
        put(place.querySelector(".finding-kind"), severities[note.severity] ? `${severities[note.severity]}: ` : "");
        put(place.querySelector(".finding-words"), note.title);
        put(place.querySelector(".finding-fix"), note.fix);
        if (list.children[index] !== place) list.insertBefore(place, list.children[index] ?? null);
    });
    for (const place of places.values()) place.remove();
}

function notePlace(code) {
    const place = document.createElement("li");
    place.className = "finding";
    place.dataset.code = code;
    const icon = vector("svg", { "aria-hidden": "true" });
    icon.append(vector("use"));
    const title = element("p", "", "finding-title");
    title.append(element("span", "", "unseen finding-kind"), element("span", "", "finding-words"));
    place.append(icon, title, element("p", "", "finding-fix"));
    return place;
}

/** Where the stream goes besides; the card is there only where there is something in it. */
export function paintElsewhere({ restream }) {
    $("restream-card").hidden = restream.length === 0;
    put($("restream-verdict"), elsewhereVerdict(restream));
    paintNotes($("restream"), restream.map(elsewhere));
}

export class Findings {
    #told = new Map();
    /** Whether there was a feed; null at first. */
    #hadFeed = null;
    #announce;

    /** @param {(words: string) => void} announce speaks to those who do not see the list */
    constructor(announce) {
        this.#announce = announce;
    }

    paint(show) {
        paintNotes($("findings"), show.findings.length ? show.findings : [noFindings(show)]);
        this.#tell(show);
    }

    /** What is new and what is gone is spoken once, whatever the figures in its words do. */
    #tell(show) {
        const { findings } = show;
        const hadFeed = this.#hadFeed;
        this.#hadFeed = show.feed !== null;
        if (!this.#hadFeed) {
            // What was found went with the feed: nothing of it is solved.
            this.#told = new Map();
            if (hadFeed !== false && !isOver(show)) this.#announce(noFindings(show).title);
            return;
        }
        const now = new Map(findings.map((finding) => [finding.code, finding]));
        const words = hadFeed === false ? [say("studio.connected")] : [];
        for (const [code, finding] of now) if (!this.#told.has(code)) words.push(`${finding.title} ${finding.fix}`);
        for (const [code, finding] of this.#told) if (!now.has(code)) words.push(say("studio.solved", { title: finding.title }));
        this.#told = now;
        if (words.length) this.#announce(words.join(" "));
    }
}

export class Meters {
    #bars = [...document.querySelectorAll(".meter-bar")];
    #holds = this.#bars.map(() => ({ level: 0, until: 0 }));

    paint(levels, channels) {
        put($("loudness"), loudness(levels));
        const peaks = levels ? levels.peak : [-60, -60];
        this.#bars.forEach((bar, index) => {
            const decibels = Math.max(-60, Math.min(0, peaks[index]));
            const level = (decibels + 60) / 60;
            const hold = this.#holds[index];
            if (level >= hold.level || performance.now() > hold.until) {
                hold.level = level;
                hold.until = performance.now() + 1500;
            }
            bar.style.setProperty("--at", String(level));
            bar.style.setProperty("--hold", String(hold.level));
            bar.setAttribute("aria-valuenow", String(Math.round(decibels)));
            bar.setAttribute("aria-valuetext", levels ? say("studio.decibels", { level: Math.round(decibels) }) : say("studio.noSound"));
        });
        this.#bars[1].parentElement.hidden = channels === 1;
    }
}

export class Plot {
    #drawn = "";

    /** @param {number[]} series kbit/s of each second, oldest first */
    paint(series) {
        const key = series.join();
        if (key === this.#drawn) return;
        this.#drawn = key;
        put($("rate"), series.length ? kilobits(series.at(-1)) : "");
        const svg = $("plot");
        svg.setAttribute("aria-label", plotLabel(series));
        const top = roundUp(Math.max(...series, 100) * 1.1);
        put($("plot-top"), number(top));
        const points = series.map((value, index) => {
            const x = 600 - (series.length - 1 - index) * (600 / 59);
            return `${x.toFixed(1)},${(148 - (146 * value) / top).toFixed(1)}`;
        });
        const parts = [0.02, 0.5].map((part) => vector("line", { class: "plot-rule", x1: 0, x2: 600, y1: 150 * part, y2: 150 * part }));
        if (points.length > 1) {
            const first = points[0].split(",")[0];
            parts.push(vector("polygon", { class: "plot-area", points: `${first},150 ${points.join(" ")} 600,150` }));
            parts.push(vector("polyline", { class: "plot-line", points: points.join(" ") }));
        }
        svg.replaceChildren(...parts);
    }
}

/** 1, 2 or 5 with zeros: what people read off an axis. */
function roundUp(value) {
    const step = 10 ** Math.floor(Math.log10(value));
    return [1, 2, 3, 4, 5, 6, 8, 10].map((part) => part * step).find((round) => round >= value);
}

export function paintFacts(show) {
    const list = $("facts");
    const rows = facts(show);
    if (list.children.length !== rows.length * 2) {
        list.replaceChildren(...rows.flatMap(() => [document.createElement("dt"), document.createElement("dd")]));
    }
    rows.flat().forEach((words, index) => put(list.children[index], words));
}
