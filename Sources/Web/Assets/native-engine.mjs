import { measure } from "./recording-ruler.mjs";

/** The browser's own HLS, where hls.js cannot be: the same members and events as `engine.mjs` tells, without qualities. */
export class NativeEngine {
    kind = "native";
    notes = [];
    levels = [];
    level = null;
    choice = "auto";
    targetLatency = null;
    /** The browser itself decides what it starts with. */
    ready = Promise.resolve();
    #isReplay;
    #video;
    #tell;
    /** Of a recording, whose outages are left out: where its segments are, and the captions that it lists. */
    #places = [];
    #listed = [];
    #ending = new AbortController();

    constructor(video, { playlist, isReplay, from, tell }) {
        this.#video = video;
        this.#isReplay = isReplay;
        this.#tell = tell;
        video.addEventListener("error", this.#onError);
        video.addEventListener("ended", this.#onEnded);
        video.addEventListener("durationchange", this.#onLength);
        video.textTracks.addEventListener?.("addtrack", this.#onTrack);
        video.src = playlist;
        if (from) video.currentTime = from;
        if (isReplay) this.#measure(playlist);
    }

    async #measure(playlist) {
        try {
            const { places, captions } = await measure(playlist, this.#ending.signal);
            this.#places = places;
            this.#listed = captions;
            this.#tell("captions");
        } catch {
            // It plays all the same.
        }
    }

    /** Safari knows the date of the picture; other browsers tell nothing. */
    get latency() {
        const start = this.#video.getStartDate?.().getTime();
        if (!Number.isFinite(start) || !(this.#video.currentTime > 0)) return null;
        const behind = (Date.now() - start) / 1000 - this.#video.currentTime;
        return behind > 0 && behind < 600 ? behind : null;
    }

    /** The date of the picture, where the browser tells it, or the playlist of a recording does. */
    get date() {
        return this.dateAt(this.#video.currentTime);
    }

    dateAt(time) {
        const place = this.#places.findLast(({ start }) => start <= time);
        if (place) return place.date + (time - place.start) * 1000;
        const start = this.#video.getStartDate?.().getTime();
        return Number.isFinite(start) ? start + time * 1000 : null;
    }

    timeOf(date) {
        const index = this.#places.findLastIndex((place) => place.date <= date);
        if (index >= 0) {
            const time = this.#places[index].start + (date - this.#places[index].date) / 1000;
            return Math.min(time, this.#places[index + 1]?.start ?? time);
        }
        const start = this.#places.length ? null : this.dateAt(0);
        return start === null || date < start ? null : (date - start) / 1000;
    }

    /** Chromium tells nothing of a live playlist's window, Safari does. */
    get range() {
        const { seekable, currentTime, duration } = this.#video;
        if (Number.isFinite(duration) && duration > 0) return { start: 0, end: duration, position: currentTime };
        if (!seekable.length) return null;
        const last = seekable.length - 1;
        return { start: seekable.start(0), end: Math.max(seekable.start(0), seekable.end(last) - 1), position: currentTime };
    }

    choose() {}

    /** Safari makes a text track of each; Chromium tells of none, and those that a recording lists are read by the page. */
    get captions() {
        const told = [...this.#video.textTracks]
            .filter(({ kind, language }) => (kind === "subtitles" || kind === "captions") && language)
            .map(({ label, language }) => ({ name: label || language, language, isMachineMade: false }));
        return told.length ? told : this.#listed;
    }

    showCaptions(language) {
        for (const track of this.#video.textTracks) {
            if (track.language !== language && track.mode !== "disabled") track.mode = "disabled";
        }
    }

    captionTrack(language) {
        return [...this.#video.textTracks].find((track) => track.language === language) ?? null;
    }

    seek(time) {
        this.#video.currentTime = time;
    }

    join() {}

    seekToLive() {
        const { seekable } = this.#video;
        if (seekable.length) this.#video.currentTime = Math.max(0, seekable.end(seekable.length - 1) - 1);
    }

    destroy() {
        this.#ending.abort();
        this.#video.removeEventListener("durationchange", this.#onLength);
        this.#video.textTracks.removeEventListener?.("addtrack", this.#onTrack);
        this.#video.removeEventListener("error", this.#onError);
        this.#video.removeEventListener("ended", this.#onEnded);
        this.#video.removeAttribute("src");
        this.#video.load();
    }

    #onEnded = () => this.#tell("over");

    #onTrack = () => this.#tell("captions");

    /** A live playlist has no length; one that has a length before anything has played is that of an earlier run. */
    #onLength = () => {
        if (this.#isReplay) return;
        if (Number.isFinite(this.#video.duration) && this.#video.currentTime === 0) this.#tell("absent");
    };

    #onError = () => {
        const code = this.#video.error?.code;
        // Code 4 before anything has played is a playlist that is not there (yet).
        if (code === 4 && this.#video.currentTime === 0) this.#tell("absent");
        else this.#tell("trouble", { kind: code === 3 ? "media" : "network", details: `native ${code}` });
    };
}
