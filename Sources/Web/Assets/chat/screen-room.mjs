/**
 * How much of a phone's screen is left for the chat: where the chat begins, and what the keyboard leaves free. Told to the
 * style sheet as lengths, so that nothing here knows how the page is laid out.
 */
export class ScreenRoom {
    #chat;
    #hasFocus;
    #frame = 0;

    /** @param {() => boolean} hasFocus whether something is being written */
    constructor(chat, hasFocus) {
        this.#chat = chat;
        this.#hasFocus = hasFocus;
        const look = () => (this.#frame ||= requestAnimationFrame(() => this.#measure()));
        for (const event of ["resize", "scroll"]) window.visualViewport?.addEventListener(event, look);
        addEventListener("resize", look);
        chat.addEventListener("focusin", look);
        chat.addEventListener("focusout", look);
        new ResizeObserver(look).observe(document.querySelector("main") ?? document.body);
        look();
    }

    #measure() {
        this.#frame = 0;
        const { style, dataset } = document.body;
        const view = window.visualViewport;
        const height = view?.height ?? innerHeight;
        const isTyping = this.#hasFocus() && matchMedia("(pointer: coarse)").matches;
        // With the keyboard up there is room for the picture and the chat, and for nothing else.
        dataset.typing = String(isTyping && innerHeight - height > 120);
        style.setProperty("--view-height", `${Math.round(height)}px`);
        style.setProperty("--view-top", `${Math.round(view?.offsetTop ?? 0)}px`);
        if (dataset.typing === "true") return;
        style.setProperty("--chat-top", `${Math.round(this.#chat.getBoundingClientRect().top + scrollY)}px`);
    }
}
