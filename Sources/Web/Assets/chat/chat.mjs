/** The chat of the watch page: live beside the live show, and with a recording what was said when it was. */
import { h } from "../console/elements.mjs";
import { say } from "../messages.mjs";
import { sign } from "./icons.mjs";
import { ChatPanel } from "./panel.mjs";
import { ReplayChat } from "./replay.mjs";
import { ScreenRoom } from "./screen-room.mjs";
import { styled } from "./sheets.mjs";

/**
 * Fills `place`. `player` and `video` tell which moment of a recording
 * is on the screen, and the playlist's address carries the playback token, where there is one.
 */
export async function openChat({ place, show, playlist, player, video }) {
    // The picture does not wait for it, and it is not shown without.
    await styled();
    const address = new URL(location.href);
    const door = address.searchParams.get("chat") ?? "";
    if (door) {
        // An address that is passed on does not pass on who may write.
        address.searchParams.delete("chat");
        history.replaceState(history.state, "", address);
    }
    const token = playlist.match(/\/t\/([^/]+)\//)?.[1] ?? "";
    const panel = new ChatPanel(place, {
        show, door, token, extra: [toggle()],
        onChange: () => {
            if (panel.link.state === "absent") document.body.dataset.chat = "none";
        },
    });
    new ScreenRoom(place, () => panel.isWriting);
    const replay = new ReplayChat(place, { show, token, player, video, panel });
    panel.start();
    return { panel, replay };
}

/** On a phone with a tall picture the chat lies over it, and can be put away. */
function toggle() {
    const button = h("button", { class: "chat-small chat-toggle", type: "button", "aria-controls": "chat" });
    const paint = () => {
        const isOpen = document.body.dataset.chat !== "closed";
        button.setAttribute("aria-expanded", String(isOpen));
        button.setAttribute("aria-label", say(isOpen ? "chat.hide" : "chat.show"));
        button.replaceChildren(sign(isOpen ? "down" : "chat"));
    };
    button.addEventListener("click", () => {
        document.body.dataset.chat = document.body.dataset.chat === "closed" ? "open" : "closed";
        paint();
    });
    paint();
    return button;
}
