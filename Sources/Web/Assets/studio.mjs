/** The host's page: the key, the show as the server tells it, the preview, and what the host can do. */
import { copyable } from "./console/conversation.mjs";
import { HostApi, ownSession } from "./host-api.mjs";
import { say } from "./messages.mjs";
import { openHostChat } from "./studio-chat.mjs";
import { TracksCard } from "./captions/tracks-card.mjs";
import { Player } from "./player.mjs";
import { Preview } from "./preview.mjs";
import { Findings, Meters, Plot, paintElsewhere, paintFacts, put } from "./studio-panels.mjs";
import { doubt, emptyPreview, entry, questions, standing, verdict } from "./studio-text.mjs";

const $ = (id) => document.getElementById(id);
const page = JSON.parse($("show").textContent);
const memory = `shopcast.key.${page.id}`;
/** Milliseconds between two questions; a hidden page asks less often. */
const pace = { seen: 500, hidden: 4000, lost: 2000 };

const video = $("video");
const player = new Player(video, { module: page.player });
const findings = new Findings((words) => put($("announcer"), words));
const meters = new Meters();
const plot = new Plot();

let api = null;
let show = null;
let timer = 0;
const preview = new Preview(player, () => api.preview());
let chat = null;
/** Only the newest try of a key counts. */
let tries = 0;

// The key.

function keep(key) {
    try {
        if (key) sessionStorage.setItem(memory, key);
        else sessionStorage.removeItem(memory);
    } catch {
        // A browser that keeps nothing asks for the key again.
    }
}

function kept() {
    try {
        return sessionStorage.getItem(memory);
    } catch {
        return null;
    }
}

function showEntry(trouble = "") {
    clearTimeout(timer);
    api = null;
    show = null;
    preview.stop();
    // Whoever comes next to this page is another.
    chat?.stop();
    chat = null;
    document.body.dataset.phase = "closed";
    $("room").hidden = true;
    $("leave").hidden = true;
    $("entry").hidden = false;
    $("enter").disabled = false;
    put($("entry-trouble"), trouble);
    $("key").focus();
}

/** Opens the room with a key, or for who is signed in; a key that was kept is tried until the server has an opinion on it. */
async function enter({ key = "", csrf = "" }, { isKept = false } = {}) {
    const attempt = ++tries;
    const candidate = new HostApi(page.id, { key, csrf });
    clearTimeout(timer);
    if (!isKept) $("enter").disabled = true;
    let answer;
    try {
        answer = await candidate.feed();
    } catch (refusal) {
        if (attempt !== tries) return;
        // Signed in, but not for this show: its key is asked for.
        if (csrf && [401, 403, 404].includes(refusal.status)) return showEntry();
        if (refusal.status === 401) keep(null);
        const words = { 401: entry.wrong, 429: entry.slow, 0: isKept ? entry.awaited : entry.away }[refusal.status] ?? refusal.message;
        // What is being typed meanwhile stays as it is.
        if (isKept && !$("entry").hidden) put($("entry-trouble"), words);
        else showEntry(words);
        if (isKept && ![401, 404].includes(refusal.status)) timer = setTimeout(() => enter({ key, csrf }, { isKept }), pace.lost);
        return;
    }
    if (attempt !== tries) return;
    const wasAsked = !$("entry").hidden;
    show = answer;
    if (key) keep(key);
    api = candidate;
    $("key").value = "";
    $("entry").hidden = true;
    $("room").hidden = false;
    $("leave").hidden = !key;
    paint();
    schedule();
    openChat(candidate);
    // What had the focus is gone.
    if (wasAsked) $("main").focus({ preventScroll: true });
}

$("entry").addEventListener("submit", (event) => {
    event.preventDefault();
    put($("entry-trouble"), "");
    enter({ key: $("key").value.trim() });
});

$("leave").addEventListener("click", () => {
    keep(null);
    showEntry();
});

/** Once for each who enters: another key may be another host. */
function openChat(candidate) {
    chat?.stop();
    chat = openHostChat({ show: page.id, api: candidate, confirm: (question) => confirmed(question, "act-end") });
    // A stream key is for the feed and the chat: who corrects captions is signed in.
    const tracks = new TracksCard({
        show: page.id, ask: (...question) => candidate.captions(...question), tell: (refusal) => put($("tracks-trouble"), refusal?.message ?? ""), mayWrite: candidate.key === null,
    });
    $("tracks").replaceChildren(tracks.place);
}

// How things stand.

function schedule(wait = document.hidden ? pace.hidden : pace.seen) {
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
}

