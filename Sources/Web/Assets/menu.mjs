/**
 * A button and the menu of choices that it opens, for pointers and keyboards. `change` is called when it opens or closes,
 * `choose` with the name of what was chosen; where it returns true the menu stays open.
 */
export class Menu {
    #button;
    #menu;
    #choose;
    #change;
    #drawn = "";

    constructor(button, menu, { choose, change }) {
        this.#button = button;
        this.#menu = menu;
        this.#choose = choose;
        this.#change = change;
        button.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
        menu.addEventListener("keydown", (event) => this.#onKey(event));
        menu.addEventListener("click", (event) => {
            const item = event.target.closest("[data-choice]");
            if (!item) return;
            if (this.#choose(item.dataset.choice) !== true) this.close();
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
        this.#change();
        this.begin();
    }

    /** The keyboard is at what is chosen, or at the first choice. */
    begin() {
        (this.#menu.querySelector('[aria-checked="true"]') ?? this.#menu.querySelector("[data-choice]"))?.focus();
    }

    close(returnsFocus = true) {
        if (!this.isOpen) return;
        this.#menu.hidden = true;
        this.#button.setAttribute("aria-expanded", "false");
        if (returnsFocus) this.#button.focus({ preventScroll: true });
        this.#change();
    }

    /**
     * Draws what there is to choose from, where it is not what is there: items of { name, label, language?, isChosen }.
     * Of another `kind` are "group" (with items of its own), "page" and "back" (ways to other choices) and "act".
     * @param {string} label of the button
     */
    paint(label, items, isHidden) {
        const drawn = JSON.stringify([label, items, isHidden]);
        if (drawn === this.#drawn) return;
        this.#drawn = drawn;
        if (isHidden) this.close(false);
        this.#button.hidden = isHidden;
        this.#button.setAttribute("aria-label", label);
        this.#button.title = label;
        const focused = document.activeElement?.dataset?.choice;
        const wasWithin = this.#menu.contains(document.activeElement);
        this.#menu.replaceChildren(...items.map((item) => (item.kind === "group" ? this.#group(item) : this.#item(item))));
        // A menu that scrolls has a place where the keyboard comes in.
        const first = this.#menu.querySelector('[aria-checked="true"]') ?? this.#menu.querySelector("[data-choice]");
        if (first) first.tabIndex = 0;
        if (wasWithin && focused !== undefined) this.#menu.querySelector(`[data-choice="${CSS.escape(focused)}"]`)?.focus();
    }

    #group({ label, items }) {
        const group = document.createElement("div");
        group.className = "menu-group";
        group.setAttribute("role", "group");
        group.setAttribute("aria-label", label);
        const title = document.createElement("p");
        title.textContent = label;
        title.setAttribute("aria-hidden", "true");
        group.append(title, ...items.map((item) => this.#item(item)));
        return group;
    }

    #item({ name, label, language, value, kind, isChosen }) {
        const item = document.createElement("button");
        item.type = "button";
        item.tabIndex = -1;
        item.dataset.choice = name;
        item.setAttribute("role", kind ? "menuitem" : "menuitemradio");
        if (kind) item.dataset.kind = kind;
        else item.setAttribute("aria-checked", String(isChosen));
        const mark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
        const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
        mark.setAttribute("aria-hidden", "true");
        use.setAttribute("href", { back: "#i-back", page: "#i-onward", act: "#i-words" }[kind] ?? "#i-check");
        mark.append(use);
        const words = document.createElement("span");
        words.textContent = label;
        if (language) {
            words.lang = language;
            words.dir = "auto";
        }
        item.append(mark, words);
        if (value) {
            const now = document.createElement("span");
            now.className = "menu-value";
            now.textContent = value;
            item.append(now);
        }
        return item;
    }

    #onKey(event) {
        const items = [...this.#menu.querySelectorAll("[data-choice]")];
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
