/** Webhooks: whom the server tells of what, and what became of it. */
import { moment, say } from "../messages.mjs";
import { choice, field, h, put } from "./elements.mjs";
import { empty, pages } from "./show-words.mjs";

const events = [
    "show.scheduled", "show.rescheduled", "show.cancelled", "show.rehearsal", "show.live", "show.ended", "show.reopened",
    "feed.lost", "feed.restored", "feed.switched", "recording.ready", "recording.failed", "key.rotated",
];

export async function view(context) {
    const [id] = context.path;
    return id ? oneHook(context, id) : allHooks(context);
}

async function allHooks(context) {
    const { api, talk } = context;
    const { items } = await api.get("hooks");
    const url = h("input", { type: "url", required: true, maxlength: 2000, placeholder: "https://", inputmode: "url" });
    const boxes = events.map((name) => choice(name, name.startsWith("show.") || name === "recording.ready", { name }));
    const make = h("button", { class: "act act-main", type: "submit" }, say("console.hooks.make"));
    const place = field(say("console.hooks.url"), url, { hint: say("console.hooks.url.hint"), wide: true });
    const form = h("form", { class: "card stack", novalidate: true, onsubmit: async (event) => {
        event.preventDefault();
        make.disabled = true;
        try {
            const made = await api.post("hooks", { url: url.value.trim(), events: boxes.filter((box) => box.box.checked).map((box) => box.box.name) });
            await talk.reveal({ title: say("console.hooks.once.title"), line: say("console.hooks.once.line"), rows: [[say("console.hooks.secret"), made.secret]] });
            context.go(`#/hooks/${made.id}`);
        } catch (refusal) {
            place.fault(refusal.errors?.[0]?.reason ?? talk.words(refusal));
            url.focus();
        } finally {
            make.disabled = false;
        }
    } }, h("h2", {}, say("console.hooks.new")), place, h("fieldset", { class: "plain" }, h("legend", {}, say("console.hooks.events")), h("div", { class: "choices" }, boxes)), h("div", { class: "acts" }, make));
    return h("div", { class: "stack" },
        h("div", { class: "head" }, h("h1", {}, say("console.hooks")), h("p", { class: "soft" }, say("console.hooks.line"))),
        h("section", { class: "card" }, items.length
            ? h("ul", { class: "rows" }, items.map((hook) => h("li", { class: "row" },
                h("a", { class: "row-main", href: `#/hooks/${hook.id}` }, h("span", { class: "row-title" }, hook.url), h("span", { class: "row-line" }, hook.events.join(", "))),
                hook.isEnabled ? null : h("span", { class: "badge" }, say("console.hooks.off")))))
            : empty(say("console.hooks.none"))),
        form);
}

async function oneHook(context, id) {
    const { api, talk } = context;
    const { body: hook, tag } = await api.read(`hooks/${encodeURIComponent(id)}`);
    const path = `hooks/${hook.id}`;
    const list = h("div");
    const paint = async () =>
        list.replaceChildren(await pages((cursor) => api.get(`${path}/deliveries?limit=30${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`), line, say("console.hooks.quiet")));
    const line = (delivery) => {
        const again = h("button", { class: "act act-small", type: "button" }, say("console.hooks.retry"));
        again.addEventListener("click", async () => {
            if ((await talk.doing(again, () => api.post(`${path}/deliveries/${delivery.id}/retry`))) !== undefined) await paint();
        });
        const why = delivery.lastStatus ? `HTTP ${delivery.lastStatus}` : (delivery.lastError ?? "");
        return h("li", { class: "row row-tall" },
            h("div", { class: "row-main" },
                h("span", { class: "row-title" }, delivery.event),
                h("span", { class: "row-line" }, [moment(new Date(delivery.createdAt), { second: "2-digit" }), say("console.hooks.attempts", { count: delivery.attempt ?? 0 }), why].filter(Boolean).join(" · "))),
            h("span", { class: `badge badge-${delivery.state}` }, say(`console.hooks.${delivery.state}`)),
            delivery.state === "dead" ? again : null);
    };
    const act = (key, kind, run) => {
        const button = h("button", { class: kind, type: "button" }, say(key));
        button.addEventListener("click", async () => {
            if ((await talk.doing(button, run)) !== undefined) await context.again();
        });
        return button;
    };
    const told = h("p", { class: "soft", role: "status" });
    const test = h("button", { class: "act act-main", type: "button" }, say("console.hooks.test"));
    test.addEventListener("click", async () => {
        if ((await talk.doing(test, () => api.post(`${path}/test`))) === undefined) return;
        put(told, say("console.hooks.tested"));
        await paint();
    });
    const rotate = h("button", { class: "act", type: "button" }, say("console.hooks.rotate"));
    rotate.addEventListener("click", async () => {
        const made = await talk.doing(rotate, () => api.post(`${path}/rotate`));
        if (made === undefined) return;
        await talk.reveal({ title: say("console.hooks.once.title"), line: say("console.hooks.once.line"), rows: [[say("console.hooks.secret"), made.secret]] });
        context.again();
    });
    const remove = h("button", { class: "act act-end", type: "button" }, say("console.delete"));
    remove.addEventListener("click", async () => {
        if (!(await talk.ask({ title: say("console.hooks.delete.title"), line: say("console.hooks.delete.line"), yes: say("console.delete"), isGrave: true }))) return;
        if ((await talk.doing(remove, () => api.remove(path))) !== undefined) context.go("#/hooks");
    });
    await paint();
    context.every(4000, paint);
    return h("div", { class: "stack" },
        h("div", { class: "head" },
            h("p", { class: "over" }, h("a", { href: "#/hooks" }, say("console.hooks"))),
            h("h1", { class: "long" }, hook.url),
            h("p", { class: "soft" }, hook.events.join(", ")),
            h("div", { class: "acts" }, test, act(hook.isEnabled ? "console.hooks.disable" : "console.hooks.enable", "act", () => api.patch(path, { isEnabled: !hook.isEnabled }, tag)), rotate, remove),
            told),
        h("section", { class: "card" }, h("h2", {}, say("console.hooks.deliveries")), list));
}
