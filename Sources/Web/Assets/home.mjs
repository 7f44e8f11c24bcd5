/** The list of shows: asks what is on, and takes the list from the server's own page when that changes. */
import { localise, say } from "./messages.mjs";
import { ShowFeed } from "./show-feed.mjs";

const list = document.getElementById("list");
localise();
const outline = (shows) =>
    JSON.stringify(
        shows
            .map(({ id, titles, state, isPaused, replay, start, cover }) => [id, titles, state, isPaused, replay, Date.parse(start), cover])
            .sort(([one], [other]) => (one < other ? -1 : 1)),
    );
const liveCount = (shows) => shows.filter((show) => show.state === "live").length;

let { shows } = JSON.parse(document.getElementById("shows").textContent);
let isDrawing = false;

new ShowFeed("/api/v1/shows", async (answer) => {
    if (!answer || isDrawing || outline(answer.shows) === outline(shows)) return;
    isDrawing = true;
    try {
        const page = await fetch(location.pathname, { cache: "no-store" });
        if (!page.ok) return;
        const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
        const focused = document.activeElement?.getAttribute?.("href");
        list.replaceChildren(...fresh.getElementById("list").childNodes);
        localise(list);
        if (focused) list.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
        if (liveCount(answer.shows) > liveCount(shows)) {
            document.getElementById("announcer").textContent = say("home.wentLive");
        }
        ({ shows } = answer);
    } catch {
        // The next answer brings the list.
    } finally {
        isDrawing = false;
    }
});
