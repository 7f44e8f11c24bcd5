/** Who works on a show, and as what. */
import { say } from "../messages.mjs";
import { field, h, select } from "./elements.mjs";
import { empty } from "./show-words.mjs";

const roles = ["host", "moderator", "interpreter"];

export async function membersPanel(context, path, people) {
    const { api, talk } = context;
    const list = h("ul", { class: "rows" });
    const nothing = empty(say("console.members.none"));
    const nameOf = (id) => people.find((person) => person.id === id)?.name ?? id;
    const paint = async () => {
        const { items } = await api.get(`${path}/members`);
        list.replaceChildren(...items.map((member) => {
            const remove = h("button", { class: "act act-small act-end", type: "button" }, say("console.remove"));
            remove.addEventListener("click", async () => {
                if ((await talk.doing(remove, () => api.remove(`${path}/members/${member.person}`))) !== undefined) await paint();
            });
            return h("li", { class: "row" },
                h("div", { class: "row-main" }, h("a", { class: "row-title", href: `#/people/${member.person}` }, nameOf(member.person)), h("span", { class: "row-line" }, say(`console.role.${member.role}`))),
                remove);
        }));
        nothing.hidden = items.length > 0;
    };
    const who = select(people.map((person) => [person.id, person.name]), people[0]?.id);
    const role = select(roles.map((name) => [name, say(`console.role.${name}`)]), "host");
    const add = h("button", { class: "act act-main", type: "submit", disabled: people.length === 0 }, say("console.members.add"));
    const form = h("form", { class: "card stack", onsubmit: async (event) => {
        event.preventDefault();
        if ((await talk.doing(add, () => api.put(`${path}/members/${who.value}`, { role: role.value }))) !== undefined) await paint();
    } }, h("h2", {}, say("console.members.add")), h("div", { class: "fields" }, field(say("console.members.who"), who), field(say("console.members.role"), role)), h("div", { class: "acts" }, add));
    await paint();
    return h("div", { class: "stack" }, h("section", { class: "card" }, h("h2", {}, say("console.show.people")), list, nothing), form);
}
