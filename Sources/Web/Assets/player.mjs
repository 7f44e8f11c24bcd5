import { loadHls, openEngine } from "./engine.mjs";

/** Seconds of a live window from which on going back in it is offered. */
export const shortestWindow = 20;
/** Seconds of media after a viewer's own seek that must have been shown until a wait is a stall, and no longer the seek's. */
const settling = 1;

/**
 * Keeps one playlist playing in one video element, a live one or a recording's: starts, recovers, starts anew, counts
 * stalls. Takes over from the page's opening (opening.js) once its own picture moves.
 * `status` is one of: idle, loading, playing, waiting, gap (the feed is away), trouble (our network is away),
 * blocked (the browser wants a tap first), over (the playlist has ended), unplayable.
 * Tells "change" (status, engine or levels) as an event.
 */
export class Player extends EventTarget {
    status = "idle";
    /** Times that the picture stood still for want of data after its first frame, other than for a viewer's own seek. */
    stalls = 0;
    /** Milliseconds from the opening of the page to the first frame, or null. */
    firstFrame = null;
    /** The viewer pressed pause. */
    isHeld = false;
    /** The viewer has gone back in the show, or stayed there after a pause, and means to. */
    isShifted = false;
    /** The playlist is that of a recording. */
    isReplay = false;
    /** What went wrong for good, newest last; at most 20. */
    faults = [];

    #video;
    #playlist;
    #module;
    #engine = null;
    #choice = "auto";
    #session = 0;
    #retry = 0;
    #failures = 0;
    #openings = 0;
    #runsOnSince = 0;
    #statusSince = 0;
    #patientSince = 0;
    /** The place at which the viewer's last seek is over; null once it is. */
    #settledAt = null;
    #opening = window.shopcastOpening ?? null;

