import { text } from "./text.mjs";

/** The menu of qualities: Auto first, then the levels, best first. */
export class QualityMenu {
    #button;
    #menu;
    #player;
    #onChange;
    #drawn = "";

    constructor(button, menu, player, onChange) {
        this.#button = button;
        this.#menu = menu;
        this.#player = player;
        this.#onChange = onChange;
        button.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
        menu.addEventListener("keydown", (event) => this.#onKey(event));
        menu.addEventListener("click", (event) => {
            const item = event.target.closest("[data-level]");
            if (item) this.#choose(item.dataset.level);
        });
        document.addEventListener("pointerdown", (event) => {
            if (this.isOpen && !menu.contains(event.target) && !button.contains(event.target)) this.close();
        });
        menu.addEventListener("focusout", (event) => {
            if (this.isOpen && event.relatedTarget && !menu.contains(event.relatedTarget)) this.close(false);
        });
    }

    get isOpen() {
        return !this.#menu.hidden;
    }

    open() {
        this.#menu.hidden = false;
        this.#button.setAttribute("aria-expanded", "true");
        (this.#menu.querySelector('[aria-checked="true"]') ?? this.#menu.firstElementChild)?.focus();
        this.#onChange();
    }

    close(returnsFocus = true) {
        this.#menu.hidden = true;
        this.#button.setAttribute("aria-expanded", "false");
        if (returnsFocus) this.#button.focus({ preventScroll: true });
        this.#onChange();
    }

    paint() {
        const { levels, choice, level } = this.#player;
        const named = (entry) => (entry.name === "source" ? text.original(entry.size) : entry.name);
        const current = levels.find((entry) => entry.name === level);
        const chosen = levels.find((entry) => entry.name === choice);
        const auto = text.auto(choice === "auto" && current ? named(current) : "");
        const label = text.quality(chosen ? named(chosen) : auto);
        const drawn = JSON.stringify([levels, choice, auto]);
        if (drawn === this.#drawn) return;
        this.#drawn = drawn;
        this.#button.hidden = levels.length < 2;
        this.#button.setAttribute("aria-label", label);
        this.#button.title = label;
        const focused = document.activeElement?.dataset?.level;
        this.#menu.replaceChildren(
            this.#item("auto", auto, !chosen),
            ...levels.map((entry) => this.#item(entry.name, named(entry), entry === chosen)),
        );
        if (focused) this.#menu.querySelector(`[data-level="${CSS.escape(focused)}"]`)?.focus();
    }

    #item(level, label, isChosen) {
        const item = document.createElement("button");
        item.type = "button";
        item.tabIndex = -1;
        item.dataset.level = level;
        item.setAttribute("role", "menuitemradio");
        item.setAttribute("aria-checked", String(isChosen));
        const mark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
        const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
        use.setAttribute("href", "#i-check");
        mark.append(use);
        item.append(mark, label);
        return item;
    }

    #choose(level) {
        this.#player.choose(level);
        this.close();
    }

    #onKey(event) {
        const items = [...this.#menu.children];
        const at = items.indexOf(document.activeElement);
        const step = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
        if (step !== undefined) items[step % items.length].focus();
        else if (event.key === "Escape") this.close();
        else if (event.key === "Tab") return this.close();
        else return;
        event.preventDefault();
        event.stopPropagation();
    }
}
