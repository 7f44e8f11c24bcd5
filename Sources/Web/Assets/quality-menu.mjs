import { Menu } from "./menu.mjs";
import { text } from "./text.mjs";

/** The menu of qualities: Auto first, then the levels, best first. */
export class QualityMenu {
    #player;
    #menu;

    constructor(button, menu, player, change) {
        this.#player = player;
        this.#menu = new Menu(button, menu, { choose: (name) => player.choose(name), change });
    }

    get isOpen() {
        return this.#menu.isOpen;
    }

    close() {
        this.#menu.close();
    }

    paint() {
        const { levels, choice, level } = this.#player;
        const named = (entry) => (entry.name === "source" ? text.original(entry.size) : entry.name);
        const current = levels.find((entry) => entry.name === level);
        const chosen = levels.find((entry) => entry.name === choice);
        const auto = text.auto(choice === "auto" && current ? named(current) : "");
        const items = [
            { name: "auto", label: auto, isChosen: !chosen },
            ...levels.map((entry) => ({ name: entry.name, label: named(entry), isChosen: entry === chosen })),
        ];
        this.#menu.paint(text.quality(chosen ? named(chosen) : auto), items, levels.length < 2);
    }
}
