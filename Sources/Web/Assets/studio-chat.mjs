/** The studio's chat: what viewers say in the host's language, their questions in a row, and what waits for a decision. */
import { ChatDesk } from "./chat/desk.mjs";
import { ChatPanel } from "./chat/panel.mjs";
import { styled } from "./chat/sheets.mjs";

/**
 * Fills the places of the studio's page once.
 * @param {{ show: string, api: import("./host-api.mjs").HostApi, confirm: (question: object) => Promise<boolean> }} options
 */
export function openHostChat({ show, api, confirm }) {
    styled();
    const place = document.getElementById("chat");
    const desk = new ChatDesk({ ask: (method, path, body) => api.chat(method, path, body), tell: (refusal) => panel.tell(refusal.message), confirm });
    const panel = new ChatPanel(place, { show, proof: api.key, moderates: desk.buttons, onChange: (events) => desk.take(events) });
    desk.panel = panel;
    document.getElementById("chat-desk").replaceChildren(desk.questions, desk.held);
    panel.start();
    return panel;
}
