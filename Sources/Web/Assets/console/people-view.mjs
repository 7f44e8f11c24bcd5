/** Who works here: a list, and one person with links, tokens and the ways out. */
import { day, moment, say } from "../messages.mjs";
import { choice, field, h } from "./elements.mjs";
import { tokensPanel } from "./tokens-panel.mjs";
import { empty, pages } from "./show-words.mjs";

export async function view(context) {
    const [id] = context.path;
    return id ? onePerson(context, id) : everybody(context);
}

async function everybody(context) {
    const { api, talk } = context;
    const list = await pages(
        (cursor) => api.get(`people?limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`),
        (person) => h("li", { class: "row" },
            h("a", { class: "row-main", href: `#/people/${person.id}` }, h("span", { class: "row-title" }, person.name), h("span", { class: "row-line" }, person.login)),
            person.disabledAt ? h("span", { class: "badge" }, say("console.people.disabled")) : null,
            person.isOperator ? h("span", { class: "badge" }, say("console.role.operator")) : null),
        say("console.people.none"));
    const name = h("input", { type: "text", maxlength: 100, required: true, autocomplete: "off" });
    const login = h("input", { type: "text", maxlength: 100, required: true, autocapitalize: "none", spellcheck: "false", autocomplete: "off" });
    const isOperator = choice(say("console.people.operator"), false, { hint: say("console.people.operator.hint") });
    const make = h("button", { class: "act act-main", type: "submit" }, say("console.people.make"));
    const fields = { name: field(say("console.people.name"), name), login: field(say("console.people.login"), login, { hint: say("console.people.login.hint") }) };
    const form = h("form", { class: "card stack", novalidate: true, onsubmit: async (event) => {
        event.preventDefault();
        make.disabled = true;
        try {
            const person = await api.post("people", { name: name.value.trim(), login: login.value.trim(), isOperator: isOperator.box.checked });
            await invite(context, person);
            context.go(`#/people/${person.id}`);
        } catch (refusal) {
            for (const { field: key, reason } of refusal.errors ?? []) fields[key]?.fault(reason);
            if (!refusal.errors?.length) talk.tell(talk.words(refusal), { isTrouble: true });
        } finally {
            make.disabled = false;
        }
    } }, h("h2", {}, say("console.people.new")), h("div", { class: "fields" }, fields.name, fields.login), isOperator, h("div", { class: "acts" }, make));
    return h("div", { class: "stack" }, h("div", { class: "head" }, h("h1", {}, say("console.people"))), h("section", { class: "card" }, list), form);
}

/** Makes the link with which somebody sets a password, and shows it once. */
async function invite({ api, talk }, person) {
    const made = await api.post(`people/${person.id}/invitation`);
    await talk.reveal({
        title: say("console.people.invited.title", { name: person.name }),
        line: say("console.people.invited.line"),
        rows: [[say("console.people.link"), new URL(made.link, location.href).href]],
    });
}

async function onePerson(context, id) {
    const { api, talk, me } = context;
    const { body: person, tag } = await api.read(`people/${encodeURIComponent(id)}`);
    const change = async (button, fields) => {
        if ((await talk.doing(button, () => api.patch(`people/${person.id}`, fields, tag))) !== undefined) context.again();
    };
    const act = (key, run, kind = "act") => {
        const button = h("button", { class: kind, type: "button" }, say(key));
        button.addEventListener("click", () => run(button));
        return button;
    };
    const grave = (key, run) => act(key, async (button) => {
        if (await talk.ask({ title: say(`${key}.title`, { name: person.name }), line: say(`${key}.line`), yes: say(key), isGrave: true })) run(button);
    }, "act act-end");
    const isSelf = person.id === me.id;
    return h("div", { class: "stack" },
        h("div", { class: "head" },
            h("p", { class: "over" }, h("a", { href: "#/people" }, say("console.people"))),
            h("h1", {}, person.name),
            h("p", { class: "head-line" }, h("span", { class: "soft" }, person.login), person.isOperator ? h("span", { class: "badge" }, say("console.role.operator")) : null, person.disabledAt ? h("span", { class: "badge" }, say("console.people.disabled")) : null),
            h("p", { class: "soft" }, say("console.people.since", { day: day(new Date(person.createdAt)) }))),
        h("section", { class: "card stack" },
            h("h2", {}, say("console.people.access")),
            h("div", { class: "acts" },
                act("console.people.invite", (button) => talk.doing(button, () => invite(context, person))),
                isSelf ? null : act(person.isOperator ? "console.people.demote" : "console.people.promote", (button) => change(button, { isOperator: !person.isOperator })),
                isSelf ? null : act(person.disabledAt ? "console.people.enable" : "console.people.disable", (button) => change(button, { isDisabled: !person.disabledAt })))),
        await tokensPanel(context, person),
        h("section", { class: "card stack" },
            h("h2", {}, say("console.people.privacy")),
            h("div", { class: "acts" },
                h("a", { class: "act", href: `/api/v1/people/${person.id}/export`, download: `${person.login}.json` }, say("console.people.export")),
                isSelf ? null : grave("console.people.erase", async (button) => {
                    if ((await talk.doing(button, () => api.remove(`people/${person.id}`))) !== undefined) context.go("#/people");
                }))));
}
