/**
 * The two ways to play a playlist: hls.js (low latency, qualities) where the module is there and the browser has
 * Media Source or Managed Media Source; else the browser's own HLS.
 * Both have: latency, date, dateAt(time), timeOf(date), range, levels, level, choice, choose(name), captions,
 * showCaptions(language), captionTrack(language), seek(time), seekToLive(), join(date), destroy(), and call `tell(event, detail)` with
 * "levels" | "level" | "captions" | "gap" (the feed is away) | "absent" (no playlist, or one that has ended already) | "over" (played to
 * its end) | "emptied" (it begins anew where it was, and may be paused) | "trouble", which has a detail { kind: "network" | "media" | "other", details: string }.
 */

/** Seconds ahead of the playhead that the picture starts with: with less, the first hiccup would be a stall. */
const startingBuffer = 1;
/** Milliseconds from the first data after which it starts with what there is. */
const startingPatience = 2000;
/** Seconds behind the place where live viewers are, within which a viewer means to be one of them. */
const nearEdge = 4;

let loading = null;

/** The class Hls, or null where the module or Media Source is missing. Loaded once; may be called ahead of time. */
export function loadHls(address) {
    if (!address) return Promise.resolve(null);
    // It takes the processor for a while, which the page's first picture needs more.
    loading ??= Promise.resolve(window.shopcastOpening?.settled).then(() => import(address)).then(
        ({ Hls }) => (Hls.isSupported() ? Hls : null),
        () => {
            loading = null;
            return null;
        },
    );
    return loading;
}

/**
 * Starts to play `playlist` in `video`.
 * `start` is the name of the level to begin with, or null; `isReplay` says that the playlist is that of a recording, and `from` where in it to begin.
 * @returns {Promise<HlsEngine | NativeEngine | null>} null where this browser cannot play HLS at all
 */
export async function openEngine(video, { playlist, module, choice, start, isReplay, from, tell }) {
    const Hls = await loadHls(module);
    if (Hls) return new HlsEngine(Hls, video, { playlist, choice, start, isReplay, from, tell });
    if (!video.canPlayType("application/vnd.apple.mpegurl")) return null;
    const { NativeEngine } = await import("./native-engine.mjs");
    return new NativeEngine(video, { playlist, isReplay, from, tell });
}

/**
 * hls.js's buffer controller without its deadlock (https://github.com/video-dev/hls.js/issues/7808, mended in 1.7): sound
 * that waits in the queue for its picture is released only if its turn has come just then; else it waits for ever, and
 * with it soon everything that is to be appended. Here it is not waited for any more when its turn comes later.
 */
export function releasingBuffers(Hls) {
    return class extends Hls.DefaultConfig.bufferController {
        unblockAudio() {
            const wait = this.blockedAudioAppend?.op;
            super.unblockAudio();
            if (wait) wait.execute = () => this.shiftAndExecuteNext("audio");
        }
    };
}

/** `720p` from a playlist's address `…/720p/index.m3u8`; `source` is shown by its short side. */
function levelName(level) {
    const folder = level.url?.[0]?.split("?")[0].split("/").at(-2) ?? "";
    const short = Math.min(level.width, level.height);
    const size = short > 0 ? `${short}p` : "";
    if (folder === "source") return { name: "source", size };
    return { name: folder || size, size: folder || size };
}

/**
 * What follows a list's end is not known until it is listed. hls.js takes it for a continuation, with the same init
 * section and discontinuity count, and keeps to that guess when the next list says otherwise.
 */
function forgetGuess(details) {
    const { fragmentHint, partList } = details;
    if (fragmentHint && !partList?.some((part) => part.fragment === fragmentHint)) details.fragmentHint = undefined;
}

/** The addresses of the renditions that a multivariant playlist lists, in its own words' order; none where it cannot be had. */
async function listedRenditions(playlist, signal) {
    const base = new URL(playlist, location.href);
    const answer = await fetch(base, { signal, cache: "no-cache" });
    if (!answer.ok) return [];
    const lines = (await answer.text()).split("\n").map((line) => line.trim());
    return lines.filter((line) => line && !line.startsWith("#")).map((line) => new URL(line, base).href);
}

