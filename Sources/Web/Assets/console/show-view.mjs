/** One show: what it is, its keys, its people, how it fared; and the making of a new one. */
import { say } from "../messages.mjs";
import { h, put, reveal } from "./elements.mjs";
import { captionsPanel } from "./captions-panel.mjs";
import { chatPanel } from "./chat-panel.mjs";
import { ShowForm } from "./show-form.mjs";
import { keysPanel } from "./keys-panel.mjs";
import { membersPanel } from "./members-panel.mjs";
import { qualityPanel } from "./quality-panel.mjs";
import { timelinePanel } from "./timeline-panel.mjs";
import { badge, titleOf, when } from "./show-words.mjs";

export async function newShow(context) {
    const { api, talk } = context;
    const people = (await api.get("people?limit=200")).items;
    const form = new ShowForm({}, { people, isNew: true });
    /** One creation, however often the button is pressed. */
    const once = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    let tries = 0;
    const make = h("button", { class: "act act-main", type: "submit" }, say("console.shows.make"));
    const place = h("form", { class: "stack", novalidate: true }, form.place, h("div", { class: "acts acts-stay" }, make, h("a", { class: "act", href: "#/shows" }, say("console.cancel"))));
    place.addEventListener("submit", async (event) => {
        event.preventDefault();
        make.disabled = true;
        try {
            const show = await api.post("shows", form.draft, { once: `${once}-${tries}` });
            talk.tell(say("console.shows.made", { title: titleOf(show) }));
            context.go(`#/shows/${encodeURIComponent(show.id)}`);
        } catch (refusal) {
            tries += 1;
            form.blame(refusal, talk.words(refusal));
        } finally {
            make.disabled = false;
        }
    });
    return h("div", { class: "stack" }, h("div", { class: "head" }, h("h1", {}, say("console.shows.new"))), place);
}

/** What can be done to a show in each state. */
const moves = {
    draft: ["schedule", "cancel"],
    scheduled: ["rehearse", "cancel"],
    rehearsal: ["go-live", "cancel"],
    live: ["end"],
    ended: ["reopen"],
    replay: ["reopen"],
    cancelled: [],
};

export async function oneShow(context, id) {
    const { api, talk, me } = context;
    const path = `shows/${encodeURIComponent(id)}`;
    const { body: show, tag } = await api.read(path);
    const people = me.isOperator ? (await api.get("people?limit=200")).items : [];
    /** Whoever works on a show sees its revision; who may not change it all the same is told so by the server. */
    const mayEdit = "revision" in show;

    const buttons = (moves[show.state] ?? []).map((move) => {
        const isGrave = move === "cancel" || move === "end";
        const button = h("button", { class: isGrave ? "act act-end" : move === "go-live" ? "act act-live" : "act act-main", type: "button" }, say(`console.move.${move}`));
        button.addEventListener("click", async () => {
            if (isGrave && !(await talk.ask({ title: say(`console.${move}.title`), line: say(`console.${move}.line`), yes: say(`console.move.${move}`), isGrave: true }))) return;
            if ((await talk.doing(button, () => api.post(`${path}/${move}`))) !== undefined) context.again();
        });
        return button;
    });
    if (me.isOperator && ["draft", "cancelled"].includes(show.state)) {
        const remove = h("button", { class: "act act-end", type: "button" }, say("console.delete"));
        remove.addEventListener("click", async () => {
            if (!(await talk.ask({ title: say("console.delete.title"), line: say("console.delete.line"), yes: say("console.delete"), isGrave: true }))) return;
            if ((await talk.doing(remove, () => api.remove(path, tag))) !== undefined) context.go("#/shows");
        });
        buttons.push(remove);
    }

    const panels = [
        ["details", () => details(context, show, tag, path, people, mayEdit)],
        ["keys", () => keysPanel(context, path)],
        ...(me.isOperator ? [["people", () => membersPanel(context, path, people)]] : []),
        ["quality", () => qualityPanel(context, path)],
        ["timeline", () => timelinePanel(context, path)],
        ["chat", () => chatPanel(context, path, id)],
        ["captions", () => captionsPanel(context, path, id)],
    ];
    return h("div", { class: "stack" },
        h("div", { class: "head" },
            h("p", { class: "over" }, h("a", { href: "#/shows" }, say("console.shows")), ` / ${show.id}`),
            h("h1", {}, titleOf(show)),
            h("p", { class: "head-line" }, badge(show.state, show.isPaused), h("span", { class: "soft" }, when(show))),
            h("div", { class: "acts" }, ...buttons,
                h("a", { class: "act", href: `/shows/${encodeURIComponent(id)}`, target: "_blank", rel: "noopener" }, say("console.watch")),
                h("a", { class: "act", href: `/studio/${encodeURIComponent(id)}`, target: "_blank", rel: "noopener" }, say("console.studio")))),
        tabs(panels, context.path[1] ?? "details", talk));
}

