/** The operator's page: who is signed in, which view is shown, and what all views share. */
import { say } from "../messages.mjs";
import { Api } from "./api.mjs";
import { h, put, reveal } from "./elements.mjs";
import { Conversation } from "./conversation.mjs";

const $ = (id) => document.getElementById(id);
const api = new Api();
const talk = new Conversation($("ask"), $("toast"));

/** Each view is fetched when it is first wanted. */
const views = {
    "": () => import("./today-view.mjs"),
    shows: () => import("./shows-view.mjs"),
    calendar: () => import("./calendar-view.mjs"),
    replays: () => import("./replays-view.mjs"),
    people: () => import("./people-view.mjs"),
    hooks: () => import("./hooks-view.mjs"),
    audit: () => import("./audit-view.mjs"),
    account: () => import("./account-view.mjs"),
};

let me = null;
/** What the shown view asked to be done when it goes. */
let leaving = [];
let shown = 0;

function signedOut() {
    location.assign(`/login?next=${encodeURIComponent("/console" + location.hash)}`);
}
api.onSignedOut = signedOut;

/** What a view is given: the API, who asks, and ways to speak, to repeat and to go elsewhere. */
function context(path) {
    const turn = shown;
    return {
        api,
        me,
        path,
        talk,
        /** Who is no operator works on their own shows. */
        mine: me.isOperator ? {} : { mine: "true" },
        go: (hash) => {
            if (location.hash === hash) show();
            else location.hash = hash;
        },
        again: show,
        get isShown() {
            return turn === shown;
        },
        /** Calls `act` now and then while the view is shown; less often where nobody sees it. */
        every(milliseconds, act) {
            let timer = 0;
            const next = async () => {
                if (turn !== shown) return;
                if (!document.hidden) await act().catch(() => {});
                if (turn === shown) timer = setTimeout(next, milliseconds);
            };
            timer = setTimeout(next, milliseconds);
            leaving.push(() => clearTimeout(timer));
        },
    };
}

async function show() {
    const turn = (shown += 1);
    for (const act of leaving.splice(0)) act();
    const path = location.hash.replace(/^#\/?/, "").split("/").map((part) => decodeURIComponent(part));
    const load = views[path[0]] ?? views[""];
    for (const link of $("nav").querySelectorAll("a")) {
        const isHere = link.dataset.view === (path[0] in views ? path[0] : "");
        if (isHere) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
        if (isHere) reveal(link);
    }
    $("view").setAttribute("aria-busy", "true");
    let made;
    try {
        const { view } = await load();
        made = await view(context(path.slice(1)));
    } catch (refusal) {
        if (turn !== shown) return;
        made = h("section", { class: "card" },
            h("h1", {}, say(refusal.status === 404 ? "console.missing" : refusal.status === 403 ? "console.forbidden" : "console.failed")),
            h("p", { class: "soft" }, talk.words(refusal)),
            h("p", { class: "acts" }, h("button", { class: "act", type: "button", onclick: show }, say("console.again"))));
    }
    if (turn !== shown) return;
    $("view").replaceChildren(made);
    $("view").removeAttribute("aria-busy");
    const tab = made.querySelector(".tabs [aria-selected=true]");
    if (tab) reveal(tab);
    const title = made.querySelector("h1");
    document.title = `${title?.textContent ?? ""} · ${say("console.title")}`;
    // Who moves by keyboard or ear is taken to the new view; at the first one the page itself is new.
    if (turn > 1 && title) {
        title.tabIndex = -1;
        title.focus({ preventScroll: true });
        scrollTo({ top: 0 });
    }
}

async function start() {
    const session = await api.session().catch((refusal) => refusal);
    if (session === null) return signedOut();
    if (session instanceof Error) {
        put($("view"), talk.words(session));
        setTimeout(start, 3000);
        return;
    }
    me = session.person;
    put($("who"), me.name);
    for (const link of $("nav").querySelectorAll("[data-operators]")) link.hidden = !me.isOperator;
    addEventListener("hashchange", show);
    show();
}

$("sign-out").addEventListener("click", async () => {
    await api.signOut().catch(() => {});
    location.assign("/login");
});

start();
