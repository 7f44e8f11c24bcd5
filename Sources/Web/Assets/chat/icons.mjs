import { vector } from "../console/elements.mjs";

/** Pictures of 24 by 24, drawn with lines. */
const lines = {
    send: "M4.5 12h14M12.5 5.5 19 12l-6.5 6.5",
    reply: "M9.5 6 4.5 11l5 5M5 11h8.5a6 6 0 0 1 6 6v1",
    close: "m6.5 6.5 11 11m0-11-11 11",
    smile: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM8.4 14a4.2 4.2 0 0 0 7.2 0M9 9.6v.2M15 9.6v.2",
    pin: "M9 4.5h6l-.8 5.3 3.3 3.2v1.5h-11V13l3.3-3.2L9 4.5ZM12 14.5V20",
    down: "m6 9.5 6 6 6-6",
    chat: "M4.5 5.5h15v10.5h-8L7 19.5V16H4.5Z",
    edit: "m5 19 1-4L16 5l3 3L9 18l-4 1Z",
    remove: "M5 7.5h14M9.5 7V4.5h5V7M7 7.5l.9 12h8.2l.9-12",
    check: "m5.5 12.5 4.5 4.5 8.5-9.5",
    more: "M5.5 12h.1M12 12h.1M18.5 12h.1",
    quiet: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM6.2 6.2l11.6 11.6",
};

export function sign(name) {
    const path = vector("path", { d: lines[name], fill: "none", stroke: "currentColor", "stroke-width": 1.9, "stroke-linecap": "round", "stroke-linejoin": "round" });
    return vector("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "sign" }, path);
}