/** The browser's track of these captions; null where there is none. */
function textTrack(video, captions) {
    if (!captions) return null;
    return [...video.textTracks].find(({ label, language }) => language === captions.language && label === captions.name) ?? null;
}

class HlsEngine {
    kind = "hls.js";
    /** What hls.js complained of lately, for a support call. */
    notes = [];
    #Hls;
    #hls;
    #tell;
    #video;
    #playlist;
    #wanted;
    #isLookingForOthers = false;
    #recoveries = [];
    #isOver = false;
    #wasLive = false;
    #isReplay;
    #details = null;
    #patience = 0;
    #ending = new AbortController();
    /** Fulfilled once there is enough to start with. */
    ready;

    constructor(Hls, video, { playlist, choice, start, isReplay, from, tell }) {
        this.#Hls = Hls;
        this.#tell = tell;
        this.#video = video;
        this.#playlist = playlist;
        this.#wanted = choice;
        this.#isReplay = isReplay;
        // No liveSyncDuration or liveSyncDurationCount here: setting either makes hls.js ignore PART-HOLD-BACK.
        const hls = new Hls({
            lowLatencyMode: !isReplay,
            maxLiveSyncPlaybackRate: 1.1,
            startPosition: from ?? -1,
            backBufferLength: 90,
            // A place this close to a segment's end counts as the next one's. With a quarter of a second, as hls.js has it,
            // the last part of a segment is left out where it is shorter, and the sound has a hole.
            maxFragLookUpTolerance: 0.01,
            // The streams are fMP4, which is passed through: there is nothing that a worker would take off the page.
            enableWorker: false,
            bufferController: releasingBuffers(Hls),
        });
        this.#hls = hls;
        const { Events } = Hls;
        hls.on(Events.MANIFEST_PARSED, () => {
            const first = hls.levels.findIndex((level) => levelName(level).name === start);
            if (this.#wanted !== "auto") this.choose(this.#wanted);
            else if (first >= 0) hls.startLevel = first;
            tell("levels");
        });
        hls.on(Events.LEVEL_SWITCHED, () => tell("level"));
        // Cues are kept by the browser and drawn by the page.
        hls.subtitleDisplay = false;
        hls.on(Events.SUBTITLE_TRACKS_UPDATED, () => tell("captions"));
        hls.on(Events.SUBTITLE_TRACK_SWITCH, () => tell("captions"));
        this.ready = new Promise((resolve) => {
            const look = () => {
                if (this.#ahead >= startingBuffer) resolve();
            };
            hls.on(Events.BUFFER_APPENDED, () => {
                this.#patience ||= setTimeout(resolve, startingPatience);
                look();
            });
            // hls.js goes to the place where it begins only after something is there.
            video.addEventListener("seeked", look, { signal: this.#ending.signal });
        });
        hls.on(Events.AUDIO_TRACK_UPDATED, (_, { details }) => forgetGuess(details));
        hls.on(Events.LEVEL_UPDATED, (_, { details }) => {
            forgetGuess(details);
            this.#details = details;
            if (details.live) this.#wasLive = true;
            else if (!this.#wasLive && !isReplay) tell("absent");
            this.#isOver = !details.live;
        });
        hls.on(Events.ERROR, (_, error) => this.#onError(error));
        video.addEventListener("ended", this.#onEnded, { signal: this.#ending.signal });
        hls.attachMedia(video);
        hls.loadSource(playlist);
    }

    /** Seconds behind the live edge, or null while that is not known. */
    get latency() {
        return this.#hls.latency > 0 ? this.#hls.latency : null;
    }

    get targetLatency() {
        return this.#hls.targetLatency;
    }

    get throughput() {
        const estimate = this.#hls.bandwidthEstimate;
        return Number.isFinite(estimate) && estimate > 0 ? estimate : null;
    }

    /** The date of the picture, Unix milliseconds; null where the playlist has none. */
    get date() {
        return this.dateAt(this.#video.currentTime);
    }

    dateAt(time) {
        // What follows the last whole segment goes on with its clock.
        const fragment = this.#details?.fragments.findLast(({ start, programDateTime }) => programDateTime && start <= time);
        return fragment ? fragment.programDateTime + (time - fragment.start) * 1000 : null;
    }

    /** The place of the picture of this date, or of the next one that is there; null where it is not in the list. */
    timeOf(date) {
        const fragments = this.#details?.fragments ?? [];
        const index = fragments.findLastIndex(({ programDateTime }) => programDateTime && programDateTime <= date);
        if (index < 0) return null;
        const time = fragments[index].start + (date - fragments[index].programDateTime) / 1000;
        const next = fragments[index + 1];
        return next ? Math.min(time, next.start) : time;
    }

    /** What can be watched, in the video's seconds: { start, end, position }; null while that is not known. */
    get range() {
        const details = this.#details;
        if (!details?.fragments.length) return null;
        const first = details.fragments.find((fragment) => !fragment.gap) ?? details.fragments[0];
        const end = details.live ? this.#hls.liveSyncPosition : details.edge;
        if (end === null || !Number.isFinite(end)) return null;
        return { start: Math.max(0, first.start), end, position: this.#video.currentTime };
    }

    /** Names and sizes, best first. */
    get levels() {
        return this.#hls.levels
            .map((level) => ({
                ...levelName(level),
                width: level.width,
                height: level.height,
                bitrate: level.bitrate,
            }))
            .reverse();
    }

    /** The name of the level on the screen, or null. */
    get level() {
        const level = this.#hls.levels[this.#hls.currentLevel];
        return level ? levelName(level).name : null;
    }

    /** "auto", or the name of the level that was chosen. */
    get choice() {
        return this.#wanted;
    }

    choose(name) {
        const index = this.#hls.levels.findIndex((level) => levelName(level).name === name);
        this.#wanted = index < 0 ? "auto" : name;
        this.#hls.nextLevel = index;
        this.#tell("level");
    }

    /** The languages in which there are captions, as the show offers them. */
    get captions() {
        return this.#hls.subtitleTracks.map(({ name, lang, attrs }) => ({
            name,
            language: lang ?? "",
            isMachineMade: (attrs?.CHARACTERISTICS ?? "").includes("public.machine-generated"),
        }));
    }

    /** @param {?string} language null for none */
    showCaptions(language) {
        const index = this.#hls.subtitleTracks.findIndex(({ lang }) => lang === language);
        if (this.#hls.subtitleTrack !== index) this.#hls.subtitleTrack = index;
    }

    captionTrack(language) {
        return textTrack(this.#video, this.captions.find((entry) => entry.language === language));
    }

    /** Seconds of media from the playhead on, picture and sound. */
    get #ahead() {
        const { buffered, currentTime } = this.#video;
        for (let i = 0; i < buffered.length; i++) {
            if (buffered.start(i) <= currentTime + 0.1 && currentTime < buffered.end(i)) {
                return buffered.end(i) - currentTime;
            }
        }
        return 0;
    }

    seekToLive() {
        const position = this.#hls.liveSyncPosition;
        if (position !== null && Number.isFinite(position)) this.#video.currentTime = position;
    }

    /** Goes to `time`, or so far before it that its segment is enough to go on with until the next one comes. */
    seek(time) {
        const { buffered } = this.#video;
        const isThere = [...Array(buffered.length).keys()].some((i) => buffered.start(i) <= time && time < buffered.end(i));
        const fragment = isThere ? null : this.#details?.fragments.find(({ start, end }) => start <= time && time < end);
        const latest = fragment ? Math.max(fragment.start, fragment.end - startingBuffer) : time;
        this.#video.currentTime = Math.min(time, latest);
    }

    /** Goes to the picture of this date, or as near to it as leaves enough to start with. */
    join(date) {
        const fragments = this.#details?.fragments ?? [];
        const fragment = fragments.findLast(({ programDateTime }) => programDateTime && programDateTime <= date);
        if (!fragment) return;
        const latest = this.#hls.liveSyncPosition ?? Infinity;
        const time = Math.min(latest, fragment.start + (date - fragment.programDateTime) / 1000);
        const { buffered } = this.#video;
        for (let i = 0; i < buffered.length; i++) {
            if (time < buffered.start(i) || time > buffered.end(i)) continue;
            this.#video.currentTime = Math.max(buffered.start(i), Math.min(time, buffered.end(i) - startingBuffer));
        }
    }

    destroy() {
        clearTimeout(this.#patience);
        this.#ending.abort();
        this.#hls.destroy();
    }

    #onEnded = () => {
        if (this.#isOver) this.#tell("over");
    };

    #onError(error) {
        const { ErrorTypes, ErrorDetails } = this.#Hls;
        const { details, fatal } = error;
        this.notes.push({ at: Math.round(performance.now()), details, fatal, why: error.error?.message ?? error.reason ?? "" });
        if (this.notes.length > 40) this.notes.shift();
        if (error.details === ErrorDetails.FRAG_GAP) {
            // Inside of the window, hls.js plays on behind the gap. At the live edge the feed is away, or the server shed
            // this quality: hls.js would ask for the gap over and over, so loading stops; what is buffered plays on.
            // A part that is missing in this quality only (pictures were lost on their way): hls.js takes another one.
            if (error.part && !error.frag?.gap && this.#hls.levels.length > 1) {
                this.#leaveShedLevels({ isStopped: false });
                return;
            }
            const last = error.frag ? error.frag.sn : Infinity;
            if (this.#details?.fragments.some((fragment) => fragment.sn > last && !fragment.gap)) return;
            this.#hls.stopLoad();
            this.#leaveShedLevels({ isStopped: true });
        } else if (error.fatal && error.type === ErrorTypes.MEDIA_ERROR && !this.#isAtEdge && this.#mayRecover()) {
            this.#hls.recoverMediaError();
            this.#tell("emptied");
        } else if (error.fatal) {
            const kind =
                error.type === ErrorTypes.NETWORK_ERROR ? "network" : error.type === ErrorTypes.MEDIA_ERROR ? "media" : "other";
            if (error.response?.code === 404 && !this.#wasLive) this.#tell("absent");
            else this.#tell("trouble", { kind, details: error.details });
        }
    }

    /**
     * Goes on with the qualities that are still listed, where some are not: a machine with too much to do sheds the
     * costliest and lists gaps for them. Where all are still listed, the feed is away.
     */
    async #leaveShedLevels({ isStopped }) {
        if (this.#isLookingForOthers) return;
        this.#isLookingForOthers = true;
        const listed = await listedRenditions(this.#playlist, this.#ending.signal).catch(() => []);
        this.#isLookingForOthers = false;
        if (this.#ending.signal.aborted) return;
        const hls = this.#hls;
        const shed = hls.levels.filter((level) => !level.url.some((address) => listed.includes(address)));
        if (shed.length === 0 || shed.length === hls.levels.length) {
            if (isStopped) this.#tell("gap");
            return;
        }
        for (const level of shed) hls.removeLevel(hls.levels.indexOf(level));
        if (!hls.levels.some((level) => levelName(level).name === this.#wanted)) this.#wanted = "auto";
        if (this.#wanted === "auto") hls.loadLevel = -1;
        if (isStopped) hls.startLoad();
        this.#tell("levels");
    }

    /**
     * Who watches live wants the newest picture back: playing goes on at the place where the decoder broke otherwise, too far
     * behind for a higher playback rate to make up for it.
     */
    get #isAtEdge() {
        return Boolean(this.#details?.live) && this.#hls.liveSyncPosition - this.#video.currentTime < nearEdge;
    }

    /** Twice in 20 s; a stream that breaks the decoder more often is opened anew. */
    #mayRecover() {
        const now = performance.now();
        this.#recoveries = this.#recoveries.filter((time) => now - time < 20000);
        this.#recoveries.push(now);
        return this.#recoveries.length <= 2;
    }
}