    constructor(video, { module }) {
        super();
        this.#video = video;
        this.#module = module;
        if (this.#opening) {
            this.#opening.onchange = () => this.#onOpening();
            this.firstFrame = this.#opening.firstFrame;
        }
        // Fetched before the show begins, so that the first picture does not wait for it.
        loadHls(module);
        video.addEventListener("playing", () => this.#onPlaying());
        video.addEventListener("waiting", () => this.#onWaiting());
        video.addEventListener("timeupdate", () => this.#onTime());
        document.addEventListener("visibilitychange", () => {
            if (!document.hidden) this.#onReturn();
        });
        addEventListener("online", () => {
            if (this.status === "trouble") this.restart();
        });
    }

    get engineKind() {
        return this.#engine?.kind ?? null;
    }

    get notes() {
        return this.#engine?.notes ?? [];
    }

    get latency() {
        return this.#engine?.latency ?? null;
    }

    /** The date of the picture on the screen, Unix milliseconds; null while that is not known. */
    get date() {
        return this.#engine?.date ?? null;
    }

    /** The place in `range` of the picture of this date; null where there is none, or nobody knows. */
    timeOf(date) {
        return this.#engine?.timeOf(date) ?? null;
    }

    /** The date at a place in `range`; null while that is not known. */
    dateAt(time) {
        return this.#engine?.dateAt(time) ?? null;
    }

    get levels() {
        return this.#engine?.levels ?? [];
    }

    get level() {
        return this.#engine?.level ?? null;
    }

    get choice() {
        return this.#engine?.choice ?? this.#choice;
    }

    /** The languages in which there are captions: { name, language, isMachineMade }. */
    get captions() {
        return this.#engine?.captions ?? [];
    }

    /** Reads these captions, or none. */
    showCaptions(captions) {
        this.#engine?.showCaptions(captions?.language ?? null);
    }

    /** The browser's text track of these captions; null while there is none. */
    captionTrack(captions) {
        return captions ? (this.#engine?.captionTrack(captions.language) ?? null) : null;
    }

    /** What the network carries, by the player's estimate (bit/s); null where that is not known. */
    get throughput() {
        return this.#engine?.throughput ?? null;
    }

    /** The page's opening shows a picture, and this player none yet. */
    get isOpening() {
        return this.#opening?.isShown ?? false;
    }

    /** What can be watched: { start, end, position, isLive } in seconds; null while that is not known. */
    get range() {
        const range = this.#engine?.range ?? null;
        return range && { ...range, isLive: !this.isReplay };
    }

    get isRunning() {
        return this.status !== "idle" && this.status !== "over" && this.status !== "unplayable";
    }

    /** So far behind that a jump to the live edge is worth offering. */
    get isBehind() {
        const { latency } = this;
        if (this.isReplay) return false;
        return latency !== null && latency > (this.#engine.targetLatency ?? 6) + 4;
    }

    /** @param {string} name of a level, or "auto" */
    choose(name) {
        this.#choice = name;
        this.#engine?.choose(name);
    }

    /** Plays `playlist` from its live edge, or from the beginning where it is a recording's. */
    async start(playlist, { isReplay = false } = {}) {
        if (this.isRunning) return;
        this.#playlist = playlist;
        this.isReplay = isReplay;
        if (isReplay) this.#opening?.end();
        this.#failures = 0;
        this.#openings = 0;
        this.isHeld = false;
        await this.#open();
    }

    /** Opens the playlist anew; a recording goes on where it was. The picture goes until the first frame. */
    async restart() {
        await this.#open(this.isReplay ? this.#video.currentTime : null);
    }

    /** Called each second: a player that hangs although the show runs is opened anew. */
    check({ isPaused }) {
        const patience = { waiting: 8000, loading: 20000 }[this.status];
        if (!patience || isPaused || this.isHeld || document.hidden) this.#patientSince = performance.now();
        else if (performance.now() - Math.max(this.#statusSince, this.#patientSince) > patience) this.restart();
    }

    /** Ends playing and frees the network. */
    stop(status = "idle") {
        this.#session += 1;
        clearTimeout(this.#retry);
        this.#engine?.destroy();
        this.#engine = null;
        this.#opening?.end();
        this.#become(status);
    }

    /** Plays on after a pause: where it was, or from the beginning of what is still there. */
    async play() {
        this.isHeld = false;
        this.#opening?.hold(false);
        const { range } = this;
        if (this.isBehind) {
            if (!range || range.end - range.start < shortestWindow) this.#go((engine) => engine.seekToLive());
            else if (range.position < range.start + 1) this.seek(range.start + 4);
            else this.isShifted = true;
        }
        await this.#play();
    }

    pause() {
        this.isHeld = true;
        this.#opening?.hold(true);
        this.#video.pause();
        this.#tell();
    }

    backToLive() {
        this.isShifted = false;
        this.isHeld = false;
        this.#opening?.hold(false);
        this.#go((engine) => engine.seekToLive());
        return this.#play();
    }

    /** Goes to `time` of `range`; at or past its end, back to live. */
    seek(time) {
        const { range } = this;
        if (!range) return;
        this.#opening?.end();
        if (range.isLive && time >= range.end - 1) {
            this.backToLive();
            return;
        }
        this.isShifted = range.isLive;
        this.#go((engine) => engine.seek(Math.min(range.end, Math.max(range.start, time))));
        this.#tell();
    }

    /**
     * Goes elsewhere because the viewer wants to. The browser says that it is there as soon as it has one piece, and may
     * wait for the next one then: until a second of it has been shown, waiting is part of the seek.
     */
    #go(seek) {
        if (!this.#engine) return;
        seek(this.#engine);
        this.#settledAt = this.#video.currentTime + settling;
    }

    async #open(from = null) {
        const session = ++this.#session;
        clearTimeout(this.#retry);
        this.#engine?.destroy();
        this.#engine = null;
        this.isShifted = false;
        this.#settledAt = null;
        this.#become("loading");
        const engine = await openEngine(this.#video, {
            playlist: this.#playlist,
            module: this.#module,
            choice: this.#choice,
            start: this.#opening?.rendition ?? null,
            isReplay: this.isReplay,
            from,
            tell: (event, detail) => {
                if (session === this.#session) this.#onEngine(event, detail);
            },
        });
        if (session !== this.#session) {
            engine?.destroy();
            return;
        }
        if (!engine) {
            this.#become("unplayable");
            return;
        }
        this.#engine = engine;
        this.#tell();
        await engine.ready;
        if (session !== this.#session || this.isHeld) return;
        if (this.isOpening) engine.join(this.#opening.date);
        await this.#play();
    }

    #onOpening() {
        this.firstFrame ??= this.#opening.firstFrame;
        this.#tell();
    }

    async #play() {
        const session = this.#session;
        try {
            await this.#video.play();
        } catch (error) {
            if (session !== this.#session || error.name !== "NotAllowedError") return;
            if (this.#video.muted) {
                this.#become("blocked");
            } else {
                this.#video.muted = true;
                await this.#play();
            }
        }
    }

    #onEngine(event, detail) {
        if (event === "gap") {
            if (this.status !== "gap") {
                this.#become("gap");
            }
        } else if (event === "over") {
            this.stop("over");
        } else if (event === "absent") {
            this.#onAbsence();
        } else if (event === "emptied") {
            if (!this.isHeld) this.#play();
        } else if (event === "trouble") {
            this.#onTrouble(detail);
        } else {
            this.#tell();
        }
    }

    /**
     * Opens anew after 1, 2, 4, at most 8 s: at once after the first media fault.
     */
    #onTrouble(detail) {
        this.faults = [...this.faults.slice(-19), detail];
        this.#failures += 1;
        const first = this.#failures === 1 && detail.kind === "media";
        const wait = first ? 0 : Math.min(8000, 500 * 2 ** this.#failures);
        const session = this.#session;
        this.#become("trouble");
        clearTimeout(this.#retry);
        this.#retry = setTimeout(() => {
            if (session === this.#session) this.restart();
        }, wait);
    }

    /** The playlist is not there, or is that of a run that has ended: the show is about to begin or to return. */
    #onAbsence() {
        this.#openings += 1;
        const session = this.#session;
        this.#become("loading");
        clearTimeout(this.#retry);
        this.#retry = setTimeout(
            () => {
                if (session === this.#session) this.restart();
            },
            this.#openings < 30 ? 1000 : 3000,
        );
    }

    #onPlaying() {
        if (!this.#engine) return;
        this.firstFrame ??= Math.round(performance.now());
        this.#runsOnSince = performance.now();
        this.#openings = 0;
        if (this.isOpening) this.#takeOver();
        if (this.status !== "gap") this.#become("playing");
    }

    /** The opening goes when a picture of ours is on the screen. */
    #takeOver() {
        const end = () => this.#opening?.end();
        if (this.#video.requestVideoFrameCallback) this.#video.requestVideoFrameCallback(end);
        else end();
    }

    #onWaiting() {
        if (this.status !== "playing" || this.#video.seeking || this.isHeld) return;
        if (this.#settledAt === null) this.stalls += 1;
        this.#become("waiting");
    }

    #onTime() {
        if (this.#settledAt !== null && this.#video.currentTime >= this.#settledAt) this.#settledAt = null;
        if (this.status === "playing" && this.#failures && performance.now() - this.#runsOnSince > 5000) {
            this.#failures = 0;
        }
        if (this.status === "waiting" && this.#video.readyState >= 3 && !this.#video.paused) this.#become("playing");
    }

    /** Back in the tab: the browser may have stopped the picture, or let it fall behind. */
    #onReturn() {
        if (!this.#engine || this.isHeld) return;
        if (this.isBehind && !this.isShifted) this.#go((engine) => engine.seekToLive());
        if (this.#video.paused && this.status !== "blocked") this.#play();
    }

    #become(status) {
        if (status === this.status) return;
        this.status = status;
        if (!["loading", "playing", "waiting"].includes(status)) this.#opening?.end();
        this.#statusSince = performance.now();
        this.#tell();
    }

    #tell() {
        this.dispatchEvent(new Event("change"));
    }
}
