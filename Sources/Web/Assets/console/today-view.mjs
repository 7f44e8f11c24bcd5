/** What is on air and how it fares, what is wrong, and what comes next. */
import { number, say, unit } from "../messages.mjs";
import { h, put } from "./elements.mjs";
import { plot } from "./plot.mjs";
import { badge, empty, row } from "./show-words.mjs";

/** Milliseconds between two questions. */
const pace = 2000;

export async function view(context) {
    const { api } = context;
    const query = new URLSearchParams({ state: "draft,scheduled", limit: "12", from: new Date(Date.now() - 3 * 3_600_000).toISOString(), ...context.mine });
    const [status, coming] = await Promise.all([standing(context), api.get(`shows?${query}`)]);
    const alerts = h("ul", { class: "findings" });
    const live = h("div", { class: "live-cards" });
    const machine = h("p", { class: "soft machine" });
    const cards = new Map();

    const paint = (told) => {
        const found = told.shows.flatMap((show) => alertsOf(show).map((alert) => ({ ...alert, show }))).concat(told.alerts ?? []);
        alerts.hidden = found.length === 0;
        alerts.replaceChildren(...found.map(alertLine));
        for (const id of [...cards.keys()]) {
            if (told.shows.some((show) => show.id === id)) continue;
            cards.get(id).place.remove();
            cards.delete(id);
        }
        for (const show of told.shows) {
            if (!cards.has(show.id)) {
                cards.set(show.id, new LiveCard(show, context));
                live.append(cards.get(show.id).place);
            }
            cards.get(show.id).paint(show);
        }
        live.querySelector(".empty")?.remove();
        if (!told.shows.length) live.append(empty(say("console.today.nothing")));
        put(machine, machineLine(told));
    };
    paint(status);
    context.every(pace, async () => paint(await standing(context)));

    return h("div", { class: "stack" },
        h("div", { class: "head head-acts" },
            h("h1", {}, say("console.today")),
            context.me.isOperator && h("a", { class: "act act-main", href: "#/shows/new" }, say("console.shows.new"))),
        alerts,
        h("section", { class: "stack", "aria-labelledby": "on-air" }, h("h2", { id: "on-air" }, say("console.today.onAir")), live),
        h("section", { class: "card", "aria-labelledby": "coming" },
            h("h2", { id: "coming" }, say("console.today.coming")),
            coming.items.length ? h("ul", { class: "rows" }, coming.items.map((show) => row(show))) : empty(say("console.today.free"))),
        machine);
}

/** How everything stands; of who is no operator, their own shows without the machine. */
async function standing({ api, me }) {
    if (me.isOperator) return api.get("status");
    const { items } = await api.get("shows?mine=true&state=live,rehearsal");
    return { shows: items, alerts: [] };
}

/** What is wrong with a show's stream, or with what is made of it. */
function alertsOf(show) {
    return (show.findings ?? []).filter((finding) => finding.severity !== "info");
}

function alertLine(alert) {
    return h("li", { class: "finding", "data-severity": alert.severity },
        h("p", { class: "finding-title" }, alert.show ? `${alert.show.title}: ` : "", alert.title),
        alert.fix && h("p", { class: "finding-fix" }, alert.fix));
}

function machineLine(status) {
    const disk = status.disk;
    const words = status.version ? [say("console.version", { version: status.version })] : [];
    if (disk?.freeBytes !== undefined) words.push(say("console.disk.free", { size: unit(disk.freeBytes / 1e9, "gigabyte", 1, "short") }));
    return words.join(" · ");
}

class LiveCard {
    constructor(show, context) {
        this.context = context;
        this.figures = h("dl", { class: "figures" });
        this.rungs = h("p", { class: "rungs" });
        this.line = h("p", { class: "banner banner-warn", hidden: true });
        this.plot = h("div", { class: "card-plot" });
        this.top = h("p", { class: "row-line" });
        this.badge = h("span");
        this.end = h("button", { class: "act act-end act-small", type: "button" }, say("console.end"));
        this.end.addEventListener("click", () => this.#end(show));
        this.place = h("article", { class: "card live-card" },
            h("div", { class: "card-head" }, h("h3", {}, h("a", { href: `#/shows/${encodeURIComponent(show.id)}` }, show.title)), this.badge),
            this.figures, this.line, this.plot, this.rungs,
            h("div", { class: "acts" },
                h("a", { class: "act act-small", href: `/shows/${encodeURIComponent(show.id)}`, target: "_blank", rel: "noopener" }, say("console.watch")),
                h("a", { class: "act act-small", href: `/studio/${encodeURIComponent(show.id)}`, target: "_blank", rel: "noopener" }, say("console.studio")),
                this.end));
    }

    async #end(show) {
        const { talk, api } = this.context;
        const isSure = await talk.ask({ title: say("console.end.title"), line: say("console.end.line"), yes: say("console.end"), isGrave: true });
        if (isSure && (await talk.doing(this.end, () => api.post(`shows/${encodeURIComponent(show.id)}/end`))) !== undefined) {
            talk.tell(say("console.ended", { title: show.title }));
        }
    }

    paint(show) {
        const seconds = (value) => (value === null || value === undefined ? "–" : unit(value, "second", 1));
        const figures = [
            [say("console.viewers"), number(show.viewers ?? 0)],
            [say("console.latency"), seconds(show.latencySeconds)],
            [say("console.join"), seconds(show.joinSeconds)],
            [say("console.stalls"), show.stallRatio === null || show.stallRatio === undefined ? "–" : `${number(show.stallRatio * 100, 1)} %`],
        ];
        if (this.figures.children.length !== figures.length) {
            this.figures.replaceChildren(...figures.map(([name]) => h("div", {}, h("dt", {}, name), h("dd"))));
        }
        figures.forEach(([, value], index) => put(this.figures.children[index].lastChild, value));
        this.badge.replaceChildren(badge(show.state, show.isPaused));
        this.end.hidden = show.state !== "live";
        put(this.line, show.isPaused ? say("console.paused.line") : show.overload ? say("console.overload", show.overload) : "");
        this.line.hidden = !show.isPaused && !show.overload;
        const rates = show.feed?.bitrate.kilobitsPerSecond ?? [];
        const key = rates.join();
        if (key !== this.drawn) {
            this.drawn = key;
            const now = rates.length ? say("console.kilobits", { count: rates.at(-1) }) : say("console.noFeed");
            const drawn = plot([rates], { label: say("console.bitrate.label", { now }), least: 500, steps: 60 });
            this.plot.replaceChildren(h("p", { class: "figure" }, `${say("console.bitrate")}: ${now}`), drawn.svg);
        }
        const rungs = (show.renditions ?? []).map((rung) => h("span", { class: rung.isShed ? "rung rung-shed" : "rung" }, rung.name, rung.isShed && h("span", { class: "unseen" }, ` ${say("console.rung.off")}`)));
        this.rungs.replaceChildren(...rungs);
    }
}
