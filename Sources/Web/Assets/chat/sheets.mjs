import { h } from "../console/elements.mjs";

/** In the order in which they overrule each other. */
const sheets = ["chat.css", "messages.css", "writing.css", "over-picture.css"];
let loading = null;

/** The style sheets of the chat, which come with it: fulfilled once they are there, or cannot be had. */
export function styled() {
    loading ??= Promise.all(sheets.map((name) => {
        const sheet = h("link", { rel: "stylesheet", href: new URL(name, import.meta.url).href });
        const settled = new Promise((resolve) => {
            sheet.addEventListener("load", resolve, { once: true });
            sheet.addEventListener("error", resolve, { once: true });
        });
        document.head.append(sheet);
        return settled;
    }));
    return loading;
}
