/** How the console speaks: short news, questions before what cannot be undone, secrets that are shown once. */
import { say } from "../messages.mjs";
import { h, put } from "./elements.mjs";

export class Conversation {
    #dialog;
    #toast;
    #timer = 0;

    constructor(dialog, toast) {
        this.#dialog = dialog;
        this.#toast = toast;
    }

    /** A refusal in words. */
    words(refusal) {
        if (!(refusal instanceof Error)) return String(refusal);
        if (refusal.status === 0) return say("console.unreachable");
        return refusal.message || say("console.failed");
    }

    tell(words, { isTrouble = false } = {}) {
        clearTimeout(this.#timer);
        this.#toast.className = isTrouble ? "toast toast-trouble" : "toast";
        this.#toast.setAttribute("role", isTrouble ? "alert" : "status");
        put(this.#toast, words);
        this.#toast.hidden = false;
        this.#timer = setTimeout(() => (this.#toast.hidden = true), isTrouble ? 9000 : 4000);
    }

    /** Does `act` with the button switched off, and tells what went wrong. Undefined where it did. */
    async doing(button, act) {
        if (button) button.disabled = true;
        try {
            return await act();
        } catch (refusal) {
            this.tell(this.words(refusal), { isTrouble: true });
            return undefined;
        } finally {
            if (button) button.disabled = false;
        }
    }

    /** Whether the person wants it; Escape and a press beside mean no. */
    ask({ title, line, yes, isGrave = false }) {
        return this.#open(
            h("h2", { id: "ask-title" }, title),
            h("p", {}, line),
            h("form", { method: "dialog", class: "acts" },
                h("button", { class: "act", value: "no", autofocus: true }, say("console.no")),
                h("button", { class: isGrave ? "act act-live" : "act act-main", value: "yes" }, yes)),
        ).then((said) => said === "yes");
    }

    /** Shows a secret, which nobody can ask for again. */
    reveal({ title, line, rows }) {
        return this.#open(
            h("h2", { id: "ask-title" }, title),
            h("p", {}, line),
            h("div", { class: "copies" }, rows.map(([label, secret]) => copyable(label, secret))),
            h("form", { method: "dialog", class: "acts" }, h("button", { class: "act act-main", value: "yes" }, say("console.done"))),
        );
    }

    #open(...content) {
        const dialog = this.#dialog;
        dialog.replaceChildren(...content);
        dialog.returnValue = "no";
        dialog.showModal();
        return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true }));
    }
}

/** A value with a button that copies it. */
export function copyable(label, value) {
    const words = h("code", { class: "copy-value" }, value);
    const button = h("button", { class: "act act-small", type: "button" }, say("console.copy"));
    button.addEventListener("click", async () => {
        try {
            await navigator.clipboard.writeText(value);
            put(button, say("console.copied"));
        } catch {
            // Over plain HTTP there is no clipboard: the text is marked, for the keyboard.
            getSelection().selectAllChildren(words);
            put(button, say("console.marked"));
        }
        setTimeout(() => put(button, say("console.copy")), 3000);
    });
    return h("div", { class: "copy" }, h("span", { class: "copy-label" }, label), words, button);
}
