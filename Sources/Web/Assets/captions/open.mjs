import { Link } from "../chat/link.mjs";
import { language } from "../messages.mjs";
import { CueFeed } from "./cue-feed.mjs";

/**
 * The captions of a show for its page: over the line of the room that the page has, else over one of their own.
 * @param {{ show: string, playlist: string, room: ?Promise<Link> }} options the playlist's address carries the playback
 *     token, where there is one
 */
export async function openCues({ show, playlist, room }) {
    const token = playlist.match(/\/t\/([^/]+)\//)?.[1] ?? "";
    const feed = new CueFeed({ show, token });
    const own = () => {
        const link = new Link({ show, language, token });
        link.start();
        return link;
    };
    // The first words are asked for at once; the line comes when it is there.
    (room ?? Promise.resolve().then(own)).then((link) => feed.connect(link), () => feed.connect(own()));
    return feed;
}
