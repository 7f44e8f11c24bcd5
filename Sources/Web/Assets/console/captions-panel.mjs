/** A show's captions for those who work on it: how each track does, its cues and its files. */
import { TracksCard } from "../captions/tracks-card.mjs";
import { say } from "../messages.mjs";
import { h } from "./elements.mjs";

export function captionsPanel(context, path, id) {
    const { api, talk } = context;
    const ask = async (method, below, body, tag) => {
        const place = `${path}/captions${below}`;
        switch (method) {
            case "GET":
                return api.get(place);
            case "PATCH":
                return (await api.patch(place, body, tag)).body;
            case "DELETE":
                return api.remove(place);
            default:
                return api.post(place, body);
        }
    };
    const tracks = new TracksCard({ show: id, ask, tell: (refusal) => refusal && talk.tell(talk.words(refusal), { isTrouble: true }) });
    return h("div", { class: "stack" }, tracks.place, h("p", { class: "soft" }, say("track.form.hint")));
}
