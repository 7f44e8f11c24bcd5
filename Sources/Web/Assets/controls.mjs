import { Captions } from "./captions.mjs";
import { QualityMenu } from "./quality-menu.mjs";
import { text } from "./text.mjs";
import { Timeline } from "./timeline.mjs";

const $ = (id) => document.getElementById(id);
const isTouch = matchMedia("(pointer: coarse)");

/** The buttons on the picture, the keyboard, full screen, and when all of it steps out of the way. */
export class Controls {
    #stage;
    #video;
    #player;
    #menu;
    #captions;
    #timeline;
    #quiet = 0;
    #volume = 1;
    #scene = "";

    constructor({ stage, video, player }) {
        this.#stage = stage;
        this.#video = video;
        this.#player = player;
        const change = () => {
            document.body.dataset.menu = String(this.#isChoosing);
            this.#wake();
        };
        this.#menu = new QualityMenu($("quality"), $("quality-menu"), player, change);
        this.#captions = new Captions({
            button: $("captions"), menu: $("captions-menu"), box: $("caption-box"), video, player, change,
        });
        const parts = { box: $("timeline"), bar: $("seek"), tip: $("seek-tip"), place: $("place") };
        this.#timeline = new Timeline(parts, player, () => this.#wake());
        $("play").addEventListener("click", () => this.#togglePlay());
        $("tap").addEventListener("click", () => this.#tapToWatch());
        $("mute").addEventListener("click", () => this.#toggleSound());
        $("sound").addEventListener("click", () => this.#soundOn());
        $("edge").addEventListener("click", () => player.backToLive());
        $("full").addEventListener("click", () => this.#toggleFull());
        $("volume").addEventListener("input", (event) => this.#setVolume(Number(event.target.value)));
        $("full").hidden = !(stage.requestFullscreen || stage.webkitRequestFullscreen || video.webkitEnterFullscreen);
        for (const event of ["fullscreenchange", "webkitfullscreenchange"]) {
            document.addEventListener(event, () => this.#onFullChange());
        }
        document.addEventListener("keydown", (event) => this.#onKey(event));
        stage.addEventListener("click", (event) => this.#onStageClick(event));
        stage.addEventListener("dblclick", (event) => {
            if (!isTouch.matches && this.#isPicture(event.target)) this.#toggleFull();
        });
        for (const event of ["pointermove", "pointerdown", "focusin"]) {
            stage.addEventListener(event, (happened) => {
                // A finger's tap is a click, which decides; the focus that goes with it is nobody's wish.
                if (happened.type === "focusin" && !happened.target.matches(":focus-visible")) return;
                if (happened.pointerType !== "touch") this.#wake();
            });
        }
        this.#onFullChange();
        this.#wake();
    }

    paint(scene) {
        this.#scene = scene;
        const { muted, volume, paused } = this.#video;
        const isPlaying = (!paused || this.#player.isOpening) && !this.#player.isHeld;
        this.#name("play", isPlaying ? text.pause : text.play, isPlaying ? "i-pause" : "i-play", "k");
        this.#name("mute", muted ? text.unmute : text.mute, muted ? "i-silent" : "i-sound", "m");
        if (document.activeElement !== $("volume")) $("volume").value = muted ? 0 : volume;
        $("sound").hidden = !(scene === "live" && muted && !this.#player.isHeld);
        document.body.dataset.held = String(this.#player.isHeld);
        document.body.dataset.behind = String(scene === "live" && this.#isAway);
        document.body.dataset.mode = this.#player.isReplay ? "replay" : "live";
        this.#menu.paint();
        this.#captions.paint();
        this.#timeline.paint();
    }

    /** The language of the captions that are shown, or "". */
    get captions() {
        return this.#captions.language;
    }

    /** See `Captions.connect`. */
    connectCaptions(openFeed, transcript) {
        this.#captions.connect(openFeed, transcript);
    }

    /** The second language of captions that is shown, or "". */
    get secondCaptions() {
        return this.#captions.second;
    }

    get #isChoosing() {
        return this.#menu.isOpen || this.#captions.isOpen;
    }

    /** Not at the live edge, or not for long. */
    get #isAway() {
        const { isReplay, isBehind, isShifted, isHeld } = this.#player;
        return !isReplay && (isBehind || isShifted || isHeld);
    }

    #name(id, label, icon, key) {
        const button = $(id);
        if (button.getAttribute("aria-label") === label) return;
        button.setAttribute("aria-label", label);
        button.title = isTouch.matches ? "" : `${label} (${key})`;
        button.querySelector("use").setAttribute("href", `#${icon}`);
    }

    #say(words) {
        $("announcer").textContent = words;
    }

    #togglePlay() {
        if (this.#scene === "blocked") this.#tapToWatch();
        else if (this.#scene !== "live") return;
        else if (this.#player.isHeld || (this.#video.paused && !this.#player.isOpening)) this.#player.play();
        else this.#player.pause();
        this.#wake();
    }

    #tapToWatch() {
        this.#video.muted = false;
        if (this.#player.isReplay) this.#player.play();
        else this.#player.backToLive();
    }

    #soundOn() {
        this.#video.muted = false;
        if (this.#video.volume === 0) this.#video.volume = this.#volume;
        this.#say(text.soundOn);
        // The button that was pressed goes away; a keyboard goes on from its neighbour.
        if (document.activeElement === $("sound")) $("mute").focus({ preventScroll: true });
        this.#wake();
    }

    #toggleSound() {
        if (this.#video.muted) {
            this.#soundOn();
        } else {
            this.#video.muted = true;
            this.#say(text.soundOff);
        }
        this.#wake();
    }

    #setVolume(volume) {
        const bounded = Math.min(1, Math.max(0, volume));
        this.#video.volume = bounded;
        this.#video.muted = bounded === 0;
        if (bounded > 0) this.#volume = bounded;
        this.#wake();
    }

    #toggleFull() {
        const stage = this.#stage;
        const shown = document.fullscreenElement ?? document.webkitFullscreenElement;
        if (shown) {
            (document.exitFullscreen ?? document.webkitExitFullscreen).call(document);
        } else if (stage.requestFullscreen) {
            stage.requestFullscreen({ navigationUI: "hide" }).catch(() => this.#video.webkitEnterFullscreen?.());
        } else if (stage.webkitRequestFullscreen) {
            stage.webkitRequestFullscreen();
        } else {
            // iPhones give only the video itself the whole screen.
            this.#video.webkitEnterFullscreen?.();
        }
    }

    #onFullChange() {
        const isFull = Boolean(document.fullscreenElement ?? document.webkitFullscreenElement);
        document.body.dataset.full = String(isFull);
        this.#name("full", isFull ? text.leaveFullScreen : text.fullScreen, isFull ? "i-small" : "i-full", "f");
        if (isFull && isTouch.matches && document.body.dataset.shape === "landscape") {
            screen.orientation?.lock?.("landscape").catch(() => {});
        }
    }

    #isPicture(target) {
        return target === this.#video || target === this.#stage || target.closest(".screen") !== null;
    }

    #onStageClick(event) {
        if (!this.#isPicture(event.target) || event.target.closest("a, button")) return;
        if (this.#isChoosing) {
            this.#menu.close();
            this.#captions.close();
        } else if (isTouch.matches) {
            if (document.body.dataset.quiet === "true") this.#wake();
            else this.#rest();
        } else {
            this.#togglePlay();
        }
    }

    #onKey(event) {
        if (event.ctrlKey || event.metaKey || event.altKey || this.#isChoosing) return;
        const inField = event.target.closest?.("input, textarea, select, [contenteditable]");
        const onButton = event.target.closest?.("button, a");
        const key = event.key.toLowerCase();
        if (inField && key !== "escape") return;
        if (key === " " && onButton) return;
        switch (key) {
            case " ":
            case "k":
                this.#togglePlay();
                break;
            case "m":
                this.#toggleSound();
                break;
            case "c":
                this.#captions.toggle();
                break;
            case "f":
                if (!$("full").hidden) this.#toggleFull();
                break;
            case "arrowup":
            case "arrowdown": {
                const now = this.#video.muted ? 0 : this.#video.volume;
                this.#setVolume(now + (key === "arrowup" ? 0.1 : -0.1));
                break;
            }
            case "arrowleft":
            case "j":
                this.#seekBy(key === "j" ? -10 : -5);
                break;
            case "arrowright":
            case "l":
                this.#seekBy(key === "l" ? 10 : 5);
                break;
            case "home":
                this.#seekBy(-Infinity);
                break;
            case "end":
                this.#seekBy(Infinity);
                break;
            default:
                return;
        }
        event.preventDefault();
        this.#wake();
    }

    /** Within the window; forward never past the live edge. */
    #seekBy(seconds) {
        const { range } = this.#player;
        if (!range || this.#scene !== "live") return;
        this.#player.seek(Math.min(range.end, Math.max(range.start, range.position + seconds)));
    }

    #wake() {
        document.body.dataset.quiet = "false";
        clearTimeout(this.#quiet);
        this.#quiet = setTimeout(() => this.#rest(), 3500);
    }

    #rest() {
        const isBusy = this.#isChoosing || this.#timeline.isDragging || this.#stage.querySelector(":focus-visible") || this.#player.isHeld;
        if (isBusy || this.#scene !== "live") {
            clearTimeout(this.#quiet);
            this.#quiet = setTimeout(() => this.#rest(), 2000);
        } else {
            document.body.dataset.quiet = "true";
        }
    }
}
