/**
 * Tells the server every ten seconds, and when the page is hidden or left, how watching goes: the basis of the viewers'
 * number and of the operator's figures. What CMCD (CTA-5004) has a key for stands under `cmcd`; nothing of it is put on media
 * requests, so that their addresses stay the same for everybody and a cache keeps one copy of each.
 * Nobody is named: `session` is made anew with each opening of the page and kept nowhere.
 */

const address = "/api/v1/beats";
const period = 10000;
/** Milliseconds without a first picture after which trouble is a failed start. */
const startingPatience = 10000;

export class Beats {
    #show;
    #player;
    #video;
    #session = name();
    #sequence = 0;
    #isCounted = false;
    #played = 0;
    #stalled = 0;
    #mode = "idle";
    #since = performance.now();
    #stallsSeen = 0;
    #stallsTold = 0;
    #joinFrom;
    #joinCounts = !document.hidden;
    #toldJoin = false;
    /** The page is gone, unless it is shown again: what happens after that is no watching. */
    #hasLeft = false;

    /** `wasLive`: there was something to see when the page was opened, so the first picture's time runs from then. */
    constructor({ show, player, video, wasLive }) {
        this.#show = show;
        this.#player = player;
        this.#video = video;
        this.#joinFrom = wasLive ? 0 : null;
        player.addEventListener("change", () => this.#look());
        for (const event of ["play", "pause", "playing", "waiting"]) video.addEventListener(event, () => this.#look());
        document.addEventListener("visibilitychange", () => {
            this.#look();
            if (document.hidden) this.#leave(this.#state);
        });
        addEventListener("pagehide", () => {
            this.#leave("ended");
            this.#hasLeft = true;
        });
        addEventListener("pageshow", (event) => {
            this.#hasLeft = false;
            if (event.persisted) this.#beat();
        });
        setInterval(() => this.#beat(), period);
        this.#look();
    }

    /** By which the server knows this opening of the page; whoever asks what is kept of them tells it. */
    get session() {
        return this.#session;
    }

    get #state() {
        const { status, isHeld } = this.#player;
        if (isHeld || (status === "playing" && this.#video.paused)) return "paused";
        if (status === "playing" || status === "waiting") return status;
        if (status === "gap") return "away";
        if (status === "unplayable") return "failed";
        return status === "trouble" && this.#player.firstFrame === null ? "failed" : "starting";
    }

    /** Somebody watches, or tries to. */
    get #watches() {
        if (!this.#player.isRunning) return false;
        return !document.hidden || this.#mode === "playing" || this.#mode === "stalled";
    }

    /** Adds up the time since the last look, and tells at once what is news. */
    #look() {
        if (this.#hasLeft) return;
        const now = performance.now();
        if (this.#mode === "playing") this.#played += now - this.#since;
        if (this.#mode === "stalled") this.#stalled += now - this.#since;
        this.#since = now;
        const { status, stalls, isRunning } = this.#player;
        const isStall = stalls > this.#stallsSeen || (this.#mode === "stalled" && status === "waiting");
        this.#stallsSeen = stalls;
        const moves = status === "playing" && !this.#video.paused;
        this.#mode = moves ? "playing" : status === "waiting" && isStall ? "stalled" : "idle";
        if (isRunning) this.#joinFrom ??= now;
        // Who has to tap first, or was elsewhere, took the time himself.
        if (status === "blocked" || (document.hidden && this.#player.firstFrame === null)) this.#joinCounts = false;
        if (isRunning && !this.#isCounted) this.#beat();
        else if (!isRunning && this.#isCounted) this.#send("ended");
        else if (this.#player.firstFrame !== null && !this.#toldJoin && this.#isCounted) {
            this.#toldJoin = true;
            this.#beat();
        }
    }

    #beat() {
        if (!this.#watches || this.#hasLeft) return;
        const now = performance.now();
        if (this.#mode === "playing") this.#played += now - this.#since;
        if (this.#mode === "stalled") this.#stalled += now - this.#since;
        this.#since = now;
        this.#send(this.#state);
    }

    /** The page may be gone before an answer comes. */
    #leave(state) {
        this.#look();
        if (this.#isCounted) this.#send(state, true);
    }

    #send(state, isLast = false) {
        const text = JSON.stringify(this.#words(state));
        this.#isCounted = state !== "ended";
        this.#stallsTold = this.#player.stalls;
        if (isLast && navigator.sendBeacon) {
            navigator.sendBeacon(address, new Blob([text], { type: "application/json" }));
            return;
        }
        // What is lost is in the next one too.
        fetch(address, {
            method: "POST",
            body: text,
            headers: { "Content-Type": "application/json" },
            credentials: "omit",
            keepalive: true,
        }).catch(() => {});
    }

    #words(state) {
        const player = this.#player;
        const level = player.levels.find(({ name }) => name === player.level);
        const best = Math.max(...player.levels.map(({ bitrate }) => bitrate || 0), 0);
        const join = this.#joinCounts && player.firstFrame !== null ? player.firstFrame - this.#joinFrom : null;
        const late = now() - this.#joinFrom > startingPatience && player.firstFrame === null;
        const failure =
            player.status === "unplayable" ? "unplayable" : late && player.status === "trouble" ? player.faults.at(-1)?.details : null;
        const isLate = player.isShifted || player.isReplay || player.latency === null;
        return {
            session: this.#session,
            sequence: this.#sequence++,
            show: this.#show,
            state,
            replay: player.isReplay,
            position: rounded(this.#video.currentTime, 10),
            latency: isLate ? null : rounded(player.latency, 1000),
            rendition: isRendition(player.level) ? player.level : null,
            joinMs: join !== null && join >= 0 && join <= 600000 ? Math.round(join) : null,
            playedMs: Math.round(this.#played),
            stalls: player.stalls,
            stallMs: Math.round(this.#stalled),
            droppedFrames: this.#video.getVideoPlaybackQuality?.().droppedVideoFrames ?? 0,
            failure: failure ? failure.replace(/[^A-Za-z0-9 ]/g, "").slice(0, 64) || "unknown" : null,
            cmcd: {
                sid: this.#session,
                cid: this.#show,
                sf: "h",
                st: player.isReplay ? "v" : "l",
                br: level?.bitrate ? Math.round(level.bitrate / 1000) : null,
                tb: best ? Math.round(best / 1000) : null,
                bl: Math.round(this.#ahead * 10) * 100,
                mtp: player.throughput ? Math.round(player.throughput / 100000) * 100 : null,
                pr: this.#video.playbackRate,
                bs: player.stalls > this.#stallsTold || null,
            },
        };
    }

    /** Seconds of media from the playhead on. */
    get #ahead() {
        const { buffered, currentTime } = this.#video;
        for (let i = 0; i < buffered.length; i++) {
            if (buffered.start(i) <= currentTime + 0.1 && currentTime < buffered.end(i)) return buffered.end(i) - currentTime;
        }
        return 0;
    }
}

const now = () => performance.now();

/** 128 random bits; pages over plain HTTP have no randomUUID. */
function name() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function rounded(value, steps) {
    return Number.isFinite(value) ? Math.round(value * steps) / steps : null;
}

function isRendition(name) {
    return /^(source|audio|\d{2,4}p)$/.test(name ?? "");
}
