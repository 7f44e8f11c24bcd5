/** How viewers fared: who watched, how soon the picture came, how often it stood still. */
import { clock, number, say } from "../messages.mjs";
import { h } from "./elements.mjs";
import { plot } from "./plot.mjs";
import { empty } from "./show-words.mjs";

export async function qualityPanel(context, path) {
    const report = await context.api.get(`${path}/quality?hours=24`);
    const series = report.points;
    if (!series.length) return empty(say("console.quality.none"));
    const of = (name) => series.map((step) => step[name] ?? null);
    const chart = (title, lines, told, least, names = []) => {
        const drawn = plot(lines, { label: `${title}: ${told}`, least, steps: series.length });
        return h("section", { class: "card" }, h("div", { class: "card-head" }, h("h2", {}, title), h("span", { class: "figure" }, told)), drawn.svg,
            names.length ? h("p", { class: "legend" }, names.map((name, index) => h("span", { class: `legend-${index}` }, name))) : null);
    };
    const watched = report.total.watchedSeconds;
    const span = clock((Date.parse(report.until) - Date.parse(series[0].time)) / 1000);
    const seconds = (value) => (value === null ? "–" : `${number(value, 1)} s`);
    const half = say("console.quality.half");
    const worst = say("console.quality.worst");
    return h("div", { class: "stack" },
        h("div", { class: "acts" }, h("a", { class: "act", href: `/api/v1/${path}/quality.csv`, download: true }, say("console.quality.csv")), h("span", { class: "soft" }, say("console.quality.span", { span }))),
        h("div", { class: "charts" },
            chart(say("console.viewers"), [of("viewersPeak")], number(report.now.viewers), 5),
            chart(say("console.join"), [of("joinSecondsP50"), of("joinSecondsP95")], seconds(report.total.joinSecondsP50), 1, [half, worst]),
            chart(say("console.latency"), [of("latencySecondsP50"), of("latencySecondsP95")], seconds(report.total.latencySecondsP50), 3, [half, worst]),
            chart(say("console.stalls"), [of("stallRatio").map((value) => (value === null ? null : value * 100))], `${number((report.total.stallRatio ?? 0) * 100, 1)} %`, 2)),
        ...["renditions", "countries"].filter((name) => report[name]?.length).map((name) =>
            h("section", { class: "card" }, h("h2", {}, say(`console.quality.${name}`)), h("ul", { class: "rows" }, report[name].map((entry) =>
                h("li", { class: "row" }, h("span", { class: "row-main row-title" }, entry.name), h("span", { class: "figure" }, `${number(watched ? (entry.watchedSeconds / watched) * 100 : 0)} %`)))))));
}
