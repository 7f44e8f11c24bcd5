/** The interpreter's page: listens to the show, types captions in one language, puts them right, and hands over. */
import { Link } from "../chat/link.mjs";
import { nameOf } from "../chat/tongues.mjs";
import { Api } from "../console/api.mjs";
import { put } from "../console/elements.mjs";
import { language as ownLanguage, say } from "../messages.mjs";
import { learnFromAnswer, serverNow } from "../schedule.mjs";
import { ShowFeed } from "../show-feed.mjs";
import { CueFeed } from "./cue-feed.mjs";
import { CueRows } from "./cue-rows.mjs";
import { Ear } from "./ear.mjs";
import { hearKeys, listKeys } from "./keys.mjs";
import { Pen } from "./pen.mjs";
import { Turn } from "./turn.mjs";

const $ = (id) => document.getElementById(id);
const page = JSON.parse($("show").textContent);
const place = `shows/${encodeURIComponent(page.id)}`;
const path = `${place}/captions/${encodeURIComponent(page.language)}`;
/** Milliseconds of the show that the lists go back to. */
const span = 900_000;
/** Milliseconds until who found the booth full knocks again. */
const patience = 3000;

const api = new Api();
const ear = new Ear({ module: page.player, ask: () => api.post(`${place}/preview`) });
const link = new Link({ show: page.id, language: ownLanguage });
const feed = new CueFeed({ show: page.id });
const turn = new Turn();
const words = $("words");
let show = {};
/** What is listened to, as text: the captions that these are made from, or those of what is spoken; null without. */
let source = null;
let sourceRows = null;
let shownTurn = "";

const tell = (text, kind = "") => {
    $("note").dataset.kind = kind;
    put($("note"), text);
};
const reason = (refusal) => ({ 0: say("console.unreachable"), 412: say("track.cue.elsewhere") })[refusal.status] ?? refusal.message;

// What is written.

const pen = new Pen({
    link,
    language: page.language,
    post: (cue, name) => api.post(`${path}/cues`, { text: cue.text, start: new Date(cue.start).toISOString(), end: new Date(cue.end).toISOString() }, { once: name }),
    give: (text, why) => {
        if (!words.value) words.value = text;
        tell(`${say("booth.refused")} ${why}`, "trouble");
    },
});

async function change(act) {
    try {
        await act();
        tell("");
        paintCues();
        return true;
    } catch (refusal) {
        tell(reason(refusal), "trouble");
        return false;
    }
}

const ownRows = new CueRows(page.language, {
    edit: (cue, text) => change(async () => feed.book(page.language).put((await api.patch(`${path}/cues/${cue.id}`, { text }, `"r${cue.revision}"`)).body)),
    remove: (cue) => change(async () => {
        await api.remove(`${path}/cues/${cue.id}`);
        feed.book(page.language).remove(cue.id);
    }),
    seek: (cue) => ear.goTo(cue.start),
    original: (cue) => (source && cue.from ? originalOf(cue) : ""),
}, { label: say("booth.own") });

/** The words that a translated cue was made from: those of the same time. */
function originalOf({ start, end }) {
    return feed.book(source.language).list.filter((cue) => cue.start < end && cue.end > start).map(({ text }) => text).join(" ");
}

function paintCues() {
    const own = feed.book(page.language);
    ownRows.paint(own.list, turn.state === "off" ? own.partial : null);
    if (!source) return;
    const spoken = feed.book(source.language);
    sourceRows.paint(spoken.list, spoken.partial);
}

function send() {
    const text = words.value.trim();
    if (!text) return;
    if (!turn.isMine) {
        tell(turn.isSeated ? say("booth.notYours", { name: turn.name }) : turn.words, "trouble");
        return;
    }
    pen.send(text, ear.date);
    words.value = "";
    tell("");
    words.focus();
}

function clear() {
    words.value = "";
    pen.type("", 0);
    tell("");
}

words.addEventListener("input", () => {
    if (turn.isMine) pen.type(words.value, ear.date);
});
words.addEventListener("keydown", (event) => {
    // The Enter that ends a composition is not meant for us.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        send();
    } else if (event.key === "Escape") {
        clear();
    } else if (event.key === "ArrowUp" && !words.value && ownRows.editOf(pen.last)) {
        event.preventDefault();
    }
});
$("form").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
});
pen.addEventListener("change", () => {
    if (pen.underWay) tell(say("booth.underWay", { count: pen.underWay }));
    else if ($("note").dataset.kind !== "trouble") tell("");
});

// Whose turn it is.

const knock = (act) => link.send({ type: "booth", language: page.language, act });

