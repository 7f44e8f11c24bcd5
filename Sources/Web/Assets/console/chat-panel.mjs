/** A show's chat for those who moderate it: how the room is run, the talk, questions, what waits, sanctions, the export. */
import { ChatDesk } from "../chat/desk.mjs";
import { ChatPanel } from "../chat/panel.mjs";
import { styled } from "../chat/sheets.mjs";
import { moment, say } from "../messages.mjs";
import { copyable } from "./conversation.mjs";
import { choice, field, h, select } from "./elements.mjs";
import { glossaryPanel } from "./glossary-panel.mjs";
import { empty } from "./show-words.mjs";

export async function chatPanel(context, path, id) {
    const { api, talk } = context;
    styled();
    const ask = (method, below, body) => {
        const place = `${path}/chat/${below}`;
        if (method === "GET") return api.get(place);
        return method === "DELETE" ? api.remove(place) : api.post(place, body);
    };
    const place = h("section", { class: "card chat chat-card", "aria-label": say("chat.title") });
    const sanctions = await sanctionsCard(context, path);
    const desk = new ChatDesk({
        ask: async (method, below, body) => {
            const done = await ask(method, below, body);
            if (below === "sanctions") await sanctions.paint();
            return done;
        },
        tell: (refusal) => talk.tell(talk.words(refusal), { isTrouble: true }),
        confirm: (question) => talk.ask({ ...question, isGrave: true }),
    });
    const panel = new ChatPanel(place, { show: id, moderates: desk.buttons, onChange: (events) => desk.take(events) });
    desk.panel = panel;
    panel.start();
    return h("div", { class: "stack" },
        await roomCard(context, path, id),
        h("div", { class: "chat-columns" }, place, h("div", { class: "card stack" }, desk.questions, desk.held)),
        sanctions.place, await glossaryPanel(context, path));
}

async function roomCard(context, path, id) {
    const { api, talk } = context;
    const { body: room, tag } = await api.read(`${path}/chat`);
    let version = tag;
    const { mode } = room;
    const slow = select([[0, say("desk.slow.off")], ...[5, 10, 30, 60, 300].map((seconds) => [seconds, say("desk.slow.each", { count: seconds })])].map(([key, words]) => [String(key), words]), String(mode.slowSeconds));
    if (!slow.value) slow.append(h("option", { value: String(mode.slowSeconds), selected: true }, say("desk.slow.each", { count: mode.slowSeconds })));
    const writing = select(["anyone", "signedIn", "link", "nobody"].map((key) => [key, say(`desk.writing.${key}`)]), mode.writing);
    const links = select(["allow", "hold", "refuse"].map((key) => [key, say(`desk.links.${key}`)]), mode.links);
    const hold = choice(say("desk.hold"), mode.hold, { hint: say("desk.hold.hint") });
    const save = h("button", { class: "act act-main", type: "submit" }, say("console.save"));
    const link = h("div", { class: "copies" });
    const paintLink = (secret) => link.replaceChildren(...(secret ? [copyable(say("desk.link"), `${location.origin}/shows/${encodeURIComponent(id)}?chat=${encodeURIComponent(secret)}`)] : []));
    paintLink(room.link);
    const renew = h("button", { class: "act", type: "button" }, say("desk.link.new"));
    renew.addEventListener("click", async () => {
        const made = await talk.doing(renew, () => api.post(`${path}/chat/link`));
        if (made === undefined) return;
        paintLink(made.link);
        version = (await api.read(`${path}/chat`)).tag;
    });
    const clear = h("button", { class: "act act-end", type: "button" }, say("desk.clear"));
    clear.addEventListener("click", async () => {
        if (await talk.ask({ title: say("desk.clear.title"), line: say("desk.clear.line"), yes: say("desk.clear"), isGrave: true })) await talk.doing(clear, () => api.post(`${path}/chat/clear`));
    });
    const unpin = h("button", { class: "act", type: "button" }, say("desk.unpin"));
    unpin.addEventListener("click", () => talk.doing(unpin, () => api.remove(`${path}/chat/pin`)));
    const saved = (format) => h("a", { class: "act", href: `/api/v1/${path}/chat/export?format=${format}`, download: "" }, say(`desk.export.${format}`));
    return h("form", { class: "card stack", onsubmit: async (event) => {
        event.preventDefault();
        const wanted = { slowSeconds: Number(slow.value), writing: writing.value, links: links.value, hold: hold.box.checked };
        const done = await talk.doing(save, () => api.patch(`${path}/chat`, wanted, version));
        if (done === undefined) return;
        version = done.tag;
        talk.tell(say("console.saved"));
    } },
        h("h2", {}, say("desk.room")),
        h("div", { class: "fields" }, field(say("desk.writing"), writing), field(say("desk.slow"), slow), field(say("desk.links"), links)),
        hold, h("div", { class: "acts" }, save, unpin, clear, saved("jsonl"), saved("csv")),
        h("p", { class: "soft" }, say("desk.link.line")), link, h("div", { class: "acts" }, renew));
}

async function sanctionsCard(context, path) {
    const { api, talk } = context;
    const list = h("ul", { class: "rows" });
    const nothing = empty(say("desk.sanctions.none"));
    const paint = async () => {
        const found = await api.get(`${path}/chat/sanctions`);
        const all = found.sanctions ?? [];
        list.replaceChildren(...all.map((sanction) => {
            const lift = h("button", { class: "act act-small", type: "button" }, say("desk.lift"));
            lift.addEventListener("click", async () => {
                if ((await talk.doing(lift, () => api.remove(`${path}/chat/sanctions/${sanction.id}`))) !== undefined) await paint();
            });
            const until = sanction.until ? say("desk.until", { time: moment(new Date(sanction.until)) }) : say("desk.forGood");
            return h("li", { class: "row row-tall" },
                h("div", { class: "row-main" }, h("span", { class: "row-title" }, h("bdi", {}, sanction.name), ` · ${say(`desk.kind.${sanction.kind}`)}`), h("span", { class: "row-line" }, `${until} · ${sanction.reason}`)), lift);
        }));
        nothing.hidden = all.length > 0;
    };
    await paint();
    return { paint, place: h("section", { class: "card" }, h("h2", {}, say("desk.sanctions")), list, nothing) };
}