/** Tabs by the pattern of ARIA: arrows move, a panel is made when it is first shown. */
function tabs(panels, chosen, talk) {
    const place = h("div", { class: "tab-place" });
    const list = h("div", { class: "tabs", role: "tablist", "aria-label": say("console.show.parts") });
    const made = new Map();
    const open = async (name, { takesFocus = false } = {}) => {
        for (const tab of list.children) {
            const isOpen = tab.dataset.name === name;
            tab.setAttribute("aria-selected", String(isOpen));
            tab.tabIndex = isOpen ? 0 : -1;
            if (isOpen && takesFocus) tab.focus();
            if (isOpen) reveal(tab);
        }
        for (const panel of made.values()) panel.hidden = true;
        if (!made.has(name)) {
            const panel = h("div", { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}`, class: "stack" });
            made.set(name, panel);
            place.append(panel);
            try {
                panel.append(await panels.find(([key]) => key === name)[1]());
            } catch (refusal) {
                panel.append(h("p", { class: "trouble" }, talk.words(refusal)));
            }
        }
        made.get(name).hidden = false;
    };
    for (const [name] of panels) {
        list.append(h("button", { role: "tab", type: "button", id: `tab-${name}`, "aria-controls": `panel-${name}`, "data-name": name, onclick: () => open(name) }, say(`console.show.${name}`)));
    }
    list.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const names = panels.map(([name]) => name);
        const now = names.indexOf(document.activeElement.dataset.name);
        open(names[(now + step + names.length) % names.length], { takesFocus: true });
        event.preventDefault();
    });
    open(panels.some(([name]) => name === chosen) ? chosen : panels[0][0]);
    return h("div", { class: "stack" }, list, place);
}

function details(context, show, tag, path, people, mayEdit) {
    const { api, talk } = context;
    const form = new ShowForm(show, { people });
    let version = tag;
    const save = h("button", { class: "act act-main", type: "submit" }, say("console.save"));
    const place = h("form", { class: "stack", novalidate: true }, cover(context, show, path), form.place, mayEdit && h("div", { class: "acts acts-stay" }, save));
    if (!mayEdit) for (const control of place.querySelectorAll("input, select, textarea")) control.disabled = true;
    place.addEventListener("submit", async (event) => {
        event.preventDefault();
        save.disabled = true;
        form.rest.textContent = "";
        try {
            const done = await api.patch(path, form.draft, version);
            version = done.tag;
            talk.tell(say("console.saved"));
        } catch (refusal) {
            if (refusal.status === 412) form.blame(refusal, say("console.changedElsewhere"));
            else form.blame(refusal, talk.words(refusal));
        } finally {
            save.disabled = false;
        }
    });
    return place;
}

function cover(context, show, path) {
    const { api, talk } = context;
    const image = h("img", { class: "cover", alt: "", hidden: !show.cover });
    if (show.cover) image.src = show.cover;
    const file = h("input", { type: "file", accept: "image/jpeg,image/png,image/webp", class: "unseen", id: "cover-file" });
    const line = h("p", { class: "soft" }, say("console.cover.hint"));
    file.addEventListener("change", async () => {
        if (!file.files[0]) return;
        put(line, say("console.cover.sending"));
        const done = await talk.doing(file, () => api.upload(`${path}/cover`, file.files[0]));
        put(line, say("console.cover.hint"));
        file.value = "";
        if (done === undefined) return;
        context.again();
    });
    const remove = h("button", { class: "act", type: "button", hidden: !show.cover }, say("console.cover.remove"));
    remove.addEventListener("click", async () => {
        if ((await talk.doing(remove, () => api.remove(`${path}/cover`))) !== undefined) context.again();
    });
    return h("fieldset", { class: "card" }, h("legend", {}, say("console.cover")),
        h("div", { class: "cover-box" }, image, h("div", {}, line, h("div", { class: "acts" }, h("label", { class: "act", for: "cover-file" }, say("console.cover.choose")), file, remove))));
}
