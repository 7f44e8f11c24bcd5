/** What was recorded, and the room that it takes. */
import { say, unit } from "../messages.mjs";
import { h } from "./elements.mjs";
import { pages, row } from "./show-words.mjs";

export async function view(context) {
    const { disk, recordings } = context.me.isOperator ? await context.api.get("status") : {};
    const load = (cursor) => {
        const query = new URLSearchParams({ state: "ended,replay", order: "latest", limit: "40", ...context.mine, ...(cursor ? { cursor } : {}) });
        return context.api.get(`shows?${query}`);
    };
    const line = (show) =>
        row(show, show.replay && h("a", { class: "act act-small", href: `/replay/${encodeURIComponent(show.id)}/download.mp4` }, say("console.download")));
    const size = (bytes) => unit(bytes / 1e9, "gigabyte", 1, "short");
    return h("div", { class: "stack" },
        h("div", { class: "head" }, h("h1", {}, say("console.replays"))),
        disk && h("section", { class: "card", "aria-labelledby": "disk" },
            h("h2", { id: "disk" }, say("console.disk")),
            h("dl", { class: "figures" },
                h("div", {}, h("dt", {}, say("console.disk.recordings", { count: recordings.count })), h("dd", {}, say("console.disk.of", { size: size(recordings.bytes), limit: size(recordings.maximumBytes) }))),
                h("div", {}, h("dt", {}, say("console.disk.used")), h("dd", {}, size(disk.totalBytes - disk.freeBytes))),
                h("div", {}, h("dt", {}, say("console.disk.left")), h("dd", {}, size(disk.freeBytes ?? 0)))),
            h("meter", { class: "disk-meter", min: 0, max: disk.totalBytes ?? 1, low: (disk.totalBytes ?? 1) * 0.75, high: (disk.totalBytes ?? 1) * 0.9, optimum: 0, value: (disk.totalBytes ?? 1) - (disk.freeBytes ?? 0), "aria-label": say("console.disk.used") })),
        h("section", { class: "card" }, await pages(load, line, say("console.replays.none"))));
}