/** Not let in for now. */
function wait() {
    turn.miss();
    setTimeout(() => {
        if (!turn.isSeated) knock("enter");
    }, patience);
}

function handOver() {
    if (!turn.act) return;
    knock(turn.state === "on" ? "hand" : "take");
    words.focus();
}

function paintTurn() {
    const { state } = turn;
    const now = `${state} ${turn.name}`;
    document.body.dataset.turn = state;
    put($("turn"), turn.words);
    put($("hand"), turn.act ? `${turn.act} (F2)` : "");
    $("hand").hidden = !turn.act;
    words.placeholder = say(state === "off" ? "booth.words.off" : "booth.words");
    if (shownTurn && shownTurn !== now) {
        put($("announcer"), turn.words);
        // What was being typed is the other one's to say now.
        if (state === "off") pen.type("", 0);
    }
    shownTurn = now;
}

function paintLine() {
    put($("line"), link.isOpen ? "" : say("booth.line"));
}

link.addEventListener("events", ({ detail }) => {
    for (const event of detail) {
        if (event.type === "hello") knock("enter");
        else if (event.type === "booth" && event.language === page.language) turn.take(event);
        else if (event.type === "ack" && event.practice) tell(say("studio.rehearsal.line"));
        else if (event.type === "refused" && ["busy", "flood"].includes(event.code) && !event.id && !turn.isSeated) wait();
        else if (event.type === "refused" && event.code === "not-allowed" && !event.id) return shut(event.detail);
    }
    paintTurn();
});
link.addEventListener("state", () => {
    if (!link.isOpen) turn.lose();
    paintTurn();
    paintLine();
});

// The keys, and the page itself.

hearKeys({ F2: handOver, F4: () => ear.toggleSound(), F8: () => ear.again(), F9: () => ear.toEdge() });
$("hand").addEventListener("click", handOver);

const signIn = () => location.replace(`/login?next=${encodeURIComponent(location.pathname)}`);

function shut(why) {
    link.stop();
    $("room").hidden = true;
    $("shut").hidden = false;
    put($("shut"), why || say("console.forbidden"));
}

function look() {
    if (document.hidden) return;
    ear.follow(show);
    paintLine();
    const { player } = ear;
    const end = Math.max(ear.date, serverNow());
    // Of a recording all can be put right; of a show the last quarter of an hour.
    const start = player.isReplay && player.range ? (player.dateAt(player.range.start) ?? end - span) : end - span;
    for (const tag of [page.language, source?.language]) if (tag) feed.load(tag, start, end + 5000);
}

async function start() {
    const session = await api.session().catch((refusal) => refusal);
    if (session === null) return signIn();
    api.onSignedOut = signIn;
    let tracks;
    try {
        if (session instanceof Error) throw session;
        [show, { captions: tracks = [] }] = await Promise.all([api.get(place), api.get(`${place}/captions`)]);
    } catch (refusal) {
        put($("shut"), reason(refusal));
        $("shut").hidden = false;
        if (refusal.status === 0 || refusal.status >= 500) setTimeout(start, 3000);
        return;
    }
    const track = tracks.find(({ language }) => language === page.language);
    if (!track) return shut(say("booth.noTrack"));
    source = [track.from, show.language].map((tag) => tracks.find(({ language }) => language === tag)).find((entry) => entry && entry !== track) ?? null;
    furnish(track);
    feed.addEventListener("change", paintCues);
    feed.connect(link);
    feed.want([page.language, source?.language ?? ""]);
    new ShowFeed(`/api/v1/${place}`, (answer) => {
        if (answer) show = answer;
    }, learnFromAnswer);
    link.start();
    setInterval(look, 500);
    look();
}

function furnish(track) {
    put($("language"), nameOf(page.language));
    put($("own-name"), track.name);
    listKeys($("keys"));
    words.lang = page.language;
    $("own").replaceChildren(ownRows.place);
    $("source-card").hidden = !source;
    if (source) {
        sourceRows = new CueRows(source.language, { seek: (cue) => ear.goTo(cue.start) }, { label: say("booth.source") });
        put($("source-name"), source.name);
        $("source").replaceChildren(sourceRows.place);
    }
    $("shut").hidden = true;
    $("room").hidden = false;
    paintTurn();
    words.focus({ preventScroll: true });
}

/** What a test or a support call wants to know; read only. */
window.shopcastBooth = Object.freeze({
    get player() {
        return ear.player.status;
    },
    get turn() {
        return turn.state;
    },
    get line() {
        return link.state;
    },
    get underWay() {
        return pen.underWay;
    },
});

start();
