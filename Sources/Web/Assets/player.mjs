import { loadHls, openEngine } from "./engine.mjs";

/**
 * Keeps one live playlist playing in one video element: starts, recovers, starts anew, counts stalls.
 * `status` is one of: idle, loading, playing, waiting, gap (the feed is away), trouble (our network is away),
 * blocked (the browser wants a tap first), over (the playlist has ended), unplayable.
 * Tells "change" (status, engine or levels) as an event.
 */
export class Player extends EventTarget {
    status = "idle";
    /** Times that the picture stood still for want of data after its first frame. */
    stalls = 0;
    /** Milliseconds from the opening of the page to the first frame, or null. */
    firstFrame = null;
    /** The viewer pressed pause. */
    isHeld = false;
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

    constructor(video, { playlist, module }) {
        super();
        this.#video = video;
        this.#playlist = playlist;
        this.#module = module;
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

    get levels() {
        return this.#engine?.levels ?? [];
    }

    get level() {
        return this.#engine?.level ?? null;
    }

    get choice() {
        return this.#engine?.choice ?? this.#choice;
    }

    get isRunning() {
        return this.status !== "idle" && this.status !== "over" && this.status !== "unplayable";
    }

    /** So far behind that a jump to the live edge is worth offering. */
    get isBehind() {
        const { latency } = this;
        return latency !== null && latency > (this.#engine.targetLatency ?? 6) + 4;
    }

    /** @param {string} name of a level, or "auto" */
    choose(name) {
        this.#choice = name;
        this.#engine?.choose(name);
    }

    async start() {
        if (this.isRunning) return;
        this.#failures = 0;
        this.#openings = 0;
        this.isHeld = false;
        await this.#open();
    }

    /** Opens the playlist anew; the picture goes until the first frame of the new opening. */
    async restart() {
        await this.#open();
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
        this.#become(status);
    }

    /** Plays on after a pause, from the live edge. */
    async play() {
        this.isHeld = false;
        if (this.isBehind) this.#engine?.seekToLive();
        await this.#play();
    }

    pause() {
        this.isHeld = true;
        this.#video.pause();
        this.#tell();
    }

    backToLive() {
        this.#engine?.seekToLive();
        this.isHeld = false;
        return this.#play();
    }

    async #open() {
        const session = ++this.#session;
        clearTimeout(this.#retry);
        this.#engine?.destroy();
        this.#engine = null;
        this.#become("loading");
        const engine = await openEngine(this.#video, {
            playlist: this.#playlist,
            module: this.#module,
            choice: this.#choice,
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
        if (session === this.#session && !this.isHeld) await this.#play();
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
        if (this.status !== "gap") this.#become("playing");
    }

    #onWaiting() {
        if (this.status !== "playing" || this.#video.seeking || this.isHeld) return;
        this.stalls += 1;
        this.#become("waiting");
    }

    #onTime() {
        if (this.status === "playing" && this.#failures && performance.now() - this.#runsOnSince > 5000) {
            this.#failures = 0;
        }
        if (this.status === "waiting" && this.#video.readyState >= 3 && !this.#video.paused) this.#become("playing");
    }

    /** Back in the tab: the browser may have stopped the picture, or let it fall behind. */
    #onReturn() {
        if (!this.#engine || this.isHeld) return;
        if (this.isBehind) this.#engine.seekToLive();
        if (this.#video.paused && this.status !== "blocked") this.#play();
    }

    #become(status) {
        if (status === this.status) return;
        this.status = status;
        this.#statusSince = performance.now();
        this.#tell();
    }

    #tell() {
        this.dispatchEvent(new Event("change"));
    }
}