async function ask() {
    const asked = api;
    try {
        const answer = await asked.feed();
        if (asked !== api) return;
        show = answer;
        $("banner").hidden = true;
        paint();
        schedule();
    } catch (refusal) {
        if (asked !== api) return;
        if (refusal.status === 401) {
            keep(null);
            showEntry(entry.wrong);
            return;
        }
        $("banner").hidden = false;
        put($("banner"), refusal.status === 0 ? entry.lost : refusal.message);
        schedule(pace.lost);
    }
}

document.addEventListener("visibilitychange", () => {
    if (api && !document.hidden) schedule(0);
});

function paint() {
    const { badge, kind, title, line } = standing(show);
    document.body.dataset.phase = show.state;
    put($("badge"), badge);
    $("badge").className = `badge preview-badge${kind ? ` badge-${kind}` : ""}`;
    put($("state-title"), title);
    put($("state-line"), line);
    $("rehearse").hidden = show.state !== "scheduled" || show.rehearsesFirst || show.feed !== null;
    $("go-live").hidden = show.state !== "rehearsal";
    $("end").hidden = show.state !== "live";
    put($("verdict"), verdict(show));
    findings.paint(show);
    meters.paint(show.feed?.levels ?? null, show.feed?.audio?.channels ?? 2);
    plot.paint(show.feed?.bitrate.kilobitsPerSecond ?? []);
    paintFacts(show);
    paintElsewhere(show);
    preview.follow({ phase: ["rehearsal", "live"].includes(show.state) ? show.state : "", isOn: show.renditions.length > 0 });
    paintPreview();
}

// The preview.

function paintPreview() {
    const hasPicture = ["playing", "waiting"].includes(player.status) && video.readyState >= 2 && show.feed !== null;
    const [title, line] = emptyPreview(show, player.status);
    put($("preview-title"), title);
    put($("preview-line"), line);
    $("preview-words").hidden = hasPicture;
    video.hidden = !hasPicture && !player.isRunning;
    $("listen").hidden = !hasPicture;
    $("show-preview").hidden = player.status !== "blocked";
}

player.addEventListener("change", () => {
    if (show) paintPreview();
});

video.addEventListener("volumechange", () => {
    $("listen").setAttribute("aria-pressed", String(!video.muted));
    put($("listen").querySelector("span"), say(video.muted ? "studio.listen" : "studio.mute"));
    $("listen").querySelector("use").setAttribute("href", video.muted ? "#i-silent" : "#i-sound");
});

$("listen").addEventListener("click", () => {
    video.muted = !video.muted;
});

$("show-preview").addEventListener("click", () => player.play());

// What the host can do.

function confirmed({ title, line, yes }, kind) {
    const dialog = $("ask");
    put($("ask-title"), title);
    put($("ask-line"), line);
    put($("ask-yes"), yes);
    $("ask-yes").className = `act ${kind}`;
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}

async function tell(command) {
    const told = api;
    const buttons = ["rehearse", "go-live", "end"].map($);
    for (const button of buttons) button.disabled = true;
    put($("act-trouble"), "");
    try {
        await told.tell(command);
        if (told !== api) return;
        // The button goes with what it was for.
        $("main").focus({ preventScroll: true });
        put($("announcer"), say(`studio.done.${command}`));
    } catch (refusal) {
        if (told === api) put($("act-trouble"), say("studio.failed", { reason: refusal.message }));
    } finally {
        for (const button of buttons) button.disabled = false;
    }
    if (told === api) schedule(0);
}

$("rehearse").addEventListener("click", () => tell("rehearse"));
$("go-live").addEventListener("click", async () => {
    const question = doubt(show);
    if (!question || (await confirmed(question, "act-live"))) tell("go-live");
});
$("end").addEventListener("click", async () => {
    if (await confirmed(questions.end, "act-end")) tell("end");
});

/** What a test or a support call wants to know; read only, and without the key. */
window.shopcastStudio = Object.freeze({
    get show() {
        return show;
    },
    get player() {
        return player.status;
    },
    get faults() {
        return player.faults;
    },
});

// This machine itself counts as secure.
if (!window.isSecureContext) {
    put($("entry-open"), entry.open);
    $("entry-open").hidden = false;
}

// Where to stream to; the key itself was shown once, and is not known here.
$("addresses").append(...Object.entries(page.ingest ?? {}).map(([name, address]) => copyable(name.toUpperCase(), address)));

const known = kept();
if (known) {
    enter({ key: known }, { isKept: true });
} else {
    const csrf = page.hasSession ? await ownSession() : null;
    if (csrf) enter({ csrf }, { isKept: true });
    // Who has typed a key meanwhile has been told of it already.
    else if (!api && tries === 0) showEntry();
}
