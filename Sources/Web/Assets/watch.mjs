/** The watch page: the show as the server tells it, the player, and what the viewer sees of both. */
import { Beats } from "./beats.mjs";
import { Transcript } from "./captions/transcript.mjs";
import { Controls } from "./controls.mjs";
import { localise } from "./messages.mjs";
import { Player } from "./player.mjs";
import { sceneOf } from "./scene.mjs";
import { countdown, learnFromAnswer, learnFromPage, moment, secondsUntil, soon } from "./schedule.mjs";
import { ShowFeed } from "./show-feed.mjs";
import { bestText, putText } from "./show-text.mjs";
import { text } from "./text.mjs";

const $ = (id) => document.getElementById(id);
const first = JSON.parse($("show").textContent);
const video = $("video");
const stage = $("stage");

let show = first;
let isGone = false;
let gapSince = 0;
let overAt = 0;
let endsAt = 0;
let scene = "";
let shownTitle = "";
let knownStart = Date.parse(first.start);
let knownTitles = JSON.stringify(first.titles ?? first.title);
/** The recording is to play: at once for those who come after the show, when asked for those who saw it end. */
let wantsReplay = first.state !== "live";

const player = new Player(video, { module: first.player });
const controls = new Controls({ stage, video, player });
const beats = new Beats({ show: first.id, player, video, wasLive: first.state === "live" });
const feed = new ShowFeed(`/api/v1/shows/${encodeURIComponent(first.id)}`, (answer) => {
    isGone = answer === null;
    if (answer) show = { ...show, ...answer };
    follow();
}, learnFromAnswer);

learnFromPage(first.now);
localise();

/** Starts, restarts or ends the player as the show's state asks. */
function follow() {
    const now = performance.now();
    const isLive = !isGone && show.state === "live";
    if (player.isReplay && player.isRunning && isLive) player.stop();
    if (isLive) {
        wantsReplay = false;
        endsAt = 0;
        if (player.status === "idle") {
            player.start(first.playlist);
        } else if (player.status === "over") {
            // The playlist ended while the show is (again) live: it was reopened, or the state is a moment old.
            if (now - overAt > 5000) player.start(first.playlist);
        } else if (player.status === "gap" && !show.isPaused && now - gapSince > 2000) {
            player.restart();
        }
    } else if (show.replay && wantsReplay && !isGone) {
        // Who has asked for the recording waits no longer for what the player of the live playlist looks for.
        if (player.isRunning && !player.isReplay) player.stop();
        if (player.status === "over" && player.isReplay) wantsReplay = false;
        else if (player.status === "idle" || player.status === "over") player.start(show.replay, { isReplay: true });
    } else if (player.isRunning) {
        // What is on its way is still shown: the player stops by itself at the playlist's end, else after 8 s.
        endsAt ||= now + 8000;
        if (now > endsAt || player.status === "gap" || player.status === "trouble") player.stop();
    } else if (player.status === "over") {
        player.stop();
    }
    const isUrgent = ["gap", "waiting"].includes(player.status) || (isLive && player.status === "over") || endsAt;
    feed.period = isUrgent ? 1000 : 3000;
    paint();
}

function paint() {
    const next = sceneOf({
        show,
        isGone,
        status: player.status,
        hasData: video.readyState >= 3,
        hasOpening: player.isOpening,
        isReplay: player.isReplay,
        isOnline: navigator.onLine,
        previous: scene,
    });
    const words = text[next];
    if (next !== scene) {
        if (scene && next !== "starting") $("announcer").textContent = words.title || words.badge;
        scene = next;
        document.body.dataset.scene = next;
        shownTitle = "";
        $("screen-line").textContent = words.line;
        $("tap").hidden = next !== "blocked";
        $("elsewhere").hidden = !["ended", "cancelled", "missing"].includes(next);
    }
    paintSchedule(next, words);
    $("again").hidden = !(next === "ended" && show.replay);
    const badge = player.isReplay && next !== "ended" ? text.replay.badge : next === "live" && show.isPaused ? text.away.badge : next === "soon" && isAhead() ? text.scheduled.badge : words.badge;
    for (const place of document.querySelectorAll("[data-badge]")) put(place, badge);
    const watching = show.state === "live" && show.viewers > 0 ? text.watching(show.viewers) : "";
    for (const place of document.querySelectorAll("[data-watching]")) {
        put(place, watching);
        place.hidden = !watching;
    }
    document.body.dataset.buffering = String((next === "live" && player.status === "waiting") || next === "starting");
    paintTitle();
    controls.paint(next);
}

const isAhead = () => secondsUntil(show.start) > soon;

