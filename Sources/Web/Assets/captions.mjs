import { CaptionMenu } from "./captions/caption-menu.mjs";
import { Look } from "./captions/look.mjs";
import { keep, kept } from "./captions/memory.mjs";
import { CaptionScreen } from "./captions/screen.mjs";
import { Menu } from "./menu.mjs";
import { text } from "./text.mjs";

/** Where the viewer's languages are remembered; "" stands for none. */
const places = { first: "shopcast.captions", second: "shopcast.captions.second" };
/** Milliseconds between two looks at what belongs on the picture. */
const pace = 100;

/**
 * The captions on the picture, in one language or two, and the menu in which they are chosen. What is to be read when, the
 * page knows from the room's line and the API, by the date of the picture; until it does, and where the picture has no date,
 * from the browser's own track. They are drawn here, above the controls, and by the browser itself only where it has the
 * whole screen (iPhones). Off until somebody chooses a language, which is remembered.
 */
export class Captions {
    #player;
    #box;
    #video;
    #menu;
    #pages;
    #screen;
    #look = new Look();
    #wanted = { first: kept(places.first), second: kept(places.second) };
    #last = null;
    #track = null;
    #isNative = false;
    #feed = null;
    #opening = null;
    #openFeed = null;
    #transcript = null;
    #timer = 0;

    constructor({ button, menu, box, video, player, change }) {
        this.#player = player;
        this.#box = box;
        this.#video = video;
        this.#screen = new CaptionScreen(box);
        this.#look.dress(box);
        this.#pages = new CaptionMenu(this.#look);
        this.#menu = new Menu(button, menu, {
            choose: (name) => this.#onChoice(name),
            change: () => {
                if (!this.#menu.isOpen) this.#pages.page = "main";
                this.paint();
                change();
            },
        });
        video.addEventListener("webkitbeginfullscreen", () => this.#become(true));
        video.addEventListener("webkitendfullscreen", () => this.#become(false));
        player.addEventListener("change", () => this.#follow());
    }

    /**
     * From here on the page can know better than the playlist.
     * @param {() => Promise<import("./captions/cue-feed.mjs").CueFeed>} openFeed called once, when captions are wanted first
     * @param {?import("./captions/transcript.mjs").Transcript} transcript where the page has room for one
     */
    connect(openFeed, transcript = null) {
        this.#openFeed = openFeed;
        this.#transcript = transcript;
        transcript?.addEventListener("change", () => this.#follow());
        this.#follow();
    }

    get isOpen() {
        return this.#menu.isOpen;
    }

    close() {
        this.#menu.close();
    }

    /** The language that is shown, or "". */
    get language() {
        return this.#shown?.language ?? "";
    }

    /** The one that is shown below it, or "". */
    get second() {
        return this.#secondShown?.language ?? "";
    }

    /** @param {string} language of one of the player's captions, or "" */
    choose(language, which = "first") {
        this.#wanted[which] = language;
        keep(places[which], language);
        this.#follow();
    }

    /** C on the keyboard: off, and the last language again. */
    toggle() {
        const { captions } = this.#player;
        if (!captions.length) return;
        const last = this.#last ?? captions[0].language;
        if (this.language) this.#last = this.language;
        this.choose(this.language ? "" : last);
    }

    /** The wanted language; else one that differs from it in its region or script only. */
    #find(wanted) {
        const { captions } = this.#player;
        if (!wanted) return null;
        const primary = (tag) => tag.split("-")[0];
        return (
            captions.find(({ language }) => language === wanted) ??
            captions.find(({ language }) => primary(language) === primary(wanted)) ??
            null
        );
    }

    get #shown() {
        return this.#find(this.#wanted.first);
    }

    get #secondShown() {
        const second = this.#shown ? this.#find(this.#wanted.second) : null;
        return second === this.#shown ? null : second;
    }

    paint() {
        const { captions } = this.#player;
        const shown = this.#shown;
        const items = this.#pages.items({
            captions, shown, second: this.#secondShown, hasTranscript: this.#transcript !== null, isReading: Boolean(this.#transcript?.isOpen),
        });
        this.#menu.paint(text.captions(shown ? named(shown) : text.noCaptions), items, captions.length === 0);
        this.#transcript?.offer(captions, this.language);
    }

    /** True where the menu stays open. */
    #onChoice(choice) {
        const mark = choice.indexOf(":");
        const [what, name] = [choice.slice(0, Math.max(mark, 0)), choice.slice(mark + 1)];
        if (what === "") this.choose(name);
        else if (what === "second") this.choose(name, "second");
        else if (what === "transcript") this.#transcript?.toggle();
        else {
            if (what === "page") this.#pages.page = name;
            else this.#look.choose(what, name);
            this.#look.dress(this.#box);
            this.paint();
            if (what === "page") this.#menu.begin();
            return true;
        }
        return false;
    }

    /** Sees to it that what is shown is read, and that it is drawn. */
    #follow() {
        const shown = this.#shown;
        this.#player.showCaptions(shown);
        const track = this.#player.captionTrack(shown);
        if (track !== this.#track) {
            this.#track?.removeEventListener("cuechange", this.#draw);
            this.#track = track;
            track?.addEventListener("cuechange", this.#draw);
        }
        const wanted = [this.language, this.second, this.#transcript?.language ?? ""];
        if (wanted.some(Boolean) && this.#openFeed) this.#open();
        this.#feed?.want(wanted);
        const isOn = wanted.some(Boolean);
        if (isOn) this.#timer ||= setInterval(this.#draw, pace);
        else this.#timer = clearInterval(this.#timer) ?? 0;
        this.#become(this.#isNative);
        this.paint();
    }

    #open() {
        this.#opening ??= this.#openFeed().then(
            (feed) => {
                this.#feed = feed;
                feed.addEventListener("change", this.#draw);
                this.#transcript?.connect(feed);
                this.#follow();
            },
            () => {
                // The playlist's own captions are there all the same.
            },
        );
    }

    #become(isNative) {
        this.#isNative = isNative;
        if (this.#track) this.#track.mode = isNative ? "showing" : "hidden";
        this.#draw();
    }

    #draw = () => {
        const date = this.#player.date;
        if (this.#feed && date !== null && !document.hidden) this.#feed.look(date);
        const blocks = this.#isNative ? [] : [this.#block(this.language, this.#track), this.#block(this.second, null)];
        this.#screen.draw(blocks.filter(Boolean), date);
        this.#transcript?.follow(date);
    };

    #block(language, track) {
        return language ? { language, track, book: this.#feed?.book(language) ?? null } : null;
    }
}

const named = ({ name, isMachineMade }) => (isMachineMade ? text.machineMade(name) : name);
