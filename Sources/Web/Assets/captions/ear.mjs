import { put } from "../console/elements.mjs";
import { say, unit } from "../messages.mjs";
import { Player } from "../player.mjs";
import { Preview } from "../preview.mjs";
import { serverNow } from "../schedule.mjs";

const $ = (id) => document.getElementById(id);
/** How much one goes back to hear it again (s). */
const step = 5;

/** What an interpreter listens to: the show or its rehearsal with as little delay as there is, or the recording. */
export class Ear {
    player;
    #video;
    #preview;

    /** @param {{ module: ?string, ask: () => Promise<{ playlist: string }> }} options `ask` asks for an address to listen to */
    constructor({ module, ask }) {
        this.#video = $("video");
        this.player = new Player(this.#video, { module });
        this.#preview = new Preview(this.player, ask);
        $("listen").addEventListener("click", () => this.toggleSound());
        $("again").addEventListener("click", () => this.again());
        $("edge").addEventListener("click", () => this.toEdge());
        for (const event of ["volumechange", "playing", "pause", "waiting"]) this.#video.addEventListener(event, () => this.paint());
        this.player.addEventListener("change", () => this.paint());
    }

    /** The show clock at what is heard now. */
    get date() {
        return this.player.date ?? serverNow();
    }

    /** Called again and again, with the show as it is told to those who work on it. */
    follow({ state, replay }) {
        const { player } = this;
        const phase = ["live", "rehearsal"].includes(state) ? state : "";
        if (!phase && replay) {
            if (player.status === "idle") player.start(replay, { isReplay: true });
        } else {
            if (player.isReplay && player.isRunning) player.stop();
            this.#preview.follow({ phase, isOn: true });
        }
        this.paint();
    }

    paint() {
        const { player } = this;
        const video = this.#video;
        const hasPicture = video.readyState >= 2 && player.isRunning;
        const words = player.status === "blocked" ? say("booth.hear.tap") : hasPicture ? "" : say("booth.hear.none");
        put($("hear-words"), words);
        $("hear-words").hidden = !words;
        const { latency } = player;
        put($("behind"), latency !== null && player.status === "playing" && !player.isReplay ? say("player.behind", { time: unit(latency, "second", 1) }) : "");
        const isOn = !video.muted && !video.paused;
        put($("listen").querySelector("span"), say(isOn ? "booth.mute" : "booth.listen"));
        $("listen").setAttribute("aria-pressed", String(isOn));
        $("listen").querySelector("use").setAttribute("href", isOn ? "#i-sound" : "#i-silent");
    }

    toggleSound() {
        const video = this.#video;
        if (video.paused || this.player.status === "blocked") {
            video.muted = false;
            this.player.play();
        } else {
            video.muted = !video.muted;
        }
        this.paint();
    }

    again() {
        const { range } = this.player;
        if (range) this.player.seek(Math.max(range.start, range.position - step));
    }

    toEdge() {
        const { range, isReplay } = this.player;
        if (!isReplay && range) this.player.backToLive();
    }

    goTo(date) {
        const time = this.player.timeOf(date);
        if (time !== null) this.player.seek(time);
    }
}
