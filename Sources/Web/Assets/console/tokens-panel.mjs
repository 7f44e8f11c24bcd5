/** A person's API tokens: made, shown once, taken back. */
import { day, moment, say } from "../messages.mjs";
import { field, h, select } from "./elements.mjs";
import { empty } from "./show-words.mjs";

const scopes = ["all", "read", "shows", "people", "hooks", "moderate"];

export async function tokensPanel({ api, talk }, person) {
    const path = `people/${person.id}/tokens`;
    const list = h("ul", { class: "rows" });
    const nothing = empty(say("console.tokens.none"));
    const paint = async () => {
        const { items } = await api.get(path);
        list.replaceChildren(...items.map((token) => {
            const revoke = h("button", { class: "act act-small act-end", type: "button" }, say("console.tokens.revoke"));
            revoke.addEventListener("click", async () => {
                if ((await talk.doing(revoke, () => api.remove(`${path}/${token.id}`))) !== undefined) await paint();
            });
            return h("li", { class: "row row-tall" },
                h("div", { class: "row-main" },
                    h("span", { class: "row-title" }, `${token.name} · ${token.scopes.join(", ")}`),
                    h("span", { class: "row-line" },
                        token.expiresAt ? say("console.tokens.until", { day: day(new Date(token.expiresAt)) }) : say("console.tokens.forever"),
                        token.lastUsedAt ? ` · ${say("console.keys.used", { time: moment(new Date(token.lastUsedAt)) })}` : "")),
                revoke);
        }));
        nothing.hidden = items.length > 0;
    };
    const name = h("input", { type: "text", maxlength: 100, required: true });
    const scope = select(scopes.map((key) => [key, say(`console.scope.${key}`)]), "all");
    const life = select([["30", say("console.tokens.days", { count: 30 })], ["365", say("console.tokens.days", { count: 365 })], ["", say("console.tokens.forever")]], "365");
    const make = h("button", { class: "act", type: "submit" }, say("console.tokens.make"));
    const form = h("form", { class: "stack", onsubmit: async (event) => {
        event.preventDefault();
        const expiresAt = life.value ? new Date(Date.now() + Number(life.value) * 86_400_000).toISOString() : undefined;
        const made = await talk.doing(make, () => api.post(path, { name: name.value.trim(), scopes: [scope.value], ...(expiresAt ? { expiresAt } : {}) }));
        if (made === undefined) return;
        name.value = "";
        await paint();
        await talk.reveal({ title: say("console.tokens.once.title"), line: say("console.tokens.once.line"), rows: [[say("console.tokens.token"), made.secret]] });
    } }, h("div", { class: "fields" }, field(say("console.tokens.name"), name), field(say("console.tokens.scope"), scope), field(say("console.tokens.life"), life)), h("div", { class: "acts" }, make));
    await paint();
    return h("section", { class: "card stack" }, h("h2", {}, say("console.tokens")), list, nothing, form);
}
