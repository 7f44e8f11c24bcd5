/** A show's stream keys: shown once, rotated, taken back. */
import { day, moment, say } from "../messages.mjs";
import { field, h, select } from "./elements.mjs";
import { copyable } from "./conversation.mjs";
import { empty } from "./show-words.mjs";

export async function keysPanel(context, path) {
    const { api, talk } = context;
    const list = h("ul", { class: "rows" });
    const nothing = empty(say("console.keys.none"));
    const ingest = JSON.parse(document.getElementById("ingest").textContent);

    const fresh = (key) =>
        talk.reveal({
            title: say("console.keys.once.title"),
            line: say("console.keys.once.line"),
            rows: [
                [say("console.keys.server"), ingest.rtmp],
                [say("console.keys.key"), key.secret],
                ...(ingest.srt ? [["SRT", ingest.srt.replace("STREAMKEY", key.secret)]] : []),
            ],
        });
    const paint = async () => {
        const told = await api.get(`${path}/keys`);
        list.replaceChildren(...told.items.map(line));
        nothing.hidden = told.items.length > 0;
    };
    const line = (key) => {
        const rotate = h("button", { class: "act act-small", type: "button" }, say("console.keys.rotate"));
        rotate.addEventListener("click", async () => {
            if (!(await talk.ask({ title: say("console.keys.rotate.title"), line: say("console.keys.rotate.line"), yes: say("console.keys.rotate") }))) return;
            const made = await talk.doing(rotate, () => api.post(`${path}/keys/${key.id}/rotate`));
            if (made === undefined) return;
            await paint();
            await fresh(made);
        });
        const revoke = h("button", { class: "act act-small act-end", type: "button" }, say("console.keys.revoke"));
        revoke.addEventListener("click", async () => {
            if (!(await talk.ask({ title: say("console.keys.revoke.title"), line: say("console.keys.revoke.line"), yes: say("console.keys.revoke"), isGrave: true }))) return;
            if ((await talk.doing(revoke, () => api.remove(`${path}/keys/${key.id}`))) !== undefined) await paint();
        });
        const isGood = !key.revokedAt;
        return h("li", { class: "row row-tall" },
            h("div", { class: "row-main" },
                h("span", { class: "row-title" }, say(`console.keys.${key.role}`), key.label ? ` · ${key.label}` : ""),
                h("span", { class: "row-line" },
                    isGood ? say("console.keys.since", { day: day(new Date(key.createdAt)) }) : say("console.keys.revoked", { day: day(new Date(key.revokedAt)) }),
                    key.lastUsedAt ? ` · ${say("console.keys.used", { time: moment(new Date(key.lastUsedAt)) })}` : "",
                    key.isFromSettings ? ` · ${say("console.keys.fromSettings")}` : "")),
            isGood && !key.isFromSettings && h("div", { class: "acts" }, rotate, revoke));
    };

    const role = select([["primary", say("console.keys.primary")], ["backup", say("console.keys.backup")]], "primary");
    const label = h("input", { type: "text", maxlength: 100 });
    const make = h("button", { class: "act act-main", type: "submit" }, say("console.keys.make"));
    const form = h("form", { class: "card stack", onsubmit: async (event) => {
        event.preventDefault();
        const made = await talk.doing(make, () => api.post(`${path}/keys`, { role: role.value, label: label.value.trim() }));
        if (made === undefined) return;
        label.value = "";
        await paint();
        await fresh(made);
    } }, h("h2", {}, say("console.keys.make")), h("div", { class: "fields" }, field(say("console.keys.role"), role), field(say("console.keys.label"), label)), h("div", { class: "acts" }, make));
    await paint();
    const addresses = Object.entries(ingest).map(([name, address]) => copyable(name.toUpperCase(), address));
    return h("div", { class: "stack" },
        h("section", { class: "card" }, h("h2", {}, say("console.keys.addresses")), h("div", { class: "copies" }, addresses)),
        h("section", { class: "card" }, h("h2", {}, say("console.show.keys")), list, nothing), form);
}
