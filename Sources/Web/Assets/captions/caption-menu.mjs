import { text } from "../text.mjs";
import { choices } from "./look.mjs";

const named = ({ name, isMachineMade }) => (isMachineMade ? text.machineMade(name) : name);
const back = { name: "page:main", label: text.back, kind: "back" };

/** What the menu of captions offers: the languages, and behind them a second one, the look and the transcript. */
export class CaptionMenu {
    page = "main";
    #look;

    constructor(look) {
        this.#look = look;
    }

    /** Items for `Menu`; languages have their own names, everything else is `what:name`. */
    items({ captions, shown, second, hasTranscript, isReading }) {
        const language = (entry, chosen, mark) => ({
            name: `${mark}${entry.language}`, label: named(entry), language: entry.language, isChosen: entry === chosen,
        });
        switch (this.page) {
            case "second":
                return [
                    back,
                    { name: "second:", label: text.noCaptions, isChosen: !second },
                    ...captions.filter((entry) => entry !== shown).map((entry) => language(entry, second, "second:")),
                ];
            case "look":
                return [back, ...Object.keys(choices).map((what) => this.#group(what))];
            default:
                return [
                    { name: "", label: text.noCaptions, isChosen: !shown },
                    ...captions.map((entry) => language(entry, shown, "")),
                    ...(shown && captions.length > 1
                        ? [{ name: "page:second", label: text.secondCaptions, value: second ? named(second) : text.noCaptions, kind: "page" }]
                        : []),
                    { name: "page:look", label: text.captionLook, kind: "page" },
                    ...(hasTranscript ? [{ name: "transcript:", label: isReading ? text.closeTranscript : text.transcript, kind: "act" }] : []),
                ];
        }
    }

    #group(what) {
        const items = choices[what].map((name) => ({
            name: `${what}:${name}`, label: text.look[what][name], isChosen: this.#look.of(what) === name,
        }));
        return { kind: "group", label: text.look[what].title, items };
    }
}