/** The countdown, and the date below the title; a start that has moved is spoken. */
function paintSchedule(scene, words) {
    const title = (scene === "soon" && countdown(show.start)) || words.title;
    if (title !== shownTitle) {
        shownTitle = title;
        // The words themselves, as the page has them already, stay as they are.
        put($("screen-title"), title);
    }
    document.body.dataset.dated = String(scene === "soon" && Boolean(show.start));
    if ($("when")) {
        $("when").hidden = !show.start || show.state === "live";
        $("calendar").hidden = !show.start || scene !== "soon";
    }
    const start = Date.parse(show.start);
    if (Object.is(start, knownStart)) return;
    knownStart = start;
    if (Number.isNaN(start)) return;
    const time = document.createElement("time");
    time.dateTime = show.start;
    time.textContent = moment(new Date(show.start));
    $("start")?.replaceChildren(time);
    $("announcer").textContent = text.moved(time.textContent);
}

/** A title that was changed meanwhile, in the language that the reader wants most. */
function paintTitle() {
    const titles = JSON.stringify(show.titles ?? show.title);
    if (titles === knownTitles) return;
    knownTitles = titles;
    const best = show.titles ? bestText(show.titles, show.language) : { text: show.title, language: "und" };
    for (const place of [$("title"), document.querySelector(".over-title"), document.querySelector(".screen-show")]) putText(place, best);
    document.title = `${best.text} · Shopcast`;
}

/** Writes only what differs, so that nothing is laid out anew each second. */
function put(place, words) {
    if (place.textContent !== words) place.textContent = words;
}

player.addEventListener("change", () => {
    if (player.status === "gap") gapSince ||= performance.now();
    else gapSince = 0;
    if (player.status === "over") {
        overAt = performance.now();
        feed.askNow();
    }
    follow();
});
for (const event of ["waiting", "playing", "pause", "play", "volumechange"]) video.addEventListener(event, paint);
video.addEventListener("resize", () => {
    if (!video.videoWidth) return;
    document.body.dataset.shape = video.videoWidth < video.videoHeight ? "portrait" : "landscape";
    document.body.style.setProperty("--ratio", String(video.videoWidth / video.videoHeight));
});

setInterval(() => {
    const isLive = scene === "live" && player.status === "playing" && !player.isReplay;
    const words = isLive && player.latency !== null ? text.behind(player.latency) : "";
    for (const place of document.querySelectorAll("[data-latency]")) put(place, words);
    player.check(show);
    follow();
}, 1000);

$("again").addEventListener("click", () => {
    wantsReplay = true;
    if (player.status === "over") player.stop();
    follow();
});

// After the first picture: what is talked about comes before the talk.
async function startChat(place) {
    await window.shopcastOpening?.settled;
    const { openChat } = await import("./chat/chat.mjs");
    const { panel } = await openChat({ place, show: first.id, playlist: first.playlist, player, video });
    return panel.link;
}
// A cancelled show has no room.
const hasRoom = first.state !== "cancelled";
const room = $("chat") && hasRoom ? startChat($("chat")) : null;
room?.catch(() => (document.body.dataset.chat = "none"));

const transcript = $("transcript") ? new Transcript($("transcript"), $("read"), player) : null;
if (hasRoom) {
    controls.connectCaptions(async () => {
        const { openCues } = await import("./captions/open.mjs");
        return openCues({ show: first.id, playlist: first.playlist, room });
    }, transcript);
}

const share = $("share");
if (share) share.hidden = !(navigator.share || navigator.clipboard);
share?.addEventListener("click", async () => {
    const link = { title: $("title").textContent, url: location.href };
    try {
        if (navigator.share && matchMedia("(pointer: coarse)").matches) {
            await navigator.share(link);
        } else {
            await navigator.clipboard.writeText(link.url);
            const label = share.querySelector("span");
            const before = label.textContent;
            label.textContent = text.copied;
            $("announcer").textContent = text.copied;
            setTimeout(() => (label.textContent = before), 2000);
        }
    } catch {
        // The viewer closed the sheet, or the browser does not let the page write: nothing to do.
    }
});

/** What a test or a support call wants to know; read only. */
window.shopcast = Object.freeze({
    get state() {
        return scene;
    },
    get status() {
        return player.status;
    },
    get engine() {
        return player.engineKind;
    },
    get latency() {
        return player.latency;
    },
    get level() {
        return player.level;
    },
    get levels() {
        return player.levels;
    },
    get stalls() {
        return player.stalls;
    },
    get firstFrame() {
        return player.firstFrame;
    },
    get range() {
        return player.range;
    },
    get isShifted() {
        return player.isShifted;
    },
    get isReplay() {
        return player.isReplay;
    },
    get captions() {
        return controls.captions;
    },
    get secondCaptions() {
        return controls.secondCaptions;
    },
    get date() {
        return player.date;
    },
    get faults() {
        return player.faults;
    },
    get notes() {
        return player.notes;
    },
    get session() {
        return beats.session;
    },
    choose: (name) => player.choose(name),
});

follow();
