/** A month of shows. */
import { day, language, moment, say } from "../messages.mjs";
import { h } from "./elements.mjs";
import { titleOf } from "./show-words.mjs";

/** The weekday that weeks begin with; Monday where the browser does not know. */
const firstDay = () => {
    try {
        const locale = new Intl.Locale(language);
        return ((locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1) % 7;
    } catch {
        return 1;
    }
};

export async function view(context) {
    const [year, month] = (context.path[0] ?? "").split("-").map(Number);
    const today = new Date();
    const first = year && month >= 1 && month <= 12 ? new Date(year, month - 1, 1) : new Date(today.getFullYear(), today.getMonth(), 1);
    const begin = new Date(first);
    begin.setDate(1 - ((first.getDay() - firstDay() + 7) % 7));
    const weeks = Math.ceil((new Date(first.getFullYear(), first.getMonth() + 1, 0).getDate() + (first - begin) / 86_400_000) / 7);
    const end = new Date(begin);
    end.setDate(begin.getDate() + weeks * 7);
    const shows = await all(context, begin, end);
    const days = Map.groupBy ? Map.groupBy(shows, (show) => key(new Date(show.start))) : group(shows);

    const cell = (offset) => {
        const date = new Date(begin);
        date.setDate(begin.getDate() + offset);
        const mine = days.get(key(date)) ?? [];
        const isOther = date.getMonth() !== first.getMonth();
        return h("li", { class: ["day", isOther && "day-other", key(date) === key(today) && "day-today", !mine.length && "day-free"].filter(Boolean).join(" ") },
            h("p", { class: "day-name" }, h("time", { datetime: key(date) }, day(date, { dateStyle: undefined, day: "numeric", month: isOther ? "short" : undefined })), h("span", { class: "day-long" }, day(date, { dateStyle: undefined, weekday: "long", day: "numeric", month: "long" }))),
            mine.map((show) => h("a", { class: `day-show day-${show.state}`, href: `#/shows/${encodeURIComponent(show.id)}` },
                h("span", { class: "day-time" }, moment(new Date(show.start), { weekday: undefined, day: undefined, month: undefined, timeZoneName: undefined, year: undefined })), " ", titleOf(show))));
    };
    const to = (step) => `#/calendar/${first.getFullYear() + Math.floor((first.getMonth() + step) / 12)}-${((first.getMonth() + step + 12) % 12) + 1}`;
    const names = Array.from({ length: 7 }, (_, index) => day(new Date(2024, 0, 7 + ((index + firstDay()) % 7)), { dateStyle: undefined, weekday: "short" }));
    return h("div", { class: "stack" },
        h("div", { class: "head head-acts" },
            h("h1", {}, day(first, { dateStyle: undefined, month: "long", year: "numeric" })),
            h("div", { class: "acts" },
                h("a", { class: "act act-small", href: to(-1), "aria-label": say("console.calendar.before") }, "←"),
                h("a", { class: "act act-small", href: "#/calendar" }, say("console.calendar.now")),
                h("a", { class: "act act-small", href: to(1), "aria-label": say("console.calendar.after") }, "→"))),
        h("section", { class: "card calendar" },
            h("p", { class: "day-names", "aria-hidden": "true" }, names.map((name) => h("span", {}, name))),
            h("ol", { class: "days" }, Array.from({ length: weeks * 7 }, (_, index) => cell(index)))),
        h("p", { class: "soft" }, say("console.calendar.zone", { zone: Intl.DateTimeFormat().resolvedOptions().timeZone })));
}

async function all({ api, mine }, from, to) {
    const found = [];
    let cursor = null;
    // A month of more than a thousand shows is cut off.
    for (let turn = 0; turn < 10; turn += 1) {
        const query = new URLSearchParams({ from: from.toISOString(), to: to.toISOString(), limit: "100", ...mine, ...(cursor ? { cursor } : {}) });
        const { items, next } = await api.get(`shows?${query}`);
        found.push(...items.filter((show) => show.start));
        cursor = next;
        if (!next) break;
    }
    return found;
}

const key = (date) => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;

function group(shows) {
    const days = new Map();
    for (const show of shows) {
        const name = key(new Date(show.start));
        days.set(name, [...(days.get(name) ?? []), show]);
    }
    return days;
}
